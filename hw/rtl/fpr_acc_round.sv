// SPDX-License-Identifier: MIT

/*
 * An exact sum rounded into the short accumulator of `set` and `dense` (numerics:
 * nearest even to 13 significand bits, exponent unbounded).
 */
module fpr_acc_round #(
	parameter int BITS = 45 // of the sum, 17..65
) (
	input  logic signed [BITS-1:0] sum,
	input  logic signed [10:0]     unit, // exponent of its lowest bit
	output logic                   negative,
	output logic [12:0]            mag,  // 4096..8191, or 0 for 0
	output logic signed [10:0]     exponent
);
	localparam int MAG = BITS - 1;

	logic [MAG-1:0] left;
	logic [5:0]     zeros;

	assign negative = sum[BITS-1];

	// Normalise by halving: what is shifted away are leading zeros.
	always_comb begin
		left = negative ? -sum[MAG-1:0] : sum[MAG-1:0];
		zeros = '0;
		for (int s = $clog2(MAG) - 1; s >= 0; s--)
			if (left >> (MAG - (1 << s)) == '0) begin
				left = left << (1 << s);
				zeros[s] = 1'b1;
			end
	end

	wire [12:0] kept = left[MAG-1 -: 13];
	wire        half = left[MAG-14];
	wire        rest = |left[MAG-15:0];
	wire        up = half && (rest || kept[0]);
	wire [13:0] rounded = {1'b0, kept} + 14'(up);

	assign mag = rounded[13] ? rounded[13:1] : rounded[12:0];
	assign exponent = unit + $signed(11'(MAG - 1)) - $signed({5'd0, zeros}) +
			  $signed({10'd0, rounded[13]});
endmodule
