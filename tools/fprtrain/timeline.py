# SPDX-License-Identifier: MIT
"""A timeline in Chrome's trace format: compute, slices and waits of every rank.

Open it in chrome://tracing or ui.perfetto.dev. A rank is a process; its threads
are compute, waits, slices out and slices in. Times are microseconds since all ranks
had started.
"""
from __future__ import annotations

import json
import time
from typing import Optional

import fpr_sync

COMPUTE, WAITS, SERVER, NETWORK = range(4)
LANES = ("compute", "waits", "server", "network")
_EVENTS = 1_000_000


class Timeline:
    """What one rank does, in the making."""
    record = _EVENTS

    def __init__(self, path: str):
        self.path = path
        self._spans: list[tuple[str, int, int]] = []
        self._open: dict[str, int] = {}
        self._last = 0
        self._number = 0

    def step(self, number: int) -> None:
        """A step begins."""
        self._number = number
        self._last = time.monotonic_ns()

    def begin(self, name: str) -> None:
        """Of a span."""
        self._open[name] = time.monotonic_ns()

    def end(self, name: str) -> None:
        """And its end."""
        self._last = time.monotonic_ns()
        self._spans.append((name, self._open.pop(name, self._last), self._last))

    def since_last(self, name: str) -> None:
        """A span that began where the last one ended."""
        now = time.monotonic_ns()
        self._spans.append((name, self._last, now))
        self._last = now

    def _compute(self, rank: int, start_ns: int) -> list[dict]:
        return [{"ph": "X", "cat": "compute", "name": name, "pid": rank, "tid": COMPUTE,
                 "ts": (begin - start_ns) / 1e3, "dur": (end - begin) / 1e3}
                for name, begin, end in self._spans]

    def gather(self, group: fpr_sync.Group) -> None:
        """Every rank's; rank 0 writes the file."""
        rank, start = group.info.rank, group.stats().start_ns
        own = named(rank, group.info.host.decode()) + self._compute(rank, start)
        own += of_events(rank, group.events())
        parts = group.gather(json.dumps(own).encode())
        if rank:
            return
        everything = [event for part in parts for event in json.loads(part)]
        with open(self.path, "w", encoding="ascii") as file:
            json.dump({"displayTimeUnit": "ms", "traceEvents": everything}, file)


def named(rank: int, host: str) -> list[dict]:
    """Names of a rank's lanes."""
    lanes = [{"ph": "M", "name": "thread_name", "pid": rank, "tid": lane, "args": {"name": name}}
             for lane, name in enumerate(LANES)]
    return [{"ph": "M", "name": "process_name", "pid": rank, "tid": 0,
             "args": {"name": f"rank {rank} on {host}"}}, *lanes]


def _slice(rank: int, event: fpr_sync.Event, phase: str) -> dict:
    message = fpr_sync.MESSAGES[event.message]
    return {"ph": phase, "cat": message, "pid": rank, "tid": NETWORK, "ts": event.time_ns / 1e3,
            "name": f"{message} slice {event.slice} to rank {event.peer}",
            "id": f"{rank}.{event.message}.{event.slice}.{event.peer}",
            "args": {"tensor": event.tensor, "bytes": event.bytes, "priority": event.priority}}


def _instant(rank: int, event: fpr_sync.Event, lane: int, name: str) -> dict:
    return {"ph": "i", "s": "t", "cat": "slice", "pid": rank, "tid": lane,
            "ts": event.time_ns / 1e3, "name": name,
            "args": {"tensor": event.tensor, "bytes": event.bytes}}


def of_events(rank: int, events: list[fpr_sync.Event]) -> list[dict]:
    """The library's events as Chrome's."""
    found = []
    waiting: Optional[fpr_sync.Event] = None
    for event in events:
        if event.kind == fpr_sync.SEND:
            found.append(_slice(rank, event, "b"))
        elif event.kind == fpr_sync.SENT:
            found.append(_slice(rank, event, "e"))
        elif event.kind == fpr_sync.WAIT:
            waiting = event
        elif event.kind == fpr_sync.WAITED and waiting is not None:
            what = "the other ranks" if event.tensor == fpr_sync.NONE else f"tensor {event.tensor}"
            found.append({"ph": "X", "cat": "wait", "name": f"wait for {what}", "pid": rank,
                          "tid": WAITS, "ts": waiting.time_ns / 1e3,
                          "dur": (event.time_ns - waiting.time_ns) / 1e3})
            waiting = None
        elif event.kind == fpr_sync.RECEIVED:
            found.append(_instant(rank, event, NETWORK,
                                  f"{fpr_sync.MESSAGES[event.message]} slice {event.slice} "
                                  f"from rank {event.peer}"))
        elif event.kind == fpr_sync.QUEUED:
            found.append(_instant(rank, event, COMPUTE, f"slice {event.slice} queued"))
        elif event.kind == fpr_sync.SUMMED:
            found.append(_instant(rank, event, SERVER, f"slice {event.slice} of rank {event.peer} added"))
        elif event.kind == fpr_sync.UPDATED:
            found.append(_instant(rank, event, SERVER, f"slice {event.slice} updated"))
        elif event.kind == fpr_sync.READY:
            found.append(_instant(rank, event, WAITS, f"tensor {event.tensor} ready"))
        elif event.kind == fpr_sync.STEP:
            found.append(_instant(rank, event, COMPUTE, f"step {event.step}"))
    return found
