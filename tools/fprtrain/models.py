# SPDX-License-Identifier: MIT
"""The networks: all in terms of torch's own layers, which swap() replaces."""
from __future__ import annotations

import collections
import math

import torch
from torch import nn

from .errors import Missing
from .layers import MatMul


def cnn(classes: int) -> nn.Module:
    """VGG-like: x (N, 1, 32, 32) -> (N, classes); 9.8 million products an image."""
    layers: collections.OrderedDict[str, nn.Module] = collections.OrderedDict()
    inputs = 1
    for block, outputs in enumerate((16, 32, 64), 1):
        for half in "ab":
            layers[f"conv{block}{half}"] = nn.Conv2d(inputs, outputs, 3, padding=1)
            layers[f"relu{block}{half}"] = nn.ReLU()
            inputs = outputs
        layers[f"pool{block}"] = nn.MaxPool2d(2)
    layers.update(flatten=nn.Flatten(), fc1=nn.Linear(inputs * 16, 128), relu4=nn.ReLU(),
                  fc2=nn.Linear(128, classes))
    for layer in layers.values():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(layers)


def resnet18(classes: int) -> nn.Module:
    """torchvision's, with one input channel: x (N, 1, 32, 32) -> (N, classes)."""
    try:
        import torchvision
    except ImportError:
        raise Missing("torchvision is not installed", "python3-torchvision") from None
    model = torchvision.models.resnet18(num_classes=classes)
    model.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(model.conv1.weight, mode="fan_out")
    return model


class LSTMModel(nn.Module):
    """Predicts the next byte: x (N, T) -> (N, T, classes)"""

    def __init__(self, classes: int, width: int = 128):
        super().__init__()
        self.embedding = nn.Embedding(classes, width // 2)
        self.lstm = nn.LSTM(width // 2, width, batch_first=True)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        return self.head(self.lstm(self.embedding(x))[0])


class Attention(nn.Module):
    """Causal self-attention: x (N, T, width) -> (N, T, width)"""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.scores, self.mix = MatMul(), MatMul()
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        n, t, width = x.shape
        split = self.qkv(x).view(n, t, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        scores = self.scores(q, k.transpose(-1, -2)) / math.sqrt(width // self.heads)
        future = torch.ones(t, t, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj(self.mix(weights, v).transpose(1, 2).reshape(n, t, width))


class Block(nn.Module):
    """x (N, T, width) -> (N, T, width)"""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.fc2(torch.relu(self.fc1(self.norm2(x))))


class Transformer(nn.Module):
    """Predicts the next byte: x (N, T) -> (N, T, classes), T at most `context`"""

    def __init__(self, classes: int, context: int, width: int = 96, heads: int = 4,
                 blocks: int = 2):
        super().__init__()
        self.embedding = nn.Embedding(classes, width)
        self.position = nn.Parameter(0.02 * torch.randn(context, width))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(blocks)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.embedding(x) + self.position[:x.shape[1]]
        return self.head(self.norm(self.blocks(x)))


def build(name: str, classes: int, context: int) -> nn.Module:
    """A model by name, with torch's current random state."""
    if name == "cnn":
        return cnn(classes)
    if name == "resnet18":
        return resnet18(classes)
    if name == "lstm":
        return LSTMModel(classes)
    return Transformer(classes, context)
