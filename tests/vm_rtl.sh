#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# End to end on the RTL: products of every kind through the driver to a board whose tiles are the
# RTL's have the bits and the counters of the HLS C.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
command -v verilator >/dev/null || { echo "verilator is not installed (tools/setup does it)"; exit 77; }
flock "$FPR_BUILD/rtl.lock" make --no-print-directory -s rtl-model BUILD="$FPR_BUILD" || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# Operands near one: random bytes would be mostly NaN.
python3 -c "import random
random.seed(5)
for name, count in (('a', 20 * 150), ('b', 150 * 12)):
    values = (random.randrange(0x3e80, 0x4100) | random.getrandbits(1) << 15 for _ in range(count))
    open('$dir/' + name, 'wb').write(b''.join(value.to_bytes(2, 'little') for value in values))" || exit 1

# gemm KIND DEVICE C: a command; what it prints is the same on every device from the line of the kind on
gemm() {
	echo "$FPR_BUILD/bin/fprctl gemm --json -m 20 -n 12 -k 150 --kind $1 --device $2 --a $dir/a --b $dir/b --c $dir/$3"
}
products=()
for kind in chunk set dense value; do
	sh -c "$(gemm $kind local:model=hls $kind)" | sed -n '/"kind"/,$p' >"$dir/$kind.json"
	[ -s "$dir/$kind.json" ] || exit 1
	products+=("$(gemm $kind accel0 c) | sed -n '/\"kind\"/,\$p' | diff - $dir/$kind.json && cmp $dir/c $dir/$kind")
done
tests/vm/run-vm -k "$kernel" -t 200 -d "$FPR_BUILD/bin/fpr-board --socket %s --control %c --model=rtl" -- \
	tests/vm/guest-driver "$module" -- "${products[@]}"
