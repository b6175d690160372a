# SPDX-License-Identifier: MIT
"""--sync: what the command does as one of several ranks, and what rank 0 prints."""
from __future__ import annotations

import argparse
import errno
import json
import os
import pathlib
import sys
from typing import Optional

import fpr
import fpr_sync
import torch

from . import choices, report, sync, train
from .board import Board
from .errors import (NO_BOARD, NO_FILE, OK, USAGE, UserError, as_errno, as_user_error,
                     of_errno, say)
from .timeline import Timeline

# Options of training in one process, and what they are when not given.
_ALONE = {"prune": 0.0, "quantize": 0, "width": "fixed", "compare": False, "plot": None,
          "record": None, "study": None, "stats_steps": None}


def _check(args: argparse.Namespace) -> None:
    for name, unset in _ALONE.items():
        if getattr(args, name) != unset:
            raise UserError(f"--{name.replace('_', '-')} and --sync do not go together", USAGE)
    for option in ("timeline", "checkpoint"):
        path = getattr(args, option)
        folder = pathlib.Path(path).parent if path else None
        if folder and not os.access(folder, os.W_OK):
            raise UserError(f"cannot write {path}", NO_FILE)


def _threads() -> int:
    """This rank's share of the processors, or $OMP_NUM_THREADS."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdigit() and int(given):
        return int(given)
    # A board's memory is needed before there is a group to ask.
    local_ranks = int(os.environ.get("OMPI_COMM_WORLD_LOCAL_SIZE", "1"))
    return max(1, len(os.sched_getaffinity(0)) // local_ranks)


def _open_board(args: argparse.Namespace, threads: int) -> Board:
    device = f"local:threads={threads}" if args.device == "local" else args.device
    try:
        return Board(device, args.kind, args.serial, args.threshold)
    except fpr.FprError as error:
        raise UserError(error.strerror, NO_BOARD) from None


def _open_memory(args: argparse.Namespace, board: Board) -> Optional[fpr_sync.Board]:
    if not args.board_memory:
        return None
    try:
        return fpr_sync.Board(board.device)
    except fpr_sync.SyncError as error:
        raise UserError(error.strerror, NO_BOARD) from None


def _configuration(stats: fpr_sync.Stats) -> dict:
    config = {name: getattr(stats.config, name) for name in (
        "slice_bytes", "slice_max_bytes", "fuse_bytes", "window_messages", "window_bytes",
        "window_total_bytes")}
    return {**config, "slices": stats.slices, "trials": stats.trials}


def as_json(args: argparse.Namespace, options: train.Options, outcome: sync.Outcome) -> dict:
    """Everything, for programs."""
    counters = {name: getattr(outcome.stats.counters, name)
                for name, _ in fpr_sync.Counters._fields_}
    return {"model": options.model, "mode": args.sync, "ranks": outcome.ranks,
            "steps": options.steps, "batch": options.batch, "seed": options.seed,
            "first_step": outcome.first_step, "losses": outcome.step_losses(),
            "rank_losses": outcome.losses, "parameters": outcome.parameters,
            "seconds": outcome.seconds, "waited_seconds": outcome.stats.waited_ns / 1e9,
            "accuracy": outcome.accuracy, "test_loss": outcome.test_loss,
            "tested": outcome.tested, "configuration": _configuration(outcome.stats),
            "counters": counters}


def _lines(args: argparse.Namespace, options: train.Options, outcome: sync.Outcome) -> list[str]:
    losses, stats = outcome.step_losses(), outcome.stats
    found = []
    if outcome.first_step > 1:
        found.append(f"went on from step {outcome.first_step - 1} of {args.checkpoint}")
    if losses:
        found.append(report.some_losses(losses))
        found.append(f"{len(losses)} steps in {outcome.seconds:.1f} s; rank 0 waited "
                     f"{100 * stats.waited_ns / 1e9 / max(outcome.seconds, 1e-9):.0f} % of it")
    found.append(f"rank 0 sent {stats.counters.messages} messages, "
                 f"{stats.counters.bytes_pushed / 1e6:.1f} MB of gradients and "
                 f"{stats.counters.bytes_replied / 1e6:.1f} MB of parameters; "
                 f"{stats.counters.preemptions} overtook less urgent ones")
    if stats.trials:
        found.append(f"{stats.trials} configurations tried; now {stats.slices} slices of up to "
                     f"{stats.config.slice_max_bytes} bytes, window "
                     f"{stats.config.window_total_bytes or 'unlimited'}")
    found.append(f"accuracy {100 * outcome.accuracy:.2f} % of {outcome.tested}, test loss "
                 f"{outcome.test_loss:.3f}")
    found.append(f"parameters {outcome.parameters}")
    return found


def _train(args: argparse.Namespace, options: train.Options, group: fpr_sync.Group, board: Board,
           memory: Optional[fpr_sync.Board], checkpoint: sync.Checkpoint,
           timeline: Optional[Timeline]) -> int:
    info = group.info
    sync.check(options, info.ranks)
    model = sync.Model(options, train.data_for(options.model))
    if args.board_memory in ("tensors", "both"):
        model.move_to(board.device)
    if info.rank == 0 and not args.json:
        print(f"{options.model} on {info.ranks} ranks, {info.local_ranks} of them on "
              f"{info.host.decode()}, {args.sync}; {board.info.name.decode()}, {args.kind}, serial "
              f"{args.serial}, seed {options.seed}, batch {options.batch}", flush=True)
    progress = train.Progress(f"{options.model} {args.sync}", options.steps)
    if info.rank:
        outcome = sync.run(group, model, board, memory, checkpoint, timeline, lambda *_: None)
    else:
        try:
            outcome = sync.run(group, model, board, memory, checkpoint, timeline, progress)
        finally:
            progress.close()
    group.close()
    if outcome is None:
        return OK
    model.test(board, outcome)
    if args.json:
        json.dump(as_json(args, options, outcome), sys.stdout, indent=1)
        print()
    else:
        print("\n".join(_lines(args, options, outcome)))
    return OK


# fpr_sync.h: silent, gone, and what MPI makes of it.
_LOST = (errno.ETIMEDOUT, errno.ECONNRESET, errno.EIO)


def _go_on(args: argparse.Namespace, ranks: int) -> str:
    """How to go on when a rank is lost, "" for not at all."""
    path = pathlib.Path(args.checkpoint) if args.checkpoint else None
    if not path or not path.exists() or ranks == 1:
        return ""
    batch = args.batch or choices.BATCHES[args.model]
    fewer = max(n for n in range(1, ranks) if batch % n == 0)
    return f"; the same command goes on from {path}, also with mpirun -n {fewer}"


def _said(error: BaseException) -> UserError:
    """For the other ranks, whatever it is."""
    if isinstance(error, fpr_sync.SyncError):
        return UserError(error.strerror, of_errno(error.errno))
    return as_user_error(error) or UserError(f"{type(error).__name__}: {error}")


def _told(args: argparse.Namespace, group: fpr_sync.Group, error: BaseException) -> UserError:
    """What this rank says when it or another one has failed."""
    told, ranks = _said(error), group.info.ranks
    lost = isinstance(error, fpr_sync.SyncError) and error.errno in _LOST
    return UserError(f"{f'rank {group.info.rank}: ' if ranks > 1 else ''}{told}"
                     f"{_go_on(args, ranks) if lost else ''}", told.status)


def _tell(group: fpr_sync.Group, error: BaseException) -> None:
    """Have the other ranks know why this one gives up."""
    if group.pointer and not group.error():
        told = _said(error)
        group.fail(as_errno(told.status), str(told))


def _say_if_alone(group: fpr_sync.Group) -> None:
    if group.info.ranks == 1 and "OMPI_COMM_WORLD_SIZE" not in os.environ:
        print("fprtrain: --sync without mpirun is one rank; for N of them: mpirun -n N fprtrain ...",
              file=sys.stderr, flush=True)


def train_and_report(args: argparse.Namespace, options: train.Options) -> int:
    """Join the other ranks, train, print on rank 0."""
    _check(args)
    checkpoint = sync.Checkpoint(args.checkpoint)
    timeline = Timeline(args.timeline) if args.timeline else None
    threads = _threads()
    torch.set_num_threads(threads)
    board = _open_board(args, threads)
    memory = _open_memory(args, board)
    group = sync.open_group(args, memory, checkpoint, timeline)
    _say_if_alone(group)
    try:
        return _train(args, options, group, board, memory, checkpoint, timeline)
    except (Exception, KeyboardInterrupt) as error:
        _tell(group, error)
        if isinstance(error, BrokenPipeError) or as_user_error(error) is None:
            raise
        # Before the group is left: mpirun kills the others when the first has ended.
        return say(_told(args, group, error))
    finally:
        group.close()
        if memory:
            memory.close()
