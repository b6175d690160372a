#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""PyOpenCL multiplies matrices on the board: numpy's values, and the library's bits.

FPR_TEST_DEVICES=accel0: the board behind the driver.
"""
import os
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("FPR_BUILD", ROOT / "build"))
DEVICE = os.environ.get("FPR_TEST_DEVICES", "local").split()[0]
os.environ["OCL_ICD_VENDORS"] = str(BUILD / "vendors")
os.environ.setdefault("FPR_LIBRARY", str(BUILD / "lib" / "libfpr.so"))
if DEVICE.startswith("local"):
    os.environ["FPR_OPENCL_LOCAL"] = DEVICE
os.environ["PYOPENCL_NO_CACHE"] = "1"

if not (BUILD / "vendors" / "fpr.icd").exists():
    print("ocl-icd-opencl-dev is not installed (tools/setup does it)")
    sys.exit(77)
try:
    import numpy as np
    import pyopencl as cl
except ImportError:
    print("python3-pyopencl is not installed (tools/setup does it)")
    sys.exit(77)

sys.path.insert(0, str(ROOT / "lib" / "python"))
import fpr

M, N, K = 37, 53, 130


def bf16(values):
    """fp32 values that bfloat16 holds, as bfloat16."""
    bits = np.asarray(values, np.float32).view(np.uint32)
    return (bits >> 16).astype(np.uint16)


class Product(unittest.TestCase):
    """C = A B, by the names that the device gives."""

    @classmethod
    def setUpClass(cls):
        platform, = [p for p in cl.get_platforms() if p.name == "fpr"]
        cls.device, = [d for d in platform.get_devices(cl.device_type.CUSTOM)
                       if d.name.startswith(f"fpr {DEVICE}")]
        cls.context = cl.Context([cls.device])
        cls.queue = cl.CommandQueue(
            cls.context, properties=cl.command_queue_properties.PROFILING_ENABLE)
        cls.program = cl.create_program_with_built_in_kernels(
            cls.context, [cls.device], cls.device.built_in_kernels)

    def multiply(self, a, b):
        """fp32 C of bfloat16 operands, and the kernel's event."""
        flags = cl.mem_flags
        buffers = [cl.Buffer(self.context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=x)
                   for x in (a, b)]
        c = np.empty((a.shape[0], b.shape[1]), np.float32)
        buffers.append(cl.Buffer(self.context, flags.WRITE_ONLY, c.nbytes))
        kernel = cl.Kernel(self.program, "fpr_matmul")
        kernel.set_args(*buffers, np.uint32(a.shape[0]), np.uint32(b.shape[1]),
                        np.uint32(a.shape[1]))
        event = cl.enqueue_nd_range_kernel(self.queue, kernel, (1,), None)
        cl.enqueue_copy(self.queue, c, buffers[2], wait_for=[event])
        return c, event

    def test_integers_are_exact(self):
        random = np.random.default_rng(1)
        a, b = (random.integers(-8, 9, shape).astype(np.float32) for shape in ((M, K), (K, N)))
        c, event = self.multiply(bf16(a), bf16(b))
        np.testing.assert_array_equal(c, a @ b)
        self.assertLessEqual(event.profile.queued, event.profile.submit)
        self.assertLessEqual(event.profile.start, event.profile.end)

    def test_values_are_close(self):
        random = np.random.default_rng(2)
        a, b = (bf16(random.standard_normal(shape)) for shape in ((M, K), (K, N)))
        c, _ = self.multiply(a, b)
        wide = [(x.astype(np.uint32) << 16).view(np.float32).astype(np.float64) for x in (a, b)]
        # What a kind `chunk` drops of 64 products, at T = 15.
        np.testing.assert_allclose(c, wide[0] @ wide[1], rtol=1e-3, atol=1e-2)

    def test_bits_are_the_librarys(self):
        random = np.random.default_rng(3)
        a, b = (bf16(random.standard_normal(shape) * 2.0 ** random.integers(-9, 9, shape))
                for shape in ((M, K), (K, N)))
        c, _ = self.multiply(a, b)
        board = fpr.Device(DEVICE)
        buffers = [board.buffer(size) for size in (a.nbytes, b.nbytes, c.nbytes)]
        for buffer, values in zip(buffers, (a, b)):
            buffer.memory()[:values.nbytes] = values.tobytes()
        board.queue().submit([fpr.gemm_job(*buffers, M, N, K)]).wait()
        np.testing.assert_array_equal(c.view(np.uint32),
                                      buffers[2].array("<u4", (M, N)))

    def test_the_page_tells_all_arguments(self):
        """Their names and types in their order, of each kernel of the device."""
        info, page, described = cl.kernel_arg_info, (ROOT / "lib/man/fpr-opencl.7").read_text(), {}
        for section in re.split(r"^\.S[hs] ", page, flags=re.M)[1:]:
            rows = re.findall(r"^\.It (\w+) Ta ([\w*]+) Ta (\S+) Ta \S", section, re.M)
            if rows:
                described[section.split()[0]] = rows
        self.assertEqual(sorted(described), sorted(self.device.built_in_kernels.split(";")))
        for name, rows in described.items():
            kernel = cl.Kernel(self.program, name)
            self.assertEqual([(kernel.get_arg_info(i, info.NAME),
                               kernel.get_arg_info(i, info.TYPE_NAME))
                              for i in range(kernel.num_args)],
                             [(argument, kind) for argument, kind, _ in rows], name)

    def test_map(self):
        flags = cl.mem_flags
        buffer = cl.Buffer(self.context, flags.READ_WRITE | flags.ALLOC_HOST_PTR, 4096)
        cl.enqueue_fill_buffer(self.queue, buffer, np.uint32(0x12345678), 0, 4096)
        mapped, _ = cl.enqueue_map_buffer(self.queue, buffer, cl.map_flags.READ, 0, (1024,),
                                          np.uint32)
        self.assertTrue((mapped == 0x12345678).all())
        mapped.base.release(self.queue)


if __name__ == "__main__":
    unittest.main()
