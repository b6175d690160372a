// SPDX-License-Identifier: MIT

/*
 * The sum of a chunk (numerics: chunk, exact integer sum): magnitudes are added by
 * pairs, and a cycle later all pairs to the accumulator. A sum's sign is that of its
 * first magnitude and comes to bear one adder later, so an adder only ever adds or
 * subtracts.
 */
module fpr_chunk_sum #(
	parameter int LANES = 8 // a power of two, at least 2
) (
	input  logic                clk,
	input  logic [LANES*24-1:0] magnitude,
	input  logic [LANES-1:0]    minus,
	input  logic                add,   // the pairs of a cycle ago count
	input  logic                first, // and the sum begins anew with them
	output logic signed [30:0]  sum
);
	localparam int PAIRS = LANES / 2;

	logic [PAIRS*31-1:0] pair;
	logic [PAIRS-1:0]    pair_minus;

	for (genvar i = 0; i < PAIRS; i++) begin : couple
		wire        differ = minus[2*i] ^ minus[2*i+1];
		wire [25:0] x = {2'd0, magnitude[48*i +: 24]};
		wire [25:0] y = {2'd0, magnitude[48*i+24 +: 24]} ^ {26{differ}};
		logic signed [25:0] both;

		always_ff @(posedge clk) begin
			both <= $signed(x + y + 26'(differ));
			pair_minus[i] <= minus[2*i];
		end
		assign pair[31*i +: 31] = 31'(both);
	end

	// A heap: node i is the sum of nodes 2i and 2i + 1, with the sign of 2i; leaves are pairs.
	wire [2*PAIRS*31-1:0] node /* verilator split_var */;
	wire [2*PAIRS-1:0]    node_minus /* verilator split_var */;

	assign node[PAIRS*31 +: PAIRS*31] = pair;
	assign node_minus[PAIRS +: PAIRS] = pair_minus;
	for (genvar i = 1; i < PAIRS; i++) begin : sum_up
		wire differ = node_minus[2*i] ^ node_minus[2*i+1];

		assign node[31*i +: 31] = node[62*i +: 31] +
					  (node[62*i+31 +: 31] ^ {31{differ}}) + 31'(differ);
		assign node_minus[i] = node_minus[2*i];
	end
	assign node[30:0] = '0;
	assign node_minus[0] = 1'b0;

	always_ff @(posedge clk)
		if (add)
			sum <= (first ? '0 : sum) + $signed(node[61:31] ^ {31{node_minus[1]}}) +
			       $signed(31'(node_minus[1]));
endmodule
