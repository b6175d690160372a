#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The blocks around the command processor's core, and how AXI masters are joined: their benches
# pass, and see mistakes. A copy of the RTL is given all mistakes, each switched on at run time.
# Yosys takes the sources, too.
set -u
build=${FPR_BUILD:-build}
for tool in verilator yosys g++ perl; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -r hw/rtl "$tmp/rtl" || exit 1
failed=0
count=0
declare -A mistakes=([axi]='' [shell]='')
declare -A names

# spoil BENCH FILE RIGHT WRONG WHAT: wherever the text RIGHT stands
spoil() {
	count=$((count + 1))
	names[$count]=$5
	RIGHT=$3 WRONG=$4 WHICH=$count perl -0pi -e '
		my ($right, $wrong, $n) = @ENV{qw(RIGHT WRONG WHICH)};
		s/\Q$right\E/(fpr_broken::which == $n ? ($wrong) : ($right))/g' "$tmp/rtl/top/$2"
	cmp -s "$tmp/rtl/top/$2" "hw/rtl/top/$2" && { echo "$2: '$3' is not there to spoil"; failed=1; }
	mistakes[$1]+=" $count"
}

spoil axi fpr_round_robin.sv "behind != '0" "1'b0" 'who is first is always served first'
spoil axi fpr_axi_join.sv "out_bvalid && out_bready" "out_wvalid && out_wready && out_wlast" \
	'a master lets go before its write is answered'
spoil axi fpr_axi_join.sv "out_rvalid && out_rready && out_rlast" "out_rvalid && out_rready" \
	'a burst does not keep its turn'
spoil axi fpr_axi_lite.sv "s_arvalid && !s_awvalid" "s_arvalid" 'a read passes a write'
spoil shell fpr_shell_dma.sv "filled & ~phase" "filled" 'the phase goes out with the rest'
spoil shell fpr_shell_dma.sv "host_bresp != '0" "1'b0" 'a fault of a write is not told'
spoil shell fpr_shell_dma.sv "address[5:3]" "3'd0" 'a result begins at its line'
spoil shell fpr_shell_events.sv "!action" "1'b1" 'engines end while an action is under way'
spoil shell fpr_message.sv "again || send" "again" 'a message that is wanted once more is lost'
spoil shell fpr_shell.sv "(told | rested_taken)" "rested_taken" 'RESTED comes again'
spoil shell fpr_shell.sv "handing == '0 ? takes : '0" "takes" 'room is shown before its taker is there'
spoil shell fpr_shell.sv "(takes | stops)" "takes" 'a stopped engine is handed a descriptor'
spoil shell fpr_shell.sv "clear_counters && !cleared" "1'b0" 'who rests does not say so once it has cleared'
[ $failed -eq 0 ] || exit 1

# Verilator's runtime is compiled once, beside this.
mkdir -p "$build/rtl"
for bench in axi shell; do
	dir=$build/rtl/broken-$bench
	rm -rf "$dir"
	(
		flock 9
		FPR_RTL_BROKEN=1 FPR_RTL=$tmp/rtl hw/rtl/bench/build $bench "$dir" -DFPR_RTL_BROKEN
	) 9>>"$build/rtl.lock" || exit 1
	"$dir/bench" >"$tmp/log" || { echo "$bench: fails without a mistake"; failed=1; }
	cat "$tmp/log"
	for n in ${mistakes[$bench]}; do
		timeout 60 "$dir/bench" --broken "$n" >"$tmp/log"
		[ $? -eq 1 ] || { echo "$bench: nobody noticed: ${names[$n]}"; failed=1; }
	done
done

# The core is a black box.
sed -n '/^module/,/^);/p' hw/rtl/bench/top/fpr_shell_core.sv >"$tmp/core.sv"
echo endmodule >>"$tmp/core.sv"
for top in fpr_axi_lite fpr_axi_join fpr_shell; do
	yosys -q -p "read_verilog -sv hw/rtl/top/*.sv; read_verilog -sv -lib $tmp/core.sv
		hierarchy -check -top $top; proc; check -assert" || { echo "$top: not for Yosys"; failed=1; }
done
echo "$count mistakes"
exit $failed
