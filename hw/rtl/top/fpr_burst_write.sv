// SPDX-License-Identifier: MIT

/*
 * One burst written over AXI: address and beats, then the response. Whoever feeds it has
 * all beats at hand, so the bus is never held for somebody else's sake.
 */
module fpr_burst_write (
	input  logic        clk,
	input  logic        reset,
	input  logic        start,   // when idle
	input  logic [63:0] address, // any byte of the first beat
	input  logic [5:0]  len,     // beats - 1, within the page
	output logic        idle,
	output logic        fault,   // of the last burst: it was refused
	input  logic        beat_valid, // data and strobes go past this module
	output logic        beat_ready,
	output logic [63:0] awaddr,
	output logic [7:0]  awlen,
	output logic        awvalid,
	input  logic        awready,
	output logic        wlast,
	output logic        wvalid,
	input  logic        wready,
	input  logic [1:0]  bresp,
	input  logic        bvalid,
	output logic        bready
);
	logic       pending; // from the start to the response
	logic       writing;
	logic [5:0] left; // beats behind this one

	// Data waits for no address to be taken: a slave may want it first.
	always_ff @(posedge clk) begin
		if (awready)
			awvalid <= 1'b0;
		if (wvalid && wready) begin
			left <= left - 6'd1;
			writing <= !wlast;
		end
		if (bvalid && bready) begin
			pending <= 1'b0;
			fault <= bresp != '0;
		end
		if (start) begin
			awaddr <= {address[63:6], 6'd0};
			awlen <= {2'd0, len};
			awvalid <= 1'b1;
			writing <= 1'b1;
			pending <= 1'b1;
			left <= len;
			fault <= 1'b0;
		end
		if (reset) begin
			awvalid <= 1'b0;
			writing <= 1'b0;
			pending <= 1'b0;
		end
	end

	assign wlast = left == '0;
	assign wvalid = writing && beat_valid;
	assign beat_ready = writing && wready;
	assign bready = pending && !awvalid && !writing;
	assign idle = !pending;
endmodule
