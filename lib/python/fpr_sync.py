# SPDX-License-Identifier: MIT
"""libfprsync from Python: a thin ctypes binding without logic of its own.

Structures and calls are those of fpr_sync.h, which says what they mean. Calls
that fail raise SyncError, an OSError with the library's errno and the group's
own words.

    group = fpr_sync.Group(fpr_sync.options("best", optimizer=fpr_sync.ADAM))
    index = group.add(gradient_address, parameter_address, elements)
    group.start()
    group.step(1e-3)
    group.wait(index)
    group.push(index)
    group.finish()

The library is $FPR_SYNC_LIBRARY, else where fpr.py looks for
its own. Board, whose calls are those of fpr_sync_board.h, is libfprsync-board
likewise, $FPR_SYNC_BOARD_LIBRARY.
"""
from __future__ import annotations

import ctypes
import errno
import os
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_char, c_char_p, c_double, c_float,
                    c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p)
from typing import Optional

import fpr

MODES = ("fifo", "slice", "p3", "p3-global", "best")
SUM, SGD, ADAM = 0, 1, 2
STEP, QUEUED, SEND, SENT, RECEIVED, SUMMED, UPDATED, READY, WAIT, WAITED = range(10)
MESSAGES = ("push", "reply", "notify", "pull")
NONE = 0xffffffff
CHECKPOINT_ALL = 1
WAIT_FOREVER = -1
_ERROR_MAX = 256


class SyncError(OSError):
    """A libfprsync call that failed."""


class LibraryMissing(SyncError):
    """libfprsync itself cannot be loaded."""


def _fields(ctype, names: str) -> list:
    return [(name, ctype) for name in names.split()]


class Config(Structure):
    """struct fpr_sync_config"""
    _fields_ = (_fields(c_uint32, "ranks workers first_server servers placement flags")
                + _fields(c_uint64, "split_bytes")
                + _fields(c_uint32, "slice_bytes slice_max_bytes fuse_bytes window_messages")
                + _fields(c_uint64, "window_bytes window_total_bytes")
                + _fields(c_uint32, "lanes") + _fields(c_uint64, "timeout_ns"))


class State(Structure):
    """struct fpr_group_state"""
    _fields_ = (_fields(c_uint64, "step elements") + _fields(c_uint32, "arrays complete")
                + [("data", POINTER(c_float) * 3)])


class Event(Structure):
    """struct fpr_group_event"""
    _fields_ = ([("time_ns", c_int64)]
                + _fields(c_uint32, "kind message slice tensor peer priority bytes step"))


CHECKPOINT = CFUNCTYPE(c_int, c_void_p, POINTER(State))
EVENT = CFUNCTYPE(None, c_void_p, POINTER(Event))


class Options(Structure):
    """struct fpr_group_options"""
    _fields_ = ([("config", Config)] + _fields(c_uint32, "servers optimizer flags tune_steps record")
                + _fields(c_double, "scale momentum beta1 beta2 epsilon decay")
                + _fields(c_uint64, "join_timeout_ns idle_timeout_ns checkpoint_steps")
                + [("checkpoint", CHECKPOINT), ("event", EVENT), ("context", c_void_p),
                   ("adder", c_void_p), ("adder_context", c_void_p)])


class Info(Structure):
    """struct fpr_group_info"""
    _fields_ = (_fields(c_uint32, "rank ranks workers local_rank local_ranks")
                + [("host", c_char * 64)])


class Tensor(Structure):
    """struct fpr_group_tensor"""
    _fields_ = (_fields(c_void_p, "gradient parameter") + [("elements", c_uint64)]
                + _fields(c_uint32, "list_index reserved") + _fields(c_void_p, "memory context"))


class Counters(Structure):
    """struct fpr_sync_counters"""
    _fields_ = _fields(c_uint64, """messages bytes_pushed bytes_replied aggregates preemptions
        blocked""")


class Stats(Structure):
    """struct fpr_group_stats"""
    _fields_ = ([("counters", Counters), ("config", Config)]
                + _fields(c_uint32, "slices trials tuning reserved")
                + _fields(c_uint64, "steps waited_ns events events_lost start_ns"))


_PROTOTYPES = {
    "fpr_group_options_init": (POINTER(Options), c_int),
    "fpr_group_create_world": (POINTER(Options), POINTER(c_void_p)),
    "fpr_group_destroy": (c_void_p,),
    "fpr_group_get_info": (c_void_p, POINTER(Info)),
    "fpr_group_error": (c_void_p, c_char_p, c_size_t, POINTER(c_uint32)),
    "fpr_group_fail": (c_void_p, c_int, c_char_p),
    "fpr_group_add": (c_void_p, POINTER(Tensor), POINTER(c_uint32)),
    "fpr_group_restore": (c_void_p, POINTER(State)),
    "fpr_group_start": (c_void_p,),
    "fpr_group_step": (c_void_p, c_double),
    "fpr_group_push": (c_void_p, c_uint32, c_uint64, c_uint64),
    "fpr_group_wait": (c_void_p, c_uint32, c_int64),
    "fpr_group_finish": (c_void_p,),
    "fpr_group_gather": (c_void_p, c_char_p, c_uint64, c_void_p, c_uint64, POINTER(c_uint64)),
    "fpr_group_get_stats": (c_void_p, POINTER(Stats)),
    "fpr_group_events": (c_void_p, POINTER(Event), c_uint64),
}
_BOARD_PROTOTYPES = {
    "fpr_group_board_create": (c_void_p, POINTER(c_void_p)),
    "fpr_group_board_destroy": (c_void_p,),
    "fpr_group_board_sums": (c_void_p, POINTER(Options)),
    "fpr_group_board_tensor": (c_void_p, c_void_p, c_uint64, c_void_p, c_uint64, c_uint64,
                               POINTER(Tensor)),
}
_library: Optional[ctypes.CDLL] = None
_board_library: Optional[ctypes.CDLL] = None


def _find(name: str, variable: str) -> str:
    found = fpr.find(name, variable)
    if not found:
        raise LibraryMissing(errno.ENOENT, f"lib{name} not found: run make where MPI is "
                                           f"installed, or set {variable}")
    return found


def _load(path: str, prototypes: dict, mode: int) -> ctypes.CDLL:
    try:
        loaded = ctypes.CDLL(path, mode)
        for name, arguments in prototypes.items():
            function = getattr(loaded, name)
            function.argtypes = arguments
            function.restype = None if name.endswith("_destroy") else c_int
    except (OSError, AttributeError) as error:
        raise LibraryMissing(errno.ENOEXEC, f"cannot load {path}: {error}") from None
    return loaded


def library() -> ctypes.CDLL:
    """The loaded library with its prototypes set."""
    global _library
    if _library is None:
        # MPI's plugins look for its symbols.
        _library = _load(_find("fprsync", "FPR_SYNC_LIBRARY"), _PROTOTYPES, ctypes.RTLD_GLOBAL)
        _library.fpr_group_events.restype = c_int64
    return _library


def board_library() -> ctypes.CDLL:
    """The same for boards; the two that it needs are the loaded ones."""
    global _board_library
    if _board_library is None:
        library()
        fpr.library()
        _board_library = _load(_find("fprsync-board", "FPR_SYNC_BOARD_LIBRARY"),
                               _BOARD_PROTOTYPES, ctypes.DEFAULT_MODE)
    return _board_library


def options(mode: str, **fields) -> Options:
    """A mode's defaults; `fields` sets fields of struct fpr_group_options."""
    made = Options()
    result = library().fpr_group_options_init(byref(made), MODES.index(mode))
    if result < 0:
        raise SyncError(-result, f"fpr_group_options_init: {os.strerror(-result)}")
    for name, value in fields.items():
        if not hasattr(made, name):
            raise TypeError(f"struct fpr_group_options has no {name!r}")
        setattr(made, name, value)
    return made


class Board:
    """The memory of an fpr.Device for tensors and sums; to be closed after the group."""

    def __init__(self, device: fpr.Device):
        self.pointer = c_void_p()
        self._call("fpr_group_board_create", device.pointer, byref(self.pointer))

    @staticmethod
    def _call(name: str, *arguments) -> None:
        result = getattr(board_library(), name)(*arguments)
        if result < 0:
            raise SyncError(-result, f"{name}: {os.strerror(-result)}")

    def sums(self, chosen: Options) -> None:
        """Have sums on the board."""
        self._call("fpr_group_board_sums", self.pointer, byref(chosen))

    def tensor(self, gradient: fpr.Buffer, parameter: fpr.Buffer, elements: int,
               list_index: int = NONE) -> Tensor:
        """A tensor at the start of two buffers in board memory, for Group.add_tensor()."""
        tensor = Tensor()
        self._call("fpr_group_board_tensor", self.pointer, gradient.pointer, 0, parameter.pointer,
                   0, elements, byref(tensor))
        tensor.list_index = list_index
        return tensor

    def close(self) -> None:
        """Give it back; the second time does nothing."""
        if self.pointer:
            board_library().fpr_group_board_destroy(self.pointer)
            self.pointer = c_void_p()


class Group:
    """The ranks that mpirun started; initialises MPI."""

    def __init__(self, chosen: Options):
        self.options = chosen
        self.pointer = c_void_p()
        self._sizes: list[int] = []
        try:
            self._call("fpr_group_create_world", byref(chosen), byref(self.pointer))
        except SyncError:
            self.close()
            raise
        self.info = Info()
        self._call("fpr_group_get_info", self.pointer, byref(self.info))

    def _call(self, name: str, *arguments) -> int:
        result = getattr(library(), name)(*arguments)
        if result < 0:
            raise SyncError(-result, self.error() or f"{name}: {os.strerror(-result)}")
        return result

    def error(self) -> str:
        """What ended the group, "" for nothing."""
        text = ctypes.create_string_buffer(_ERROR_MAX)
        if self.pointer:
            library().fpr_group_error(self.pointer, text, _ERROR_MAX, None)
        return text.value.decode(errors="replace")

    def fail(self, number: int, text: str) -> None:
        """Give up: every call on every rank has this errno and text from now on."""
        self._call("fpr_group_fail", self.pointer, -number, text.encode())

    def add(self, gradient: int, parameter: int, elements: int, list_index: int = NONE) -> int:
        """Register a tensor by its addresses -> its number."""
        return self.add_tensor(Tensor(gradient, parameter, elements, list_index))

    def add_tensor(self, tensor: Tensor) -> int:
        """Register a tensor -> its number."""
        index = c_uint32()
        self._call("fpr_group_add", self.pointer, byref(tensor), byref(index))
        self._sizes.append(4 * tensor.elements)
        return index.value

    def restore(self, state: State) -> None:
        """Go on from a checkpoint."""
        self._call("fpr_group_restore", self.pointer, byref(state))

    def start(self) -> None:
        """Agree with the other ranks."""
        self._call("fpr_group_start", self.pointer)

    def step(self, rate: float) -> None:
        """Begin a step."""
        self._call("fpr_group_step", self.pointer, rate)

    def push(self, index: int) -> None:
        """A tensor's gradient is there."""
        self._call("fpr_group_push", self.pointer, index, 0, self._sizes[index])

    def wait(self, index: int, timeout_ns: int = WAIT_FOREVER) -> None:
        """Wait for a tensor's newest value; SyncError with ETIME."""
        self._call("fpr_group_wait", self.pointer, index, timeout_ns)

    def finish(self) -> None:
        """Wait until every rank has every value."""
        self._call("fpr_group_finish", self.pointer)

    def gather(self, data: bytes) -> list[bytes]:
        """Every rank's bytes, on rank 0; [] elsewhere."""
        sizes = (c_uint64 * self.info.ranks)()
        self._call("fpr_group_gather", self.pointer, data, len(data), None, 0, sizes)
        room = sum(sizes)
        everything = ctypes.create_string_buffer(max(1, room))
        self._call("fpr_group_gather", self.pointer, data, len(data), everything, room, sizes)
        if self.info.rank:
            return []
        ends = [sum(sizes[:rank + 1]) for rank in range(self.info.ranks)]
        return [everything.raw[end - size:end] for end, size in zip(ends, sizes)]

    def stats(self) -> Stats:
        """Counters and the configuration in use."""
        stats = Stats()
        self._call("fpr_group_get_stats", self.pointer, byref(stats))
        return stats

    def events(self) -> list[Event]:
        """What was recorded."""
        count = self.stats().events
        events = (Event * max(1, count))()
        return list(events[:self._call("fpr_group_events", self.pointer, events, count)])

    def close(self) -> None:
        """Leave; the second time does nothing."""
        if self.pointer:
            library().fpr_group_destroy(self.pointer)
            self.pointer = c_void_p()
