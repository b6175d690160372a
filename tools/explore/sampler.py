# SPDX-License-Identifier: MIT
"""Stands in for fprtrain's Board: computes products with torch, keeps tiles of their operands.

A tile is what one pass of the array sees: up to 8 rows of op(A), up to 8 columns of op(B),
and up to K_MAX of their products, cut out at multiples of 8, 8 and 64.
"""
from __future__ import annotations

import dataclasses
import random
import struct
from typing import BinaryIO, Optional

import torch

from fprtrain.board import Operand, Product

MAGIC = b"fpr-tiles 1\n\0\0\0\0"
TILES = 12       # kept of each layer and product
K_MAX = 1024
_SIDE, _CHUNK = 8, 64


@dataclasses.dataclass
class _Kept:
    """Of one layer's product in one step: a uniform sample of its tiles."""
    weight: int = 0      # cycles `dense` takes for all of them
    seen: int = 0
    tiles: list[tuple[torch.Tensor, torch.Tensor]] = dataclasses.field(default_factory=list)


def _side(product: Product, name: str, operand: Operand, rows: int, cols: int) -> torch.Tensor:
    """op(A) or op(B) as a view (batch, rows, cols)."""
    fields = product.fields
    transposed = fields.get(f"trans_{name}", 0)
    leading = fields.get(f"ld{name}", 0) or (rows if transposed else cols)
    strides = (1, leading) if transposed else (leading, 1)
    return operand.tensor.as_strided((product.batch, rows, cols),
                                     (fields.get(f"stride_{name}", 0), *strides))


def _terms(significand: int) -> int:
    return bin(significand ^ 3 * significand).count("1")


_TERMS = torch.tensor([_terms(128 + fraction) for fraction in range(128)])


def _by_terms(operand: torch.Tensor) -> torch.Tensor:
    """operand (rows, k) -> its rows in the order of their NAF digits."""
    bits = operand.contiguous().view(torch.int16).long()
    terms = _TERMS[bits & 127] * ((bits >> 7 & 255) != 0)
    return terms.sum(1).argsort(stable=True)


class Sampler:
    """The part of Board that ops.py calls.

    ordered: tiles are of rows and columns with about as many digits as each other,
        not of neighbours in memory.
    """

    def __init__(self, seed: str, ordered: bool = False):
        self._random, self._ordered = random.Random(seed), ordered
        self._kept: dict[tuple[str, str], _Kept] = {}

    @staticmethod
    def operand(letter: str, *shape: int) -> Operand:
        """An operand to fill in."""
        return Operand(letter, torch.empty(shape, dtype=torch.bfloat16), None)

    def round(self, letter: str, values: torch.Tensor, scale: float = 1.0) -> Operand:
        """values / scale, rounded to nearest even, packed."""
        operand = self.operand(letter, *values.shape)
        operand.tensor.copy_(values if scale == 1.0 else values / scale)
        return operand

    def run(self, product: Product) -> torch.Tensor:
        """C as a flat fp32 tensor; tiles of A and B are kept."""
        a = _side(product, "a", product.a, product.m, product.k)
        b = _side(product, "b", product.b, product.k, product.n)
        self._sample(product, a, b)
        result = torch.bmm(a.float(), b.float())
        if product.reduce:
            return result.sum(0).flatten()
        c = torch.empty(product.result_elements())
        leading = product.fields.get("ldc", 0) or product.n
        stride = product.fields.get("stride_c", 0) or product.m * product.n
        c.as_strided(result.shape, (stride, leading, 1)).copy_(result)
        return c

    def _cut(self, product: Product, a: torch.Tensor,
             b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        pick = self._random.randrange
        entry = pick(product.batch)
        row, col = (_SIDE * pick(-(-n // _SIDE)) for n in (product.m, product.n))
        k = _CHUNK * pick(max(0, product.k - K_MAX) // _CHUNK + 1)
        a, b = a[entry], b[entry].t()
        if self._ordered:
            rows = _by_terms(a)[row:row + _SIDE], _by_terms(b)[col:col + _SIDE]
        else:
            rows = slice(row, row + _SIDE), slice(col, col + _SIDE)
        return a[rows[0]][:, k:k + K_MAX].contiguous(), b[rows[1]][:, k:k + K_MAX].contiguous()

    def _sample(self, product: Product, a: torch.Tensor, b: torch.Tensor) -> None:
        """Reservoir sampling, as a recurrent layer's product runs many times in a step."""
        kept = self._kept.setdefault(product.key, _Kept())
        sets = -(-product.k // _SIDE)
        kept.weight += -(-product.m // _SIDE) * -(-product.n // _SIDE) * sets * product.batch
        for _ in range(TILES):
            kept.seen += 1
            at = len(kept.tiles) if len(kept.tiles) < TILES else self._random.randrange(kept.seen)
            if at < TILES:
                kept.tiles[at:at + 1] = [self._cut(product, a, b)]

    def write(self, file: BinaryIO, stage: int) -> int:
        """Append what was kept and forget it -> tiles written."""
        count = 0
        for (layer, name), kept in self._kept.items():
            for a, b in kept.tiles:
                file.write(struct.pack("<40s4sIIII4xd", layer.encode()[:39], name.encode(), stage,
                                       a.shape[0], b.shape[0], a.shape[1],
                                       kept.weight / len(kept.tiles)))
                for operand in (a, b):
                    file.write(operand.view(torch.int16).numpy().astype("<i2").tobytes())
                count += 1
        self._kept.clear()
        return count


def early_middle_late(steps: int) -> tuple[int, int, int]:
    """The steps that are recorded."""
    return max(2, steps // 20), steps // 2, steps
