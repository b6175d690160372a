# SPDX-License-Identifier: MIT
"""Studies: several runs and what their comparison claims."""
from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Optional

import fpr

from . import choices, report, stats, sync_study, train
from .board import Board
from .errors import FAILED, OK, UserError
from .train import Options, Run

LEAST_ACCURACY = 0.90
LARGEST_GAP = 0.005


def _options(model: str, steps: int, quick: bool, **others) -> Options:
    options = Options(model=model, steps=steps, batch=choices.BATCHES[model], lr=choices.RATES[model])
    options = dataclasses.replace(options, **others)
    if quick:
        options.steps, options.batch, options.eval_images = 2, 4, 34
    return options


def _finish(args: argparse.Namespace, results: dict, failures: list[str]) -> int:
    """Print what is left to say; the exit status."""
    if args.json:
        json.dump({**results, "failures": failures}, sys.stdout, indent=1)
        print()
    for failure in failures:
        print(f"fprtrain: does not hold: {failure}", file=sys.stderr)
    return FAILED if failures else OK


def _say(args: argparse.Namespace, text: str = "") -> None:
    if not args.json:
        print(text, flush=True)


def accuracy(args: argparse.Namespace, board: Board) -> int:
    """The CNN, three seeds, each on the board, in fp32 and in bfloat16."""
    data = train.data_for("cnn")
    values: dict[str, list[float]] = {"board": [], "fp32": [], "bf16": []}
    _say(args, "test accuracy in % on unseen images of typefaces not used in training")
    runs = []
    for seed in range(3):
        options = _options("cnn", 600, args.quick, seed=seed)
        for arithmetic, seen in values.items():
            run = train.train(options, data, arithmetic, board if arithmetic == "board" else None)
            seen.append(run.accuracy)
            runs.append({"seed": seed, **run.as_dict()})
            where = f"; {report.what_ran(options, run)}" if arithmetic == "board" else ""
            _say(args, f"seed {seed}  {arithmetic:5}  {100 * run.accuracy:.2f} of {run.tested} "
                       f"images after {options.steps} steps of {options.batch}{where}")
    means = {name: sum(seen) / len(seen) for name, seen in values.items()}
    for name, mean in means.items():
        _say(args, f"mean    {name:5}  {100 * mean:.2f}")
    gap = means["board"] - means["fp32"]
    _say(args, f"mean of the board minus mean of fp32: {100 * gap:+.2f} points")
    failures = []
    if min(values["board"]) < LEAST_ACCURACY:
        failures.append(f"every seed reaches {100 * LEAST_ACCURACY:.0f} % on the board")
    if abs(gap) > LARGEST_GAP:
        failures.append(f"the means are within {100 * LARGEST_GAP:.1f} points")
    if not args.quick and min(run["tested"] for run in runs) < 5000:
        failures.append("at least 5,000 images are tested")
    return _finish(args, {"runs": runs, "means": means}, failures)


VARIANTS = (
    ("dense", {}),
    ("pruned 80 %", {"prune": 0.8}),
    ("4 bit", {"quantize": 4}),
    ("per-layer T", {"per_layer_width": True}))

RECALLED = """\
Recalled from the paper, at 36:8: ResNet18-Q 2.04x; ResNet18 with a fixed width 1.13x, with one per
layer 1.56x (AxW 1.51x, GxW 1.45x, AxG 1.22x). Its networks were trained on ImageNet for up to 90
epochs, ours on 32 x 32 characters for a few hundred steps."""


def _relative(base: dict[int, stats.Cost], run: dict[int, stats.Cost], kind: str,
              step: int) -> float:
    return (run[step].kinds[kind]["cycles_compute"]
            / max(1, base[step].kinds[kind]["cycles_compute"]))


def _variant_rows(totals: dict[str, dict[int, stats.Cost]],
                  runs: dict[str, Run]) -> list[list[str]]:
    rows = []
    for name, by_step in totals.items():
        for step, cost in by_step.items():
            row = [name, str(step)]
            for kind in ("set", "chunk"):
                row += [f"{cost.cycles_per_8(kind):.2f}",
                        f"{_relative(totals['dense'], by_step, kind, step):.3f}",
                        f"{cost.speedup(kind):.2f}", f"{cost.speedup_paper(kind):.2f}"]
            last = step == max(by_step)
            row += [f"{100 * runs[name].accuracy:.2f}" if last else "",
                    f"{runs[name].final_loss():.3f}" if last else ""]
            rows.append(row)
    return rows


def _threshold_rows(run: Run) -> list[list[str]]:
    steps = sorted(run.widths)
    keys = sorted(run.widths[steps[-1]], key=lambda key: list(run.widths[steps[-1]]).index(key))
    layers = dict.fromkeys(layer for layer, _, _ in keys)
    rows = []
    for layer in layers:
        row = [layer, ""]
        for kind in (fpr.SET, fpr.CHUNK):
            for product in stats.PRODUCTS:
                row.append(" ".join(str(run.widths[step].get((layer, product, kind), "-"))
                                    for step in (steps[0], steps[-1])))
        rows.append(row)
    return rows


def resnet(args: argparse.Namespace, board: Board) -> int:
    """ResNet-18 trained dense, pruned, quantised and with a T per layer."""
    data = train.data_for("resnet18")
    runs: dict[str, Run] = {}
    totals: dict[str, dict[int, stats.Cost]] = {}
    for name, others in VARIANTS:
        options = _options("resnet18", 300, args.quick, **others)
        options.stats_steps = frozenset({options.steps // 2, options.steps})
        options.width_every = max(1, options.steps // 4)
        run = runs[name] = train.train(options, data, "board", board)
        totals[name] = {step: stats.total(run.collector.costs([step]))
                        for step in run.collector.steps}
        _say(args, f"{name}: accuracy {100 * run.accuracy:.2f} % of {run.tested} images, "
                   f"{run.seconds:.0f} s; {report.what_ran(options, run)}")
    fp32 = train.train(_options("resnet18", 300, args.quick), data, "fp32")
    _say(args, f"dense in PyTorch fp32: accuracy {100 * fp32.accuracy:.2f} %")
    if not args.json:
        _print_resnet(runs, totals)
    results = {name: report.as_json(options, [run], None)["runs"][0]
               for name, run in (*runs.items(), ("fp32", fp32))}
    return _finish(args, {"runs": results}, [])


def _print_resnet(runs: dict[str, Run], totals: dict[str, dict[int, stats.Cost]]) -> None:
    print("\nCycles of all layers and products; of dense: relative to the dense-trained run "
          "at the same step.")
    header = ["training", "step", "set: cycles/8", "of dense", "x equal", "x 36:8",
              "chunk: cycles/8", "of dense", "x equal", "x 36:8", "accuracy %", "last loss"]
    print("\n".join(report.format_rows(header, _variant_rows(totals, runs))))
    print("\nSpeedup over dense at 36:8 by product, last step.")
    rows = []
    for name, run in runs.items():
        costs = run.collector.costs([max(run.collector.steps)])
        rows.append([name, ""] + [f"{stats.total(costs, product).speedup_paper(kind):.2f}"
                                  for kind in ("set", "chunk") for product in stats.PRODUCTS])
    header = ["training", "", "set: AxW", "GxW", "AxG", "chunk: AxW", "GxW", "AxG"]
    print("\n".join(report.format_rows(header, rows)))
    print("\nThresholds chosen, at the first and at the last choice.")
    header = ["layer", "", "set: AxW", "GxW", "AxG", "chunk: AxW", "GxW", "AxG"]
    print("\n".join(report.format_rows(header, _threshold_rows(runs["per-layer T"]))))
    print("\n" + RECALLED)


def _fprctl() -> str:
    build = os.environ.get("FPR_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build")
    built = pathlib.Path(build) / "bin" / "fprctl"
    found = str(built) if built.exists() else shutil.which("fprctl")
    if not found:
        raise UserError("fprctl not found: run make")
    return found


def replay(trace: str, device: str) -> subprocess.CompletedProcess:
    """What `fprctl replay` says of a trace."""
    return subprocess.run([_fprctl(), "replay", "--device", device, trace], text=True, check=False,
                          capture_output=True, timeout=600)


def text(args: argparse.Namespace, board: Board) -> int:
    """The LSTM and the transformer: falling loss, and their traces replayed."""
    failures = []
    results: dict[str, Optional[dict]] = {}
    _fprctl()
    for model in choices.TEXT_MODELS:
        options = _options(model, choices.STEPS[model], args.quick)
        options.stats_steps = options.record_steps = frozenset({options.steps})
        with tempfile.TemporaryDirectory(prefix="fprtrain-") as folder:
            options.record = os.path.join(folder, model + ".fprt")
            run = train.train(options, train.data_for(model), "board", board)
            size = os.path.getsize(options.record)
            outcome = replay(options.record, args.device)
        results[model] = report.as_json(options, [run], None)["runs"][0]
        _say(args, f"{model}: {report.some_losses(run.losses)}; last tenth {run.final_loss():.3f}")
        _say(args, f"{model}: {100 * run.accuracy:.2f} % of {run.tested} unseen bytes predicted, "
                   f"test loss {run.test_loss:.3f}; {report.what_ran(options, run)}")
        for line in report.summary(run.collector.costs()):
            _say(args, f"{model}: {line}")
        said = (outcome.stdout + outcome.stderr).strip().splitlines() or ["no output"]
        _say(args, f"{model}: trace of step {options.steps}, {size / 1e6:.1f} MB, replayed: "
                   f"{said[-1] if outcome.returncode else 'bit for bit'}\n")
        if run.final_loss() >= run.losses[0]:
            failures.append(f"the loss of the {model} falls")
        if outcome.returncode:
            failures.append(f"the trace of the {model} replays bit for bit")
    return _finish(args, {"runs": results}, failures)


def sync(args: argparse.Namespace, board: Board) -> int:
    """Ranks in every mode, and one process."""
    del board
    return _finish(args, *sync_study.study(args, lambda text: _say(args, text)))
