# SPDX-License-Identifier: MIT
"""Draw `fprnet simulate --json` (standard input) into the file named, whose ending says the format.

With a second argument: only look whether it could be done, before hours of measuring.
"""
import json
import os
import sys


def draw(pyplot, report, path, suffix):
    points = report["points"]
    gbps = [p["gbps"] for p in points]
    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    axes.plot(gbps, [p["bound_rate"] for p in points], color="0.6", linestyle="--",
              label="lower bound on time")
    for mode, marker in zip(points[0]["modes"], "os^v*"):
        axes.plot(gbps, [p["modes"][mode]["rate"] for p in points], marker=marker, label=mode)
    axes.set_title(f"{report['model']}, {report['nodes']} nodes")
    axes.set_xlabel("Gbps of each link")
    axes.set_ylabel(f"{report['unit']} per second and node")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        figure.savefig(temporary, format=suffix, dpi=120)
        os.replace(temporary, path)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        sys.exit(f"fprnet: {path}: {error.strerror}")


def main():
    try:
        import matplotlib
    except ImportError:
        sys.exit(f"fprnet: --plot needs matplotlib for {sys.executable} (Debian: python3-matplotlib)")
    path = sys.argv[1]
    if not os.access(os.path.dirname(path) or ".", os.W_OK) or os.path.isdir(path):
        sys.exit(f"fprnet: {path}: no file can be written there")
    matplotlib.use("Agg")
    from matplotlib import pyplot
    suffix, known = os.path.splitext(path)[1][1:].lower(), pyplot.gcf().canvas.get_supported_filetypes()
    if suffix not in known:
        print(f"fprnet: --plot: the name must end in one of .{' .'.join(sorted(known))}", file=sys.stderr)
        sys.exit(2)
    if len(sys.argv) == 2:
        draw(pyplot, json.load(sys.stdin), path, suffix)


main()
