// SPDX-License-Identifier: MIT

/*
 * The short accumulator of `set` and `dense` as an integer (numerics: aligned to
 * the unit by dropping lower magnitude bits): its 13 significand bits with UP
 * zeros below, moved down.
 */
module fpr_acc_align #(
	parameter int UP = 26
) (
	input  logic             negative,
	input  logic [12:0]      mag,
	input  logic [10:0]      down,
	output logic signed [UP+13:0] value
);
	wire [UP+12:0] moved = down > 11'(UP + 12) ? '0 : {mag, {UP{1'b0}}} >> down[5:0];

	assign value = negative ? -$signed({1'b0, moved}) : $signed({1'b0, moved});
endmodule
