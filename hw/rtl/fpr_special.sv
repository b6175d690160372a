// SPDX-License-Identifier: MIT

/*
 * The side path of infinities and NaNs (numerics: specials), for one beat of
 * products of one PE: what they hold, added to what was seen before. Six bits
 * decide on a product.
 */
module fpr_special #(
	parameter int BEAT = 8
) (
	input  logic              clk,
	input  logic              start,
	input  logic              valid,
	input  logic [BEAT*3-1:0] serial,   // classes of fpr_class
	input  logic [BEAT*3-1:0] parallel,
	output logic [2:0]        seen      // NaN, negative, positive infinity
);
	logic [2:0] now;

	always_comb begin
		now = '0;
		for (int i = 0; i < BEAT; i++) begin
			logic [1:0] s, p;
			logic flip, inf, nan;

			s = serial[3*i +: 2];
			p = parallel[3*i +: 2];
			flip = serial[3*i+2] ^ parallel[3*i+2];
			nan = s == 2'd3 || p == 2'd3 || (s == 2'd2 && p == 2'd0) || (s == 2'd0 && p == 2'd2);
			inf = !nan && (s == 2'd2 || p == 2'd2);
			now = now | {nan, inf && flip, inf && !flip};
		end
	end

	always_ff @(posedge clk)
		seen <= start ? '0 : seen | (valid ? now : '0);
endmodule
