#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprctl on a board behind the driver: doctor before, with and after it; top while a program works; resets,
# dumps after a hang, registers, tracepoints, a wedged board; as root and as others.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
"${CC:-gcc}" -shared -fPIC -Wall -Werror -Ihw/include -Ilib -o "$TMPDIR/bad_board.so" tests/preload/bad_board.c -ldl || exit 1
tests/vm/run-vm -k "$kernel" -c 2 -t 500 -e 'fpr 0000:.*, and resets do not help: ' \
	-d "$FPR_BUILD/bin/fpr-board --memory=64 --socket %s --control %c" -- \
	"${PYTHON:-/usr/bin/python3}" -B tests/vm/guest-ctl "$module" "$FPR_BUILD" "$TMPDIR/bad_board.so"
