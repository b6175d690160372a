# SPDX-License-Identifier: MIT
"""The study of data-parallel training: all modes against each other and against one process."""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import subprocess
from typing import Callable

import torch

from . import sync, train
from .board import Board
from .errors import MISSING, UserError

PROGRAM = pathlib.Path(__file__).resolve().parent / "fprtrain"
MODES = ("fifo", "slice", "p3", "best")
# Once more with tensors and sums in board memory.
ON_BOARD = "best, board"
LARGEST_DIFFERENCE = 0.01
# Sums of torch's own kernels depend on how many threads share them.
_THREADS = 1


def mpirun(ranks: int) -> list[str]:
    """The command that starts ranks here, more than there are processors if need be."""
    found = shutil.which("mpirun")
    if not found:
        raise UserError("mpirun is not installed; install it with: apt-get install openmpi-bin",
                        MISSING)
    return [found, "--oversubscribe", "--bind-to", "none", "-n", str(ranks)]


def _run(args: argparse.Namespace, options: train.Options, mode: str, ranks: int) -> dict:
    command = [*mpirun(ranks), str(PROGRAM), "--sync", mode.split(",")[0], "--json", "--device", args.device,
               "--lost-after", "60"]
    for option in ("steps", "batch", "seed", "lr"):
        command += [f"--{option}", str(getattr(options, option))]
    command += ["--eval-images", str(options.eval_images)]
    if args.quick:
        command += ["--tune-steps", "0"]
    if mode == ON_BOARD:
        command.append("--board-memory")
    outcome = subprocess.run(command, text=True, capture_output=True, check=False,
                             env={**os.environ, "OMP_NUM_THREADS": str(_THREADS)})
    if outcome.returncode:
        said = [line for line in outcome.stderr.splitlines() if line.startswith("fprtrain:")]
        raise UserError(said[0][10:] if said else f"mpirun failed:\n{outcome.stderr}")
    return json.loads(outcome.stdout)


def difference(losses: list[float], reference: list[float]) -> float:
    """The largest, relative, of any step."""
    return max(abs(a - b) / abs(b) for a, b in zip(losses, reference))


def study(args: argparse.Namespace, say: Callable[[str], None]) -> tuple[dict, list[str]]:
    """Train the CNN in every mode and in one process -> results, what does not hold."""
    ranks = 2 if args.quick else 4
    options = train.Options(steps=3 if args.quick else 200, batch=4 if args.quick else 64,
                            eval_images=34 if args.quick else 5100)
    mpirun(ranks)
    torch.set_num_threads(_THREADS)
    device = "local:threads=1" if args.device == "local" else args.device
    alone = sync.alone(options, train.data_for("cnn"), [Board(device) for _ in range(ranks)],
                       train.Progress("cnn alone", options.steps))
    reference = alone.step_losses()
    say(f"the CNN, {options.steps} steps of {options.batch} images, {ranks} ranks on "
        f"{len(os.sched_getaffinity(0))} processors")
    say(f"one process  loss {reference[0]:.4f} to {reference[-1]:.4f}, {alone.seconds:.0f} s, "
        f"parameters {alone.parameters[:16]}")
    runs = {}
    for mode in (*MODES, ON_BOARD):
        run = runs[mode] = _run(args, options, mode, ranks)
        run["difference"] = difference(run["losses"], reference)
        say(f"{mode:11}  loss {run['losses'][0]:.4f} to {run['losses'][-1]:.4f}, "
            f"{run['seconds']:.0f} s, {100 * run['waited_seconds'] / run['seconds']:.0f} % waiting, "
            f"largest difference {100 * run['difference']:.2g} %, accuracy "
            f"{100 * run['accuracy']:.2f} %, parameters {run['parameters'][:16]}")
    return ({"alone": {"losses": reference, "parameters": alone.parameters}, "runs": runs},
            _failures(runs, options.steps))


def _failures(runs: dict, steps: int) -> list[str]:
    first = runs[MODES[0]]
    failures = [f"{mode} has the bits of {MODES[0]}" for mode, run in runs.items()
                if (run["rank_losses"], run["parameters"])
                != (first["rank_losses"], first["parameters"])]
    failures += [f"the losses of {mode} are within {100 * LARGEST_DIFFERENCE:.0f} % of one process"
                 for mode, run in runs.items() if not run["difference"] <= LARGEST_DIFFERENCE]
    failures += [f"{mode} trains {steps} steps" for mode, run in runs.items()
                 if len(run["losses"]) != steps]
    return failures
