# SPDX-License-Identifier: MIT
"""One training run: a model, its data, an arithmetic, and the steps."""
from __future__ import annotations

import dataclasses
import sys
import time
from typing import Optional

import fpr
import torch
from torch import nn
from torch.nn import functional

from . import choices, models, prune, quant, width
from .board import Board
from .errors import UserError
from .glyphs import Glyphs
from .layers import Native, NativeBf16, OnBoard, Switch, product_layers, swap
from .stats import Collector
from .text import CONTEXT, Text

_WARM_UP = 0.2
_CLIP_NORM = 1.0
_EVAL_BATCH = 128


@dataclasses.dataclass
class Options:
    """A run, whatever computes it."""
    model: str = "cnn"
    steps: int = 300
    batch: int = 64
    lr: float = 2e-3
    seed: int = 0
    sample_every: int = 1
    stats_steps: frozenset[int] = frozenset()
    prune: float = 0.0
    quantize: int = 0
    per_layer_width: bool = False
    width_bound: float = choices.WIDTH_BOUND
    width_every: int = 50
    eval_images: int = 5100
    record: Optional[str] = None
    record_steps: frozenset[int] = frozenset()

    def width_steps(self) -> set[int]:
        """Steps that choose thresholds."""
        if not self.per_layer_width:
            return set()
        return {1} | set(range(self.width_every, self.steps + 1, self.width_every))

    def on_board(self, step: int) -> bool:
        """Does a board run compute this step on the board?"""
        return (step % self.sample_every == 0 or step in self.stats_steps
                or step in self.record_steps or step in self.width_steps())


@dataclasses.dataclass
class Run:
    """What came of it."""
    arithmetic: str
    losses: list[float] = dataclasses.field(default_factory=list)
    accuracy: float = 0.0
    test_loss: float = 0.0
    tested: int = 0
    seconds: float = 0.0
    board_steps: int = 0
    board_products: int = 0
    board_macs: int = 0
    pruned_share: Optional[float] = None
    collector: Optional[Collector] = None
    widths: Optional[dict[int, dict[tuple[str, str, int], int]]] = None

    def final_loss(self) -> float:
        """Mean training loss of the last tenth of the steps."""
        last = self.losses[-max(1, len(self.losses) // 10):]
        return sum(last) / len(last)

    def as_dict(self) -> dict:
        """For JSON, without the counters."""
        result = {name: getattr(self, name) for name in (
            "arithmetic", "losses", "accuracy", "test_loss", "tested", "seconds", "board_steps",
            "board_products", "board_macs", "pruned_share")}
        if self.widths is not None:
            result["thresholds"] = {str(step): [
                {"layer": layer, "product": product, "kind": fpr.KINDS[kind], "t": t}
                for (layer, product, kind), t in chosen.items()]
                for step, chosen in self.widths.items()}
        return result


class Progress:
    """A bar on stderr, only for a terminal."""

    def __init__(self, title: str, steps: int):
        self._title, self._steps, self._start = title, steps, time.monotonic()
        self._shown = sys.stderr.isatty()

    def __call__(self, step: int, text: str) -> None:
        if not self._shown:
            return
        filled = 24 * step // self._steps
        seconds = time.monotonic() - self._start
        left = seconds / step * (self._steps - step)
        print(f"\r{self._title} [{'#' * filled}{'.' * (24 - filled)}] {step}/{self._steps} "
              f"{text} {left:.0f} s left\033[K", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave an empty line."""
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def data_for(model: str):
    """The stream a model learns from."""
    return Glyphs() if model in choices.IMAGE_MODELS else Text()


def one_cycle(optimizer: torch.optim.Optimizer, rate: float, steps: int):
    """Up to `rate` over a fifth of the steps, then down to nearly nothing."""
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps + 1,
                                               pct_start=warm_up(steps))


def evaluate(model: nn.Module, data, count: int) -> tuple[float, float, int]:
    """Accuracy, mean loss and number of predictions on the test set."""
    right = seen = 0
    loss = 0.0
    model.eval()
    with torch.no_grad():
        for x, y in data.test_batches(count, _EVAL_BATCH):
            scores, y = model(x).flatten(0, -2), y.flatten()
            right += int((scores.argmax(1) == y).sum())
            loss += float(functional.cross_entropy(scores, y, reduction="sum"))
            seen += len(y)
    model.train()
    return right / seen, loss / seen, seen


def warm_up(steps: int) -> float:
    """The share of the steps on the way up; torch divides by its length."""
    return max(_WARM_UP, 2 / (steps + 1))


class _Trainer:
    """The state of one run."""

    def __init__(self, options: Options, data, arithmetic: str, board: Optional[Board]):
        self.options, self.data, self.board = options, data, board
        self.run = Run(arithmetic)
        torch.manual_seed(options.seed)
        self.model = models.build(options.model, data.classes, CONTEXT)
        self.native = Native() if arithmetic == "fp32" else NativeBf16()
        self.switch = Switch(self.native)
        swap(self.model, self.switch)
        layers = product_layers(self.model)
        alphas = quant.quantize(layers, options.quantize) if options.quantize else []
        ids = {id(alpha) for alpha in alphas}
        rest = [p for p in self.model.parameters() if id(p) not in ids]
        self.parameters = rest + alphas
        self.optimizer = torch.optim.Adam(
            [{"params": rest}] +
            ([{"params": alphas, "weight_decay": quant.ALPHA_DECAY}] if alphas else []),
            options.lr)
        self.schedule = one_cycle(self.optimizer, options.lr, options.steps)
        self.pruner = prune.Pruner(layers, options.prune, options.steps) if options.prune else None
        self.width = self.trace = None
        if board is not None:
            self._watch()

    def _watch(self) -> None:
        board, options = self.board, self.options
        board.reset()
        self.run.collector = Collector(board)
        board.observers.append(self.run.collector)
        if options.per_layer_width:
            self.width = width.PerLayer(board, options.width_bound)
            self.run.widths = self.width.history
            board.observers.append(self.width)
        if options.record:
            self.trace = fpr.TraceWriter(options.record)
            board.observers.append(self._record)
        self._recording: Optional[int] = None

    def _record(self, product, _) -> None:
        if self._recording is not None:
            self.board.record(product, self.trace,
                              f"{product.layer}/{product.name} step {self._recording}")

    def _begin(self, step: int) -> None:
        """Choose what computes the step and who watches."""
        options = self.options
        on_board = self.board is not None and options.on_board(step)
        self.switch.now = OnBoard(self.board) if on_board else self.native
        if self.board is not None:
            self.run.board_steps += on_board
            self.run.collector.step = step if step in options.stats_steps else None
            self._recording = step if step in options.record_steps else None
        if self.width:
            self.width.active = step in options.width_steps()

    def step(self, number: int) -> float:
        """One update -> the loss before it."""
        self._begin(number)
        x, y = self.data.batch(self.options.seed, number, self.options.batch)
        loss = functional.cross_entropy(self.model(x).flatten(0, -2), y.flatten())
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, _CLIP_NORM)
        self.optimizer.step()
        self.schedule.step()
        if self.pruner:
            self.pruner.step(number)
        if self.width and self.width.active:
            self.width.commit(number)
        return float(loss)

    def finish(self) -> Run:
        """Test what was trained, on the board if there is one."""
        if self.board is not None:
            self.run.collector.step = self._recording = None
            self.switch.now = OnBoard(self.board)
        if self.width:
            self.width.active = False
        if self.trace:
            self.trace.finish()
        run = self.run
        run.accuracy, run.test_loss, run.tested = evaluate(self.model, self.data,
                                                           self.options.eval_images)
        if self.board is not None:
            run.board_products, run.board_macs = self.board.products, self.board.macs
            self.board.observers = []
        if self.pruner:
            run.pruned_share = self.pruner.share()
        return run


def train(options: Options, data, arithmetic: str, board: Optional[Board] = None) -> Run:
    """Train and test: arithmetic is "board", "fp32" or "bf16"."""
    start = time.monotonic()
    trainer = _Trainer(options, data, arithmetic, board)
    progress = Progress(f"{options.model} {arithmetic}", options.steps)
    try:
        for number in range(1, options.steps + 1):
            loss = trainer.step(number)
            if loss != loss:
                raise UserError(f"{arithmetic}: the loss is not a number in step {number}")
            trainer.run.losses.append(loss)
            progress(number, f"loss {loss:.3f}")
    finally:
        progress.close()
    run = trainer.finish()
    run.seconds = time.monotonic() - start
    return run
