// SPDX-License-Identifier: MIT

/*
 * The outputs of up to TURNS PEs (numerics: out = out + chunk_c). What they have
 * summed comes one a cycle, is rounded to fp32 and added to the output in three
 * steps: round | align and add | round. An output's turn must not come again
 * before its last one is through, so TURNS or what separates two chunks is at
 * least 2.
 */
module fpr_output #(
	parameter int TURNS = 4
) (
	input  logic                     clk,
	input  logic                     start, // load C in
	input  logic [TURNS*32-1:0]      c_in,
	input  logic                     valid,
	input  logic [$clog2(TURNS+1)-1:0] turn,
	input  logic                     negative,
	input  logic [30:0]              mag,
	input  logic signed [9:0]        unit,
	output logic                     busy,
	output logic [TURNS*32-1:0]      out
);
	localparam int TURN = $clog2(TURNS + 1);

	logic              given, rounded, added; // valid, as it passes the steps
	logic [TURN-1:0]   given_turn, rounded_turn, added_turn;
	logic              given_negative, added_negative, added_decided;
	logic [30:0]       given_mag, added_mag;
	logic signed [9:0] given_unit, added_unit;
	logic [31:0]       chunk, added_fixed;

	wire [31:0] chunk_now, sum_now, out_now;
	wire        decided_now, negative_now;
	wire [31:0] fixed_now;
	wire [30:0] mag_now;
	wire signed [9:0] unit_now;

	fpr_fp32_round round_chunk (.negative(given_negative), .mag(given_mag), .unit(given_unit),
				    .fp32(chunk_now));
	assign out_now = out[32*rounded_turn +: 32];
	fpr_fp32_align add (.x(out_now), .y(chunk), .decided(decided_now), .fixed(fixed_now),
			    .negative(negative_now), .mag(mag_now), .unit(unit_now));
	fpr_fp32_round round_sum (.negative(added_negative), .mag(added_mag), .unit(added_unit),
				  .fp32(sum_now));

	always_ff @(posedge clk) begin
		given <= valid && !start;
		given_turn <= turn;
		given_negative <= negative;
		given_mag <= mag;
		given_unit <= unit;

		rounded <= given && !start;
		rounded_turn <= given_turn;
		chunk <= chunk_now;

		added <= rounded && !start;
		added_turn <= rounded_turn;
		added_decided <= decided_now;
		added_fixed <= fixed_now;
		added_negative <= negative_now;
		added_mag <= mag_now;
		added_unit <= unit_now;

	end

	for (genvar i = 0; i < TURNS; i++) begin : one
		always_ff @(posedge clk)
			if (start)
				out[32*i +: 32] <= c_in[32*i +: 32];
			else if (added && added_turn == TURN'(i))
				out[32*i +: 32] <= added_decided ? added_fixed : sum_now;
	end
	assign busy = given || rounded || added;
endmodule
