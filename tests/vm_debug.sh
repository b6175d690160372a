#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What takes the debug kernel: its checkers, the driver's unit tests, and memory that
# runs out at every place where the driver asks for some.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
[ "$kernel" = debug ] || { echo "needs the debug kernel: make check-debug-kernel"; exit 77; }
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make check-debug-kernel)"; exit 1; }
# The rest of the kernel says at level ERR or WARNING what it could not do.
tests/vm/run-vm -k "$kernel" -i -c 2 -t 1200 \
	-e 'fpr 0000:[0-9a-f:.]*: probe with driver fpr failed with error -[0-9]*$' \
	-e '\[drm:drm_(dev|gem)_init\] \*ERROR\* ' \
	-e 'drm_sched_init: Failed to setup GPU scheduler--out of memory$' \
	-e 'debugfs: out of free dentries, can not create ' \
	-e 'workqueue: Failed to (allocate a rescuer|create a rescuer kthread) for wq "fpr[^"]*"' \
	-e 'kobject: kobject_add_internal failed for (accel|hwmon)[0-9]* \(error: -12 parent: ' \
	-e 'Huh VM_FAULT_OOM leaked out to the #PF handler' \
	-e 'SLUB: Unable to allocate memory on CPU ' -e '  (cache|node [0-9]*): ' \
	-e '  kmalloc-[0-9a-z]* debugging increased min order' \
	-e 'kmemleak: Cannot allocate a scan area, scanning the full object$' \
	-d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
	tests/vm/guest-driver "$module" -- tests/vm/guest-checkers \
	"tests/vm/guest-kunit $FPR_BUILD/driver-$kernel/fpr_kunit.ko" "$FPR_BUILD/guest/nomem"
