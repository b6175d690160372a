// SPDX-License-Identifier: MIT

/* A register between a tile and whoever feeds it: what is offered goes on when there is room. */
module fpr_beat #(
	parameter int BITS = 8
) (
	input  logic            clk,
	input  logic            start,
	input  logic            in_valid,
	output logic            in_ready,
	input  logic [BITS-1:0] in_data,
	output logic            valid,
	input  logic            ready,
	output logic [BITS-1:0] data
);
	assign in_ready = !valid || ready;
	always_ff @(posedge clk) begin
		if (in_ready) begin
			valid <= in_valid;
			data <= in_data;
		end
		if (start)
			valid <= 1'b0;
	end
endmodule
