# SPDX-License-Identifier: MIT
"""Matrix products of tensors on a board.

An Operand is a bfloat16 tensor that lives in a board buffer; a Product says
which two to multiply and how. Operands and results are leased from a pool:
a buffer returns to it when the last tensor that looks at it is gone.
"""
from __future__ import annotations

import collections
import dataclasses
import os
import weakref
from typing import Callable, Iterator, Optional

import fpr
import torch

from .choices import SPARSER
from .errors import UserError


@dataclasses.dataclass
class Operand:
    """A bfloat16 tensor in a board buffer, packed. letter: A, W or G."""
    letter: str
    tensor: torch.Tensor
    buffer: fpr.Buffer

    def count(self) -> fpr.OperandStats:
        """Zeros and terms of all values."""
        cols = self.tensor.shape[-1]
        return self.buffer.count(self.tensor.numel() // cols, cols)


@dataclasses.dataclass
class Product:
    """One of a layer's products: C (m x n) = op(a) op(b), `batch` times.

    name: AxW (forward), GxW (input gradient) or AxG (weight gradient).
    fields: leading dimensions, strides and transposes, as in struct fpr_gemm;
        stride_c and ldc only when batch entries interleave within a row of C.
    reduce: the batch entries add up in one C instead of having one each.
    """
    layer: str
    name: str
    a: Operand
    b: Operand
    m: int
    n: int
    k: int
    batch: int = 1
    fields: dict[str, int] = dataclasses.field(default_factory=dict)
    reduce: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells this product from the others of a step."""
        return self.layer, self.name

    def result_elements(self) -> int:
        """Elements of C."""
        if self.fields.get("ldc"):
            return self.m * self.fields["ldc"]
        return self.m * self.n * (1 if self.reduce else self.batch)


def _round_up(size: int) -> int:
    """Few distinct sizes, so that buffers are used again; at most a quarter more."""
    unit = max(4096, 1 << max(0, size.bit_length() - 3))
    return -(-size // unit) * unit


class _Pool:
    """Board buffers that are free, by size."""

    def __init__(self, device: fpr.Device):
        self._device = device
        self._free: dict[int, list[fpr.Buffer]] = {}

    def lease(self, dtype: torch.dtype, elements: int,
              width: int) -> tuple[torch.Tensor, fpr.Buffer]:
        """A flat tensor of undefined content and the buffer it lives in."""
        size = _round_up(elements * width)
        free = self._free.setdefault(size, [])
        buffer = free.pop() if free else self._device.buffer(size)
        mapping = buffer.exporter()
        weakref.finalize(mapping, free.append, buffer).atexit = False
        return torch.frombuffer(mapping, dtype=dtype, count=elements), buffer


_RECOUNT = 25


class Board:
    """A device, a queue, and the options that products run with.

    serial: a side, the library's `auto`, or `sparser`: the operand with fewer terms
    a value, counted in the first and every 25th run of each layer's product. `auto`
    compares whole operands, so a convolution's few weights win however dense.
    """

    def __init__(self, device: str, kind: str = fpr.KINDS[fpr.KIND_DEFAULT],
                 serial: str = SPARSER, threshold: Optional[int] = None):
        self.device = fpr.Device(device)
        self.info = self.device.info()
        self.kind = fpr.KINDS.index(kind)
        self._sparser = serial == SPARSER
        self._serial = fpr.SERIAL_AUTO if self._sparser else fpr.SERIALS.index(serial)
        self._sides: dict[tuple[str, str], int] = {}
        self._runs: collections.Counter[tuple[str, str]] = collections.Counter()
        self.threshold = threshold
        self.chosen: dict[tuple[str, str, int], int] = {}
        self.observers: list[Callable[[Product, torch.Tensor], None]] = []
        self.products = self.macs = 0
        self._queue = self.device.queue()
        self._pool = _Pool(self.device)

    def t(self, product: Product, kind: int) -> int:
        """The threshold `product` runs with on `kind`."""
        chosen = self.chosen.get((product.layer, product.name, kind))
        if chosen is not None:
            return chosen
        return fpr.default_t(kind) if self.threshold is None else self.threshold

    def reset(self) -> None:
        """Forget what earlier training chose, counted and watched."""
        self.chosen.clear()
        self._sides.clear()
        self._runs.clear()
        self.observers = []
        self.products = self.macs = 0

    def _choose_side(self, product: Product) -> None:
        """Once per run of a product."""
        if self._runs[product.key] % _RECOUNT == 0:
            a, b = product.a.count(), product.b.count()
            sparser = fpr.SERIAL_A if a.terms * b.values <= b.terms * a.values else fpr.SERIAL_B
            self._sides[product.key] = sparser
        self._runs[product.key] += 1

    def operand(self, letter: str, *shape: int) -> Operand:
        """An operand to fill in."""
        elements = 1
        for length in shape:
            elements *= length
        tensor, buffer = self._pool.lease(torch.bfloat16, elements, 2)
        return Operand(letter, tensor.view(shape), buffer)

    def round(self, letter: str, values: torch.Tensor, scale: float = 1.0) -> Operand:
        """values / scale, of any strides, rounded to nearest even, packed."""
        operand = self.operand(letter, *values.shape)
        operand.tensor.copy_(values if scale == 1.0 else values / scale)
        return operand

    def _jobs(self, product: Product, c: fpr.Buffer, kind: int, t: int,
              flags: int) -> Iterator[fpr.GemmJob]:
        batched = dict(product.fields)
        serial = self._sides.get(product.key, self._serial)
        entries = 1
        if product.reduce:
            entries = product.batch
            strides = batched.pop("stride_a", 0), batched.pop("stride_b", 0)
        else:
            batched["batch"] = product.batch
            batched.setdefault("stride_c", product.m * product.n)
            strides = 0, 0
        for entry in range(entries):
            yield fpr.gemm_job(product.a.buffer, product.b.buffer, c, product.m, product.n,
                               product.k, a_offset=2 * entry * strides[0],
                               b_offset=2 * entry * strides[1], flags=flags, kind=kind,
                               serial=serial, t=t, accumulate=int(entry > 0), **batched)

    def _finish(self, product: Product, jobs: list[fpr.GemmJob]) -> fpr.Fence:
        """Have jobs of the product computed."""
        fence = self._queue.submit(jobs)
        try:
            fence.wait()
        except fpr.FprError as error:
            name = self.info.name.decode()
            raise UserError(f"board {name} failed at {product.layer} {product.name}: "
                            f"{os.strerror(error.errno)}; to check it: "
                            f"fprctl selftest --device {name}") from None
        return fence

    def run(self, product: Product) -> torch.Tensor:
        """C as a flat fp32 tensor."""
        if max(product.m, product.n, product.k) > fpr.DIM_MAX:
            raise UserError(f"{product.layer}: a product of {product.m} x {product.n} x "
                            f"{product.k} is more than a board takes; use a smaller --batch")
        if self._sparser:
            self._choose_side(product)
        c, buffer = self._pool.lease(torch.float32, product.result_elements(), 4)
        jobs = list(self._jobs(product, buffer, self.kind, self.t(product, self.kind),
                               fpr.JOB_NO_COUNTERS))
        self._finish(product, jobs)
        self.products += 1
        self.macs += product.m * product.n * product.k * product.batch
        for observer in self.observers:
            observer(product, c)
        return c

    def values(self, product: Product, kind: int, t: int) -> torch.Tensor:
        """C of another kind and threshold, unobserved."""
        c, buffer = self._pool.lease(torch.float32, product.result_elements(), 4)
        self._finish(product, list(self._jobs(product, buffer, kind, t, fpr.JOB_NO_COUNTERS)))
        return c

    def measure(self, product: Product, kind: int) -> list[fpr.GemmResult]:
        """What each job of the product costs on `kind`; the values are thrown away."""
        _, buffer = self._pool.lease(torch.float32, product.result_elements(), 4)
        jobs = list(self._jobs(product, buffer, kind, self.t(product, kind), 0))
        fence = self._finish(product, jobs)
        return [fence.result(index) for index in range(len(jobs))]

    def record(self, product: Product, trace: fpr.TraceWriter, name: str) -> None:
        """Run the product once more, job by job, and append each to the trace."""
        c, buffer = self._pool.lease(torch.float32, product.result_elements(), 4)
        c.zero_()
        jobs = self._jobs(product, buffer, self.kind, self.t(product, self.kind), 0)
        for job in jobs:
            before = c.clone() if job.gemm.accumulate else None
            result = self._finish(product, [job]).result(0)
            job.gemm.serial = result.serial
            trace.append(name, job.gemm, product.a.buffer.address + job.a_offset,
                         product.b.buffer.address + job.b_offset, buffer.address,
                         c_in=before.data_ptr() if before is not None else None,
                         counters=result.counters)
