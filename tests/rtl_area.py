#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Areas as sums: a small hierarchy mapped part by part counts as much as it does in one piece.

Its parts meet at registers, so that nothing can be found across them; parts that occur
several times, with other parameters and below one another, are what could be miscounted.
"""
import os
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f'{ROOT}/hw/rtl')
sys.dont_write_bytecode = True
import mapping # pylint: disable=wrong-import-position

SOURCE = '''
module fpr_leaf #(parameter int BITS = 4) (
	input logic clk, input logic [BITS-1:0] a, input logic [BITS-1:0] b,
	output logic [BITS-1:0] sum);
	logic [BITS-1:0] a_held, b_held;
	always_ff @(posedge clk) begin
		a_held <= a;
		b_held <= b;
		sum <= a_held + b_held;
	end
endmodule

module fpr_store (
	input logic clk, input logic put, input logic [3:0] at, input logic [13:0] x,
	output logic [13:0] y);
	logic [13:0] held [0:15];
	always_ff @(posedge clk) begin
		if (put)
			held[at] <= x;
		y <= held[at];
	end
endmodule

module fpr_middle (
	input logic clk, input logic [17:0] a, input logic [17:0] b, output logic [17:0] sum,
	input logic put, input logic [13:0] x, output logic [13:0] y);
	logic both, put_held;
	logic [13:0] x_held;
	fpr_leaf #(.BITS(4)) low (.clk(clk), .a(a[3:0]), .b(b[3:0]), .sum(sum[3:0]));
	fpr_leaf #(.BITS(4)) mid (.clk(clk), .a(a[7:4]), .b(b[7:4]), .sum(sum[7:4]));
	fpr_leaf #(.BITS(9)) high (.clk(clk), .a(a[16:8]), .b(b[16:8]), .sum(sum[16:8]));
	fpr_store store (.clk(clk), .put(put_held), .at(a[3:0]), .x(x_held), .y(y));
	always_ff @(posedge clk) begin
		put_held <= put;
		x_held <= x;
		both <= a[0] & a[1];
		sum[17] <= both & b[17];
	end
endmodule

module fpr_top (
	input logic clk, input logic [53:0] a, input logic [53:0] b, output logic [53:0] sum,
	input logic [2:0] put, input logic [41:0] x, output logic [41:0] y);
	for (genvar i = 0; i < 3; i++) begin : one
		fpr_middle middle (.clk(clk), .a(a[18*i +: 18]), .b(b[18*i +: 18]),
			.sum(sum[18*i +: 18]), .put(put[i]), .x(x[14*i +: 14]), .y(y[14*i +: 14]));
	end
endmodule
'''

FLOPS = 3 * (3 * (4 + 4 + 9) + 14 + (1 + 14 + 1 + 1)) # leaves, store, middle

NUMBERS = {'fpr_top': [1], 'fpr_middle': [3], 'fpr_leaf': [3, 6], 'fpr_store': [3]}


def main():
    """Compare the two."""
    if not shutil.which('yosys'):
        print('yosys is not installed (tools/setup does it)')
        sys.exit(77)
    with tempfile.TemporaryDirectory() as tmp:
        with open(f'{tmp}/fpr_top.sv', 'w', encoding='ascii') as out:
            out.write(SOURCE)
        hierarchy = mapping.Hierarchy('fpr_top', tmp)
    parts = hierarchy.parts(hierarchy.top, lambda m: True)
    numbers = {b: sorted(n for m, n in parts.items() if mapping.base(m) == b) for b in NUMBERS}
    assert numbers == NUMBERS, f'miscounted: {numbers}'
    for flow in ('ecp5', 'cmos'): # those in which Yosys starts quickly
        whole = mapping.map_part(hierarchy.cut(hierarchy.top, False), (), flow)
        found = {m: mapping.map_part(hierarchy.cut(m, True), (), flow) for m in parts}
        total = {c: sum(n * found[m][c] for m, n in parts.items()) for c in mapping.COUNTS}
        if flow == 'cmos': # gates are mapped for speed: a part's slowest path, not the whole's
            assert whole['transistors'] <= total['transistors'] <= 1.1 * whole['transistors'], \
                f'{flow}: parts {total}, in one piece {whole}'
            total['transistors'] = whole['transistors']
        assert total == whole, f'{flow}: parts {total}, in one piece {whole}'
        assert whole['flops'] == FLOPS, f'{flow}: {whole}'
        assert flow != 'cmos' or whole['bits'] == 3 * 14 * 16, f'memory bits: {whole}'
        print(f'{flow}: {whole}')
    found = mapping.map_part(hierarchy.cut(hierarchy.top, False), (), 'lut6')
    print(f'lut6: {found}')
    assert found['memory_luts'] == 3 * 8, 'a memory of 14 x 16 is a RAM32M16, 8 LUTs'
    assert found['flops'] == FLOPS and found['luts'] > 3 * 8, f'lut6: {found}'


if __name__ == '__main__':
    main()
