# SPDX-License-Identifier: MIT
"""Layers that leave their products to whatever a Switch points at.

swap() puts them in place of torch's own, with the same parameters, so a model
is one object whether a board, torch in fp32 or torch in bfloat16 computes it.
"""
from __future__ import annotations

from typing import Optional, Protocol

import torch
from torch import nn
from torch.nn import functional

from . import ops
from .board import Board
from .errors import USAGE, UserError


class Products(Protocol):
    """What computes: shapes are those of torch's functions of the same names."""

    def linear(self, layer: str, x, w, x_scale: float, w_scale: float) -> torch.Tensor: ...

    def conv2d(self, layer: str, x, w, window: ops.Window, x_scale: float,
               w_scale: float) -> torch.Tensor: ...

    def matmul(self, layer: str, a, b) -> torch.Tensor: ...


class OnBoard:
    """Every product on the board."""

    def __init__(self, board: Board):
        self.board = board

    def linear(self, layer, x, w, x_scale, w_scale):
        return ops.linear(self.board, layer, x, w, x_scale, w_scale)

    def conv2d(self, layer, x, w, window, x_scale, w_scale):
        return ops.conv2d(self.board, layer, x, w, window, x_scale, w_scale)

    def matmul(self, layer, a, b):
        return ops.matmul(self.board, layer, a, b)


class Native:
    """PyTorch's own kernels, in fp32."""

    def enter(self, x: torch.Tensor, scale: float) -> torch.Tensor:
        """An operand as the kernel takes it."""
        return x

    def leave(self, y: torch.Tensor, scale: float) -> torch.Tensor:
        """A result as the next layer takes it."""
        return y

    def linear(self, layer, x, w, x_scale, w_scale):
        y = functional.linear(self.enter(x, x_scale), self.enter(w, w_scale))
        return self.leave(y, x_scale * w_scale)

    def conv2d(self, layer, x, w, window, x_scale, w_scale):
        y = functional.conv2d(self.enter(x, x_scale), self.enter(w, w_scale), None, window.stride,
                              window.padding, window.dilation, window.groups)
        return self.leave(y, x_scale * w_scale)

    def matmul(self, layer, a, b):
        return self.leave(self.enter(a, 1.0) @ self.enter(b, 1.0), 1.0)


def _cpu_has(*flags: str) -> bool:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as cpuinfo:
            words = next((line.split() for line in cpuinfo if line.startswith("flags")), [])
    except OSError:
        return False
    return set(flags) <= set(words)


class NativeBf16(Native):
    """PyTorch's own kernels with operands, results and gradients in bfloat16.

    Where oneDNN has no bfloat16 kernels for this CPU, its fp32 kernels work on
    the same rounded values: torch's fallback would take minutes a step.
    """

    def __init__(self):
        self.real = _cpu_has("avx512bw", "avx512vl", "avx512dq")

    def enter(self, x, scale):
        x = (x if scale == 1.0 else x / scale).bfloat16()
        return x if self.real else x.float()

    def leave(self, y, scale):
        y = y.bfloat16().float()
        return y if scale == 1.0 else y * scale


class Switch:
    """What computes now; all layers of a model share one."""

    def __init__(self, products: Products):
        self.now = products


class _Layer(nn.Module):
    """A layer with a weight, a name, and perhaps quantisers of its operands."""

    def __init__(self, name: str, switch: Switch, weight: nn.Parameter,
                 bias: Optional[nn.Parameter]):
        super().__init__()
        self.name, self.switch = name, switch
        self.weight = weight
        self.register_parameter("bias", bias)
        self.quantize_input: Optional[nn.Module] = None
        self.quantize_weight: Optional[nn.Module] = None

    def operands(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float, float]:
        """x and the weight as they are multiplied, and the scales of their codes."""
        x_scale = w_scale = 1.0
        w = self.weight
        if self.quantize_input is not None:
            x, x_scale = self.quantize_input(x)
        if self.quantize_weight is not None:
            w, w_scale = self.quantize_weight(w)
        return x, w, x_scale, w_scale


class Linear(_Layer):
    """nn.Linear: x (..., I) -> (..., O)"""

    def forward(self, x):
        x, w, x_scale, w_scale = self.operands(x)
        y = self.switch.now.linear(self.name, x, w, x_scale, w_scale)
        return y if self.bias is None else y + self.bias


class Conv2d(_Layer):
    """nn.Conv2d: x (N, C, H, W) -> (N, O, OH, OW)"""

    def __init__(self, name: str, switch: Switch, conv: nn.Conv2d):
        if conv.padding_mode != "zeros" or isinstance(conv.padding, str):
            raise UserError(f"{name}: only zero padding given in numbers is supported", USAGE)
        super().__init__(name, switch, conv.weight, conv.bias)
        self.window = ops.Window(tuple(conv.kernel_size), tuple(conv.stride), tuple(conv.padding),
                                 tuple(conv.dilation), conv.groups)

    def forward(self, x):
        x, w, x_scale, w_scale = self.operands(x)
        y = self.switch.now.conv2d(self.name, x, w, self.window, x_scale, w_scale)
        return y if self.bias is None else y + self.bias.view(1, -1, 1, 1)


class MatMul(nn.Module):
    """a (..., M, K), b (..., K, N) -> (..., M, N); models hold it where they multiply tensors"""

    def __init__(self):
        super().__init__()
        self.name, self.switch = "", Switch(Native())

    def forward(self, a, b):
        return self.switch.now.matmul(self.name, a, b)


class LSTM(nn.Module):
    """nn.LSTM, batch first, one direction: x (N, T, I) -> (N, T, H), None

    One product takes the input of all time steps to the gates; each step adds
    one product of the hidden state.
    """

    def __init__(self, name: str, switch: Switch, lstm: nn.LSTM):
        if lstm.bidirectional or not lstm.batch_first or lstm.proj_size or lstm.dropout:
            raise UserError(f"{name}: only batch-first LSTMs of one direction, without "
                            "projection and dropout, are supported", USAGE)
        super().__init__()
        self.hidden = lstm.hidden_size
        self.inputs, self.states = nn.ModuleList(), nn.ModuleList()
        for i in range(lstm.num_layers):
            for layers, part in ((self.inputs, "ih"), (self.states, "hh")):
                layers.append(Linear(f"{name}.{part}{i}", switch,
                                     getattr(lstm, f"weight_{part}_l{i}"),
                                     getattr(lstm, f"bias_{part}_l{i}", None)))

    def forward(self, x):
        for inputs, states in zip(self.inputs, self.states):
            h = c = x.new_zeros(x.shape[0], self.hidden)
            outputs = []
            for gates in inputs(x).unbind(1):
                i, f, g, o = (gates + states(h)).chunk(4, 1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                outputs.append(h)
            x = torch.stack(outputs, 1)
        return x, None


def swap(model: nn.Module, switch: Switch, prefix: str = "") -> None:
    """Replace every layer with products inside `model`, parameters kept."""
    for name, child in list(model.named_children()):
        path = f"{prefix}{name}"
        if isinstance(child, nn.Linear):
            setattr(model, name, Linear(path, switch, child.weight, child.bias))
        elif isinstance(child, nn.Conv2d):
            setattr(model, name, Conv2d(path, switch, child))
        elif isinstance(child, nn.LSTM):
            setattr(model, name, LSTM(path, switch, child))
        elif isinstance(child, MatMul):
            child.name, child.switch = path, switch
        else:
            swap(child, switch, path + ".")


def product_layers(model: nn.Module) -> list[_Layer]:
    """The layers with weights, in the order they were built."""
    return [module for module in model.modules() if isinstance(module, _Layer)]
