#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL that moves bytes: the mover against a plain model, memories, statuses and bursts; a
# direction of the P3 engine against the C's arbiter, slices, reports and counters. The RTL is a
# copy with mistakes that are switched on at run time: with none the benches pass, with any the
# one named must fail. Yosys takes the sources, too.
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
declare -A mistakes=([mover]='' [direction]='')
declare -A names

# spoil BENCH FILE RIGHT WRONG WHAT: wherever the text RIGHT stands
spoil() {
	count=$((count + 1))
	names[$count]=$5
	RIGHT=$3 WRONG=$4 WHICH=$count perl -0pi -e '
		my ($right, $wrong, $n) = @ENV{qw(RIGHT WRONG WHICH)};
		s/\Q$right\E/(fpr_broken::which == $n ? ($wrong) : ($right))/g' "$tmp/rtl/top/$2"
	grep -q "which == $count " "$tmp/rtl/top/$2" || { echo "$2: '$3' is not there to spoil"; failed=1; }
	mistakes[$1]+=" $count"
}

spoil mover fpr_walk.sv "bytes == '0 || ends[64]" "bytes == '0" 'an entry may end where addresses do'
spoil mover fpr_walk.sv "entry[127:96] != '0" "1'b0" 'reserved words are not looked at'
spoil mover fpr_walk.sv "skip_sum < pass_bytes ? '1 : skip_sum" "skip_sum" 'skips wrap'
spoil mover fpr_walk.sv "next[5:4] != 2'd3" "1'b1" 'a beat of entries is used again'
spoil mover fpr_copy.sv "shown == 7'(primes)" "shown == '0" \
	'bytes before a piece are written where its first beat takes two'
spoil mover fpr_copy.sv "6'd63 - last" "6'd0" 'bytes behind a piece are written'
spoil mover fpr_accumulate.sv "widens && upper" "1'b0" 'half a beat is added twice'
spoil mover fpr_accumulate.sv "32'(s[16])" "32'd0" 'ties of bf16 go down'
spoil mover fpr_mover.sv "host_most < board_most ? host_most : board_most" "host_most" \
	'a burst goes beyond a page of the board'
spoil mover fpr_mover.sv "(host_fault && !out)" "1'b0" 'what the host refused is written'
spoil mover fpr_mover.sv "write_idle && write_fault" "1'b0" 'what was refused counts as moved'
spoil mover fpr_mover.sv "widens && moved[5]" "1'b0" 'a stop comes between the halves of a beat'
spoil direction fpr_p3_direction.sv "state == OVER" "1'b0" 'a slice begins where the list does'
spoil direction fpr_p3_direction.sv "offset << (op == 2'd3)" "offset" 'widened slices overlap'
spoil direction fpr_p3_direction.sv "(held)" "held && (moving || pending == (AT+1)'(1))" \
	'an arrival misses a decision'
spoil direction fpr_p3_direction.sv "32'(status != '0)" "32'd0" 'failed transfers go on'
spoil direction fpr_p3_direction.sv "clear_counters && ask_setting == '0" "1'b0" \
	'counters are cleared with the stop or not at all'
[ $failed -eq 0 ] || exit 1

# Verilator's runtime is compiled once, beside this.
mkdir -p "$build/rtl"
for bench in mover direction; do
	dir=$build/rtl/broken-$bench
	(
		flock 9
		rm -rf "$dir"
		FPR_RTL_BROKEN=1 FPR_RTL=$tmp/rtl hw/rtl/bench/build $bench "$dir" -DFPR_RTL_BROKEN
	) 9>>"$build/rtl.lock" || exit 1
	"$dir/bench" || { echo "$bench: fails without a mistake"; failed=1; }
	for n in ${mistakes[$bench]}; do
		timeout 60 "$dir/bench" --broken "$n" >"$tmp/log"
		[ $? -eq 1 ] || { echo "$bench: nobody noticed: ${names[$n]}"; failed=1; }
	done
done

yosys -q -p "read_verilog -sv hw/rtl/top/*.sv hw/rtl/fpr_fp32_*.sv hw/rtl/fpr_p3_arbiter.sv
	hierarchy -check -top fpr_p3_direction; proc; check -assert" || { echo "not for Yosys"; failed=1; }
echo "$count mistakes"
exit $failed
