# SPDX-License-Identifier: MIT
"""A threshold T for every layer and product, chosen while training.

T says how far below the largest product of a sum terms are still added: it is the
fraction width of the accumulator. Sakr et al. (2019) predict from the variance a
narrow accumulator loses how narrow each layer's may be; here the loss is measured.

Rule: every so many steps each product is run with T = 15 and with smaller T. The T
chosen is the smallest for which |C_T - C_15| <= E |C_15| (Frobenius norms), found
by bisection; if a layer has several such products in a step, the largest T of theirs.
It holds until the next choice, for values and cycles alike. E is 2^-6 (WIDTH_BOUND): noise of
1.6 % of a product's norm is far below what drawing another batch does to a gradient.
"""
from __future__ import annotations

import fpr
import torch

from .board import Board, Product

KINDS = (fpr.CHUNK, fpr.SET)
SAME_BITS = {fpr.VALUE: fpr.CHUNK}


def relative_error(c: torch.Tensor, reference: torch.Tensor) -> float:
    """|c - reference| / |reference|, 0 for two zeros, over finite elements."""
    finite = torch.isfinite(reference)
    c, reference = c[finite].double(), reference[finite].double()
    norm = reference.norm()
    return float((c - reference).norm() / norm) if norm > 0 else float(c.norm())


def smallest_t(error, bound: float) -> int:
    """The smallest T in 0..15 with error(T) <= bound, for a falling error."""
    low, high = 0, fpr.T_MAX
    while low < high:
        middle = (low + high) // 2
        if error(middle) <= bound:
            high = middle
        else:
            low = middle + 1
    return low


class PerLayer:
    """Watches a board; while active, chooses the T of every product that runs."""

    def __init__(self, board: Board, bound: float):
        self._board, self._bound = board, bound
        self._choosing: dict[tuple[str, str, int], int] = {}
        self.active = False
        self.history: dict[int, dict[tuple[str, str, int], int]] = {}

    def __call__(self, product: Product, _: torch.Tensor) -> None:
        if not self.active:
            return
        for kind in KINDS:
            reference = self._board.values(product, kind, fpr.T_MAX)
            t = smallest_t(lambda t, kind=kind, reference=reference: relative_error(
                self._board.values(product, kind, t), reference), self._bound)
            key = (*product.key, kind)
            self._choosing[key] = max(t, self._choosing.get(key, 0))

    def commit(self, step: int) -> None:
        """What was chosen in `step` holds from now on."""
        self._board.chosen.update(self._choosing)
        for kind, like in SAME_BITS.items():
            self._board.chosen.update({(*key[:2], kind): t for key, t in self._choosing.items()
                                       if key[2] == like})
        self.history[step] = self._choosing
        self._choosing = {}
