#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Products and gradients on the board: against torch, and bit for bit against exact arithmetic."""
import itertools
import pathlib
import sys
import unittest
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import train_env

train_env.need("numpy", "torch")

import numpy
import torch
from torch.nn import functional

import fpr
from fprtrain import ops
from fprtrain.board import Board, Product
from fprtrain.layers import LSTM, OnBoard, Switch


def rounded(x: torch.Tensor) -> torch.Tensor:
    """What bfloat16 keeps of x."""
    return x.bfloat16().float()


class AgainstTorch(unittest.TestCase):
    """The same function of the same rounded operands, summed by torch in fp32."""

    @classmethod
    def setUpClass(cls):
        cls.board = Board("local", serial="a")

    def setUp(self):
        torch.manual_seed(1)

    def check(self, ours, theirs, *shapes, products=3):
        """Compare results and gradients; ours must have made `products` products."""
        inputs = [torch.randn(shape).requires_grad_() for shape in shapes]
        exact = [rounded(x.detach()).requires_grad_() for x in inputs]
        before = self.board.products
        y, z = ours(*inputs), theirs(*exact)
        self.assertEqual(y.shape, z.shape)
        gradient = rounded(torch.randn_like(z))
        y.backward(gradient)
        z.backward(gradient)
        self.assertEqual(self.board.products - before, products)
        for mine, reference in [(y, z)] + [(x.grad, e.grad) for x, e in zip(inputs, exact)]:
            error = (mine - reference).norm() / reference.norm()
            self.assertLess(float(error), 2e-4)

    def test_linear(self):
        self.check(lambda x, w: ops.linear(self.board, "", x, w), functional.linear,
                   (3, 5, 70), (9, 70))

    def test_matmul(self):
        for a, b in (((5, 17), (17, 9)), ((4, 5, 17), (4, 17, 9)), ((2, 3, 5, 17), (2, 3, 17, 9)),
                     ((4, 5, 17), (17, 9)), ((5, 17), (4, 17, 9)), ((1, 3, 5, 7), (4, 1, 7, 9))):
            with self.subTest(a=a, b=b):
                self.check(lambda x, y: ops.matmul(self.board, "", x, y), torch.matmul, a, b)

    def test_matmul_of_transposed_views(self):
        self.check(lambda x, y: ops.matmul(self.board, "", x.transpose(1, 2), y.transpose(1, 2)),
                   lambda x, y: x.transpose(1, 2) @ y.transpose(1, 2), (4, 17, 5), (4, 9, 17))

    def test_conv2d(self):
        cases = itertools.product(((1, 1), (2, 2), (2, 1)), ((0, 0), (1, 2), (3, 3)),
                                  ((1, 1), (2, 2)), (1, 2, 6), ((1, 1), (3, 3), (3, 2)))
        for stride, padding, dilation, groups, kernel in cases:
            window = ops.Window(kernel, stride, padding, dilation, groups)
            with self.subTest(window=window):
                self.check(lambda x, w, window=window: ops.conv2d(self.board, "", x, w, window),
                           lambda x, w, s=stride, p=padding, d=dilation, g=groups:
                           functional.conv2d(x, w, None, s, p, d, g),
                           (2, 6, 9, 8), (12, 6 // groups, *kernel))

    def test_scales_do_not_change_what_is_computed(self):
        self.check(lambda x, w: ops.linear(self.board, "", x, w, 0.25, 4.0), functional.linear,
                   (6, 33), (9, 33))

    def test_lstm(self):
        theirs = torch.nn.LSTM(6, 10, num_layers=2, batch_first=True)
        ours = LSTM("lstm", Switch(OnBoard(self.board)), theirs)
        x = torch.randn(3, 5, 6)
        y, z = ours(x)[0], theirs(x)[0]
        self.assertLess(float((y - z).norm() / z.norm()), 2e-2)
        target = torch.randn_like(y)
        gradients = [torch.autograd.grad((out * target).sum(), list(theirs.parameters()))
                     for out in (y, z)]
        for mine, reference in zip(*gradients):
            self.assertLess(float((mine - reference).norm() / reference.norm()), 3e-2)


class SerialSide(unittest.TestCase):
    """Which operand is recoded to terms."""

    def side(self, serial: str, a: torch.Tensor, b: torch.Tensor) -> int:
        """a (M, K), b (N, K): the side that was serial."""
        board = Board("local", serial=serial)
        (m, k), n = a.shape, b.shape[0]
        product = Product("layer", "AxW", board.round("A", a), board.round("W", b), m, n, k, 1,
                          {"trans_b": 1})
        board.run(product)
        return board.measure(product, fpr.CHUNK)[0].serial

    def test_sparser_goes_by_terms_a_value(self):
        torch.manual_seed(5)
        large = torch.randn(80, 64) * (torch.rand(80, 64) < 0.4)
        small = torch.randn(8, 64)
        self.assertEqual(self.side("sparser", large, small), fpr.SERIAL_A)
        self.assertEqual(self.side("sparser", small, large), fpr.SERIAL_B)
        self.assertEqual(self.side("sparser", small, small), fpr.SERIAL_A)
        self.assertEqual(self.side("auto", large, small), fpr.SERIAL_B)
        self.assertEqual(self.side("a", large, small), fpr.SERIAL_A)
        self.assertEqual(self.side("b", large, small), fpr.SERIAL_B)


def parts(x: float) -> tuple[int, int, int]:
    """A finite bfloat16 -> sign, significand, exponent; significand 0 for zero."""
    bits = int(numpy.float32(x).view(numpy.uint32)) >> 16
    field = bits >> 7 & 255
    return (-1 if bits >> 15 else 1), (128 + (bits & 127)) if field else 0, field - 127


def digits(significand: int) -> list[tuple[int, int]]:
    """Non-adjacent form: (position, -1 or 1)."""
    found, position = [], 0
    while significand:
        if significand & 1:
            digit = 2 - (significand & 3)
            found.append((position, digit))
            significand -= digit
        significand >>= 1
        position += 1
    return found


def exact_dot(serial: list[float], parallel: list[float], t: int) -> numpy.float32:
    """A sum of products by the numerics contract of `chunk`, in rationals."""
    out = numpy.float32(0)
    for first in range(0, len(serial), 64):
        s = [parts(x) for x in serial[first:first + 64]]
        p = [parts(x) for x in parallel[first:first + 64]]
        tops = [max((e for _, m, e in side if m), default=None) for side in (s, p)]
        if None in tops:
            continue
        top, total = sum(tops), Fraction(0)
        for (s_sign, s_m, s_e), (p_sign, p_m, p_e) in zip(s, p):
            for position, digit in digits(s_m) if p_m else ():
                k = top - (s_e + p_e) + 7 - position
                if k <= t:
                    total += Fraction(2) ** (top - 7 - k) * s_sign * p_sign * digit * p_m
        # A chunk's sum has at most 32 bits, so the way through double is exact.
        out = numpy.float32(out + numpy.float32(float(total)))
    return out


def spread(*shape: int) -> torch.Tensor:
    """Rounded values over many binades, some zero."""
    x = torch.randn(shape) * torch.exp2(torch.randint(-9, 4, shape).float())
    return rounded(x * (torch.rand(shape) > 0.2))


class BitForBit(unittest.TestCase):
    """Every element of all three products, for both serial sides and two thresholds."""

    def setUp(self):
        torch.manual_seed(2)

    def compare(self, ours: torch.Tensor, side: str, t: int, pairs):
        """pairs: per element of ours, flat, the two vectors of its sum (A's, B's)."""
        count = 0
        for value, (a, b) in zip(ours.detach().flatten().tolist(), pairs):
            a, b = a.tolist(), b.tolist()
            expected = exact_dot(a, b, t) if side == "a" else exact_dot(b, a, t)
            self.assertEqual(numpy.float32(value).view(numpy.uint32),
                             expected.view(numpy.uint32))
            count += 1
        self.assertEqual(count, ours.numel())

    def test_linear(self):
        for side, t in itertools.product("ab", (6, 15)):
            board = Board("local", serial=side, threshold=t)
            x, w, g = spread(10, 70), spread(5, 70), spread(10, 5)
            x.requires_grad_()
            w.requires_grad_()
            y = ops.linear(board, "", x, w)
            y.backward(g)
            x, w, dx, dw = x.detach(), w.detach(), x.grad, w.grad
            self.compare(y, side, t, ((x[i], w[j]) for i in range(10) for j in range(5)))
            self.compare(dx, side, t, ((g[i], w[:, j]) for i in range(10) for j in range(70)))
            self.compare(dw, side, t, ((g[:, i], x[:, j]) for i in range(5) for j in range(70)))

    def test_conv2d(self):
        """Sums of at most 64 products, so that the order of a window's values cannot matter."""
        board = Board("local", serial="a", threshold=7)
        x, w, g = spread(2, 3, 5, 4).requires_grad_(), spread(4, 3, 3, 3), spread(2, 4, 5, 4)
        w.requires_grad_()
        y = ops.conv2d(board, "", x, w, ops.Window((3, 3), padding=(1, 1)))
        y.backward(g)
        padded = functional.pad(x.detach(), (1, 1, 1, 1))
        weights = w.detach()
        self.compare(y, "a", 7, (
            (padded[n, :, i:i + 3, j:j + 3].flatten(), weights[o].flatten())
            for n in range(2) for o in range(4) for i in range(5) for j in range(4)))
        self.compare(w.grad, "a", 7, (
            (g[:, o].flatten(), padded[:, c, i:i + 5, j:j + 4].flatten())
            for o in range(4) for c in range(3) for i in range(3) for j in range(3)))
        around = functional.pad(g, (1, 1, 1, 1))
        turned = weights.flip(2, 3)
        self.compare(x.grad, "a", 7, (
            (around[n, :, i:i + 3, j:j + 3].flatten(), turned[:, c].flatten())
            for n in range(2) for c in range(3) for i in range(5) for j in range(4)))


if __name__ == "__main__":
    unittest.main()
