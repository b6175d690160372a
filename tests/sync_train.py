#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fprtrain as several ranks: the modes against one process, timelines, checkpoints, mistakes."""
import collections
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import train_env

train_env.need("numpy", "torch", "torchvision", "PIL")
train_env.need_fonts()

import numpy

from fprtrain import errors, sync, sync_study

MPIRUN = ("mpirun", "--oversubscribe", "--bind-to", "none")
SHORT = ("--model", "transformer", "--batch", "4", "--eval-images", "48", "--lost-after", "60")
os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                  OMP_NUM_THREADS="1", OMPI_MCA_orte_tmpdir_base="/tmp",
                  FPR_SYNC_LIBRARY=str(train_env.BUILD / "lib" / "libfprsync.so"),
                  FPR_SYNC_BOARD_LIBRARY=str(train_env.BUILD / "lib" / "libfprsync-board.so"))


def setUpModule():  # pylint: disable=invalid-name
    """Before this process has anything that a forked one should not."""
    train_env.warm()


def ranks(count: int, *arguments, mpirun=(), program=None):
    """fprtrain under mpirun."""
    return train_env.run(*MPIRUN, *mpirun, "-n", count, program or train_env.warm(), *SHORT,
                         *arguments)


class Study(unittest.TestCase):
    """The CNN in every mode has one result, that of one process."""

    def test_quick(self):
        with unittest.mock.patch.object(sync_study, "PROGRAM", train_env.warm()):
            outcome = train_env.in_process("--study", "sync", "--quick", "--json")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        report = json.loads(outcome.stdout)
        self.assertEqual(set(report["runs"]), {"fifo", "slice", "p3", "best", "best, board"})
        for mode, run in report["runs"].items():
            self.assertEqual(run["ranks"], 2)
            self.assertEqual(len(run["losses"]), 3)
            self.assertGreater(run["counters"]["bytes_pushed"], 0, mode)
            self.assertGreater(run["configuration"]["slices"], 2, mode)
            # Not only within 1 %.
            self.assertEqual(run["losses"], report["alone"]["losses"], mode)
            self.assertEqual(run["parameters"], report["alone"]["parameters"], mode)


class Runs(unittest.TestCase):
    """The transformer, which needs no fonts."""

    def test_timeline_and_checkpoint(self):
        with tempfile.TemporaryDirectory() as folder:
            trace, saved = os.path.join(folder, "t.json"), os.path.join(folder, "state.npz")
            # Of itself a board chooses the serial side anew after a restart.
            common = ("--sync", "best", "--json", "--checkpoint", saved, "--serial", "a")
            whole = ranks(2, *common, "--checkpoint-every", "3", "--steps", "5", "--timeline",
                          trace, "--tune-steps", "0")
            self.assertEqual(whole.returncode, 0, whole.stderr)
            with open(trace, encoding="ascii") as file:
                self.check_timeline(json.load(file))
            resumed = ranks(2, *common, "--steps", "5")
            self.assertEqual(resumed.returncode, 0, resumed.stderr)
            whole, resumed = json.loads(whole.stdout), json.loads(resumed.stdout)
            self.assertEqual(resumed["first_step"], 4)
            self.assertEqual(resumed["rank_losses"], whole["rank_losses"][3:])
            self.assertEqual(resumed["parameters"], whole["parameters"])
            fewer = ranks(1, *common, "--steps", "6", program=train_env.FPRTRAIN)
            self.assertEqual(fewer.returncode, 0, fewer.stderr)
            self.assertEqual(json.loads(fewer.stdout)["ranks"], 1)
            self.assertEqual(json.loads(fewer.stdout)["first_step"], 4)

    def check_timeline(self, trace: dict) -> None:
        """It is what Chrome reads, and all there."""
        events = trace["traceEvents"]
        for event in events:
            self.assertIn(event["ph"], "XbeiM")
            if event["ph"] != "M":
                self.assertIsInstance(event["ts"], (int, float))
            if event["ph"] == "X":
                self.assertGreaterEqual(event["dur"], 0)
        for rank in (0, 1):
            mine = [event for event in events if event["pid"] == rank]
            kinds = collections.Counter((event["ph"], event.get("cat")) for event in mine)
            self.assertGreater(kinds["X", "compute"], 0)
            self.assertGreater(kinds["X", "wait"], 0)
            for message in ("push", "reply"):
                self.assertGreater(kinds["b", message], 0)
                self.assertEqual(kinds["b", message], kinds["e", message])
            names = {event["name"] for event in mine if event.get("cat") == "compute"}
            self.assertIn("forward head", names)
            self.assertIn("backward head", names)
            steps = [event for event in mine if event["name"].startswith("step ")]
            self.assertEqual(len(steps), 5)


class Mistakes(unittest.TestCase):
    """One line on stderr, and a status of its own."""

    def test_alone(self):
        for status, words, arguments in (
                (errors.USAGE, "--prune and --sync do not go together", ("--prune", "0.5")),
                (errors.USAGE, "--compare and --sync do not go together", ("--compare",)),
                (errors.USAGE, "invalid choice", ("--sync", "worst")),
                (errors.NO_FILE, "cannot write /nonexistent/t", ("--timeline", "/nonexistent/t"))):
            outcome = train_env.in_process("--sync", "best", *arguments)
            self.assertEqual(outcome.returncode, status, outcome.stderr)
            self.assertEqual(len(outcome.stderr.splitlines()), 1, outcome.stderr)
            self.assertIn(words, outcome.stderr)

    def check_all_say(self, words: str, *arguments) -> None:
        """Each of two ranks has the reason in its line, and no advice for another one."""
        outcome = ranks(2, "--sync", "best", "--steps", "2", *arguments,
                        mpirun=("--enable-recovery",))
        said = [line for line in outcome.stderr.splitlines() if line.startswith("fprtrain: ")]
        self.assertEqual(len(said), 2, outcome.stderr)
        for line in said:
            self.assertIn(words, line)
            self.assertNotIn("goes on", line)

    def test_checkpoint_that_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            saved = pathlib.Path(folder, "state.npz")
            whole = train_env.run(train_env.warm(), *SHORT, "--sync", "fifo", "--steps", "1",
                                  "--checkpoint", saved, "--checkpoint-every", "1")
            self.assertEqual(whole.returncode, 0, whole.stderr)
            self.assertEqual(whole.stderr.splitlines(), [
                "fprtrain: --sync without mpirun is one rank; for N of them: mpirun -n N "
                "fprtrain ..."])
            self.assertIn("loss of every step: ", whole.stdout)
            self.check_files(saved, saved.read_bytes())
            saved.write_bytes(saved.read_bytes()[:1000])
            common = ("--checkpoint", saved)
            self.check_all_say(f"checkpoint {saved} is damaged, or not of fprtrain; move it away",
                               *common)
            outcome = ranks(2, "--sync", "best", *common)
            self.assertEqual(outcome.returncode, errors.NO_FILE, outcome.stderr)

    def check_files(self, saved: pathlib.Path, good: bytes) -> None:
        """What is refused, and in which words."""
        with numpy.load(saved) as file:
            elements = len(file["array0"])
        group = unittest.mock.Mock()
        group.info.rank = 0
        sync.Checkpoint(str(saved)).load(group, elements)
        group.restore.assert_called_once()
        changed = bytearray(good)
        changed[len(good) // 2] ^= 1
        other = saved.with_name("other.npz")
        for words, size, data in (
                ("is of another --model", elements + 1, good),
                ("is damaged", elements, b""), ("is damaged", elements, b"no numbers"),
                ("is damaged", elements, good[:len(good) // 2]),
                ("is damaged", elements, good[100:]), ("is damaged", elements, bytes(changed))):
            other.write_bytes(data)
            with self.assertRaisesRegex(errors.UserError, f"^checkpoint {other} {words}") as caught:
                sync.Checkpoint(str(other)).load(group, size)
            self.assertEqual(caught.exception.status, errors.NO_FILE)
        with self.assertRaisesRegex(errors.UserError, "Is a directory"):
            sync.Checkpoint(str(saved.parent)).load(group, elements)
        group.restore.assert_called_once()

    def test_batch_that_cannot_be_divided(self):
        outcome = ranks(3, "--sync", "best")
        self.assertEqual(outcome.returncode, errors.USAGE, outcome.stderr)
        self.assertIn("--batch: 4 cannot be divided among 3 ranks", outcome.stderr)

    def test_board_that_fails(self):
        words = "Input/output error; to check it: fprctl selftest --device local:"
        device = ("--device", "local:threads=1,fail=3")
        self.check_all_say(words, *device)
        outcome = train_env.run(train_env.warm(), *SHORT, "--sync", "best", *device)
        self.assertEqual(outcome.returncode, errors.FAILED, outcome.stderr)
        self.assertIn(words, outcome.stderr)

    def test_no_library(self):
        outcome = train_env.run(train_env.FPRTRAIN, "--sync", "best",
                                FPR_SYNC_LIBRARY="/nonexistent")
        self.assertEqual(outcome.returncode, errors.NO_BOARD)
        self.assertIn("cannot load /nonexistent", outcome.stderr)


if __name__ == "__main__":
    if not shutil.which("mpirun"):
        print("mpirun is not installed (tools/setup does it)")
        sys.exit(77)
    unittest.main()
