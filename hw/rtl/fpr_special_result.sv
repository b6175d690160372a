// SPDX-License-Identifier: MIT

/*
 * An output, specials considered (numerics: specials): if a product was special,
 * C in plus what the products give, else the finite sum.
 */
module fpr_special_result (
	input  logic [2:0]  seen, // of fpr_special
	input  logic [31:0] c_in,
	input  logic [31:0] sum,
	output logic [31:0] result
);
	wire c_inf = c_in[30:0] == 31'h7f800000;
	wire nan = seen[2] || seen[1:0] == 2'b11 || c_in[30:0] > 31'h7f800000 ||
		   (c_inf && c_in[31] != seen[1]);

	always_comb begin
		result = sum;
		if (seen != '0)
			result = nan ? 32'h7fc00000 : {seen[1], 31'h7f800000};
	end
endmodule
