// SPDX-License-Identifier: MIT

/*
 * An integer times a power of two, rounded to fp32 (numerics: chunk to output): 24
 * significand bits, nearest even, as if the exponent were unbounded; then below
 * 2^-126 a zero with the sign, from 2^128 on infinity. An exact zero is +0.
 */
module fpr_fp32_round #(
	parameter int BITS = 31 // of the magnitude, at least 26
) (
	input  logic              negative,
	input  logic [BITS-1:0]   mag,
	input  logic signed [9:0] unit, // exponent of the magnitude's lowest bit
	output logic [31:0]       fp32
);
	logic [BITS-1:0]    left;
	logic [4:0]         zeros;
	logic signed [10:0] exponent, field;

	// Normalise by halving: what is shifted away are leading zeros.
	always_comb begin
		left = mag;
		zeros = '0;
		for (int s = 4; s >= 0; s--)
			if (left[BITS-1 -: 16] >> (16 - (1 << s)) == '0) begin
				left = left << (1 << s);
				zeros[s] = 1'b1;
			end
	end

	wire [23:0] kept = left[BITS-1 -: 24];
	wire        half = left[BITS-25];
	wire        rest = |left[BITS-26:0];
	wire        up = half && (rest || kept[0]);
	wire [24:0] rounded = {1'b0, kept} + 25'(up);

	assign exponent = 11'(unit) + 11'(BITS - 1) - 11'(zeros) + 11'(rounded[24]);
	assign field = exponent + 11'sd127;

	always_comb begin
		// After a carry all fraction bits are 0, shifted or not.
		fp32 = {negative, field[7:0], rounded[22:0]};
		if (exponent < -11'sd126)
			fp32 = {negative, 31'd0};
		if (exponent > 11'sd127)
			fp32 = {negative, 8'hff, 23'd0};
		if (!kept[23])
			fp32 = '0;
	end
endmodule
