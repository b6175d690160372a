# SPDX-License-Identifier: MIT
"""What the command line asks for, done."""
from __future__ import annotations

import argparse
import errno
import json
import os
import pathlib
import sys
from typing import Optional

import fpr
import torch

from . import choices, plot, ranks, report, study, train
from .board import Board
from .errors import FAILED, NO_BOARD, NO_FILE, OK, USAGE, UserError, as_user_error, say

def _pick(steps: Optional[frozenset[int]], last: int, option: str) -> frozenset[int]:
    chosen = frozenset([last]) if steps is None else steps
    outside = [step for step in chosen if not 1 <= step <= last]
    if outside:
        raise UserError(f"{option}: step {min(outside)} is not one of 1..{last}", USAGE)
    return chosen


def options_of(args: argparse.Namespace) -> train.Options:
    """The run that the command line describes."""
    if args.quantize and args.model not in choices.IMAGE_MODELS:
        raise UserError("--quantize works on cnn and resnet18: it clips at zero, which fits ReLU",
                        USAGE)
    steps = args.steps or choices.STEPS[args.model]
    return train.Options(
        model=args.model, steps=steps, batch=args.batch or choices.BATCHES[args.model],
        lr=args.lr or choices.RATES[args.model], seed=args.seed,
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
    unit = "images" if options.model in choices.IMAGE_MODELS else "bytes"
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


def run(args: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    try:
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        if args.sync:
            return ranks.train_and_report(args, options_of(args))
        _check_alone(args)
        if args.study:
            return getattr(study, args.study)(args, open_board(args))
        return train_and_report(args)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (Exception, KeyboardInterrupt) as error:
        told = as_user_error(error)
        if told is None:
            raise
    return say(told)
