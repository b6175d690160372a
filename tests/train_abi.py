#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Python binding's structures and constants are those of the C headers."""
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import abi
import train_env

import fpr

STRUCTS = {"fpr_gemm": fpr.Gemm, "fpr_gemm_counters": fpr.Counters,
           "fpr_operand_stats": fpr.OperandStats, "fpr_device_info": fpr.DeviceInfo,
           "fpr_gemm_job": fpr.GemmJob, "fpr_gemm_result": fpr.GemmResult}
CONSTANTS = {
    "FPR_KIND_CHUNK": fpr.CHUNK, "FPR_KIND_SET": fpr.SET, "FPR_KIND_DENSE": fpr.DENSE,
    "FPR_KIND_VALUE": fpr.VALUE, "FPR_KIND_DEFAULT": fpr.KIND_DEFAULT,
    "FPR_KINDS": len(fpr.KINDS), "FPR_SERIAL_A": fpr.SERIAL_A, "FPR_SERIAL_B": fpr.SERIAL_B,
    "FPR_SERIAL_AUTO": fpr.SERIAL_AUTO, "FPR_OUT_F32": fpr.OUT_F32, "FPR_OUT_BF16": fpr.OUT_BF16,
    "FPR_T_MAX": fpr.T_MAX, "FPR_DIM_MAX": fpr.DIM_MAX,
    "FPR_JOB_NO_COUNTERS": fpr.JOB_NO_COUNTERS, "FPR_WAIT_FOREVER": fpr.WAIT_FOREVER}


class Abi(unittest.TestCase):
    """Against the compiler."""

    @classmethod
    def setUpClass(cls):
        cls.facts = abi.facts("fpr", STRUCTS, CONSTANTS,
                              [f"-I{train_env.ROOT}/lib", f"-I{train_env.ROOT}/hw/include"])

    def test_constants(self):
        abi.check_constants(self, self.facts, CONSTANTS)

    def test_layouts(self):
        abi.check_layouts(self, self.facts, STRUCTS)


class Binding(unittest.TestCase):
    """Against the library."""

    def test_product(self):
        device = fpr.Device("local:threads=1")
        a, b, c = (device.buffer(64) for _ in range(3))
        for operand, values in ((a, (0x3f80, 0x4000, 0x4040, 0x4080)),      # 1 2 3 4
                                (b, (0x3f80, 0x0000, 0xbf80, 0x3f00))):     # 1 0 -1 0.5
            operand.memory()[:8] = b"".join(value.to_bytes(2, "little") for value in values)
        fence = device.queue().submit([fpr.gemm_job(a, b, c, 2, 2, 2)])
        fence.wait()
        self.assertEqual(list(c.memory()[:16].cast("f")), [-1.0, 1.0, -1.0, 2.0])
        self.assertEqual(fence.result(0).counters.bytes_c_written, 16)
        self.assertEqual(a.count(2, 2).zeros, 0)
        self.assertEqual(b.count(2, 2).zeros, 1)

    def test_a_view_outlives_its_buffer_object(self):
        view = fpr.Device("local:threads=1").buffer(4096).memory()
        view[:] = bytes(range(256)) * 16
        self.assertEqual(view[4095], 255)

    def test_errors_carry_errno(self):
        device = fpr.Device("local:threads=1")
        buffer = device.buffer(64)
        with self.assertRaises(fpr.FprError) as caught:
            device.queue().submit([fpr.gemm_job(buffer, buffer, buffer, 2, 2, 2)])
        self.assertEqual(caught.exception.errno, 22)
        with self.assertRaises(TypeError):
            fpr.gemm_job(buffer, buffer, buffer, 2, 2, 2, nonsense=1)
        with self.assertRaises(fpr.FprError) as caught:
            fpr.Device("nothing")
        self.assertEqual(caught.exception.errno, 19)


if __name__ == "__main__":
    if not shutil.which("cc"):
        print("no C compiler")
        sys.exit(77)
    unittest.main()
