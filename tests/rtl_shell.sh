#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The blocks around the command processor's core, and how AXI masters are joined: their benches
# pass, and see mistakes.
# shellcheck disable=SC2154 # failed: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh

spoil axi top/fpr_round_robin.sv "behind != '0" "1'b0" 'who is first is always served first'
spoil axi top/fpr_axi_join.sv "out_bvalid && out_bready" "out_wvalid && out_wready && out_wlast" \
	'a master lets go before its write is answered'
spoil axi top/fpr_axi_join.sv "out_rvalid && out_rready && out_rlast" "out_rvalid && out_rready" \
	'a burst does not keep its turn'
spoil axi top/fpr_axi_lite.sv "s_arvalid && !s_awvalid" "s_arvalid" 'a read passes a write'
spoil shell top/fpr_shell_dma.sv "filled & ~phase" "filled" 'the phase goes out with the rest'
spoil shell top/fpr_shell_dma.sv "host_bresp != '0" "1'b0" 'a fault of a write is not told'
spoil shell top/fpr_shell_dma.sv "address[5:3]" "3'd0" 'a result begins at its line'
spoil shell top/fpr_shell_events.sv "!action" "1'b1" 'engines end while an action is under way'
spoil shell top/fpr_message.sv "again || send" "again" 'a message that is wanted once more is lost'
spoil shell top/fpr_shell.sv "(told | rested_taken)" "rested_taken" 'RESTED comes again'
spoil shell top/fpr_shell.sv "handing == '0 ? takes : '0" "takes" 'room is shown before its taker is there'
spoil shell top/fpr_shell.sv "(takes | stops)" "takes" 'a stopped engine is handed a descriptor'
spoil shell top/fpr_shell.sv "finished_taken && !fetching" "1'b0" 'nothing follows a completion'
spoil shell top/fpr_shell.sv "clear_counters && !cleared" "1'b0" 'who rests does not say so once it has cleared'

for bench in axi shell; do
	build_spoilt $bench
	passes $bench
	notices $bench
done
exit $failed
