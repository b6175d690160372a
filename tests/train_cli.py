#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fprtrain's command line: what it prints, and one clear line for every mistake."""
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import train_env

train_env.need("numpy", "torch", "torchvision", "PIL", "matplotlib")

from fprtrain import arguments, errors, glyphs, text

train_env.need_fonts()

SHORT = ("--steps", "2", "--batch", "4", "--eval-images", "34")


def mistaken(*words) -> tuple[int, str]:
    """Status and stderr of a run in this process."""
    outcome = train_env.in_process(*words)
    return outcome.returncode, outcome.stderr


class Mistakes(unittest.TestCase):
    """A status of its own and exactly one line on stderr."""

    def expect(self, status: int, needle: str, *arguments, **environment):
        """Run fprtrain in a process of its own."""
        outcome = train_env.run(train_env.FPRTRAIN, *arguments, **environment)
        self.assertEqual(outcome.returncode, status, outcome.stderr)
        self.assertEqual(len(outcome.stderr.splitlines()), 1, outcome.stderr)
        self.assertIn(needle, outcome.stderr)
        self.assertEqual(outcome.stdout, "")

    def test_missing_modules(self):
        for module in ("numpy", "torch", "PIL"):
            with tempfile.TemporaryDirectory() as folder:
                shim = pathlib.Path(folder, module + ".py")
                shim.write_text(f"raise ModuleNotFoundError('no', name={module!r})\n",
                                encoding="ascii")
                self.expect(errors.MISSING, f"{module} is not installed", PYTHONPATH=folder)

    def test_missing_optional_modules(self):
        for module, arguments in (("torchvision", ("--model", "resnet18")),
                                  ("matplotlib", ("--plot", "/tmp/never.png"))):
            with tempfile.TemporaryDirectory() as folder:
                shim = pathlib.Path(folder, module + ".py")
                shim.write_text(f"raise ModuleNotFoundError('no', name={module!r})\n",
                                encoding="ascii")
                outcome = train_env.run(train_env.FPRTRAIN, *arguments, PYTHONPATH=folder)
                self.assertEqual(outcome.returncode, errors.MISSING, outcome.stderr)
                self.assertEqual(outcome.stderr.splitlines(), [
                    f"fprtrain: {module} is not installed; install it with: "
                    f"apt-get install python3-{module}"])

    def test_no_library(self):
        self.expect(errors.NO_BOARD, "cannot load /nonexistent", FPR_LIBRARY="/nonexistent")

    def test_no_device(self):
        self.assertEqual(mistaken("--device", "nothing"), (
            errors.NO_BOARD, "fprtrain: cannot open device 'nothing': No such device; fprctl list "
            "shows those there are, fprctl doctor why one is missing\n"))
        self.expect(errors.NO_BOARD, "cannot open device 'nothing'", FPR_DEVICE="nothing")

    def test_files(self):
        for option in ("--plot", "--record"):
            for name, needle in (("/nonexistent/file.png", "No such file or directory"),
                                 ("/", "Is a directory")):
                status, said = mistaken(option, name)
                self.assertEqual(status, errors.NO_FILE, said)
                self.assertIn(needle, said)
                self.assertEqual(len(said.splitlines()), 1, said)

    def test_usage(self):
        for arguments in (("--model", "vgg"), ("--steps", "0"), ("--steps", "many"),
                          ("--nonsense",),
                          ("--prune", "1"), ("--quantize", "9"), ("--threshold", "16"),
                          ("--kind", "fast"), ("--serial", "c"), ("--stats-steps", "1,x"),
                          ("--steps", "5", "--stats-steps", "6"), ("--seed", "-1"),
                          ("--model", "lstm", "--quantize"), ("--width", "narrow"),
                          ("--timeline", "t.json"), ("--checkpoint", "c.npz"), ("--board-memory",),
                          ("--plot", "/tmp/report.docx"), ("--study", "nothing")):
            status, said = mistaken(*arguments)
            self.assertEqual(status, errors.USAGE, arguments)
            self.assertEqual(len(said.splitlines()), 1, said)

    def test_no_fonts_or_text(self):
        roots, folder = glyphs.FONT_ROOTS, text.Text.__init__.__defaults__
        try:
            glyphs.FONT_ROOTS = ("/nonexistent",)
            text.Text.__init__.__defaults__ = ("/nonexistent",)
            for model, package in (("cnn", "fonts-dejavu"), ("lstm", "base-files")):
                status, error = mistaken("--model", model)
                self.assertEqual(status, errors.MISSING)
                self.assertEqual(len(error.splitlines()), 1, error)
                self.assertIn(package, error)
        finally:
            glyphs.FONT_ROOTS, text.Text.__init__.__defaults__ = roots, folder


class Output(unittest.TestCase):
    """Tables, JSON and pictures."""

    def test_tables_and_plot(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = os.path.join(folder, "report.png")
            outcome = train_env.run(train_env.FPRTRAIN, *SHORT, "--compare", "--plot", picture)
            self.assertEqual(outcome.returncode, 0, outcome.stderr)
            self.assertEqual(outcome.stderr, "")
            with open(picture, "rb") as file:
                self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")
        for words in ("conv3b  GxW", "total   all", "36:8", "DRAM traffic",
                      "every product of all 2 steps", "PyTorch fp32", "PyTorch bfloat16"):
            self.assertIn(words, outcome.stdout)

    def test_json(self):
        outcome = train_env.in_process(*SHORT, "--compare", "--json", "--prune", "0.5",
                                       "--sample-every", "2")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        report = json.loads(outcome.stdout)
        board, fp32, bf16 = report["runs"]
        self.assertEqual([run["arithmetic"] for run in report["runs"]], ["board", "fp32", "bf16"])
        self.assertEqual(board["board_steps"], 1)
        self.assertEqual(len(fp32["losses"]), 2)
        self.assertIn("accuracy", bf16)
        names = {(entry["layer"], entry["product"]) for entry in board["products"]}
        self.assertIn(("conv3b", "AxG"), names)
        self.assertEqual([entry["product"] for entry in board["totals"]],
                         ["AxW", "GxW", "AxG", "all"])
        counters = board["totals"][-1]["kinds"]["chunk"]["counters"]
        self.assertGreater(counters["cycles_compute"], 0)
        self.assertEqual(counters["cycles_total"],
                         counters["cycles_compute"] + counters["cycles_memory_stall"])

    def test_sampling_is_said(self):
        outcome = train_env.in_process(*SHORT, "--sample-every", "2")
        self.assertIn("1 of 2 steps (--sample-every 2), native bfloat16 steps in between",
                      outcome.stdout)

    def test_other_kinds_and_sides(self):
        for arguments in (("--kind", "set", "--serial", "b", "--threshold", "6"),
                          ("--kind", "dense", "--serial", "auto")):
            outcome = train_env.in_process(*SHORT, "--stats-steps", "none", *arguments)
            self.assertEqual(outcome.returncode, 0, outcome.stderr)
            self.assertIn(f"{arguments[1]}, serial {arguments[3]}", outcome.stdout)

    def test_help(self):
        outcome = train_env.run(train_env.FPRTRAIN, "--help")
        self.assertEqual(outcome.returncode, 0)
        for option in ("--prune", "--quantize", "--width", "--sample-every", "exit status"):
            self.assertIn(option, outcome.stdout)

    def test_manual_page_has_the_options_of_the_help(self):
        """Synopsis and descriptions, each neither more nor less; but for --help, which is -h too."""
        page = (train_env.ROOT / "tools" / "fprtrain" / "fprtrain.1").read_text(encoding="utf-8")
        synopsis, description = page.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")
        synopsis = set(re.findall(r"\bFl (-[a-z-]+)", synopsis))
        described = "\n".join(re.findall(r"^\.It .*", description, re.MULTILINE))
        described = set(re.findall(r"\bFl (-[a-z-]+)", described))
        helped = set(re.findall(r"^  (?:-h, )?-(-[a-z-]+)", arguments.parser().format_help(),
                                re.MULTILINE))
        self.assertGreater(len(helped), 20)
        self.assertEqual(synopsis, helped)
        self.assertEqual(described | {"-help"}, helped)


if __name__ == "__main__":
    unittest.main()
