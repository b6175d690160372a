#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `make install-opencl` puts in place is found by the loader, builds a program with pkg-config
# and cl_fpr.h, and keeps its names to itself. The manual's example computes what the manual says.
set -u
[ -e "$FPR_BUILD/vendors/fpr.icd" ] || { echo "ocl-icd-opencl-dev is not installed (tools/setup does it)"; exit 77; }
command -v clinfo >/dev/null || { echo "clinfo is not installed (tools/setup does it)"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
make install-libraries install-opencl BUILD="$FPR_BUILD" PREFIX="$dir/usr" SYSCONFDIR="$dir/etc" >"$dir/log" 2>&1 ||
	{ cat "$dir/log"; exit 1; }
export LD_LIBRARY_PATH=$dir/usr/lib OCL_ICD_VENDORS=$dir/etc/OpenCL/vendors FPR_OPENCL_LOCAL=1
[ "$(cat "$OCL_ICD_VENDORS/fpr.icd")" = "$dir/usr/lib/libfpr_opencl.so.1" ] || { echo "wrong .icd"; exit 1; }
clinfo -l | grep -q 'Platform #0: fpr' || { echo "not found"; exit 1; }
# The local board is there for who asks for it, and for nobody else.
clinfo -l | grep -q 'Device #[0-9]*: fpr local ' || { echo "no local board"; exit 1; }
env -u FPR_OPENCL_LOCAL clinfo -l | grep 'Device.*fpr local' && { echo "a local board that nobody asked for"; exit 1; }
FPR_OPENCL_LOCAL=0 clinfo -l | grep 'Device.*fpr local' && { echo "a local board in spite of 0"; exit 1; }

cat >"$dir/program.c" <<'END'
#include <cl_fpr.h>
#include <stdio.h>
int main(void)
{
	cl_platform_id platform;
	clGetEventResultFPR_fn get;

	if (clGetPlatformIDs(1, &platform, NULL))
		return 1;
	get = (clGetEventResultFPR_fn)clGetExtensionFunctionAddressForPlatform(platform, "clGetEventResultFPR");
	return !get || get(NULL, NULL) != CL_INVALID_EVENT;
}
END
# shellcheck disable=SC2046 # several words
PKG_CONFIG_PATH=$dir/usr/lib/pkgconfig "${CC:-gcc}" -DCL_TARGET_OPENCL_VERSION=300 -Wall -Werror "$dir/program.c" \
	-o "$dir/program" $(PKG_CONFIG_PATH=$dir/usr/lib/pkgconfig pkg-config --cflags fpr OpenCL) -lOpenCL ||
	exit 1
"$dir/program" || { echo "the program fails"; exit 1; }

sed -n '/^#include <CL/,/^\.Ed/{/^\.Ed/!p}' lib/man/fpr-opencl.7 | sed 's/\\e/\\/g' >"$dir/first.c"
"${CC:-gcc}" -DCL_TARGET_OPENCL_VERSION=300 -Wall -Wextra -Werror "$dir/first.c" -o "$dir/first" -lOpenCL || exit 1
"$dir/first" | diff - <(printf '4 5\n-1 0\n') || { echo "the manual's example computes something else"; exit 1; }

# What makes no sense in the environment is told, once.
told() { # variable value text
	env "$1=$2" clinfo >/dev/null 2>"$dir/error"
	[ "$(grep -c "^fpr-opencl: $1: '$2' $3" "$dir/error")" -eq 1 ] ||
		{ echo "$1=$2: $(cat "$dir/error")"; exit 1; }
}
told FPR_OPENCL_LOCAL bogus 'is neither 0 nor 1 nor a local board'
told FPR_OPENCL_LOCAL local:model=slow 'is neither 0 nor 1 nor a local board'
told FPR_CL_DEVICE_TYPE gpu 'is neither accelerator nor custom'

# No clXxx of ours but what the loader looks for: the others are the loader's own names.
names=$(nm -D --defined-only "$dir/usr/lib/libfpr_opencl.so.1" | awk '{ print $3 }' | sort | tr '\n' ' ')
[ "$names" = "clGetExtensionFunctionAddress clGetPlatformInfo clIcdGetPlatformIDsKHR " ] ||
	{ echo "exported: $names"; exit 1; }
