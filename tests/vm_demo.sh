#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `make demo` says and how it ends: when all bits agree, when one does not, and when
# something that it needs is missing; and that gradients leave the board in the order in which they are
# needed. Products are made up.
set -u
[ -z "${FPR_TEST_KERNEL-}" ] || { echo "a matter of Debian's kernels, not of $FPR_TEST_KERNEL"; exit 77; }
export BUILD=$FPR_BUILD FPR_DEMO_SIZE=1048576
failed=0
trace=$TMPDIR/sample
"$FPR_BUILD/tests/lib_trace" "$trace" || exit 1
"$PYTHON" tests/common/trace_lie.py "$trace" "$TMPDIR/lie" element || exit 1
FPR_LIBRARY=$FPR_BUILD/lib/libfpr.so PYTHONPATH=lib/python "$PYTHON" tests/common/trace_step.py "$TMPDIR/step" || exit 1

ends() { # exit status, last line, option...
	local code=0
	tools/demo "${@:3}" >"$TMPDIR/out" 2>&1 || code=$?
	[ "$code" -eq "$1" ] && tail -n 1 "$TMPDIR/out" | grep -q "$2" && return
	echo "tools/demo ${*:3}: exit status $code, not $1, or the last line does not say '$2':"
	tail -n 40 "$TMPDIR/out"
	failed=1
}
says() { grep -q "$1" "$TMPDIR/out" || { echo "tools/demo does not say '$1'"; failed=1; }; }

ends 0 '^demo: all 22 recorded products came out of /dev/accel/accel0 bit for bit$' --trace "$TMPDIR/step"
says ' interrupts  *22 of the board, for 22 completions and 22 doorbells$'
says '^    fifo: .* s, as number 4 of 4; .* 0 preemptions (computed after .* s)$'
says '^    p3: .* s, as number [123] of 4; .*[^0-9][1-9][0-9]* preemptions (.*'
says '^ *to-host .* GB a second, '
says '^    host .* %$'
ends 1 '^demo: FAILED: 1 of 6 products differ' --trace "$TMPDIR/lie"
says '^  fprctl gradients: there is none in this trace$'
ends 3 '^demo: the virtual host died$' --trace "$trace" --board --no-such-option
says 'no-such-option'
# The one or the other, as the system's own QEMU may do.
: >"$TMPDIR/file"
FPR_CACHE=$TMPDIR/file ends 3 '^demo: no .*, and none can be fetched' --trace "$trace"
ends 2 '^usage: tools/demo ' --nonsense
exit $failed
