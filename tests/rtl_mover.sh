#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL that moves bytes: the mover against a plain model, memories, statuses and bursts; a
# direction of the P3 engine against the C's arbiter, slices, reports and counters. Their benches
# pass, and see mistakes.
# shellcheck disable=SC2154 # failed: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh

spoil mover top/fpr_walk.sv "bytes == '0 || ends[64]" "bytes == '0" 'an entry may end where addresses do'
spoil mover top/fpr_walk.sv "entry[127:96] != '0" "1'b0" 'reserved words are not looked at'
spoil mover top/fpr_walk.sv "skip_sum < pass_bytes ? '1 : skip_sum" "skip_sum" 'skips wrap'
spoil mover top/fpr_walk.sv "next[5:4] != 2'd3" "1'b1" 'a beat of entries is used again'
spoil mover top/fpr_copy.sv "shown == 7'(primes)" "shown == '0" \
	'bytes before a piece are written where its first beat takes two'
spoil mover top/fpr_copy.sv "6'd63 - last" "6'd0" 'bytes behind a piece are written'
spoil mover top/fpr_accumulate.sv "widens && upper" "1'b0" 'half a beat is added twice'
spoil mover top/fpr_accumulate.sv "32'(s[16])" "32'd0" 'ties of bf16 go down'
spoil mover top/fpr_mover.sv "host_most < board_most ? host_most : board_most" "host_most" \
	'a burst goes beyond a page of the board'
spoil mover top/fpr_mover.sv "(host_fault && !out)" "1'b0" 'what the host refused is written'
spoil mover top/fpr_burst_write.sv "writing && beat_valid" "writing && beat_valid && !awvalid" 'data waits for its address to be taken'
spoil mover top/fpr_mover.sv "write_idle && write_fault" "1'b0" 'what was refused counts as moved'
spoil mover top/fpr_mover.sv "widens && moved[5]" "1'b0" 'a stop comes between the halves of a beat'
spoil direction top/fpr_p3_direction.sv "state == OVER" "1'b0" 'a slice begins where the list does'
spoil direction top/fpr_p3_direction.sv "offset << (op == 2'd3)" "offset" 'widened slices overlap'
spoil direction top/fpr_p3_direction.sv "(held)" "held && (moving || pending == (AT+1)'(1))" \
	'an arrival misses a decision'
spoil direction top/fpr_p3_direction.sv "32'(status != '0)" "32'd0" 'failed transfers go on'
spoil direction top/fpr_p3_direction.sv "state != CLEARING" "1'b1" 'what comes before it is clear outlives a stop'
spoil direction top/fpr_p3_direction.sv "clear_counters && ask_setting == '0" "1'b0" \
	'counters are cleared with the stop or not at all'

for bench in mover direction; do
	build_spoilt $bench
	passes $bench
	notices $bench
done
exit $failed
