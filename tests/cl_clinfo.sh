#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# clinfo finds the board through the machine's loader, also beside another platform, and has
# nothing to complain of. FPR_TEST_DEVICES=accel0: the board behind the driver.
set -u
command -v clinfo >/dev/null || { echo "clinfo is not installed (tools/setup does it)"; exit 77; }
[ -e "$FPR_BUILD/vendors/fpr.icd" ] || { echo "ocl-icd-opencl-dev is not installed (tools/setup does it)"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
complain() { echo "$*"; failed=1; }

device=${FPR_TEST_DEVICES:-local}
export OCL_ICD_VENDORS=$dir/vendors
[ "${device#local}" = "$device" ] || export FPR_OPENCL_LOCAL=$device
mkdir "$OCL_ICD_VENDORS" || exit 1
cp "$FPR_BUILD/vendors/fpr.icd" "$OCL_ICD_VENDORS" || exit 1

# One line per fact: [PLATFORM/DEVICE] PARAMETER VALUE, of a platform without the first
clinfo --raw >"$dir/raw" 2>"$dir/errors" || complain "clinfo fails"
[ ! -s "$dir/errors" ] || complain "clinfo complains: $(cat "$dir/errors")"
fact() { # parameter
	sed -En "s/^(\[[^]]*\])? *$1  +//p" "$dir/raw" | head -n 1
}
expect() { # parameter pattern
	local value
	value=$(fact "$1")
	# shellcheck disable=SC2254 # the pattern is one
	case $value in
	$2) ;;
	*) complain "$1 is '$value', not '$2'" ;;
	esac
}
expect CL_PLATFORM_NAME fpr
expect CL_PLATFORM_VERSION 'OpenCL 3.0 fpr *'
expect CL_PLATFORM_ICD_SUFFIX_KHR FPR
expect CL_PLATFORM_EXTENSIONS '*cl_khr_icd*'
expect CL_DEVICE_NAME "fpr $device (*)"
expect CL_DEVICE_TYPE CL_DEVICE_TYPE_CUSTOM
expect CL_DEVICE_VERSION 'OpenCL 3.0 *'
expect CL_DEVICE_AVAILABLE CL_TRUE
expect CL_DEVICE_COMPILER_AVAILABLE CL_FALSE
expect CL_DEVICE_PROFILE EMBEDDED_PROFILE
expect CL_DEVICE_BUILT_IN_KERNELS 'fpr_gemm;fpr_matmul;fpr_copy;fpr_push;fpr_pull;fpr_accumulate'
expect CL_DEVICE_QUEUE_ON_HOST_PROPERTIES '*CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE*CL_QUEUE_PROFILING_ENABLE*'
[ "$(fact CL_DEVICE_GLOBAL_MEM_SIZE)" -ge 1048576 ] || complain "there is no memory"
[ "$(fact CL_DEVICE_MAX_MEM_ALLOC_SIZE)" -le "$(fact CL_DEVICE_GLOBAL_MEM_SIZE)" ] || complain "buffers larger than memory"
grep -E 'CL_(INVALID|OUT_OF|DEVICE_NOT)|error|Error' "$dir/raw" && complain "a question was not answered"

clinfo >"$dir/text" 2>"$dir/errors" || complain "clinfo fails"
[ ! -s "$dir/errors" ] || complain "clinfo complains: $(cat "$dir/errors")"
grep -q 'Number of platforms  *1$' "$dir/text" || complain "not one platform"
[ "$(grep -c 'Device Name  *fpr ' "$dir/text")" -ge 1 ] || complain "no device"
grep -q 'CL_DEVICE_TYPE_CUSTOM)  *Success (1)' "$dir/text" || complain "no context of type CUSTOM"

FPR_CL_DEVICE_TYPE=accelerator clinfo --raw >"$dir/raw" || complain "clinfo fails"
expect CL_DEVICE_TYPE CL_DEVICE_TYPE_ACCELERATOR

# Beside another platform, which must be there as before.
if cp /etc/OpenCL/vendors/pocl.icd "$OCL_ICD_VENDORS" 2>/dev/null; then
	POCL_CACHE_DIR=$dir clinfo -l >"$dir/list" 2>&1 || complain "clinfo -l fails"
	for platform in fpr 'Portable Computing Language'; do
		grep -q "^Platform #[01]: $platform\$" "$dir/list" || complain "no platform $platform: $(cat "$dir/list")"
	done
	[ "$(grep -c 'Device #0: ' "$dir/list")" -eq 2 ] || complain "not a device on each"
	cat "$dir/list"
else
	echo "pocl-opencl-icd is not installed (tools/setup does it): nothing to stand beside"
	[ $failed -ne 0 ] || exit 77
fi
exit $failed
