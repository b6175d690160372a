# SPDX-License-Identifier: MIT
"""libfpr from Python: a thin ctypes binding without logic of its own.

Structures and calls are those of the C headers, which say shapes, units and
ownership; a test compares their layouts with the compiler's. Calls that fail
raise FprError, an OSError with the library's errno.

    device = fpr.Device("local")
    a, b, c = (device.buffer(64 * 64 * size) for size in (2, 2, 4))
    job = fpr.gemm_job(a, b, c, 64, 64, 64)
    fence = device.queue().submit([job])
    fence.wait()
    print(fence.result(0).counters.cycles_total)
    sums = c.array("<f4", (64, 64))         # numpy; c.memory() needs no numpy

The library is $FPR_LIBRARY, else build/lib/libfpr.so of this checkout, else that of
the PREFIX that this module was installed below, else the system's.
"""
from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
import pathlib
from ctypes import (POINTER, Structure, byref, c_char, c_char_p, c_int, c_int32, c_int64,
                    c_size_t, c_ubyte, c_uint8, c_uint32, c_uint64, c_void_p)
from typing import Iterable, Optional, Sequence

CHUNK, SET, DENSE, VALUE = 0, 1, 2, 3
KINDS = ("chunk", "set", "dense", "value")
KIND_DEFAULT = VALUE
SERIAL_A, SERIAL_B, SERIAL_AUTO = 0, 1, 2
SERIALS = ("a", "b", "auto")
OUT_F32, OUT_BF16 = 0, 1
T_MAX = 15
DIM_MAX = 1 << 24
JOB_NO_COUNTERS = 1
BUFFER_BOARD = 1
WAIT_FOREVER = -1


class FprError(OSError):
    """A libfpr call that failed: errno, and which call."""


class LibraryMissing(FprError):
    """libfpr itself cannot be loaded."""


def _fields(ctype, names: str) -> list:
    return [(name, ctype) for name in names.split()]


class Gemm(Structure):
    """struct fpr_gemm"""
    _fields_ = (_fields(c_uint32, "m n k batch lda ldb ldc reserved")
                + _fields(c_uint64, "stride_a stride_b stride_c")
                + _fields(c_uint8, "kind serial t out trans_a trans_b accumulate reserved1"))


class Counters(Structure):
    """struct fpr_gemm_counters"""
    _fields_ = _fields(c_uint64, """cycles_total cycles_compute cycles_memory_stall
        terms_issued terms_skipped_zero terms_skipped_oob
        lanes_useful lanes_no_term lanes_shift_range
        lanes_inter_pe lanes_floor lanes_inter_row
        bytes_operands_raw bytes_operands bytes_c_read bytes_c_written""")


class OperandStats(Structure):
    """struct fpr_operand_stats"""
    _fields_ = _fields(c_uint64, "values zeros specials terms")


class DeviceInfo(Structure):
    """struct fpr_device_info"""
    _fields_ = (_fields(c_char * 64, "name model isa version")
                + _fields(c_uint32, "threads rows cols lanes kinds default_kind")
                + _fields(c_uint64, "memory_bytes")
                + _fields(c_uint32, "slice_bytes transfer_entries clock_khz reserved0")
                + [("reserved", c_uint64 * 3)])


class GemmJob(Structure):
    """struct fpr_gemm_job"""
    _fields_ = ([("gemm", Gemm)] + _fields(c_void_p, "a b c")
                + _fields(c_uint64, "a_offset b_offset c_offset")
                + _fields(c_uint32, "flags reserved"))


class GemmResult(Structure):
    """struct fpr_gemm_result"""
    _fields_ = ([("status", c_int32), ("serial", c_uint32), ("counters", Counters)]
                + _fields(c_uint64, "queued_ns started_ns ended_ns board_ns"))


_PROTOTYPES = {
    "fpr_device_list": (POINTER(DeviceInfo), c_size_t),
    "fpr_device_open": (c_char_p, POINTER(c_void_p)),
    "fpr_device_close": (c_void_p,),
    "fpr_device_get_info": (c_void_p, POINTER(DeviceInfo)),
    "fpr_buffer_create": (c_void_p, c_uint64, c_uint32, POINTER(c_void_p)),
    "fpr_buffer_destroy": (c_void_p,),
    "fpr_buffer_map": (c_void_p, POINTER(c_void_p)),
    "fpr_queue_create": (c_void_p, c_uint32, POINTER(c_void_p)),
    "fpr_queue_destroy": (c_void_p,),
    "fpr_gemm_init": (POINTER(GemmJob), c_uint32, c_uint32, c_uint32),
    "fpr_kind_default_t": (c_int,),
    "fpr_gemm_submit": (c_void_p, POINTER(GemmJob), c_size_t, POINTER(c_void_p), c_size_t,
                        POINTER(c_void_p)),
    "fpr_operand_count": (c_void_p, c_uint64, c_uint32, c_uint32, c_uint32,
                          POINTER(OperandStats)),
    "fpr_fence_wait": (c_void_p, c_int64),
    "fpr_fence_result": (c_void_p, c_size_t, POINTER(GemmResult)),
    "fpr_fence_destroy": (c_void_p,),
    "fpr_trace_create": (c_char_p, POINTER(c_void_p)),
    "fpr_trace_append": (c_void_p, c_char_p, POINTER(Gemm), c_void_p, c_void_p, c_void_p,
                         c_void_p, POINTER(Counters)),
    "fpr_trace_finish": (c_void_p,),
    "fpr_trace_abort": (c_void_p,),
}
_NO_RESULT = {"fpr_device_close", "fpr_buffer_destroy", "fpr_queue_destroy", "fpr_gemm_init",
              "fpr_fence_destroy", "fpr_trace_abort"}
_library: Optional[ctypes.CDLL] = None


def find(name: str, variable: str) -> Optional[str]:
    """Where a library of ours is, as the module's description says."""
    if os.environ.get(variable):
        return os.environ[variable]
    above = pathlib.Path(__file__).resolve().parents[2]  # the checkout, or PREFIX/lib
    for folder in (above / "build" / "lib", above):
        if (folder / f"lib{name}.so").exists():
            return str(folder / f"lib{name}.so")
    return ctypes.util.find_library(name)


def _find() -> str:
    found = find("fpr", "FPR_LIBRARY")
    if not found:
        raise LibraryMissing(errno.ENOENT, "libfpr not found: run make, or set FPR_LIBRARY")
    return found


def library() -> ctypes.CDLL:
    """The loaded library with its prototypes set."""
    global _library
    if _library is None:
        path = _find()
        try:
            loaded = ctypes.CDLL(path)
            for name, arguments in _PROTOTYPES.items():
                function = getattr(loaded, name)
                function.argtypes = arguments
                function.restype = None if name in _NO_RESULT else c_int
            loaded.fpr_kind_default_t.restype = c_uint8
        except (OSError, AttributeError) as error:
            raise LibraryMissing(errno.ENOEXEC, f"cannot load {path}: {error}") from None
        _library = loaded
    return _library


def _call(name: str, *arguments) -> int:
    result = getattr(library(), name)(*arguments)
    if result < 0:
        raise FprError(-result, f"{name}: {os.strerror(-result)}")
    return result


class _Handle:
    """An opaque pointer and the function that drops it."""
    _destroy = ""

    def __init__(self, pointer: c_void_p):
        self.pointer = pointer

    def close(self) -> None:
        """Drop the hold; the second time does nothing."""
        if self.pointer:
            getattr(library(), self._destroy)(self.pointer)
            self.pointer = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "pointer", None) and _library is not None:
            self.close()


def devices() -> list[DeviceInfo]:
    """The devices that can be opened."""
    count = _call("fpr_device_list", None, 0)
    found = (DeviceInfo * max(count, 1))()
    return list(found[:min(count, _call("fpr_device_list", found, count))]) if count else []


def _hint(error: int) -> str:
    """What helps a device that does not open."""
    if error == errno.EINVAL:
        return ": unknown option or value, see libfpr(3)"
    if error in (errno.ELIBACC, errno.ELIBBAD):
        return ": libfpr_rtl.so.1, the RTL; make rtl-model builds it"
    return "; fprctl list shows those there are, fprctl doctor why one is missing"


class Device(_Handle):
    """A board, opened by name: "local", "local:threads=1"."""
    _destroy = "fpr_device_close"

    def __init__(self, name: str = "local"):
        pointer = c_void_p()
        try:
            _call("fpr_device_open", name.encode(), byref(pointer))
        except FprError as error:
            if isinstance(error, LibraryMissing):
                raise
            raise FprError(error.errno, f"cannot open device {name!r}: "
                                        f"{os.strerror(error.errno)}{_hint(error.errno)}") from None
        super().__init__(pointer)

    def info(self) -> DeviceInfo:
        """Name, model and geometry."""
        info = DeviceInfo()
        _call("fpr_device_get_info", self.pointer, byref(info))
        return info

    def buffer(self, size: int, flags: int = 0) -> Buffer:
        """Memory of `size` bytes that jobs can name, mapped; zeros."""
        return Buffer(self, size, flags)

    def queue(self) -> Queue:
        """A stream of jobs that run in order."""
        return Queue(self)


class Buffer(_Handle):
    """Memory that jobs can name, mapped into this process at `address`.

    Views of it hold the Buffer, which so outlives them unless closed by hand.
    """
    _destroy = "fpr_buffer_destroy"

    def __init__(self, device: Device, size: int, flags: int = 0):
        pointer, address = c_void_p(), c_void_p()
        _call("fpr_buffer_create", device.pointer, size, flags, byref(pointer))
        super().__init__(pointer)
        _call("fpr_buffer_map", pointer, byref(address))
        self.size = size
        self.address = address.value

    def exporter(self):
        """A ctypes array over the bytes; it exports Python's buffer protocol."""
        array = (c_ubyte * self.size).from_address(self.address)
        array.holds = self
        return array

    def memory(self) -> memoryview:
        """The bytes as a writable memoryview."""
        return memoryview(self.exporter()).cast("B")

    def array(self, dtype: str, shape: Sequence[int], offset: int = 0):
        """A numpy view of `shape` elements from byte `offset` on."""
        import numpy
        return numpy.ndarray(shape, dtype, self.exporter(), offset)

    def count(self, rows: int, cols: int, ld: int = 0, offset: int = 0) -> OperandStats:
        """Zeros and NAF digits of a rows x cols bfloat16 matrix."""
        stats = OperandStats()
        _call("fpr_operand_count", self.pointer, offset, rows, cols, ld, byref(stats))
        return stats


class Queue(_Handle):
    """Jobs in order."""
    _destroy = "fpr_queue_destroy"

    def __init__(self, device: Device):
        pointer = c_void_p()
        _call("fpr_queue_create", device.pointer, 0, byref(pointer))
        super().__init__(pointer)

    def submit(self, jobs: Sequence[GemmJob], waits: Iterable[Fence] = ()) -> Fence:
        """Queue jobs behind `waits`; returns at once."""
        array = (GemmJob * len(jobs))(*jobs)
        fences = [fence.pointer for fence in waits]
        pointers = (c_void_p * len(fences))(*fences) if fences else None
        pointer = c_void_p()
        _call("fpr_gemm_submit", self.pointer, array, len(jobs), pointers, len(fences),
              byref(pointer))
        return Fence(pointer)


class Fence(_Handle):
    """The end of one submission."""
    _destroy = "fpr_fence_destroy"

    def wait(self, timeout_ns: int = WAIT_FOREVER) -> None:
        """Wait; raises the first failed job's error, or ETIME."""
        _call("fpr_fence_wait", self.pointer, timeout_ns)

    def result(self, index: int) -> GemmResult:
        """Outcome and counters of one job of the submission."""
        result = GemmResult()
        _call("fpr_fence_result", self.pointer, index, byref(result))
        return result


def gemm_job(a: Buffer, b: Buffer, c: Buffer, m: int, n: int, k: int, *, a_offset: int = 0,
             b_offset: int = 0, c_offset: int = 0, flags: int = 0, **gemm: int) -> GemmJob:
    """A job with the library's defaults; `gemm` sets fields of struct fpr_gemm."""
    job = GemmJob()
    library().fpr_gemm_init(byref(job), m, n, k)
    job.a, job.b, job.c = a.pointer, b.pointer, c.pointer
    job.a_offset, job.b_offset, job.c_offset, job.flags = a_offset, b_offset, c_offset, flags
    for name, value in gemm.items():
        if not hasattr(job.gemm, name):
            raise TypeError(f"struct fpr_gemm has no {name!r}")
        setattr(job.gemm, name, value)
    return job


def default_t(kind: int) -> int:
    """The default threshold of a kind."""
    return library().fpr_kind_default_t(kind)


class TraceWriter:
    """A trace file in the making; it appears when finish() succeeds."""

    def __init__(self, path: str):
        self.pointer = c_void_p()
        _call("fpr_trace_create", os.fsencode(path), byref(self.pointer))

    def append(self, name: str, gemm: Gemm, a: int, b: int, c_out: int, *,
               c_in: Optional[int] = None, counters: Optional[Counters] = None) -> None:
        """Add a product; a, b, c_in and c_out are addresses, copied here."""
        _call("fpr_trace_append", self.pointer, name.encode(), byref(gemm), a, b, c_in, c_out,
              byref(counters) if counters is not None else None)

    def finish(self) -> None:
        """Put the file in its place."""
        pointer, self.pointer = self.pointer, None
        _call("fpr_trace_finish", pointer)

    def __del__(self):
        if getattr(self, "pointer", None) and _library is not None:
            library().fpr_trace_abort(self.pointer)
