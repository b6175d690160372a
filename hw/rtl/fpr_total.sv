// SPDX-License-Identifier: MIT

/* One counter of a tile: what N rows add to it, cycle by cycle. */
module fpr_total #(
	parameter int N = 8
) (
	input  logic            clk,
	input  logic            start,
	input  logic [N*16-1:0] x,
	output logic [47:0]     total
);
	logic [47:0] now;

	always_comb begin
		now = '0;
		for (int i = 0; i < N; i++)
			now = now + 48'(x[16*i +: 16]);
	end
	always_ff @(posedge clk)
		total <= start ? '0 : total + now;
endmodule
