# SPDX-License-Identifier: MIT
"""Magnitude pruning during training.

The share of zeros s rises from 0 to the aim f along s = f (1 - (1 - p)^3), where
p runs from 0 to 1 between START and END of the steps (Zhu and Gupta, "To prune,
or not to prune", 2017). Every few steps the smallest weights of each layer, up to
the share then due, are masked; masked weights are set to zero after every update and
stay masked. Each layer is pruned to the same share; the first, whose few weights
see the image, is left alone.
"""
from __future__ import annotations

import torch
from torch import nn

START, END = 0.2, 0.6
UPDATES = 20


def share_due(aim: float, done: float) -> float:
    """Share of zeros due when `done` (0..1) of the steps are behind."""
    progress = min(1.0, max(0.0, (done - START) / (END - START)))
    return aim * (1 - (1 - progress) ** 3)


class Pruner:
    """Masks for a model's weights, tightened as training goes on."""

    def __init__(self, layers: list[nn.Module], aim: float, steps: int):
        self._weights = [layer.weight for layer in layers[1:]]
        self._masks = [torch.ones_like(weight) for weight in self._weights]
        self._aim, self._steps = aim, steps
        self._every = max(1, round(steps * (END - START) / UPDATES))

    def step(self, number: int) -> None:
        """After update `number` (1..steps): tighten when due, apply always."""
        end = -(-self._steps * END // 1)
        if number % self._every == 0 and number < end or number == end:
            self._tighten(share_due(self._aim, number / self._steps))
        with torch.no_grad():
            for weight, mask in zip(self._weights, self._masks):
                weight.mul_(mask)

    def _tighten(self, share: float) -> None:
        for weight, mask in zip(self._weights, self._masks):
            count = int(share * weight.numel())
            order = (weight.detach().abs() * mask).flatten().argsort()
            mask.view(-1)[order[:count]] = 0

    def share(self) -> float:
        """Zeros among the pruned layers' weights."""
        zeros = sum(int((mask == 0).sum()) for mask in self._masks)
        return zeros / sum(mask.numel() for mask in self._masks)
