# SPDX-License-Identifier: MIT
"""The report as a picture."""
from __future__ import annotations

from . import stats
from .errors import Missing
from .stats import total
from .train import Run


def load():
    """matplotlib, without a display."""
    try:
        import matplotlib
    except ImportError:
        raise Missing("matplotlib is not installed", "python3-matplotlib") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot
    return pyplot


def _losses(axes, runs: list[Run]) -> None:
    for run in runs:
        axes.plot(range(1, len(run.losses) + 1), run.losses, linewidth=0.9,
                  label=f"{run.arithmetic}, test accuracy {100 * run.accuracy:.2f} %")
    axes.set(title="training loss", xlabel="step", ylim=(0, None))
    axes.legend()


def _cycles(axes, costs) -> None:
    places = range(len(costs))
    for offset, kind in zip((-0.27, 0, 0.27), stats.TERM_SERIAL):
        axes.bar([place + offset for place in places],
                 [cost.cycles_per_8(kind) for cost in costs], 0.27, label=kind)
    axes.axhline(stats.PAPER_TILES, color="black", linewidth=0.8, linestyle="--",
                 label="as fast as dense at 36:8 tiles")
    axes.axhline(1, color="grey", linewidth=0.8, linestyle=":", label="dense")
    axes.set(title="compute cycles per 8 products")
    axes.margins(y=0.25)
    axes.legend(ncol=2, loc="upper left")


def _sparsity(axes, costs) -> None:
    places = range(len(costs))
    for offset, index, colour in ((-0.2, 0, "tab:green"), (0.2, 1, "tab:purple")):
        operands = [(cost.a, cost.b)[index] for cost in costs]
        at = [place + offset for place in places]
        axes.bar(at, [100 * operand.term_sparsity for operand in operands], 0.4, color=colour,
                 alpha=0.4, label=("left", "right")[index] + " operand: terms absent")
        axes.bar(at, [100 * operand.value_sparsity for operand in operands], 0.4, color=colour,
                 label=("left", "right")[index] + " operand: zero values")
    axes.set(title="sparsity, %", ylim=(0, 125), yticks=range(0, 101, 20))
    axes.legend(ncol=2, loc="upper left")


def _lanes(axes, costs) -> None:
    labels, bars = [], []
    for kind in stats.TERM_SERIAL:
        for name in (*stats.PRODUCTS, None):
            labels.append(f"{kind} {name or 'all'}")
            bars.append(total(costs, name).lanes(kind))
    left = [0.0] * len(labels)
    for name in stats.LANES:
        shares = [100 * bar[name] for bar in bars]
        axes.barh(labels, shares, left=left, label=name.replace("_", " "))
        left = [a + b for a, b in zip(left, shares)]
    axes.invert_yaxis()
    axes.set(title="lane-cycles, %", xlim=(0, 100))
    axes.legend(ncol=6, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.06))


def draw(path: str, title: str, runs: list[Run]) -> None:
    """Write the picture; its type follows the file name."""
    pyplot = load()
    collector = next((run.collector for run in runs if run.collector), None)
    costs = collector.costs() if collector else []
    figure, axes = pyplot.subplots(2, 2, figsize=(15, 10))
    figure.suptitle(title)
    _losses(axes[0][0], runs)
    if costs:
        _lanes(axes[0][1], costs)
        _cycles(axes[1][0], costs)
        _sparsity(axes[1][1], costs)
        for place in axes[1]:
            place.set_xticks(range(len(costs)), [f"{cost.layer} {cost.product}" for cost in costs],
                             rotation=90, fontsize="small" if len(costs) < 40 else "xx-small")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
