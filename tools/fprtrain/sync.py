# SPDX-License-Identifier: MIT
"""Data-parallel training: ranks that mpirun started, and the one process they are compared with.

A step of N ranks: each computes the gradients of its own micro-batch, a server adds a
slice's gradients in the order of ranks, divides by N and updates with Adam. Hooks wait for a
layer's parameters before its forward pass and push each gradient when it is there.
"""
from __future__ import annotations

import argparse
import ctypes
import dataclasses
import errno
import hashlib
import math
import os
import pathlib
import time
from typing import Callable, Iterator, NoReturn, Optional

import fpr
import fpr_sync
import numpy
import torch
from torch import nn
from torch.nn import functional

from . import models, train
from .board import Board
from .errors import NO_BOARD, NO_FILE, USAGE, UserError, as_errno, of_errno
from .layers import NativeBf16, OnBoard, Switch, swap
from .text import CONTEXT
from .timeline import Timeline

BETAS, EPSILON = (0.9, 0.999), 1e-8
# Python looks at signals in between.
_SLICE_NS = 200_000_000


@dataclasses.dataclass
class Outcome:
    """What came of a run, on rank 0."""
    ranks: int
    losses: list[list[float]]     # of each step, each rank's
    parameters: str               # SHA-256 of all of them
    seconds: float = 0.0
    accuracy: float = 0.0
    test_loss: float = 0.0
    tested: int = 0
    first_step: int = 1
    stats: Optional[fpr_sync.Stats] = None

    def step_losses(self) -> list[float]:
        """The mean over the ranks, as their micro-batches are of one size."""
        return [sum(losses) / len(losses) for losses in self.losses]


def rates(options: train.Options) -> list[float]:
    """The learning rate of each step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], options.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.lr, total_steps=options.steps + 1, pct_start=train.warm_up(options.steps),
        cycle_momentum=False)
    found = []
    for _ in range(options.steps):
        found.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return found


def check(options: train.Options, ranks: int) -> None:
    """Micro-batches are of one size."""
    if options.batch % ranks:
        raise UserError(f"--batch: {options.batch} cannot be divided among {ranks} ranks", USAGE)


class Model:
    """A network whose layers leave their products to a switch, and its gradients in one place."""

    def __init__(self, options: train.Options, data):
        torch.manual_seed(options.seed)
        self.options, self.data = options, data
        self.network = models.build(options.model, data.classes, CONTEXT)
        self.native = NativeBf16()
        self.switch = Switch(self.native)
        swap(self.network, self.switch)
        self.parameters = list(self.network.parameters())
        self.buffers: dict[int, list[fpr.Buffer]] = {}
        for parameter in self.parameters:
            parameter.grad = torch.zeros_like(parameter)

    def move_to(self, device: fpr.Device) -> None:
        """Parameters and gradients live in the memory of a board from now on."""
        def moved(values: torch.Tensor) -> tuple[torch.Tensor, fpr.Buffer]:
            buffer = device.buffer(4 * values.numel(), fpr.BUFFER_BOARD)
            there = torch.frombuffer(buffer.exporter(), dtype=torch.float32).view(values.shape)
            return there.copy_(values), buffer

        for parameter in self.parameters:
            gradient, gradient_buffer = moved(parameter.grad)
            parameter.data, buffer = moved(parameter.data)
            parameter.grad = gradient
            self.buffers[id(parameter)] = [gradient_buffer, buffer]

    def compute(self, board: Board, step: int, rank: int, ranks: int) -> float:
        """Adds the gradients of a rank's micro-batch to what is there -> its loss."""
        options = self.options
        self.switch.now = OnBoard(board) if options.on_board(step) else self.native
        x, y = self.data.batch(options.seed, (step - 1) * ranks + rank + 1, options.batch // ranks)
        loss = functional.cross_entropy(self.network(x).flatten(0, -2), y.flatten())
        loss.backward()
        return float(loss)

    def layers(self) -> Iterator[tuple[str, nn.Module, list[nn.Parameter]]]:
        """Modules that have parameters of their own."""
        for name, module in self.network.named_modules():
            own = list(module.parameters(recurse=False))
            if own:
                yield name or type(module).__name__, module, own

    def consumption_order(self) -> list[nn.Parameter]:
        """Parameters in the order in which a forward pass asks for them."""
        order: dict[int, nn.Parameter] = {}
        hooks = [module.register_forward_pre_hook(
            lambda *_, own=own: order.update((id(p), p) for p in own if id(p) not in order))
            for _, module, own in self.layers()]
        training = self.network.training
        self.network.eval()
        with torch.no_grad():
            self.switch.now = self.native
            self.network(self.data.batch(0, 0, 1)[0])
        self.network.train(training)
        for hook in hooks:
            hook.remove()
        order.update((id(p), p) for p in self.parameters if id(p) not in order)
        return list(order.values())

    def digest(self) -> str:
        """Of all parameters."""
        found = hashlib.sha256()
        for parameter in self.parameters:
            found.update(parameter.detach().numpy().tobytes())
        return found.hexdigest()

    def test(self, board: Board, outcome: Outcome) -> None:
        """On the board, like the training."""
        self.switch.now = OnBoard(board)
        outcome.accuracy, outcome.test_loss, outcome.tested = train.evaluate(
            self.network, self.data, self.options.eval_images)


# ---- checkpoints


class Checkpoint:
    """A file that rank 0 writes and goes on from."""

    def __init__(self, path: Optional[str]):
        self.path = path and pathlib.Path(path)
        self.group: Optional[fpr_sync.Group] = None

    def save(self, state: fpr_sync.State) -> None:
        """A file is there complete or not at all."""
        arrays = {f"array{i}": numpy.ctypeslib.as_array(state.data[i], (state.elements,))
                  for i in range(state.arrays)}
        new = self.path.with_name(self.path.name + ".new")
        with open(new, "wb") as file:
            numpy.savez(file, step=state.step, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.path)

    def callback(self):
        """For the library, which gets an errno."""
        def called(_, state) -> int:
            if not state.contents.complete:
                return 0
            try:
                self.save(state.contents)
            except OSError as error:
                number = as_errno(NO_FILE)
                self.group.fail(number, f"cannot write {self.path}: {error.strerror}")
                return -number
            return 0
        return fpr_sync.CHECKPOINT(called)

    def _refuse(self, reason: str) -> NoReturn:
        raise UserError(f"checkpoint {self.path} {reason}; move it away to begin anew", NO_FILE)

    def _read(self) -> tuple[int, list[numpy.ndarray]]:
        """Steps done, and one to three arrays, of whatever is there."""
        try:
            with open(self.path, "rb") as raw, numpy.load(raw) as file:
                step = int(file["step"])
                arrays = [numpy.ascontiguousarray(file[f"array{i}"], numpy.float32)
                          for i in range(len(file.files) - 1)]
        except OSError as error:
            raise UserError(f"cannot read checkpoint {self.path}: {error.strerror or error}",
                            NO_FILE) from None
        except Exception:
            # Foreign bytes have numpy, zipfile and zlib fail in a dozen ways.
            self._refuse("is damaged, or not of fprtrain")
        if step < 0 or not 1 <= len(arrays) <= 3:
            self._refuse("is damaged, or not of fprtrain")
        return step, arrays

    def load(self, group: fpr_sync.Group, elements: int) -> None:
        """Has the group go on from the file, if there is one."""
        if self.path is None or group.info.rank or not self.path.exists():
            return
        step, arrays = self._read()
        if any(array.shape != (elements,) for array in arrays):
            self._refuse("is of another --model")
        state = fpr_sync.State(step, elements, len(arrays), 1)
        for i, array in enumerate(arrays):
            state.data[i] = array.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        group.restore(state)


# ---- ranks


class Rank:
    """One of several processes."""

    def __init__(self, group: fpr_sync.Group, model: Model, board: Board,
                 memory: Optional[fpr_sync.Board], timeline: Optional[Timeline]):
        self.group, self.model, self.board, self.timeline = group, model, board, timeline
        self.rank, self.ranks = group.info.rank, group.info.ranks
        self._zeroed: set[int] = set()
        self._pushed: set[int] = set()
        self._nodes: list = []
        self._hooks: list = []
        self._gradients = {id(p): p.grad for p in model.parameters}
        places = {id(p): i for i, p in enumerate(model.parameters)}
        self._index = {id(p): self._add(memory, p, places[id(p)])
                       for p in model.consumption_order()}
        self._hook()

    def _add(self, memory: Optional[fpr_sync.Board], parameter: nn.Parameter, place: int) -> int:
        buffers = self.model.buffers.get(id(parameter))
        if buffers:
            return self.group.add_tensor(memory.tensor(*buffers, parameter.numel(), place))
        return self.group.add(parameter.grad.data_ptr(), parameter.data_ptr(), parameter.numel(),
                              place)

    def _hook(self) -> None:
        for name, module, own in self.model.layers():
            self._hooks.append(module.register_forward_pre_hook(
                lambda *_, name=name, own=own: self._before(name, own)))
            if self.timeline:
                self._hooks.append(module.register_forward_hook(
                    lambda *_, name=name: self.timeline.end(f"forward {name}")))
            for parameter in own:
                # The node that adds to a leaf's gradient runs last for it.
                node = parameter.expand_as(parameter).grad_fn.next_functions[0][0]
                self._hooks.append(node.register_hook(
                    lambda *_, p=parameter, name=name: self._after(name, p)))
                self._nodes.append(node)

    def wait(self, index: int) -> None:
        """Until a tensor's newest value is here."""
        while True:
            try:
                self.group.wait(index, _SLICE_NS)
                return
            except fpr_sync.SyncError as error:
                if error.errno != errno.ETIME:
                    raise

    def _before(self, name: str, own: list[nn.Parameter]) -> None:
        for parameter in own:
            self.wait(self._index[id(parameter)])
            if torch.is_grad_enabled() and id(parameter) not in self._zeroed:
                self._zeroed.add(id(parameter))
                self._gradients[id(parameter)].zero_()
        if self.timeline:
            self.timeline.begin(f"forward {name}")

    def _after(self, name: str, parameter: nn.Parameter) -> None:
        gradient = self._gradients[id(parameter)]
        if parameter.grad is not gradient:
            gradient.copy_(parameter.grad)
            parameter.grad = gradient
        if self.timeline:
            self.timeline.since_last(f"backward {name}")
        self._push(parameter)

    def _push(self, parameter: nn.Parameter) -> None:
        self._pushed.add(id(parameter))
        self.group.push(self._index[id(parameter)])

    def unhook(self) -> None:
        """The network is on its own again."""
        for hook in self._hooks:
            hook.remove()

    def step(self, number: int, rate: float) -> float:
        """One update -> the loss of this rank's micro-batch before it."""
        self.group.step(rate)
        self._zeroed.clear()
        self._pushed.clear()
        if self.timeline:
            self.timeline.step(number)
        loss = self.model.compute(self.board, number, self.rank, self.ranks)
        # What took no part in the loss has a gradient all the same: zeros.
        for parameter in self.model.parameters:
            if id(parameter) not in self._pushed:
                self._push(parameter)
        return loss


def _train(rank: Rank, progress: Callable[[int, str], None]) -> tuple[int, list[float]]:
    model, losses = rank.model, []
    first = int(rank.group.stats().steps) + 1
    schedule = rates(model.options)
    for number in range(first, model.options.steps + 1):
        loss = rank.step(number, schedule[number - 1])
        if loss != loss:
            raise UserError(f"the loss is not a number in step {number}")
        losses.append(loss)
        progress(number, f"loss {loss:.3f}")
    rank.group.finish()
    rank.unhook()
    return first, losses


def run(group: fpr_sync.Group, model: Model, board: Board,
        memory: Optional[fpr_sync.Board], checkpoint: Checkpoint,
        timeline: Optional[Timeline], progress: Callable[[int, str], None]) -> Optional[Outcome]:
    """Train with the other ranks -> what came of it, on rank 0."""
    rank = Rank(group, model, board, memory, timeline)
    checkpoint.load(group, sum(p.numel() for p in model.parameters))
    group.start()
    start = time.monotonic()
    first, losses = _train(rank, progress)
    seconds = time.monotonic() - start
    everyone = group.gather(numpy.array(losses, numpy.float64).tobytes())
    if timeline:
        timeline.gather(group)
    if group.info.rank:
        return None
    columns = [numpy.frombuffer(column, numpy.float64).tolist() for column in everyone]
    return Outcome(group.info.ranks, [list(row) for row in zip(*columns)], model.digest(),
                   seconds, first_step=first, stats=group.stats())


def open_group(args: argparse.Namespace, memory: Optional[fpr_sync.Board],
               checkpoint: Checkpoint, timeline: Optional[Timeline]) -> fpr_sync.Group:
    """Join the other ranks, or one line that says why not."""
    try:
        chosen = fpr_sync.options(args.sync, optimizer=fpr_sync.ADAM, beta1=BETAS[0],
                                  beta2=BETAS[1], epsilon=EPSILON,
                                  checkpoint_steps=args.checkpoint_every if args.checkpoint else 0,
                                  checkpoint=checkpoint.callback(),
                                  record=timeline.record if timeline else 0)
        chosen.config.timeout_ns = int(1e9 * args.lost_after)
        if args.tune_steps is not None and args.sync == "best":
            chosen.tune_steps = args.tune_steps
        if args.board_memory in ("sums", "both"):
            memory.sums(chosen)
        # Open MPI would give a lone process a daemon, which holds its output and may outlive it.
        os.environ.setdefault("OMPI_MCA_ess_singleton_isolated", "1")
        checkpoint.group = fpr_sync.Group(chosen)
        return checkpoint.group
    except fpr_sync.SyncError as error:
        missing = isinstance(error, fpr_sync.LibraryMissing)
        raise UserError(error.strerror, NO_BOARD if missing else of_errno(error.errno)) from None


# ---- one process


def _adam(p: torch.Tensor, m: torch.Tensor, v: torch.Tensor, gradient: torch.Tensor, rate: float,
          powers: tuple[float, float]) -> None:
    """Operation by operation: torch.optim's kernels may fuse some, and round differently."""
    f32 = numpy.float32
    m.mul_(float(f32(BETAS[0]))).add_(gradient.mul(float(f32(1 - BETAS[0]))))
    v.mul_(float(f32(BETAS[1]))).add_(gradient.mul(float(f32(1 - BETAS[1]))).mul(gradient))
    root = v.sqrt().div(float(f32(math.sqrt(1 - powers[1])))).add(float(f32(EPSILON)))
    p.sub_(m.div(root).mul(float(f32(rate / (1 - powers[0])))))


def alone(options: train.Options, data, boards: list[Board],
          progress: Callable[[int, str], None]) -> Outcome:
    """The same training in this process: a board for each rank's micro-batches, one after another."""
    model, ranks = Model(options, data), len(boards)
    check(options, ranks)
    states = [(torch.zeros_like(p), torch.zeros_like(p)) for p in model.parameters]
    outcome = Outcome(ranks, [], "")
    powers = (1.0, 1.0)
    start = time.monotonic()
    for number, rate in enumerate(rates(options), 1):
        sums: list[torch.Tensor] = []
        losses = []
        for rank, board in enumerate(boards):
            for parameter in model.parameters:
                parameter.grad.zero_()
            losses.append(model.compute(board, number, rank, ranks))
            gradients = [parameter.grad for parameter in model.parameters]
            sums = ([s + g for s, g in zip(sums, gradients)] if rank else
                    [g.clone() for g in gradients])
        powers = powers[0] * BETAS[0], powers[1] * BETAS[1]
        with torch.no_grad():
            for p, (m, v), s in zip(model.parameters, states, sums):
                _adam(p, m, v, s.mul(float(numpy.float32(1 / ranks))), rate, powers)
        outcome.losses.append(losses)
        progress(number, f"loss {losses[0]:.3f}")
    outcome.seconds = time.monotonic() - start
    outcome.parameters = model.digest()
    return outcome
