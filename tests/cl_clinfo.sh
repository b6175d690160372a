#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# clinfo finds the board through the machine's loader, also beside another platform, and has
# nothing to complain of; all that it tells of the board makes sense. FPR_TEST_DEVICES=accel0: the board behind the driver.
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

# All that is told of the board against all that is to be told.
on_bus=$([ "${device#local}" = "$device" ] && echo 1)
version=$(sed -n 's/^#define FPR_VERSION "\(.*\)"$/\1/p' lib/fpr.h)
golden() {
	sed "/^#/d; s/\$device/$device/; s/\$version/$version/; s/\$memory/$(fact CL_DEVICE_GLOBAL_MEM_SIZE)/
		s/\$type/CL_DEVICE_TYPE_CUSTOM/; s/\$bus/0${on_bus:-0}/
		s/\$unified/CL_$([ "$on_bus" ] && echo FALSE || echo TRUE)/
		s/\$pci_version/${on_bus:+ cl_khr_pci_bus_info:0x400000}/; s/\$pci/${on_bus:+ cl_khr_pci_bus_info}/" \
		tests/cl_clinfo.golden
	[ -z "$on_bus" ] || echo 'CL_DEVICE_PCI_BUS_INFO_KHR PCI*0000:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f].0'
}
declare -A told
while read -r parameter value; do
	told[$parameter]=$value
done < <(sed -n 's,^\[FPR/0\] *,,p' "$dir/raw")
while read -r parameter pattern; do
	[ -n "${told[$parameter]+told}" ] || { complain "clinfo does not tell $parameter"; continue; }
	value=${told[$parameter]}
	unset "told[$parameter]"
	case $pattern in
	[0-9]*..*) [ "$value" -ge "${pattern%..*}" ] && [ "$value" -le "${pattern#*..}" ] ;;
	*) # shellcheck disable=SC2053 # the pattern is one
		[[ $value == $pattern ]] ;;
	esac || complain "$parameter is '$value', not '$pattern'"
done < <(golden)
for parameter in "${!told[@]}"; do
	complain "tests/cl_clinfo.golden lacks $parameter, which is '${told[$parameter]}'"
done
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
