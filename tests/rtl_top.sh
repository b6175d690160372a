#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The driver's own traffic, recorded in a guest, replayed to the whole board in SystemVerilog: what
# the board answers, writes and signals is what the recorded one did, however slow host and memory
# are; and the bench sees mistakes. Yosys takes the top and all that is below it.
# shellcheck disable=SC2154 # failed, tmp: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
need yosys
make_rtl array.o
recording=hw/rtl/bench/top/driver.rec.gz

spoil top top/fpr_top.sv mac_start_c_bytes mac_start_a_bytes 'C is taken to be as large as A' '.c_bytes('
spoil top top/fpr_top.sv h2c_class_bytes c2h_class_bytes 'bytes are those of the other direction' \
	'.h2c_class_bytes('
spoil top top/fpr_top.sv memory "64'd0" 'working memory lies over board memory' '.scratch('
spoil top top/fpr_shell_dma.sv 'filled & ~phase' filled 'the phase comes with the rest of a completion'
spoil top top/fpr_axi_join.sv 'out_bvalid && out_bready' "1'b0" 'a write is never over'

build_spoilt top
passes top $recording 1 4
passes top $recording 2 12
notices top $recording

# What an HLS tool makes is a black box.
for box in fpr_array fpr_shell_core; do
	sed -n '/^module/,/^);/p' hw/rtl/bench/top/$box.sv
	echo endmodule
done >"$tmp/boxes.sv"
yosys -q -p "read_verilog -sv hw/rtl/top/*.sv hw/rtl/fpr_fp32_*.sv hw/rtl/fpr_p3_arbiter.sv
	read_verilog -sv -lib $tmp/boxes.sv
	hierarchy -check -top fpr_top; proc; check -assert" || { echo "not for Yosys"; failed=1; }
exit $failed
