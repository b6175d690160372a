#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The studies run from end to end, and fail when their claims do not hold."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import train_env

train_env.need("numpy", "torch", "torchvision", "PIL", "matplotlib")
train_env.need_fonts()


def study(name: str, *arguments: str):
    """The outcome of a quick run."""
    return train_env.in_process("--study", name, "--quick", *arguments)


class Studies(unittest.TestCase):
    """Too few steps to prove anything."""

    def test_accuracy_fails_when_too_little_is_learnt(self):
        outcome = study("accuracy")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("does not hold: every seed reaches 90 % on the board", outcome.stderr)
        for seed in range(3):
            for arithmetic in ("board", "fp32 ", "bf16 "):
                self.assertIn(f"seed {seed}  {arithmetic}", outcome.stdout)
        self.assertIn("mean of the board minus mean of fp32", outcome.stdout)

    def test_resnet(self):
        outcome = study("resnet")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        for words in ("dense        2", "pruned 80 %  2", "4 bit        2", "per-layer T  2",
                      "layer2.0.downsample.0", "2.04x", "1.56x"):
            self.assertIn(words, outcome.stdout)

    def test_text_replays_what_it_recorded(self):
        if not train_env.FPRCTL.exists():
            self.skipTest("fprctl is not built")
        outcome = study("text", "--json")
        report = json.loads(outcome.stdout)
        self.assertEqual(set(report["runs"]), {"lstm", "transformer"})
        self.assertFalse([line for line in report["failures"] if "replays" in line])
        self.assertEqual(outcome.returncode, 1 if report["failures"] else 0)


if __name__ == "__main__":
    unittest.main()
