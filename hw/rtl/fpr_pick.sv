// SPDX-License-Identifier: MIT

/*
 * One of N words: a multiplexer a bit. (Yosys makes a shifter of x[BITS*at +: BITS]
 * when BITS is no power of two.)
 */
module fpr_pick #(
	parameter int N = 4, // a power of two, at least 2
	parameter int BITS = 8
) (
	input  logic [N*BITS-1:0]    x,
	input  logic [$clog2(N)-1:0] at,
	output logic [BITS-1:0]      word
);
	for (genvar b = 0; b < BITS; b++) begin : one
		wire [N-1:0] same;

		for (genvar i = 0; i < N; i++) begin : gather
			assign same[i] = x[BITS*i + b];
		end
		assign word[b] = same[at];
	end
endmodule
