#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The MAC engine's sequencer and the array's stand-in against the HLS C: jobs of any shape in any
# memory, what fails, what is stopped. The RTL is a copy with mistakes that are switched on at run
# time: with none the bench passes, with any it must fail. Yosys takes the sources, too.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
for tool in yosys perl; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
flock "$build/rtl.lock" make --no-print-directory -s "$build/rtl/array.o" BUILD="$build" || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -r hw/rtl "$tmp/source" || exit 1
cp "$build"/rtl/*.o "$tmp" && ln -s "$(realpath "$build/rtl/value")" "$tmp/value" || exit 1
failed=0
names=()

# spoil FILE RIGHT WRONG WHAT: wherever the text RIGHT stands
spoil() {
	local file=$tmp/source/top/$1
	names+=("$4")
	RIGHT=$2 WRONG=$3 WHICH=${#names[@]} perl -0pi -e '
		my ($right, $wrong, $n) = @ENV{qw(RIGHT WRONG WHICH)};
		s/\Q$right\E/(fpr_broken::which == $n ? ($wrong) : ($right))/g' "$file"
	grep -q "which == ${#names[@]} " "$file" || { echo "$1: '$2' is not there to spoil"; exit 1; }
}

spoil fpr_mac.sv 'which != C || accumulate' 'which != C' 'a C to add to is not gathered'
spoil fpr_mac.sv 'backwards && accumulate' "1'b0" 'sums stop half way'
spoil fpr_mac.sv 'used > scratch_bytes' 'used >= scratch_bytes' 'the last bytes of working memory are not used'
spoil fpr_mac.sv 'c_in_host ? RUN : TEAR' 'RUN' 'C in board memory is torn without a word'
spoil fpr_mac.sv '!no_counters' "1'b1" 'counters that nobody wants'
spoil fpr_mac_rows.sv 'stride_c < extent' "1'b0" 'entries that lie side by side go one after the other'

FPR_RTL_BROKEN=1 FPR_RTL=$tmp/source hw/rtl/bench/build mac "$tmp/mac" || exit 1
"$tmp/mac/bench" || failed=1
for n in $(seq ${#names[@]}); do
	"$tmp/mac/bench" --broken "$n" >"$tmp/log"
	[ $? -eq 1 ] || { echo "nobody noticed: ${names[$n - 1]}"; failed=1; }
done

# The array is a black box.
sed -n '/^module/,/^);/p' hw/rtl/bench/top/fpr_array.sv >"$tmp/array.sv"
echo endmodule >>"$tmp/array.sv"
yosys -q -p "read_verilog -sv hw/rtl/top/*.sv hw/rtl/fpr_fp32_*.sv; read_verilog -sv -lib $tmp/array.sv
	hierarchy -check -top fpr_mac; proc; check -assert" || { echo "not for Yosys"; failed=1; }
exit $failed
