# SPDX-License-Identifier: MIT
"""The command line."""
from __future__ import annotations

import argparse
import errno
import json
import os
import pathlib
import sys
from typing import Optional, Sequence

import fpr
import torch

from . import models, plot, ranks, report, study, train, width
from .board import SERIALS, SPARSER, Board
from .errors import FAILED, NO_BOARD, NO_FILE, OK, USAGE, UserError, as_user_error, say

EPILOGUE = """\
exit status: 0 done; 1 training failed, a rank was lost, or a study's claim does not hold; 2 wrong usage;
3 a Python module, font or text is not installed; 4 no such device, or libfpr or libfprsync is missing;
5 a file cannot be written, or a checkpoint cannot be read

examples:
  fprtrain --model cnn --compare --plot cnn.png
  fprtrain --model cnn --width per-layer --stats-steps 100,200,300
  fprtrain --model resnet18 --prune 0.8 --sample-every 20 --json
  fprtrain --model lstm --record lstm.trace && fprctl replay lstm.trace
  fprtrain --study accuracy
  mpirun -n 4 --enable-recovery fprtrain --sync best --checkpoint cnn.npz --timeline t.json
    (on fewer than 4 cores: mpirun --oversubscribe --bind-to none; as root: --allow-run-as-root)
"""


class _Parser(argparse.ArgumentParser):
    """Errors are one line."""

    def error(self, message):
        raise UserError(f"{message} (see --help)", USAGE)


def _steps(text: str) -> Optional[frozenset[int]]:
    if text == "none":
        return frozenset()
    if text == "last":
        return None
    try:
        return frozenset(int(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of steps") from None


def _within(convert, low, high, what: str):
    def parse(text: str):
        try:
            value = convert(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
        return value
    return parse


_COUNT = _within(int, 1, 10 ** 9, "a positive number")


def _training(group) -> None:
    group.add_argument("--model", choices=models.MODELS, default="cnn",
                       help="cnn and resnet18 learn rendered characters, lstm and transformer the "
                            "text of free licences (default: cnn)")
    group.add_argument("--steps", type=_COUNT, metavar="N",
                       help=f"updates (default: {_defaults(train.STEPS)})")
    group.add_argument("--batch", type=_COUNT, metavar="N",
                       help=f"images or texts a step (default: {_defaults(train.BATCHES)})")
    group.add_argument("--lr", type=_within(float, 1e-9, 1e3, "a learning rate"), metavar="RATE",
                       help=f"largest learning rate (default: {_defaults(train.RATES)})")
    group.add_argument("--seed", type=_within(int, 0, 2 ** 15 - 1, "0..32767"), default=0,
                       metavar="N", help="of the parameters and the data (default: 0)")
    group.add_argument("--eval-images", type=_COUNT, default=5100, metavar="N",
                       help="size of the test set (default: 5100 images; bytes of text)")
    group.add_argument("--compare", action="store_true",
                       help="train the same model in fp32 and in native bfloat16 too")


def _board(group) -> None:
    group.add_argument("--device", default=os.environ.get("FPR_DEVICE", "local"),
                       help="as fprctl takes it (default: $FPR_DEVICE, else local)")
    group.add_argument("--kind", choices=fpr.KINDS, default="chunk",
                       help="array kind that computes the products (default: chunk)")
    group.add_argument("--serial", choices=SERIALS, default=SPARSER,
                       help="operand recoded to terms: a, b, the library's auto (the one with "
                            "fewer in all), or the one with fewer a value (default: sparser)")
    group.add_argument("--threshold", type=_within(int, 0, fpr.T_MAX, f"0..{fpr.T_MAX}"),
                       metavar="T", help="out-of-bounds threshold (default: the kind's own)")
    group.add_argument("--sample-every", type=_COUNT, default=1, metavar="N",
                       help="run every Nth step on the board and the others in native bfloat16 "
                            "(default: 1)")


def _sparsity(group) -> None:
    group.add_argument("--prune", type=_within(float, 0, 0.999, "a fraction below 1"), default=0.0,
                       metavar="FRACTION",
                       help="prune to this share of zero weights while training")
    group.add_argument("--quantize", type=_within(int, 2, 8, "2..8 bits"), nargs="?", const=4,
                       default=0, metavar="BITS",
                       help="quantise activations and weights (PACT style; 4 when BITS is left "
                            "out; image models)")
    group.add_argument("--width", choices=("fixed", "per-layer"), default="fixed",
                       help="per-layer: choose T per layer and product while training")
    group.add_argument("--width-bound", type=_within(float, 0, 1, "0..1"), default=width.BOUND,
                       metavar="E", help="largest relative error a T may cause (default: 1/64)")
    group.add_argument("--width-every", type=_COUNT, default=50, metavar="N",
                       help="choose anew every N steps (default: 50)")


def _ranks(group) -> None:
    group.add_argument("--sync", choices=ranks.MODES,
                       help="train with the other processes that mpirun started; the modes differ "
                            "in time, not in a bit of the result")
    group.add_argument("--board-memory", choices=("tensors", "sums", "both"), nargs="?",
                       const="both", metavar="WHAT",
                       help="what of --sync lives in the board's memory: tensors (parameters and "
                            "gradients), sums, or both (the default when WHAT is left out)")
    group.add_argument("--timeline", metavar="FILE",
                       help="write compute, slices and waits of all ranks in Chrome's trace format")
    group.add_argument("--checkpoint", metavar="FILE",
                       help="write the state of training there, and go on from it when it exists, "
                            "also with another number of ranks")
    group.add_argument("--checkpoint-every", type=_COUNT, default=50, metavar="N",
                       help="steps between two checkpoints (default: 50)")
    group.add_argument("--tune-steps", type=_within(int, 0, 10 ** 6, "a number of steps"),
                       metavar="N",
                       help="steps that best tries each configuration of slices and windows for, 0 "
                            "to keep its first (default: 10)")
    group.add_argument("--lost-after", type=_within(float, 0.1, 1e6, "a time in seconds"),
                       default=10.0, metavar="SECONDS",
                       help="a rank that is silent for so long is lost (default: 10)")


def _output(group) -> None:
    group.add_argument("--stats-steps", type=_steps, default=None, metavar="LIST",
                       help="steps measured on all kinds: 100,200 or last or none (default: last)")
    group.add_argument("--json", action="store_true", help="print JSON, not tables")
    group.add_argument("--plot", metavar="FILE", help="draw the report (.png, .svg, .pdf)")
    group.add_argument("--record", metavar="FILE",
                       help="write operands and results of some steps for fprctl replay")
    group.add_argument("--record-steps", type=_steps, default=None, metavar="LIST",
                       help="steps to record (default: last)")


def _studies(group) -> None:
    group.add_argument("--study", choices=sorted(study.STUDIES),
                       help="accuracy: 3 seeds on the board, in fp32 and in bfloat16; resnet: "
                            "dense, pruned, quantised and per-layer-T ResNet-18; text: LSTM and "
                            "transformer with recorded traces replayed; sync: 4 ranks in every mode "
                            "and one process")
    group.add_argument("--quick", action="store_true", help="a few steps only; proves nothing")


def parser() -> argparse.ArgumentParser:
    """The options, with defaults that depend on the model left None."""
    p = _Parser(prog="fprtrain", description=(
        "Train a network whose matrix products - forward, input gradient, weight gradient - "
        "run on an fpr board, and report what they cost there."),
        epilog=EPILOGUE, formatter_class=argparse.RawDescriptionHelpFormatter)
    for add, title in (
            (_training, "training"),
            (_board, "board"),
            (_sparsity, "sparsity and precision"),
            (_ranks, "several processes"),
            (_output, "output"),
            (_studies, "studies (set their own training options)")):
        add(p.add_argument_group(title))
    return p


def _defaults(table: dict) -> str:
    if len(set(table.values())) == 1:
        return str(next(iter(table.values())))
    return ", ".join(f"{model} {value}" for model, value in table.items())


def _pick(steps: Optional[frozenset[int]], last: int, option: str) -> frozenset[int]:
    chosen = frozenset([last]) if steps is None else steps
    outside = [step for step in chosen if not 1 <= step <= last]
    if outside:
        raise UserError(f"{option}: step {min(outside)} is not one of 1..{last}", USAGE)
    return chosen


def options_of(args: argparse.Namespace) -> train.Options:
    """The run that the command line describes."""
    if args.quantize and args.model not in models.IMAGE_MODELS:
        raise UserError("--quantize works on cnn and resnet18: it clips at zero, which fits ReLU",
                        USAGE)
    steps = args.steps or train.STEPS[args.model]
    return train.Options(
        model=args.model, steps=steps, batch=args.batch or train.BATCHES[args.model],
        lr=args.lr or train.RATES[args.model], seed=args.seed,
        sample_every=args.sample_every,
        stats_steps=_pick(args.stats_steps, steps, "--stats-steps"),
        prune=args.prune, quantize=args.quantize, per_layer_width=args.width == "per-layer",
        width_bound=args.width_bound, width_every=args.width_every,
        eval_images=args.eval_images, record=args.record,
        record_steps=_pick(args.record_steps, steps, "--record-steps") if args.record
        else frozenset())


def open_board(args: argparse.Namespace) -> Board:
    """The device, or one line that says why not."""
    try:
        return Board(args.device, args.kind, args.serial, args.threshold)
    except fpr.FprError as error:
        raise UserError(error.strerror, NO_BOARD) from None


def _check_writable(path: Optional[str]) -> None:
    """Say now, not after minutes of training, that a file cannot be written."""
    if path is None:
        return
    target = pathlib.Path(path)
    if target.is_dir() or not os.access(target.parent, os.W_OK):
        reason = os.strerror(errno.EISDIR if target.is_dir() else
                             errno.EACCES if target.parent.is_dir() else errno.ENOENT)
        raise UserError(f"cannot write {path}: {reason}", NO_FILE)


def _check_plot(path: Optional[str]) -> None:
    _check_writable(path)
    if path is None:
        return
    known = plot.load().gcf().canvas.get_supported_filetypes()
    if pathlib.Path(path).suffix[1:].lower() not in known:
        raise UserError(f"--plot: the name must end in one of .{' .'.join(sorted(known))}", USAGE)


def _check_alone(args: argparse.Namespace) -> None:
    """What only ranks do shall not be left out without a word."""
    for option in ("board_memory", "timeline", "checkpoint", "tune_steps"):
        if getattr(args, option) is not None:
            raise UserError(f"--{option.replace('_', '-')} is for ranks: it needs --sync", USAGE)


def train_and_report(args: argparse.Namespace) -> int:
    """One run, and its twins if asked for."""
    options = options_of(args)
    _check_plot(args.plot)
    _check_writable(args.record)
    board = open_board(args)
    data = train.data_for(options.model)
    unit = "images" if options.model in models.IMAGE_MODELS else "bytes"
    info = board.info
    if not args.json:
        print(f"{options.model} on {info.name.decode()} ({info.model.decode()} model, "
              f"{info.rows}x{info.cols}x{info.lanes} tile), {args.kind}, serial {args.serial}, "
              f"seed {options.seed}, batch {options.batch}", flush=True)
    runs = [train.train(options, data, "board", board)]
    if args.compare:
        runs += [train.train(options, data, arithmetic) for arithmetic in ("fp32", "bf16")]
    if args.json:
        device = {name: getattr(info, name) for name in ("rows", "cols", "lanes", "threads")}
        device.update({name: getattr(info, name).decode()
                       for name in ("name", "model", "isa", "version")})
        json.dump(report.as_json(options, runs, device), sys.stdout, indent=1)
        print()
    else:
        for line in report.text_report(options, runs, unit):
            print(line)
        if options.record:
            print(f"recorded steps {', '.join(map(str, sorted(options.record_steps)))} "
                  f"in {options.record}")
    if args.plot:
        plot.draw(args.plot, f"{options.model}, {options.steps} steps, {args.kind}", runs)
    return OK


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run; returns the exit status."""
    try:
        args = parser().parse_args(argv)
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        if args.sync:
            return ranks.train_and_report(args, options_of(args))
        _check_alone(args)
        if args.study:
            return study.STUDIES[args.study](args, open_board(args))
        return train_and_report(args)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (Exception, KeyboardInterrupt) as error:
        told = as_user_error(error)
        if told is None:
            raise
    return say(told)
