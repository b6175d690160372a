// SPDX-License-Identifier: MIT

/*
 * The outputs of a row of `chunk`: at the end of a chunk the sums are copied and added
 * to the outputs one after the other. Their unit follows from the chunk's exponents,
 * which are kept beyond their slot's use: outputs come late.
 */
module fpr_chunk_outputs #(
	parameter int COLS = 8,
	parameter int TURNS = 4, // least cycles between two ends of full chunks
	parameter int CHUNK_NUMBER = 3 // bits of a chunk's number
) (
	input  logic                    clk,
	input  logic                    start,
	input  logic [3:0]              t,
	input  logic [COLS*32-1:0]      c_in,
	input  logic                    get, // a chunk leaves the pre-pass
	input  logic [CHUNK_NUMBER-1:0] get_chunk,
	input  logic [7:0]              serial_most,
	input  logic [COLS*8-1:0]       parallel_most,
	input  logic                    ended,
	input  logic [COLS*31-1:0]      sums,
	output logic                    busy,
	output logic [COLS*32-1:0]      out
);
	localparam int UNITS = (COLS + TURNS - 1) / TURNS;
	localparam int ALL = UNITS * TURNS;
	localparam int TURN = $clog2(TURNS + 1);

	logic [8*COLS+7:0]       most [0:(1<<CHUNK_NUMBER)-1];
	logic [ALL*31-1:0]       copy;
	logic [CHUNK_NUMBER-1:0] copied; // number of the chunk copied next
	wire                     capture, valid, turns_busy;
	wire  [TURN-1:0]         turn;
	wire  [UNITS-1:0]        unit_busy;
	wire  [8*COLS+7:0]       exponents = most[copied - CHUNK_NUMBER'(1)];
	wire  [ALL*32-1:0]       all_in = (ALL*32)'(c_in);
	wire  [ALL*32-1:0]       all_out;
	wire  [ALL*8-1:0]        parallel_exponents = (ALL*8)'(exponents[8 +: 8*COLS]);

	fpr_turns #(.TURNS(TURNS)) turns (.clk(clk), .start(start), .ended(ended),
					  .capture(capture), .valid(valid), .turn(turn),
					  .busy(turns_busy));
	always_ff @(posedge clk) begin
		if (get)
			most[get_chunk] <= {parallel_most, serial_most};
		if (capture)
			copy <= (ALL*31)'(sums);
		copied <= start ? '0 : copied + CHUNK_NUMBER'(capture);
	end

	for (genvar u = 0; u < UNITS; u++) begin : group
		wire [30:0] sum;
		wire [7:0]  exponent;

		fpr_pick #(.N(TURNS), .BITS(31)) pick_sum (
			.x(copy[31*TURNS*u +: 31*TURNS]), .at(turn[$clog2(TURNS)-1:0]), .word(sum));
		fpr_pick #(.N(TURNS), .BITS(8)) pick_exponent (
			.x(parallel_exponents[8*TURNS*u +: 8*TURNS]), .at(turn[$clog2(TURNS)-1:0]),
			.word(exponent));
		fpr_output #(.TURNS(TURNS)) adder (
			.clk(clk), .start(start), .c_in(all_in[32*TURNS*u +: 32*TURNS]),
			.valid(valid), .turn(turn), .negative(sum[30]),
			.mag(sum[30] ? -sum : sum),
			// Two biases of 127, and the unit is 7 + T below emax.
			.unit($signed({2'd0, exponent}) + $signed({2'd0, exponents[7:0]}) -
			      10'sd261 - $signed({6'd0, t})),
			.busy(unit_busy[u]), .out(all_out[32*TURNS*u +: 32*TURNS]));
	end
	assign out = all_out[32*COLS-1:0];
	assign busy = turns_busy || unit_busy != '0;
endmodule
