# SPDX-License-Identifier: MIT
"""Autograd functions whose three products all run on a board.

AxW is the forward product, GxW the input's gradient, AxG the weight's. Operands
are rounded to bfloat16 once, in the forward pass or when the gradient arrives;
sums and results are fp32. A transposed operand is read as such, not copied.

A scale divides an operand before it is rounded and multiplies the result, so
that quantised tensors reach the array as the small integers they stand for.
"""
from __future__ import annotations

import dataclasses

import torch
from torch.autograd import Function

from .board import Board, Operand, Product


def _rows_by_weights(board: Board, key: tuple[str, str], rows: Operand, weights: Operand,
                     groups: int = 1) -> torch.Tensor:
    """rows (R, g K), weights (g O, K) -> (R, g O): each group's rows times its weights^T."""
    (r, width), (outputs, k) = rows.tensor.shape, weights.tensor.shape
    o = outputs // groups
    return board.run(Product(*key, rows, weights, r, o, k, groups, {
        "lda": width, "stride_a": k, "ldb": k, "stride_b": o * k, "trans_b": 1,
        "ldc": outputs, "stride_c": o})).view(r, outputs)


def _gradient_by_weights(board: Board, layer: str, gradient: Operand, weights: Operand,
                         groups: int = 1) -> torch.Tensor:
    """gradient (R, g O), weights (g O, K) -> (R, g K)."""
    (r, outputs), k = gradient.tensor.shape, weights.tensor.shape[1]
    o = outputs // groups
    return board.run(Product(layer, "GxW", gradient, weights, r, k, o, groups, {
        "lda": outputs, "stride_a": o, "ldb": k, "stride_b": o * k,
        "ldc": groups * k, "stride_c": k})).view(r, groups * k)


def _gradient_by_rows(board: Board, layer: str, gradient: Operand, rows: Operand,
                      groups: int = 1) -> torch.Tensor:
    """gradient (R, g O), rows (R, g K) -> (g O, K): each group's gradient^T times its rows."""
    (r, outputs), width = gradient.tensor.shape, rows.tensor.shape[1]
    o, k = outputs // groups, width // groups
    return board.run(Product(layer, "AxG", gradient, rows, o, k, r, groups, {
        "trans_a": 1, "lda": outputs, "stride_a": o, "ldb": width, "stride_b": k,
    })).view(outputs, k)


def _scaled(result: torch.Tensor, scale: float) -> torch.Tensor:
    return result if scale == 1.0 else result.mul_(scale)


class _Linear(Function):
    """x (..., I), w (O, I) -> (..., O)"""

    @staticmethod
    def forward(ctx, board, layer, x, w, x_scale, w_scale):
        ctx.board, ctx.layer, ctx.shape = board, layer, x.shape
        ctx.scales = x_scale, w_scale
        ctx.rows = board.round("A", x.reshape(-1, x.shape[-1]), x_scale)
        ctx.weights = board.round("W", w, w_scale)
        y = _rows_by_weights(board, (layer, "AxW"), ctx.rows, ctx.weights)
        return _scaled(y, x_scale * w_scale).view(*x.shape[:-1], w.shape[0])

    @staticmethod
    def backward(ctx, gradient):
        dx = dw = None
        g = ctx.board.round("G", gradient.reshape(-1, gradient.shape[-1]))
        if ctx.needs_input_grad[2]:
            dx = _gradient_by_weights(ctx.board, ctx.layer, g, ctx.weights)
            dx = _scaled(dx, ctx.scales[1]).view(ctx.shape)
        if ctx.needs_input_grad[3]:
            dw = _scaled(_gradient_by_rows(ctx.board, ctx.layer, g, ctx.rows), ctx.scales[0])
        return None, None, dx, dw, None, None


@dataclasses.dataclass
class Window:
    """How a convolution's kernel moves: (vertical, horizontal) each."""
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1

    def outputs(self, side: int, axis: int) -> int:
        """Output length for `side` inputs along an axis."""
        reach = self.dilation[axis] * (self.kernel[axis] - 1) + 1
        return (side + 2 * self.padding[axis] - reach) // self.stride[axis] + 1

    def backwards(self) -> Window:
        """The window that takes a stride-1 convolution's gradient to its input."""
        padding = [d * (k - 1) - p
                   for d, k, p in zip(self.dilation, self.kernel, self.padding)]
        return dataclasses.replace(self, padding=tuple(padding))

    def gathers(self) -> bool:
        """Is the input gradient itself a convolution of the same kind?"""
        return self.stride == (1, 1) and min(self.backwards().padding) >= 0


def _columns(board: Board, letter: str, x: torch.Tensor, window: Window,
             scale: float = 1.0) -> Operand:
    """x (N, C, H, W) -> (N OH OW, g kh kw C/g), channels innermost, zeros outside."""
    n, c, h, w = x.shape
    (kh, kw), (ph, pw) = window.kernel, window.padding
    (sh, sw), (dh, dw) = window.stride, window.dilation
    oh, ow, cg = window.outputs(h, 0), window.outputs(w, 1), c // window.groups
    operand = board.operand(letter, n * oh * ow, kh * kw * c)
    x = (x if scale == 1.0 else x / scale).permute(0, 2, 3, 1)
    padded = torch.zeros(n, h + 2 * ph, w + 2 * pw, c, dtype=torch.bfloat16)
    padded[:, ph:ph + h, pw:pw + w].copy_(x)
    image, row, pixel, _ = padded.stride()
    view = padded.as_strided((n, oh, ow, window.groups, kh, kw, cg),
                             (image, row * sh, pixel * sw, cg, row * dh, pixel * dw, 1))
    operand.tensor.view(view.shape).copy_(view)
    return operand


def _scatter(columns: torch.Tensor, shape: torch.Size, window: Window) -> torch.Tensor:
    """The adjoint of _columns: columns add up where they came from -> (N, C, H, W)."""
    n, c, h, w = shape
    (kh, kw), (ph, pw) = window.kernel, window.padding
    (sh, sw), (dh, dw) = window.stride, window.dilation
    oh, ow, g = window.outputs(h, 0), window.outputs(w, 1), window.groups
    columns = columns.view(n, oh, ow, g, kh, kw, c // g)
    padded = torch.zeros(n, h + 2 * ph, w + 2 * pw, g, c // g)
    for i in range(kh):
        for j in range(kw):
            padded[:, i * dh:i * dh + (oh - 1) * sh + 1:sh,
                   j * dw:j * dw + (ow - 1) * sw + 1:sw] += columns[..., i, j, :]
    inner = padded.view(n, h + 2 * ph, w + 2 * pw, c)[:, ph:ph + h, pw:pw + w]
    return inner.permute(0, 3, 1, 2)


def _turned(w: torch.Tensor, groups: int) -> torch.Tensor:
    """w (g O, C, kh, kw) -> (g C, kh kw O), taps in reverse order."""
    outputs, cg, kh, kw = w.shape
    turned = w.view(groups, outputs // groups, cg, kh, kw).flip(3, 4).permute(0, 2, 3, 4, 1)
    return turned.reshape(groups * cg, kh * kw * (outputs // groups))


class _Conv2d(Function):
    """x (N, C, H, W), w (O, C/g, kh, kw) -> (N, O, OH, OW), channels last in memory"""

    @staticmethod
    def forward(ctx, board, layer, x, w, window, x_scale, w_scale):
        ctx.board, ctx.layer, ctx.window, ctx.shape = board, layer, window, x.shape
        ctx.scales = x_scale, w_scale
        ctx.columns = _columns(board, "A", x, window, x_scale)
        ctx.weights = board.round("W", w.permute(0, 2, 3, 1).reshape(w.shape[0], -1), w_scale)
        ctx.save_for_backward(w)
        y = _rows_by_weights(board, (layer, "AxW"), ctx.columns, ctx.weights, window.groups)
        n, _, h, width = x.shape
        y = _scaled(y, x_scale * w_scale)
        return y.view(n, window.outputs(h, 0), window.outputs(width, 1), -1).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx, gradient):
        board, layer, window, (w,) = ctx.board, ctx.layer, ctx.window, ctx.saved_tensors
        dx = dw = None
        if ctx.needs_input_grad[2]:
            if window.gathers():
                turned = board.round("W", _turned(w, window.groups), ctx.scales[1])
                rows = _columns(board, "G", gradient, window.backwards())
                dx = _rows_by_weights(board, (layer, "GxW"), rows, turned, window.groups)
                n, c, h, width = ctx.shape
                dx = dx.view(n, h, width, c).permute(0, 3, 1, 2)
            else:
                dx = _scatter(_gradient_by_weights(board, layer, _pixels(board, gradient),
                                                   ctx.weights, window.groups), ctx.shape, window)
            dx = _scaled(dx, ctx.scales[1])
        if ctx.needs_input_grad[3]:
            dw = _gradient_by_rows(board, layer, _pixels(board, gradient), ctx.columns,
                                   window.groups)
            outputs, cg, kh, kw = w.shape
            dw = _scaled(dw, ctx.scales[0]).view(outputs, kh, kw, cg).permute(0, 3, 1, 2)
        return None, None, dx, dw, None, None, None


def _pixels(board: Board, gradient: torch.Tensor) -> Operand:
    """gradient (N, O, OH, OW) -> (N OH OW, O)"""
    return board.round("G", gradient.permute(0, 2, 3, 1).reshape(-1, gradient.shape[1]))


@dataclasses.dataclass
class _Side:
    """An operand of a batched product: stored (batch or 1, rows, cols), maybe transposed."""
    operand: Operand
    transposed: int
    shared: bool

    def leading(self, name: str, flip: bool = False) -> dict[str, int]:
        """The fields of operand `name`; flip: used as its transpose."""
        _, rows, cols = self.operand.tensor.shape
        return {f"trans_{name}": self.transposed ^ flip, f"ld{name}": cols,
                f"stride_{name}": 0 if self.shared else rows * cols}


def _side(board: Board, letter: str, x: torch.Tensor) -> _Side:
    """x (B, R, C) or (R, C), stored as it lies in memory."""
    shared = x.dim() == 2
    x = x.unsqueeze(0) if shared else x
    transposed = int(x.stride(-1) != 1 and x.stride(-2) == 1)
    return _Side(board.round(letter, x.transpose(1, 2) if transposed else x), transposed, shared)


class _MatMul(Function):
    """a (B, M, K) or (M, K), b (B, K, N) or (K, N), not both 2-D -> (B, M, N)"""

    @staticmethod
    def forward(ctx, board, layer, a, b):
        ctx.board, ctx.layer = board, layer
        ctx.a, ctx.b = _side(board, "A", a), _side(board, "W", b)
        batch = a.shape[0] if a.dim() == 3 else b.shape[0]
        ctx.sizes = batch, a.shape[-2], b.shape[-1], a.shape[-1]
        batch, m, n, k = ctx.sizes
        return board.run(Product(layer, "AxW", ctx.a.operand, ctx.b.operand, m, n, k, batch, {
            **ctx.a.leading("a"), **ctx.b.leading("b")})).view(batch, m, n)

    @staticmethod
    def backward(ctx, gradient):
        batch, m, n, k = ctx.sizes
        da = db = None
        g = _side(ctx.board, "G", gradient)
        if ctx.needs_input_grad[2]:
            shape = (m, k) if ctx.a.shared else (batch, m, k)
            da = ctx.board.run(Product(
                ctx.layer, "GxW", g.operand, ctx.b.operand, m, k, n, batch,
                {**g.leading("a"), **ctx.b.leading("b", flip=True)}, ctx.a.shared)).view(shape)
        if ctx.needs_input_grad[3]:
            shape = (k, n) if ctx.b.shared else (batch, k, n)
            db = ctx.board.run(Product(
                ctx.layer, "AxG", ctx.a.operand, g.operand, k, n, m, batch,
                {**ctx.a.leading("a", flip=True), **g.leading("b")}, ctx.b.shared)).view(shape)
        return None, None, da, db


def linear(board: Board, layer: str, x: torch.Tensor, w: torch.Tensor, x_scale: float = 1.0,
           w_scale: float = 1.0) -> torch.Tensor:
    """x (..., I) times w (O, I) transposed."""
    return _Linear.apply(board, layer, x, w, x_scale, w_scale)


def conv2d(board: Board, layer: str, x: torch.Tensor, w: torch.Tensor, window: Window,
           x_scale: float = 1.0, w_scale: float = 1.0) -> torch.Tensor:
    """x (N, C, H, W) convolved with w (O, C/g, kh, kw)."""
    return _Conv2d.apply(board, layer, x, w, window, x_scale, w_scale)


def matmul(board: Board, layer: str, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a (..., M, K) times b (..., K, N); leading dimensions broadcast."""
    if a.dim() == 2 and b.dim() == 2:
        return _MatMul.apply(board, layer, a.unsqueeze(0), b)[0]
    lead = torch.broadcast_shapes(a.shape[:-2], b.shape[:-2])

    def three(x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 2:
            return x
        return x.expand(*lead, *x.shape[-2:]).flatten(0, -3)

    y = _MatMul.apply(board, layer, three(a), three(b))
    return y.view(*lead, *y.shape[-2:])
