// SPDX-License-Identifier: MIT

/* The largest of N unsigned numbers, by pairs. */
module fpr_max #(
	parameter int N = 8,
	parameter int BITS = 8
) (
	input  logic [N*BITS-1:0] x,
	output logic [BITS-1:0]   most
);
	// A heap: node i is the larger of nodes 2i and 2i + 1; leaves are N..2N-1.
	logic [2*N*BITS-1:0] node;

	always_comb begin
		node = '0;
		node[N*BITS +: N*BITS] = x;
		for (int i = N - 1; i > 0; i--)
			node[i*BITS +: BITS] = node[2*i*BITS +: BITS] > node[(2*i+1)*BITS +: BITS]
					       ? node[2*i*BITS +: BITS] : node[(2*i+1)*BITS +: BITS];
	end
	assign most = N == 1 ? x[BITS-1:0] : node[BITS +: BITS];
endmodule
