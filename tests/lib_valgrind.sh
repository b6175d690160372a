#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The library's tests leak nothing and touch nothing they should not, says valgrind.
set -u
command -v valgrind >/dev/null || { echo "valgrind is not installed (tools/setup does it)"; exit 77; }
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
failed=0

# Valgrind knows no AVX-512, so the board must not choose it.
export FPR_TEST_DEVICES=local:isa=portable,threads=2
# A sample of the orders in which handles can be destroyed.
export FPR_TEST_STRIDE=37
for test in lib_buffer lib_arguments lib_fence lib_lifetime; do
	valgrind --quiet --suppressions=tests/common/valgrind.supp --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
		--error-exitcode=9 "$FPR_BUILD/tests/$test" >"$log" 2>&1 ||
		{ echo "$test under valgrind:"; tail -n 60 "$log"; failed=1; }
done
exit $failed
