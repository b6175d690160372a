#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The driver's own tests in a guest, on Debian's 6.12, 32-bit programs and a short run of the
# fuzzer among them: without an IOMMU on one CPU, with one on two; there also those of the library
# that map memory in ways of their own.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
failed=0
export FPR_TEST_IRQ='msix 3' FPR_TEST_DEVICES=accel0 FPR_TEST_BOARD=$PWD/tests/vm/board
programs32=("$FPR_BUILD"/guest32/{good,args} "$FPR_BUILD/guest32/fuzz -n 1500")
[ -e "$FPR_BUILD/guest32/good" ] || programs32=()
in_guest() { # options [command...]
	echo "guest $1"
	# shellcheck disable=SC2086 # several options
	tests/vm/run-vm -k "$kernel" $1 -t 500 -d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
		tests/vm/guest-driver "$module" -- "$FPR_BUILD"/guest/{good,args,prime,hot,order} \
		"$FPR_BUILD/guest/fuzz -n 7500" ${programs32[@]+"${programs32[@]}"} "${@:2}" || failed=1
}
in_guest '-c 1'
in_guest '-i -c 2' "$FPR_BUILD/bin/fprctl selftest --device accel0" "$FPR_BUILD"/tests/lib_{accel,buffer,gemm}
[ $failed -eq 0 ] || exit 1
[ ${#programs32[@]} -gt 0 ] || { echo "all but 32-bit programs were run: gcc-multilib is not installed (tools/setup does it)"; exit 77; }
