// SPDX-License-Identifier: MIT

/*
 * A PE of `dense` (numerics: dense): a set of 8 whole products a cycle, aligned to
 * the largest exponent among them and the accumulator's, summed exactly, rounded
 * once. Alignment needs the accumulator as it was left a cycle before, so all from
 * its exponent to its rounding is one step: that loop bounds the clock.
 *
 * A value is {exponent field [8], sign, significand [8], 0 when not effectual};
 * exponents of products and of the accumulator have a bias of 254.
 */
module fpr_dense_pe #(
	parameter int SET = 8
) (
	input  logic               clk,
	input  logic               start,
	input  logic [SET*17-1:0]  serial,
	input  logic [SET*17-1:0]  parallel,
	input  logic               add,   // these come a cycle after the values
	input  logic               first, // of a chunk: the accumulator is 0
	output logic               negative,
	output logic [12:0]        mag,
	output logic signed [10:0] exponent
);
	localparam int KEEP = 24; // a product further below the largest is dropped whole
	localparam int UNIT = KEEP + 14;

	logic [SET*16-1:0] product;
	logic [SET*9-1:0]  product_exp; // 0 when not effectual
	logic [SET-1:0]    product_negative;
	wire  [8:0]        set_exp;

	for (genvar i = 0; i < SET; i++) begin : multiply
		wire [16:0] s = serial[17*i +: 17];
		wire [16:0] p = parallel[17*i +: 17];

		always_ff @(posedge clk) begin
			product[16*i +: 16] <= s[7:0] * p[7:0];
			product_exp[9*i +: 9] <= s[7] && p[7] ? {1'b0, s[16:9]} + {1'b0, p[16:9]} : '0;
			product_negative[i] <= s[8] ^ p[8];
		end
	end
	fpr_max #(.N(SET), .BITS(9)) largest (.x(product_exp), .most(set_exp));

	wire counts = mag != '0 && !first;
	wire [10:0] emax = counts && exponent > $signed({2'd0, set_exp}) ? exponent
									 : {2'd0, set_exp};
	wire signed [39:0]  before_set;
	logic signed [44:0] sum;

	fpr_acc_align #(.UP(UNIT - 12)) align (.negative(negative), .mag(counts ? mag : '0),
					       .down(emax - exponent), .value(before_set));
	always_comb begin
		sum = 45'(before_set);
		for (int i = 0; i < SET; i++) begin : one
			logic [10:0] below;
			logic [40:0] moved;

			below = emax - {2'd0, product_exp[9*i +: 9]};
			moved = below > 11'(KEEP) ? '0
				: {1'b0, product[16*i +: 16], {KEEP{1'b0}}} >> below[4:0];
			sum = product_negative[i] ? sum - 45'(moved) : sum + 45'(moved);
		end
	end

	wire               negative_now;
	wire [12:0]        mag_now;
	wire signed [10:0] exponent_now;

	fpr_acc_round #(.BITS(45)) round (.sum(sum), .unit($signed(emax) - 11'sd38),
					  .negative(negative_now), .mag(mag_now),
					  .exponent(exponent_now));
	always_ff @(posedge clk) begin
		if (add && set_exp != '0) begin
			negative <= negative_now;
			mag <= mag_now;
			exponent <= exponent_now;
		end
		if (start || (add && first && set_exp == '0))
			mag <= '0;
	end
endmodule
