// SPDX-License-Identifier: MIT

/*
 * What a tile counts (timing contract: counters; hw/array: where lane-cycles go).
 * Each row says how many of its lanes did what.
 */
module fpr_counters #(
	parameter int ROWS = 8,
	parameter int LANES = 64 // of a row
) (
	input  logic               clk,
	input  logic               start,
	input  logic               running, // a cycle of the issue stage
	input  logic               waiting, // the loader keeps the issue stage waiting
	input  logic [ROWS-1:0]    active,  // rows that work in it
	input  logic [ROWS*16-1:0] issued, beyond, no_term, shift_range, inter_pe, at_floor,
	output logic [47:0]        cycles, fill,
	output logic [47:0]        terms_issued, terms_beyond,
	output logic [47:0]        lanes_no_term, lanes_shift_range, lanes_inter_pe, lanes_floor,
	output logic [47:0]        lanes_inter_row
);
	fpr_total #(.N(1)) total_cycles (.clk(clk), .start(start), .x(16'(running)), .total(cycles));
	fpr_total #(.N(1)) total_fill (.clk(clk), .start(start), .x(16'(waiting)), .total(fill));
	fpr_total #(.N(ROWS)) total_issued (.clk(clk), .start(start), .x(issued), .total(terms_issued));
	fpr_total #(.N(ROWS)) total_beyond (.clk(clk), .start(start), .x(beyond), .total(terms_beyond));
	fpr_total #(.N(ROWS)) total_no_term (.clk(clk), .start(start), .x(no_term),
					     .total(lanes_no_term));
	fpr_total #(.N(ROWS)) total_shift_range (.clk(clk), .start(start), .x(shift_range),
						 .total(lanes_shift_range));
	fpr_total #(.N(ROWS)) total_inter_pe (.clk(clk), .start(start), .x(inter_pe),
					      .total(lanes_inter_pe));
	fpr_total #(.N(ROWS)) total_floor (.clk(clk), .start(start), .x(at_floor),
					   .total(lanes_floor));
	fpr_total #(.N(1)) total_inter_row (
		.clk(clk), .start(start),
		.x(running ? 16'($countones(~active)) * 16'(LANES) : '0),
		.total(lanes_inter_row));
endmodule
