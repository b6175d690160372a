// SPDX-License-Identifier: MIT

/*
 * The exponent block of a `set` PE (numerics: set): the largest exponent of the
 * set's effectual products and the accumulator, the accumulator aligned to it, and
 * of each product the terms within T. Exponents have a bias of 254.
 *
 * A serial value is {sign, exponent field [8], digits' signs [9], terms [9]}, a
 * parallel one as of fpr_value; terms or significand are 0 when not effectual.
 */
module fpr_set_open #(
	parameter int SET = 8
) (
	input  logic [3:0]          t,
	input  logic [SET*27-1:0]   serial,
	input  logic [SET*17-1:0]   parallel,
	input  logic                acc_negative,
	input  logic [12:0]         acc_mag, // 0 at the start of a chunk
	input  logic signed [10:0]  acc_exponent,
	output logic                effectual, // some product is
	output logic signed [10:0]  unit,      // emax - 7 - T
	output logic signed [28:0]  sum,
	output logic [SET*9-1:0]    terms,     // those to issue
	output logic [SET*5-1:0]    reach,     // 8 + left shift of a term at position 0
	output logic [SET*9-1:0]    beyond     // those beyond T
);
	logic [SET*9-1:0]   exponents; // 0 when not effectual
	wire  [8:0]         set_exp;
	wire                counts = acc_mag != '0;
	wire  [10:0]        emax = counts && acc_exponent > $signed({2'd0, set_exp})
				   ? acc_exponent : {2'd0, set_exp};
	wire signed [23:0]  aligned;

	fpr_max #(.N(SET), .BITS(9)) largest (.x(exponents), .most(set_exp));
	fpr_acc_align #(.UP(10)) align (.negative(acc_negative), .mag(acc_mag),
					.down(emax - acc_exponent + 11'd15 - {7'd0, t}),
					.value(aligned));
	assign effectual = set_exp != '0;
	assign unit = $signed(emax) - 11'sd7 - $signed({7'd0, t});
	assign sum = 29'(aligned);

	for (genvar i = 0; i < SET; i++) begin : product
		wire [26:0] s = serial[27*i +: 27];
		wire [16:0] p = parallel[17*i +: 17];
		wire        here = s[8:0] != '0 && p[7];
		wire [10:0] delta = emax - {2'd0, exponents[9*i +: 9]};
		// A term at p is kept iff p >= lowest.
		wire signed [11:0] lowest = $signed({1'b0, delta}) + 12'sd7 - $signed({8'd0, t});
		wire [8:0]  reachable = lowest < 12'sd0 ? '1 : lowest > 12'sd8 ? '0
							     : 9'h1ff << lowest[3:0];

		assign exponents[9*i +: 9] = here ? {1'b0, s[25:18]} + {1'b0, p[16:9]} : '0;
		assign terms[9*i +: 9] = here ? s[8:0] & reachable : '0;
		assign beyond[9*i +: 9] = here ? s[8:0] & ~reachable : '0;
		assign reach[5*i +: 5] = {1'b0, t} + 5'd1 - delta[4:0];
	end
endmodule
