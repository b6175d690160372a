# SPDX-License-Identifier: MIT
"""What the products of chosen steps cost on every kind of array.

A Collector watches a board; while it is active each product is run again once
per kind, with counters, and the figures are summed per layer and product.
"""
from __future__ import annotations

import dataclasses
from typing import Iterable, Optional

import fpr
import torch

from .board import Board, Product

PAPER_TILES = 36 / 8   # tiles of a term-serial array in the area of one dense tile, times
TERM_SERIAL = ("set", "chunk", "value")
EQUAL_LANES = {"set": 1, "chunk": 1, "dense": 1, "value": 2}   # tiles with as many lanes as dense's
LANES = ("useful", "no_term", "shift_range", "inter_pe", "floor", "inter_row")
COUNTERS = tuple(name for name, _ in fpr.Counters._fields_)
PRODUCTS = ("AxW", "GxW", "AxG")


@dataclasses.dataclass
class Operands:
    """Values, zeros and terms of one operand, summed."""
    letter: str
    values: int = 0
    zeros: int = 0
    terms: int = 0

    def add(self, other) -> None:
        """Add an Operands or what the library counted."""
        self.values += other.values
        self.zeros += other.zeros
        self.terms += other.terms

    @property
    def value_sparsity(self) -> float:
        """Share of the values that are zero."""
        return self.zeros / max(1, self.values)

    @property
    def term_sparsity(self) -> float:
        """Share of the 8 significand bits' worth of terms that are not there."""
        return 1 - self.terms / max(1, 8 * self.values)


@dataclasses.dataclass
class Cost:
    """One product of one layer, or a sum of several, over all steps collected."""
    layer: str
    product: str
    shape: Optional[tuple[int, int, int, int]] = None
    calls: int = 0
    a: Optional[Operands] = None
    b: Optional[Operands] = None
    serial: set[str] = dataclasses.field(default_factory=set)
    t: dict[str, int] = dataclasses.field(default_factory=dict)
    kinds: dict[str, dict[str, int]] = dataclasses.field(
        default_factory=lambda: {kind: dict.fromkeys(COUNTERS, 0) for kind in fpr.KINDS})

    def cycles_per_8(self, kind: str) -> float:
        """Compute cycles per set of 8 products; dense is 1, edges padded alike."""
        dense = self.kinds["dense"]["cycles_compute"]
        return self.kinds[kind]["cycles_compute"] / max(1, dense)

    def speedup(self, kind: str) -> float:
        """Over dense with as many lanes, compute only."""
        return EQUAL_LANES[kind] / max(1e-9, self.cycles_per_8(kind))

    def speedup_paper(self, kind: str) -> float:
        """Over dense at the paper's 36 tiles to 8, compute only."""
        return PAPER_TILES / max(1e-9, self.cycles_per_8(kind))

    def speedup_with_memory(self, kind: str) -> Optional[float]:
        """The same with the memory model's stalls, which knows one tile: not of `value`."""
        if EQUAL_LANES[kind] != 1:
            return None
        dense = self.kinds["dense"]["cycles_total"]
        return dense / max(1, self.kinds[kind]["cycles_total"])

    def lanes(self, kind: str) -> dict[str, float]:
        """Where lane-cycles went, as shares."""
        counters = self.kinds[kind]
        total = sum(counters["lanes_" + name] for name in LANES)
        return {name: counters["lanes_" + name] / max(1, total) for name in LANES}

    def memory_stall(self, kind: str) -> float:
        """Share of all cycles that wait for memory."""
        counters = self.kinds[kind]
        return counters["cycles_memory_stall"] / max(1, counters["cycles_total"])

    def bytes_moved(self, compressed: bool) -> int:
        """DRAM traffic of the product, operands and results."""
        counters = self.kinds["dense"]
        operands = counters["bytes_operands" if compressed else "bytes_operands_raw"]
        return operands + counters["bytes_c_read"] + counters["bytes_c_written"]

    def add(self, other: Cost) -> None:
        """Add another's counters (not its operands)."""
        self.calls += other.calls
        for kind, counters in other.kinds.items():
            for name, value in counters.items():
                self.kinds[kind][name] += value

    def as_dict(self) -> dict:
        """For JSON: raw counters and what follows from them."""
        return {
            "layer": self.layer, "product": self.product, "shape_m_n_k_batch": self.shape,
            "calls": self.calls, "serial": sorted(self.serial), "t": self.t,
            "operands": [{**dataclasses.asdict(operand), "value_sparsity": operand.value_sparsity,
                          "term_sparsity": operand.term_sparsity}
                         for operand in (self.a, self.b) if operand],
            "bytes_moved_raw": self.bytes_moved(False), "bytes_moved": self.bytes_moved(True),
            "kinds": {kind: {
                "counters": self.kinds[kind], "cycles_per_8": self.cycles_per_8(kind),
                "speedup_equal_lanes": self.speedup(kind),
                "speedup_36_to_8": self.speedup_paper(kind),
                "speedup_equal_lanes_with_memory": self.speedup_with_memory(kind),
                "memory_stall": self.memory_stall(kind), "lanes": self.lanes(kind),
            } for kind in fpr.KINDS}}


class Collector:
    """Costs per step, layer and product."""

    def __init__(self, board: Board):
        self._board = board
        self.step: Optional[int] = None
        self.steps: dict[int, dict[tuple[str, str], Cost]] = {}

    def __call__(self, product: Product, _: torch.Tensor) -> None:
        if self.step is None:
            return
        costs = self.steps.setdefault(self.step, {})
        cost = costs.setdefault(product.key, Cost(*product.key))
        cost.shape = product.m, product.n, product.k, product.batch
        cost.a = cost.a or Operands(product.a.letter)
        cost.b = cost.b or Operands(product.b.letter)
        cost.a.add(product.a.count())
        cost.b.add(product.b.count())
        cost.calls += 1
        for kind, name in enumerate(fpr.KINDS):
            cost.t[name] = self._board.t(product, kind)
            for result in self._board.measure(product, kind):
                side = product.b if result.serial == fpr.SERIAL_B else product.a
                cost.serial.add(side.letter)
                for counter in COUNTERS:
                    cost.kinds[name][counter] += getattr(result.counters, counter)

    def costs(self, steps: Optional[Iterable[int]] = None) -> list[Cost]:
        """Per layer and product over the steps (all), in order of first use."""
        merged: dict[tuple[str, str], Cost] = {}
        for step in self.steps if steps is None else steps:
            for key, cost in self.steps[step].items():
                into = merged.setdefault(key, Cost(
                    *key, a=Operands(cost.a.letter), b=Operands(cost.b.letter)))
                into.shape, into.t = cost.shape, cost.t
                into.serial |= cost.serial
                into.a.add(cost.a)
                into.b.add(cost.b)
                into.add(cost)
        order = {key[0]: index for index, key in reversed(list(enumerate(merged)))}
        return sorted(merged.values(),
                      key=lambda cost: (order[cost.layer], PRODUCTS.index(cost.product)))


def total(costs: list[Cost], product: Optional[str] = None) -> Cost:
    """The sum over all layers, of one product or of all three."""
    result = Cost("total", product or "all")
    for cost in costs:
        if product in (None, cost.product):
            result.add(cost)
    return result
