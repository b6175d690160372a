# SPDX-License-Identifier: MIT
"""What the tests of the Python side share: where things are, and the tools they run."""
import contextlib
import functools
import io
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FPR_BUILD", ROOT / "build"))
FPRTRAIN = ROOT / "tools" / "fprtrain" / "fprtrain"
FPRCTL = BUILD / "bin" / "fprctl"

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("FPR_LIBRARY", str(BUILD / "lib" / "libfpr.so"))
sys.path[:0] = [str(ROOT / "lib" / "python"), str(ROOT / "tools")]


def need(*modules: str) -> None:
    """Skip the whole program when a module is not installed."""
    for module in modules:
        try:
            __import__(module)
        except ImportError:
            print(f"{module} is not installed")
            sys.exit(77)


def need_fonts() -> None:
    """Skip the whole program when images cannot be rendered."""
    from fprtrain import glyphs
    fonts = glyphs.find_fonts()
    if not (fonts["train"] and fonts["test"]):
        print("the fonts of the training and test typefaces are not installed")
        sys.exit(77)


def run(*command, **environment: str) -> subprocess.CompletedProcess:
    """A command's outcome, its output as text."""
    return subprocess.run([str(word) for word in command], text=True, capture_output=True,
                          check=False, env={**os.environ, **environment}, timeout=300)


def in_process(*words) -> subprocess.CompletedProcess:
    """The outcome of fprtrain in this process, which has loaded torch already."""
    from fprtrain import arguments, cli
    words = [str(word) for word in words]
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        try:
            status = cli.run(arguments.parser().parse_args(words))
        except SystemExit as ended:
            status = ended.code
    return subprocess.CompletedProcess(words, status, out.getvalue(), said.getvalue())


@functools.cache
def warm() -> pathlib.Path:
    """A program that is fprtrain with torch loaded already, also below mpirun."""
    import warm as server
    warm.alive = server.start()
    return pathlib.Path(server.__file__)
