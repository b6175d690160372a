// SPDX-License-Identifier: MIT

/*
 * The outputs of a row of `set` or `dense`: at the end of a chunk the short
 * accumulators are copied and added to the outputs one after the other.
 */
module fpr_acc_outputs #(
	parameter int COLS = 8,
	parameter int TURNS = 8 // least cycles between two ends of full chunks
) (
	input  logic               clk,
	input  logic               start,
	input  logic [COLS*32-1:0] c_in,
	input  logic               ended,
	input  logic [COLS-1:0]    negative,
	input  logic [COLS*13-1:0] mag,
	input  logic [COLS*11-1:0] exponent, // with a bias of 254
	output logic               busy,
	output logic [COLS*32-1:0] out
);
	localparam int UNITS = (COLS + TURNS - 1) / TURNS;
	localparam int ALL = UNITS * TURNS;
	localparam int TURN = $clog2(TURNS + 1);

	logic [ALL-1:0]     negative_copy;
	logic [ALL*13-1:0]  mag_copy;
	logic [ALL*11-1:0]  exponent_copy;
	wire                capture, valid, turns_busy;
	wire  [TURN-1:0]    turn;
	wire  [UNITS-1:0]   unit_busy;
	wire  [ALL*32-1:0]  all_in = (ALL*32)'(c_in);
	wire  [ALL*32-1:0]  all_out;

	fpr_turns #(.TURNS(TURNS)) turns (.clk(clk), .start(start), .ended(ended),
					  .capture(capture), .valid(valid), .turn(turn),
					  .busy(turns_busy));
	always_ff @(posedge clk)
		if (capture) begin
			negative_copy <= ALL'(negative);
			mag_copy <= (ALL*13)'(mag);
			exponent_copy <= (ALL*11)'(exponent);
		end

	for (genvar u = 0; u < UNITS; u++) begin : group
		wire        minus;
		wire [12:0] m;
		wire [10:0] e;
		wire signed [10:0] unit = $signed(e) - 11'sd266; // the bias, and 12 below the exponent

		fpr_pick #(.N(TURNS), .BITS(1)) pick_negative (
			.x(negative_copy[TURNS*u +: TURNS]), .at(turn[$clog2(TURNS)-1:0]), .word(minus));
		fpr_pick #(.N(TURNS), .BITS(13)) pick_mag (
			.x(mag_copy[13*TURNS*u +: 13*TURNS]), .at(turn[$clog2(TURNS)-1:0]), .word(m));
		fpr_pick #(.N(TURNS), .BITS(11)) pick_exponent (
			.x(exponent_copy[11*TURNS*u +: 11*TURNS]), .at(turn[$clog2(TURNS)-1:0]),
			.word(e));
		fpr_output #(.TURNS(TURNS)) adder (
			.clk(clk), .start(start), .c_in(all_in[32*TURNS*u +: 32*TURNS]),
			.valid(valid), .turn(turn), .negative(minus),
			.mag({18'd0, m}), .unit(unit[9:0]),
			.busy(unit_busy[u]), .out(all_out[32*TURNS*u +: 32*TURNS]));
	end
	assign out = all_out[32*COLS-1:0];
	assign busy = turns_busy || unit_busy != '0;
endmodule
