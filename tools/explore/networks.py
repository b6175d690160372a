# SPDX-License-Identifier: MIT
"""The networks whose operands the explorer is fed with, and what they learn from."""
from __future__ import annotations

import dataclasses
from typing import Callable

import torch
from torch import nn
from torch.nn import functional

from fprtrain import models
from fprtrain.glyphs import Glyphs
from fprtrain.text import CONTEXT, Text


def _separable(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
            nn.BatchNorm2d(inputs), nn.ReLU(),
            nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def mobile(classes: int) -> nn.Module:
    """Depthwise and pointwise convolutions by turns, as in MobileNet: x (N, 1, 32, 32)."""
    layers = [nn.Conv2d(1, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
    for inputs, outputs, stride in ((32, 64, 2), (64, 128, 1), (128, 128, 2), (128, 256, 1)):
        layers += _separable(inputs, outputs, stride)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, classes))


USERS, ITEMS, TASTES = 2000, 5000, 8


class Clicks:
    """A made-up log: popular items are shown far more often, users click what suits them."""

    def __init__(self):
        generator = torch.Generator().manual_seed(7)
        self._users = torch.randn(USERS, TASTES, generator=generator)
        self._items = torch.randn(ITEMS, TASTES, generator=generator)
        self._shown = 1 / torch.arange(1, ITEMS + 1).float()

    def batch(self, seed: int, index: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(size, 2) of user and item, and whether the one clicked on the other."""
        generator = torch.Generator().manual_seed((seed << 24) + index)
        items = torch.multinomial(self._shown, size, replacement=True, generator=generator)
        users = torch.randint(USERS, (size,), generator=generator)
        liking = (self._users[users] * self._items[items]).sum(1) - 2
        clicked = torch.rand(size, generator=generator) < liking.sigmoid()
        return torch.stack([users, items], 1), clicked.float()


class Recommender(nn.Module):
    """Neural collaborative filtering: x (N, 2) -> a click's log odds (N,)"""

    def __init__(self, width: int = 64):
        super().__init__()
        self.users, self.items = nn.Embedding(USERS, width), nn.Embedding(ITEMS, width)
        self.mlp = nn.Sequential(nn.Linear(2 * width, 256), nn.ReLU(), nn.Linear(256, 128),
                                 nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 8),
                                 nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.mlp(torch.cat([self.users(x[:, 0]), self.items(x[:, 1])], 1)).squeeze(1)


def _classes(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(scores.flatten(0, -2), labels.flatten())


@dataclasses.dataclass(frozen=True)
class Network:
    """How one is built and trained."""
    data: Callable
    build: Callable
    steps: int
    batch: int
    rate: float
    prune: float = 0.0
    quantize: int = 0
    loss: Callable = _classes


NETWORKS = {
    "vgg": Network(Glyphs, models.cnn, 150, 48, 2e-3),
    "resnet": Network(Glyphs, models.resnet18, 60, 32, 1e-3),
    "mobile": Network(Glyphs, mobile, 120, 48, 4e-3),
    "lstm": Network(Text, models.LSTMModel, 200, 32, 1e-2),
    "transformer": Network(Text, lambda classes: models.Transformer(classes, CONTEXT), 200, 16,
                           4e-3),
    "recommender": Network(Clicks, lambda _: Recommender(), 400, 256, 2e-3,
                           loss=functional.binary_cross_entropy_with_logits),
    "resnet-pruned": Network(Glyphs, models.resnet18, 60, 32, 1e-3, prune=0.8),
    "resnet-4bit": Network(Glyphs, models.resnet18, 60, 32, 1e-3, quantize=4),
}
