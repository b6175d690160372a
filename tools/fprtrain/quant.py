# SPDX-License-Identifier: MIT
"""Quantisation-aware training in the style of PACT (Choi et al., 2018).

Activations: a layer clips its input to 0..alpha and rounds it to 2^bits - 1 steps of
alpha / (2^bits - 1). alpha is a parameter: its gradient sums over the values it clips,
and weight decay pulls it down; all others pass the gradient straight through.

Weights: symmetric, codes -(2^(bits-1) - 1) .. 2^(bits-1) - 1 times a step. In the spirit
of SAWB the step follows the weights' distribution: of 32 fractions of their largest
magnitude the one with the least squared error, searched anew every 25 steps.
Gradients pass straight through.

As in PACT the first and the last layer are left alone, and so are gradients. The
codes are what the array multiplies: the steps are factored out of a product.
"""
from __future__ import annotations

import torch
from torch import nn
from torch.autograd import Function

ALPHA_START = 4.0
ALPHA_DECAY = 5e-4
_SEARCH_EVERY = 25
_SEARCH_VALUES = 16384


class _Clip(Function):
    """x of any shape, alpha () -> the nearest code times alpha / levels"""

    @staticmethod
    def forward(ctx, x, alpha, levels):
        ctx.save_for_backward(x, alpha)
        step = alpha / levels
        return torch.minimum(x.clamp(min=0), alpha).div_(step).round_().mul_(step)

    @staticmethod
    def backward(ctx, gradient):
        x, alpha = ctx.saved_tensors
        above = x >= alpha
        inside = (x > 0) & ~above
        return gradient * inside, (gradient * above).sum().view_as(alpha), None


class Activations(nn.Module):
    """x -> x quantised, and the step its codes are multiples of"""

    def __init__(self, bits: int):
        super().__init__()
        self.levels = 2 ** bits - 1
        self.alpha = nn.Parameter(torch.tensor(ALPHA_START))

    def forward(self, x):
        with torch.no_grad():
            self.alpha.clamp_(min=1e-3)
        return _Clip.apply(x, self.alpha, self.levels), float(self.alpha) / self.levels


class _Round(Function):
    """w of any shape -> the nearest code times step"""

    @staticmethod
    def forward(ctx, w, step, largest):
        return (w / step).round_().clamp_(-largest, largest).mul_(step)

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None, None


def best_step(w: torch.Tensor, largest: int) -> float:
    """The step whose codes -largest..largest err least on w, among 32."""
    values = w.detach().flatten()
    values = values[::max(1, values.numel() // _SEARCH_VALUES)]
    top = float(values.abs().max())
    if top == 0:
        return 1.0
    steps = top / largest * torch.arange(1, 33) / 32
    codes = (values / steps.unsqueeze(1)).round_().clamp_(-largest, largest)
    errors = (codes * steps.unsqueeze(1) - values).square().sum(1)
    return float(steps[errors.argmin()])


class Weights(nn.Module):
    """w -> w quantised, and the step its codes are multiples of"""

    def __init__(self, bits: int):
        super().__init__()
        self.largest = 2 ** (bits - 1) - 1
        self._calls, self._step = 0, 1.0

    def forward(self, w):
        if self.training or self._calls == 0:
            if self._calls % _SEARCH_EVERY == 0:
                self._step = best_step(w, self.largest)
            self._calls += 1
        return _Round.apply(w, self._step, self.largest), self._step


def quantize(layers: list[nn.Module], bits: int) -> list[nn.Parameter]:
    """Give all layers but the first and last quantisers -> the alphas."""
    for layer in layers[1:-1]:
        layer.quantize_input, layer.quantize_weight = Activations(bits), Weights(bits)
    return [layer.quantize_input.alpha for layer in layers[1:-1]]
