// SPDX-License-Identifier: MIT

/* How many of N bits are set. */
module fpr_ones #(
	parameter int N = 8
) (
	input  logic [N-1:0]           x,
	output logic [$clog2(N+1)-1:0] ones
);
	localparam int COUNT = $clog2(N + 1);

	assign ones = COUNT'($countones(x));
endmodule
