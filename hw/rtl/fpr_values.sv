// SPDX-License-Identifier: MIT

/* A register of values as `set` and `dense` take them. */
module fpr_values #(
	parameter int N = 8
) (
	input  logic            clk,
	input  logic [N*16-1:0] x,
	output logic [N*17-1:0] values
);
	for (genvar i = 0; i < N; i++) begin : one
		wire [16:0] here;

		fpr_value unpack (.x(x[16*i +: 16]), .value(here));
		always_ff @(posedge clk)
			values[17*i +: 17] <= here;
	end
endmodule
