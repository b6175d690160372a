// SPDX-License-Identifier: MIT

/*
 * The tile of `dense` (timing contract: one cycle a set of 8), with the ports of
 * fpr_chunk_tile. A beat is a set; every PE takes it in the same cycle. There are no
 * terms to count: the counters but `cycles` follow from the shape of a job.
 */
`include "fpr_geometry.svh"

module fpr_dense_tile #(
	parameter int ROWS = `FPR_ROWS,
	parameter int COLS = `FPR_COLS
) (
	input  logic                             clk,
	input  logic                             start,
	input  logic [3:0]                       t, // means nothing here
	input  logic [ROWS*COLS*32-1:0]          c_in,
	input  logic                             in_valid,
	output logic                             in_ready,
	input  logic                             in_chunk_end,
	input  logic                             in_tile_end,
	input  logic [ROWS*`FPR_SET*16-1:0]      in_serial,
	input  logic [COLS*`FPR_SET*16-1:0]      in_parallel,
	output logic                             unit_done,
	output logic                             done,
	output logic [ROWS*COLS*32-1:0]          result,
	output logic [47:0]                      cycles, fill, terms_issued, terms_beyond,
	output logic [47:0]                      lanes_no_term, lanes_shift_range, lanes_inter_pe,
	output logic [47:0]                      lanes_floor, lanes_inter_row
);
	localparam int SET = `FPR_SET;
	localparam int TURNS = `FPR_CHUNK / SET;

	wire  [ROWS*SET*17-1:0] serial;
	wire  [COLS*SET*17-1:0] parallel;
	logic [2:0]             step, step_last; // values, products, sum
	logic                   begins, ending, over;
	wire  [ROWS*COLS*32-1:0] out;
	wire  [ROWS-1:0]         busy;

	assign in_ready = 1'b1;

	fpr_values #(.N(ROWS * SET)) serial_values (.clk(clk), .x(in_serial), .values(serial));
	fpr_values #(.N(COLS * SET)) parallel_values (.clk(clk), .x(in_parallel), .values(parallel));

	always_ff @(posedge clk) begin
		step <= start ? '0 : {step[1:0], in_valid};
		step_last <= {step_last[1:0], in_valid && in_chunk_end};
		begins <= start || (step[1] ? step_last[1] : begins);
		ending <= !start && (ending || (in_valid && in_tile_end));
		over <= ending && !start;
	end

	for (genvar r = 0; r < ROWS; r++) begin : row
		wire [COLS-1:0]    negative;
		wire [COLS*13-1:0] mag;
		wire [COLS*11-1:0] exponent;

		for (genvar c = 0; c < COLS; c++) begin : column
			fpr_dense_pe #(.SET(SET)) pe (
				.clk(clk), .start(start), .serial(serial[r*SET*17 +: SET*17]),
				.parallel(parallel[c*SET*17 +: SET*17]), .add(step[1]),
				.first(begins), .negative(negative[c]), .mag(mag[13*c +: 13]),
				.exponent(exponent[11*c +: 11]));
		end
		fpr_acc_outputs #(.COLS(COLS), .TURNS(TURNS)) outputs (
			.clk(clk), .start(start), .c_in(c_in[r*COLS*32 +: COLS*32]),
			.ended(step[2] && step_last[2]), .negative(negative), .mag(mag),
			.exponent(exponent), .busy(busy[r]), .out(out[r*COLS*32 +: COLS*32]));
	end
	assign unit_done = step[1];
	assign done = over && step == '0 && busy == '0;

	fpr_specials #(.ROWS(ROWS), .COLS(COLS), .BEAT(SET)) specials (
		.clk(clk), .start(start), .valid(in_valid), .serial(in_serial),
		.parallel(in_parallel), .c_in(c_in), .out(out), .result(result));

	fpr_counters #(.ROWS(ROWS), .LANES(COLS * SET)) counters (
		.clk(clk), .start(start), .running(step[1]), .waiting(!step[1] && !over),
		.active({ROWS{step[1]}}), .issued('0), .beyond('0), .no_term('0), .shift_range('0),
		.inter_pe('0), .at_floor('0), .cycles(cycles), .fill(fill),
		.terms_issued(terms_issued), .terms_beyond(terms_beyond),
		.lanes_no_term(lanes_no_term), .lanes_shift_range(lanes_shift_range),
		.lanes_inter_pe(lanes_inter_pe), .lanes_floor(lanes_floor),
		.lanes_inter_row(lanes_inter_row));
endmodule
