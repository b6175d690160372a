# SPDX-License-Identifier: MIT
"""The tables and the JSON."""
from __future__ import annotations

import dataclasses
from typing import Iterator, Optional, Sequence

from . import stats
from .stats import Cost, total
from .train import Options, Run

LEGEND = """\
AxW: forward, GxW: input gradient, AxG: weight gradient; A: activations, W: weights (of attention:
the second operand), G: gradients. m x n x k: C is m x n, its sums are k long. Sparsity is counted
in operands as stored for the array: a convolution's A has its windows spelt out, zeros padded.
  zeros    share of values that are zero
  no term  term sparsity: 1 - NAF digits / (8 x values); a dense array works on all 8 bits of each
  serial   the operand recoded to terms
  cycles   compute cycles per 8 products of a PE; dense: 1.00. Edges are padded alike for all kinds
  x equal  speedup over dense with as many lanes: two tiles of value, which has half of them
  x 36:8   the same with the paper's 36 tiles to 8 of dense (x 4.5)
  T        threshold: a term more than T places below the largest possible product is dropped;
           value's is chunk's, whose bits it has
Lanes: useful: added a term; no term: the lane had run out; window: its term lay outside the shift
window; other PE: waited for, or issued for, another of the row; floor: the least time a set or
chunk takes; other row: the row waited for another, or (value) until a chunk was loaded.
Memory is a model: stall is the share of all cycles that wait for it, at equal lanes."""


def _count(value: float) -> str:
    for unit in ("", "K", "M", "G"):
        if value < 1e4 or unit == "G":
            return f"{value:.0f}{unit}"
        value /= 1e3
    return ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def format_rows(header: Sequence[str], rows: list[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as they must be; the first two to the left."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = [cell.ljust(width) if i < 2 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        yield "  ".join(cells).rstrip()


def _shape(cost: Cost) -> str:
    if cost.shape is None:
        return ""
    m, n, k, batch = cost.shape
    text = f"{m}x{n}x{k}" + (f" x{batch}" if batch > 1 else "")
    return text


def _rows_and_totals(costs: list[Cost]) -> list[Cost]:
    return costs + [total(costs, name) for name in stats.PRODUCTS] + [total(costs)]


def work_table(costs: list[Cost]) -> Iterator[str]:
    """Sparsity, cycles and speedups."""
    header = ["layer", "product", "m x n x k", "", "zeros %", "no term %", "", "zeros %",
              "no term %", "serial"]
    for what in ("cycles", "x equal", "x 36:8"):
        header += [f"{what} {stats.TERM_SERIAL[0]}", *stats.TERM_SERIAL[1:]]
    header += ["T set", "chunk"]
    rows = []
    for cost in _rows_and_totals(costs):
        operands = []
        for operand in (cost.a, cost.b):
            operands += [operand.letter, _percent(operand.value_sparsity),
                         _percent(operand.term_sparsity)] if operand else [""] * 3
        numbers = [f"{method(kind):.2f}"
                   for method in (cost.cycles_per_8, cost.speedup, cost.speedup_paper)
                   for kind in stats.TERM_SERIAL]
        rows.append([cost.layer, cost.product, _shape(cost), *operands,
                     "/".join(sorted(cost.serial)), *numbers,
                     *(str(cost.t.get(kind, "")) for kind in ("set", "chunk"))])
    return format_rows(header, rows)


def stall_table(costs: list[Cost]) -> Iterator[str]:
    """Where lane-cycles and bytes went."""
    header = ["layer", "product"]
    for kind in stats.TERM_SERIAL:
        header += [f"{kind}: useful %", "no term", "window", "other PE", "floor", "other row"]
    header += ["DRAM KB", "compressed", "stall % dense", *stats.TERM_SERIAL]
    rows = []
    for cost in _rows_and_totals(costs):
        lanes = [_percent(share) for kind in stats.TERM_SERIAL
                 for share in cost.lanes(kind).values()]
        rows.append([cost.layer, cost.product, *lanes,
                     *(_count(cost.bytes_moved(packed) / 1e3) for packed in (False, True)),
                     *(_percent(cost.memory_stall(kind))
                       for kind in ("dense", *stats.TERM_SERIAL))])
    return format_rows(header, rows)


def summary(costs: list[Cost]) -> Iterator[str]:
    """The totals in words."""
    cost = total(costs)
    for kind in stats.TERM_SERIAL:
        memory = cost.speedup_with_memory(kind)
        yield (f"{kind}: {cost.cycles_per_8(kind):.2f} cycles per 8 products, "
               f"{cost.speedup(kind):.2f}x dense at equal lanes "
               + (f"({memory:.2f}x with the memory model), " if memory else "(two tiles), ")
               + f"{cost.speedup_paper(kind):.2f}x at 36:8")
    raw, packed = cost.bytes_moved(False), cost.bytes_moved(True)
    yield (f"DRAM traffic: {raw / 1e6:.1f} MB, {packed / 1e6:.1f} MB with exponents compressed "
           f"({packed / max(1, raw):.2f} of it)")


def what_ran(options: Options, run: Run) -> str:
    """How much of a run was the board's, in a sentence."""
    if run.arithmetic != "board":
        return ""
    if run.board_steps == options.steps:
        steps = f"every product of all {options.steps} steps"
    else:
        steps = (f"{run.board_steps} of {options.steps} steps (--sample-every "
                 f"{options.sample_every}), native bfloat16 steps in between; of those")
    return (f"on the board: {steps} and the test: {run.board_products} products, "
            f"{run.board_macs / 1e9:.1f} G multiply-adds")


def some_losses(losses: list[float]) -> str:
    """About ten of them, in a line."""
    every = max(1, len(losses) // 10)
    return (f"loss of {f'one step in {every}' if every > 1 else 'every step'}: "
            + " ".join(f"{loss:.3f}" for loss in losses[::every]))


def accuracy_table(runs: list[Run], unit: str) -> Iterator[str]:
    """One line a run."""
    names = {"board": "board", "fp32": "PyTorch fp32", "bf16": "PyTorch bfloat16"}
    header = ["arithmetic", "", "test accuracy %", f"of {unit}", "test loss",
              "train loss first", "last", "seconds"]
    rows = [[names[run.arithmetic], "", f"{100 * run.accuracy:.2f}", str(run.tested),
             f"{run.test_loss:.3f}", f"{run.losses[0]:.3f}", f"{run.final_loss():.3f}",
             f"{run.seconds:.0f}"] for run in runs]
    return format_rows(header, rows)


def text_report(options: Options, runs: list[Run], unit: str) -> Iterator[str]:
    """All of it, for people."""
    board = next((run for run in runs if run.arithmetic == "board"), None)
    if board and board.collector and board.collector.steps:
        steps = ", ".join(map(str, board.collector.steps))
        costs = board.collector.costs()
        yield f"Products of step {steps}"
        yield ""
        yield from work_table(costs)
        yield ""
        yield from stall_table(costs)
        yield ""
        yield LEGEND
        yield ""
        yield from summary(costs)
        yield ""
    if board:
        yield what_ran(options, board)
        if board.pruned_share is not None:
            yield f"pruned: {100 * board.pruned_share:.1f} % of the weights of the pruned layers"
    if options.quantize:
        yield f"quantised: {options.quantize} bit activations and weights, first and last layer not"
    yield from accuracy_table(runs, unit)


def as_json(options: Options, runs: list[Run], device: Optional[dict]) -> dict:
    """All of it, for programs."""
    plain = dataclasses.asdict(options)
    for name in ("stats_steps", "record_steps"):
        plain[name] = sorted(plain[name])
    result = {"options": plain, "device": device, "runs": []}
    for run in runs:
        entry = run.as_dict()
        if run.collector:
            costs = run.collector.costs()
            entry["products"] = [cost.as_dict() for cost in costs]
            entry["totals"] = [total(costs, name).as_dict() for name in (*stats.PRODUCTS, None)]
            entry["by_step"] = {
                str(step): total(run.collector.costs([step])).as_dict()
                for step in run.collector.steps}
        result["runs"].append(entry)
    return result
