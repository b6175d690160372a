// SPDX-License-Identifier: MIT

/* A bfloat16 value as `set` and `dense` take it. */
module fpr_value (
	input  logic [15:0] x,
	output logic [16:0] value // {exponent field [8], sign, significand [8], 0 if not effectual}
);
	wire effectual = x[14:7] != '0 && x[14:7] != 8'hff;

	assign value = {x[14:7], x[15], effectual, effectual ? x[6:0] : 7'd0};
endmodule
