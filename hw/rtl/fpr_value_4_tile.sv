// SPDX-License-Identifier: MIT

/*
 * The tile of `value` (in tools/explore `value-4`): `chunk` with four lanes, which take in one
 * value a cycle. Each lane then needs one memory of 32 words, for two chunks, and loading
 * takes a time of its own.
 */
`include "fpr_geometry.svh"

module fpr_value_4_tile #(
	parameter int ROWS = `FPR_ROWS,
	parameter int COLS = `FPR_COLS
) (
	input  logic                    clk,
	input  logic                    start,
	input  logic [3:0]              t,
	input  logic [ROWS*COLS*32-1:0] c_in,
	input  logic                    in_valid,
	output logic                    in_ready,
	input  logic                    in_chunk_end,
	input  logic                    in_tile_end,
	input  logic [ROWS*4*16-1:0]    in_serial,
	input  logic [COLS*4*16-1:0]    in_parallel,
	output logic                    unit_done,
	output logic                    done,
	output logic [ROWS*COLS*32-1:0] result,
	output logic [47:0]             cycles, fill, terms_issued, terms_beyond,
	output logic [47:0]             lanes_no_term, lanes_shift_range, lanes_inter_pe,
	output logic [47:0]             lanes_floor, lanes_inter_row
);
	fpr_chunk_tile #(.ROWS(ROWS), .COLS(COLS), .LANES(4), .RUN_AHEAD(1), .LOAD(1)) tile (
		.clk(clk), .start(start), .t(t), .c_in(c_in), .in_valid(in_valid), .in_ready(in_ready),
		.in_chunk_end(in_chunk_end), .in_tile_end(in_tile_end), .in_serial(in_serial),
		.in_parallel(in_parallel), .unit_done(unit_done), .done(done), .result(result),
		.cycles(cycles), .fill(fill), .terms_issued(terms_issued),
		.terms_beyond(terms_beyond), .lanes_no_term(lanes_no_term),
		.lanes_shift_range(lanes_shift_range), .lanes_inter_pe(lanes_inter_pe),
		.lanes_floor(lanes_floor), .lanes_inter_row(lanes_inter_row));
endmodule
