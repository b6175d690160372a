// SPDX-License-Identifier: MIT

/*
 * The bit-parallel PE that `chunk` is measured against: LANES whole products a cycle,
 * aligned once a chunk as `chunk` aligns its terms and summed in the same way. A
 * product is cut at the unit 2^(emax-7-T), T = 15, toward zero. It needs no store of
 * operands and no terms; no whole tile is built of it. Three steps: multiply | shift, pairs |
 * sum. Its model is tests/golden/golden_dense_chunk.c.
 *
 * Without DSPs a product is four rows, each a digit of two bits times the parallel
 * significand; three times that comes from the column, which computes it for all.
 */
module fpr_dense_chunk_pe #(
	parameter int LANES = 8,
	parameter int DSP = 0
) (
	input  logic                clk,
	input  logic [LANES*14-1:0] serial, // operands of fpr_chunk_line
	input  logic [LANES*14-1:0] parallel,
	input  logic [LANES*10-1:0] thrice, // three times the parallel significands
	input  logic                add,    // these come two cycles after the operands
	input  logic                first,
	output logic signed [30:0]  sum
);
	logic [LANES*24-1:0] magnitude;
	logic [LANES-1:0]    minus;

	for (genvar l = 0; l < LANES; l++) begin : lane
		wire [13:0]  s = serial[14*l +: 14];
		wire [13:0]  p = parallel[14*l +: 14];
		wire [9:0]   p3 = thrice[10*l +: 10];
		wire [15:0]  product_now;
		logic [15:0] product;
		logic [5:0]  distance;

		if (DSP != 0) begin : dsp
			assign product_now = s[7:0] * p[7:0];
		end else begin : rows
			wire [39:0] row;

			for (genvar d = 0; d < 4; d++) begin : digit
				assign row[10*d +: 10] = s[2*d +: 2] == 2'd3 ? p3
						       : s[2*d +: 2] == 2'd2 ? {1'b0, p[7:0], 1'b0}
						       : s[2*d +: 2] == 2'd1 ? {2'b00, p[7:0]} : '0;
			end
			wire [11:0] low = {2'b00, row[9:0]} + {row[19:10], 2'b00};
			wire [11:0] high = {2'b00, row[29:20]} + {row[39:30], 2'b00};
			assign product_now = {4'd0, low} + {high, 4'd0};
		end

		always_ff @(posedge clk) begin
			product <= product_now;
			distance <= {1'b0, s[13:9]} + {1'b0, p[13:9]};
			minus[l] <= s[8] ^ p[8];
		end
		assign magnitude[24*l +: 24] = distance[5] || &distance[4:3] ? '0
					     : {product, 8'd0} >> distance[4:0];
	end

	fpr_chunk_sum #(.LANES(LANES)) total (.clk(clk), .magnitude(magnitude), .minus(minus),
					      .add(add), .first(first), .sum(sum));
endmodule
