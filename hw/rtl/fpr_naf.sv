// SPDX-License-Identifier: MIT

/*
 * The recoder (numerics: terms). A significand's non-adjacent form follows from M
 * and 3M: the digit at p is not zero where their bits p + 1 differ, and negative
 * where only M has that bit.
 */
module fpr_naf (
	input  logic [7:0] m,
	output logic [8:0] terms,   // bit p: the digit of weight 2^p is not zero
	output logic [8:0] negative // of these, which are -1
);
	wire [9:0] once = {2'b00, m};
	wire [9:0] thrice = once + {1'b0, m, 1'b0};
	wire [9:0] differ = once ^ thrice;
	wire [9:0] only_once = once & ~thrice;

	assign terms = differ[9:1];
	assign negative = only_once[9:1];
endmodule
