// SPDX-License-Identifier: MIT

/*
 * An interrupt message: `message` asks for it until `ack` says that it is out. One that is wanted
 * meanwhile goes out after it, as the host may have looked in between; several are one.
 */
module fpr_message (
	input  logic clk,
	input  logic reset,
	input  logic send, // pulse
	output logic message,
	input  logic ack
);
	logic again;

	always_ff @(posedge clk) begin
		if (message) begin
			message <= !ack;
			again <= again || send;
		end else begin
			message <= send || again;
			again <= 1'b0;
		end
		if (reset) begin
			message <= 1'b0;
			again <= 1'b0;
		end
	end
endmodule
