#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The driver's own traffic, recorded in a guest, replayed to the whole board in SystemVerilog: what
# the board answers, writes and signals is what the recorded one did, however slow host and memory
# are. The RTL is a copy with mistakes that are switched on at run time: with any it must fail.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
for tool in yosys perl; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
flock "$build/rtl.lock" make --no-print-directory -s "$build/rtl/array.o" BUILD="$build" || exit 1
recording=hw/rtl/bench/top/driver.rec.gz
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -r hw/rtl "$tmp/source" || exit 1
cp "$build"/rtl/*.o "$tmp" && ln -s "$(realpath "$build/rtl/value")" "$tmp/value" || exit 1
failed=0
names=()

# spoil FILE BEFORE RIGHT WRONG WHAT: where the text RIGHT comes after BEFORE
spoil() {
	names+=("$5")
	BEFORE=$2 RIGHT=$3 WRONG=$4 WHICH=${#names[@]} perl -0pi -e '
		my ($before, $right, $wrong, $n) = @ENV{qw(BEFORE RIGHT WRONG WHICH)};
		s/\Q$before$right\E/$before(fpr_broken::which == $n ? ($wrong) : ($right))/g' "$tmp/source/top/$1"
	grep -q "which == ${#names[@]} " "$tmp/source/top/$1" || { echo "$1: '$3' is not there to spoil"; exit 1; }
}
spoil fpr_top.sv '.c_bytes(' mac_start_c_bytes mac_start_a_bytes 'C is taken to be as large as A'
spoil fpr_top.sv '.h2c_class_bytes(' h2c_class_bytes c2h_class_bytes 'bytes are those of the other direction'
spoil fpr_top.sv '.scratch(' memory "64'd0" 'working memory lies over board memory'
spoil fpr_shell_dma.sv '' 'filled & ~phase' filled 'the phase comes with the rest of a completion'
spoil fpr_axi_join.sv '' 'out_bvalid && out_bready' "1'b0" 'a write is never over'

FPR_RTL_BROKEN=1 FPR_RTL=$tmp/source hw/rtl/bench/build top "$tmp/top" || exit 1
for how in '1 4' '2 12'; do
	# shellcheck disable=SC2086 # seed and stalls
	"$tmp/top/bench" $recording $how || failed=1
done
for n in $(seq ${#names[@]}); do
	"$tmp/top/bench" --broken "$n" $recording >"$tmp/log"
	[ $? -eq 1 ] || { echo "nobody noticed: ${names[$n - 1]}"; failed=1; }
done

# The core of the shell and the array are black boxes.
for box in fpr_array fpr_shell_core; do
	sed -n '/^module/,/^);/p' hw/rtl/bench/top/$box.sv
	echo endmodule
done >"$tmp/boxes.sv"
yosys -q -p "read_verilog -sv hw/rtl/top/*.sv hw/rtl/fpr_fp32_*.sv hw/rtl/fpr_p3_arbiter.sv; read_verilog -sv -lib $tmp/boxes.sv
	hierarchy -check -top fpr_top; proc; check -assert" || { echo "not for Yosys"; failed=1; }
exit $failed
