#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The library's tests and fprctl on a board behind the driver, as on the local one; with an IOMMU
# vm_driver.sh has some of them.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
fprctl=$FPR_BUILD/bin/fprctl tests=$FPR_BUILD/tests

tests/vm/run-vm -k "$kernel" -c 2 -t 500 -d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
	env FPR_TEST_DEVICES=accel0 FPR_TEST_BOARD="$PWD/tests/vm/board" \
	tests/vm/guest-driver "$module" -- \
	"$fprctl list" "$fprctl info --device accel0" "$fprctl selftest --device accel0" \
	"$tests"/lib_{accel,arguments,buffer,device,fence,gemm,threads,transfer} "FPR_TEST_STRIDE=7 $tests/lib_lifetime"
