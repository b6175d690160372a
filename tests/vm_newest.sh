#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The newest kernel that Debian carries: the module loads, every ioctl works, and so do dma-bufs,
# resets, core dumps and the uevent of a board that is given up. Boards that are no such are refused; and
# the benchmark of the driver runs, as far as its jobs.
set -u
[ -z "${FPR_TEST_KERNEL-}" ] || { echo "a matter of Debian's kernels, not of $FPR_TEST_KERNEL"; exit 77; }
module=$FPR_BUILD/driver-7/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
tests/vm/run-vm -k 7 -i -c 2 -t 400 -e 'fpr 0000:.*, and resets do not help: ' \
	-e 'fpr 0000:[0-9a-f:.]*: (reads all ones|its ID reads|board contract|capabilities make no sense)' \
	-d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
	tests/vm/guest-driver "$module" timeout_ms=1000 -- tests/vm/guest-refusal "$FPR_BUILD"/guest/{good,prime} \
	"$FPR_BUILD/bin/driver-bench --only jobs --runs 1 --sample 0.002" \
	"$FPR_BUILD/guest/faults hangs"
