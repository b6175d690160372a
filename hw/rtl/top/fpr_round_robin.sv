// SPDX-License-Identifier: MIT

/* Whose turn it is: the first that wants it behind who had it last. */
module fpr_round_robin #(
	parameter int N = 4
) (
	input  logic [N-1:0] want,
	input  logic [N-1:0] last, // one-hot
	output logic [N-1:0] pick  // one-hot, or 0 when nobody wants it
);
	wire [N-1:0] behind = want & ~(last | (last - N'(1)));

	assign pick = behind != '0 ? behind & -behind : want & -want;
endmodule
