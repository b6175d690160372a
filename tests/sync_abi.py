#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fpr_sync.py's structures and constants are those of the C headers."""
import ctypes
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import abi
import train_env

import fpr_sync

STRUCTS = {"fpr_sync_config": fpr_sync.Config, "fpr_group_state": fpr_sync.State,
           "fpr_group_event": fpr_sync.Event, "fpr_group_options": fpr_sync.Options,
           "fpr_group_info": fpr_sync.Info, "fpr_group_tensor": fpr_sync.Tensor,
           "fpr_sync_counters": fpr_sync.Counters, "fpr_group_stats": fpr_sync.Stats}
CONSTANTS = {
    "FPR_SYNC_MODES": len(fpr_sync.MODES), "FPR_GROUP_SUM": fpr_sync.SUM,
    "FPR_GROUP_SGD": fpr_sync.SGD, "FPR_GROUP_ADAM": fpr_sync.ADAM,
    "FPR_GROUP_STEP": fpr_sync.STEP, "FPR_GROUP_QUEUED": fpr_sync.QUEUED,
    "FPR_GROUP_SEND": fpr_sync.SEND, "FPR_GROUP_SENT": fpr_sync.SENT,
    "FPR_GROUP_RECEIVED": fpr_sync.RECEIVED, "FPR_GROUP_SUMMED": fpr_sync.SUMMED,
    "FPR_GROUP_UPDATED": fpr_sync.UPDATED, "FPR_GROUP_READY": fpr_sync.READY,
    "FPR_GROUP_WAIT": fpr_sync.WAIT, "FPR_GROUP_WAITED": fpr_sync.WAITED,
    "FPR_SYNC_PUSH": fpr_sync.MESSAGES.index("push"),
    "FPR_SYNC_REPLY": fpr_sync.MESSAGES.index("reply"),
    "FPR_SYNC_NOTIFY": fpr_sync.MESSAGES.index("notify"),
    "FPR_SYNC_PULL": fpr_sync.MESSAGES.index("pull"), "FPR_GROUP_NONE": fpr_sync.NONE,
    "FPR_GROUP_CHECKPOINT_ALL": fpr_sync.CHECKPOINT_ALL,
    "FPR_GROUP_WAIT_FOREVER": fpr_sync.WAIT_FOREVER, "FPR_GROUP_ERROR_MAX": fpr_sync._ERROR_MAX}


class Abi(unittest.TestCase):
    """Against the compiler."""

    def test_layouts_and_constants(self):
        flags = subprocess.run(["pkg-config", "--cflags", "ompi-c"], check=True,
                               capture_output=True, text=True).stdout.split()
        found = abi.facts("fpr_sync", STRUCTS, CONSTANTS,
                          [f"-I{train_env.ROOT}/lib/sync", *flags])
        abi.check_constants(self, found, CONSTANTS)
        abi.check_layouts(self, found, STRUCTS)

    def test_modes(self):
        name = fpr_sync.library().fpr_sync_mode_name
        name.restype = ctypes.c_char_p
        self.assertEqual([name(i).decode() for i in range(len(fpr_sync.MODES))],
                         list(fpr_sync.MODES))


if __name__ == "__main__":
    if not shutil.which("cc") or subprocess.run(["pkg-config", "--exists", "ompi-c"],
                                                check=False).returncode:
        print("no C compiler, or no Open MPI")
        sys.exit(77)
    unittest.main()
