#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# An application of OpenCL that gives back what it made leaves nothing, says valgrind.
set -u
command -v valgrind >/dev/null || { echo "valgrind is not installed (tools/setup does it)"; exit 77; }
[ -e "$FPR_BUILD/vendors/fpr.icd" ] || { echo "ocl-icd-opencl-dev is not installed (tools/setup does it)"; exit 77; }
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
failed=0

# Valgrind knows no AVX-512, so the board must not choose it.
export FPR_TEST_DEVICES=local:isa=portable,threads=2
# A sample of the orders in which objects can go.
export FPR_TEST_STRIDE=20
for test in cl_arguments cl_info cl_lifetime cl_boards; do
	valgrind --quiet --suppressions=tests/common/valgrind.supp --leak-check=full --show-leak-kinds=definite,indirect,possible \
		--errors-for-leak-kinds=definite,indirect,possible \
		--error-exitcode=9 "$FPR_BUILD/tests/$test" >"$log" 2>&1 ||
		{ echo "$test under valgrind:"; tail -n 60 "$log"; failed=1; }
done
exit $failed
