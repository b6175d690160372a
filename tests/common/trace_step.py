# SPDX-License-Identifier: MIT
"""Record two steps of a made-up network: a large layer behind small ones.

trace_step.py TRACE [lie]: with lie one gradient is recorded wrong
"""
import random
import struct
import sys

import fpr

# Backward: the last layer first. Its gradient takes several slices, the others' one or less.
LAYERS = (("fc", 512, 512), ("conv3", 96, 64), ("conv2", 64, 48), ("conv1", 48, 16))
BATCH = 16


def run(device, queue, trace, name, m, n, k):
    """A product of random numbers, into the trace."""
    a, b, c = (device.buffer(size) for size in (2 * m * k, 2 * k * n, 4 * m * n))
    for buffer in (a, b):
        count = buffer.size // 2
        buffer.memory()[:] = struct.pack(f"<{count}H", *(random.randrange(0x3c00, 0x4000)
                                                         for _ in range(count)))
    job = fpr.gemm_job(a, b, c, m, n, k)
    fence = queue.submit([job])
    fence.wait()
    if name == "conv2/AxG step 1" and sys.argv[2:]:
        c.memory()[-1] ^= 1
    trace.append(name, job.gemm, a.address, b.address, c.address,
                 counters=fence.result(0).counters)


def main():
    """Two steps: the first is the one that counts."""
    random.seed(1)
    device = fpr.Device("local")
    queue, trace = device.queue(), fpr.TraceWriter(sys.argv[1])
    for step in (1, 2):
        for name, out, inputs in reversed(LAYERS):
            run(device, queue, trace, f"{name}/AxW step {step}", BATCH, out, inputs)
        for name, out, inputs in LAYERS:
            run(device, queue, trace, f"{name}/AxG step {step}", out, inputs, BATCH)
            if name != "conv1":
                run(device, queue, trace, f"{name}/GxW step {step}", BATCH, inputs, out)
    trace.finish()


main()
