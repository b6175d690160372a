# SPDX-License-Identifier: MIT
"""What the command line may say, read before torch is loaded: that takes seconds."""
from __future__ import annotations

import argparse
import os
import sys
from typing import Optional

import fpr
import fpr_sync

from . import choices
from .errors import USAGE, UserError, say

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
        sys.exit(say(UserError(f"{message} (see --help)", USAGE)))


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
    group.add_argument("--model", choices=choices.MODELS, default="cnn",
                       help="cnn and resnet18 learn rendered characters, lstm and transformer the "
                            "text of free licences (default: cnn)")
    group.add_argument("--steps", type=_COUNT, metavar="N",
                       help=f"updates (default: {_defaults(choices.STEPS)})")
    group.add_argument("--batch", type=_COUNT, metavar="N",
                       help=f"images or texts a step (default: {_defaults(choices.BATCHES)})")
    group.add_argument("--lr", type=_within(float, 1e-9, 1e3, "a learning rate"), metavar="RATE",
                       help=f"largest learning rate (default: {_defaults(choices.RATES)})")
    group.add_argument("--seed", type=_within(int, 0, 2 ** 15 - 1, "0..32767"), default=0,
                       metavar="N", help="of the parameters and the data (default: 0)")
    group.add_argument("--eval-images", type=_COUNT, default=5100, metavar="N",
                       help="size of the test set (default: 5100 images; bytes of text)")
    group.add_argument("--compare", action="store_true",
                       help="train the same model in fp32 and in native bfloat16 too")


def _board(group) -> None:
    group.add_argument("--device", default=os.environ.get("FPR_DEVICE", "local"),
                       help="as fprctl takes it (default: $FPR_DEVICE, else local)")
    group.add_argument("--kind", choices=fpr.KINDS, default=fpr.KINDS[fpr.KIND_DEFAULT],
                       help="array kind that computes the products (default: %(default)s)")
    group.add_argument("--serial", choices=choices.SERIALS,
                       default=choices.SPARSER,
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
    group.add_argument("--width-bound", type=_within(float, 0, 1, "0..1"), default=choices.WIDTH_BOUND,
                       metavar="E", help="largest relative error a T may cause (default: 1/64)")
    group.add_argument("--width-every", type=_COUNT, default=50, metavar="N",
                       help="choose anew every N steps (default: 50)")


def _ranks(group) -> None:
    group.add_argument("--sync", choices=fpr_sync.MODES,
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
    group.add_argument("--study", choices=choices.STUDIES,
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
