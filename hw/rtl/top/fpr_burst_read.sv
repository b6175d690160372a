// SPDX-License-Identifier: MIT

/*
 * One burst read over AXI into a memory of 64 beats. A burst is only asked for when all of
 * it has room: who has the bus never waits for another bus, so nobody can wait in a circle.
 */
module fpr_burst_read (
	input  logic         clk,
	input  logic         reset,
	input  logic         start,   // when idle
	input  logic [63:0]  address, // any byte of the first beat
	input  logic [5:0]   len,     // beats - 1, within the page
	output logic         idle,
	output logic         fault,   // of the last burst: a beat of it was refused
	input  logic         next,    // show beat `index` in the next cycle
	input  logic [5:0]   index,
	output logic [511:0] beat,
	output logic [63:0]  araddr,
	output logic [7:0]   arlen,
	output logic         arvalid,
	input  logic         arready,
	input  logic [511:0] rdata,
	input  logic [1:0]   rresp,
	input  logic         rlast,
	input  logic         rvalid,
	output logic         rready
);
	logic [511:0] beats [0:63];
	logic [5:0]   come;

	always_ff @(posedge clk) begin
		if (rvalid && rready)
			beats[come] <= rdata;
		if (next)
			beat <= beats[index];
	end

	always_ff @(posedge clk) begin
		if (arvalid && arready) begin
			arvalid <= 1'b0;
			rready <= 1'b1;
		end
		if (rvalid && rready) begin
			come <= come + 6'd1;
			fault <= fault || rresp != '0;
			rready <= !rlast;
		end
		if (start) begin
			araddr <= {address[63:6], 6'd0};
			arlen <= {2'd0, len};
			arvalid <= 1'b1;
			come <= '0;
			fault <= 1'b0;
		end
		if (reset) begin
			arvalid <= 1'b0;
			rready <= 1'b0;
		end
	end

	assign idle = !arvalid && !rready;
endmodule
