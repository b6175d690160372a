#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The benches of tiles and of the arbiter see mistakes: those of a small tile must pass with none
# and fail with any.
# shellcheck disable=SC2154 # failed: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh

spoil chunk fpr_chunk_pe.sv "effectual && !left[5]" "effectual && !left[5] && left != '0" \
	'a PE drops the last term within T'
spoil chunk fpr_chunk_sum.sv "26'(differ)" "26'd0" 'a PE loses the carry of a negative term'
spoil chunk fpr_chunk_serial.sv "lowest > 8'sd8" "lowest > 8'sd7" \
	'a value with only its term at p = 8 within reach is skipped'
spoil chunk fpr_chunk_line.sv "below > 8'd31" "below > 8'd63" 'distances wrap'
spoil chunk fpr_chunk_line.sv "put_at == '0" "1'b0" 'the largest exponent of the chunk before counts'
spoil chunk,value fpr_chunk_lane.sv "rest == '0" "1'b1" 'only a value'\''s first term is issued'
spoil chunk fpr_chunk_row.sv "longest > COST'(total_beats)" "longest != '0" \
	'a chunk may take fewer cycles than its beats'
spoil chunk,set fpr_run_ahead.sv "mine <= REACH" "mine <= REACH + COUNT'(1)" \
	'rows run ahead by one more'
spoil chunk,value fpr_turns.sv "(!valid || last)" "1'b1" 'a short last chunk overtakes the one before'
spoil set fpr_set_step.sv "below <= 5'(WINDOW)" "below < 5'(WINDOW)" 'the window is one narrower'
spoil set fpr_set_row.sv "elapsed + COUNT'(1) >= COUNT'(FLOOR)" "1'b1" 'a set may take one cycle'
spoil set,dense fpr_acc_align.sv '-$signed({1'\''b0, moved})' '~$signed({1'\''b0, moved})' \
	'a negative accumulator is aligned away from zero'
spoil set,dense fpr_acc_round.sv "half && (rest || kept[0])" "half && kept[0]" \
	'the accumulator'\''s rounding has no sticky bit'
spoil dense fpr_dense_pe.sv "below > 11'(KEEP)" "below >= 11'(KEEP)" \
	'a product 24 below the largest is dropped'
spoil chunk,set,dense fpr_fp32_round.sv "half && (rest || kept[0])" "half" 'ties round away'
spoil chunk,set,dense fpr_fp32_align.sv "shifted[0] || lost != '0" "shifted[0]" \
	'the sum'\''s sticky bit is lost'
spoil chunk,set,dense fpr_special.sv "(s == 2'd0 && p == 2'd2)" "1'b0" '0 x Inf is no NaN'
spoil value fpr_run_ahead.sv "taken != COUNT'(SLOTS)" "1'b1" \
	'a chunk is loaded over one that a row still works on'
spoil value fpr_run_ahead.sv "under_way && !complete" "1'b0" 'waiting for a chunk does not count'
spoil p3 fpr_p3_arbiter.sv "key < best" "key <= best" 'of equals, the last free slot is served'
spoil p3 fpr_p3_arbiter.sv "waited >= set" "waited > set" 'ageing comes a slice late'
spoil p3 fpr_p3_arbiter.sv "current != slot" "1'b1" 'going on counts as a preemption'

for kind in chunk set dense value p3; do
	build_spoilt $kind -DFPR_ROWS=2 -DFPR_COLS=4
	passes $kind
	notices $kind
done
exit $failed
