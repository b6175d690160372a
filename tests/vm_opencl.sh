#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# OpenCL on a board behind the driver, as on the local one; without an IOMMU, and with one what
# maps memory, until the board goes away.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
[ -e "$FPR_BUILD/vendors/fpr.icd" ] || { echo "ocl-icd-opencl-dev is not installed (tools/setup does it)"; exit 77; }
tests=$FPR_BUILD/tests
gone='fpr 0000:[0-9a-f:.]*: \[drm\] \*ERROR\* the board has gone '
failed=0

# The guest has what this machine has.
clients=() missing=
if command -v clinfo >/dev/null && [ -e /etc/OpenCL/vendors/pocl.icd ]; then
	clients+=(tests/cl_clinfo.sh)
else
	missing="clinfo or pocl-opencl-icd"
fi
if /usr/bin/python3 -c 'import importlib.util as u, sys; sys.exit(not (u.find_spec("numpy") and u.find_spec("pyopencl")))'; then
	clients+=(tests/cl_pyopencl.py)
else
	missing=${missing:+$missing, }python3-pyopencl
fi

in_guest() { # option ... -- [parameter ...] -- command ...
	local options=()
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	tests/vm/run-vm -k "$kernel" "${options[@]}" -c 2 -m 1536 -t 500 -d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
		env FPR_TEST_DEVICES=accel0 FPR_TEST_BOARD="$PWD/tests/vm/board" FPR_BUILD="$FPR_BUILD" FPR_TEST_STRIDE=4 \
		LD_LIBRARY_PATH="$FPR_BUILD/lib" tests/vm/guest-driver "$module" "$@" || failed=1
}

echo 'guest without IOMMU'
# The clients once: what lies below them is the same.
in_guest -- -- "$tests"/cl_{arguments,boards,buffer,events,gemm,info,lifetime,priority,threads} \
	${clients[@]+"${clients[@]}"}
echo 'guest -i, whose board goes away in the end'
in_guest -i -e "$gone" -- timeout_ms=2000 -- "$tests"/cl_{buffer,gemm,removal}
[ $failed -eq 0 ] || exit 1
[ -z "$missing" ] || { echo "all but the clients were run: $missing is not installed (tools/setup does it)"; exit 77; }
