// SPDX-License-Identifier: MIT

/*
 * What stands in for fpr_array, which an HLS tool makes of hw/array/gemm_top.c for a card: that C
 * itself, as a coroutine that goes on at every clock edge (array.cpp). It reaches memory by this
 * port. Its tile of the kind `value` is fpr_value_4_tile as Verilator makes it, which takes one
 * clock per cycle; tiles of other kinds are the C's, and wait for as many clocks as they count.
 *
 * `reset` is of no use in the midst of a job: the RTL's tile has none.
 */
module fpr_array (
	input  logic          clk,
	input  logic          reset,
	input  logic          start,
	input  logic [31:0]   m, n, k, batch, lda, ldb, ldc,
	input  logic [63:0]   stride_a, stride_b, stride_c,
	input  logic [7:0]    kind, serial, t, out, trans_a, trans_b, accumulate,
	input  logic [63:0]   a, b, c, // board addresses of the operands' first elements
	output logic          idle,
	output logic          done,
	output logic [1023:0] counters,
	output logic [63:0]   tiles,
	output logic          fault,

	output logic [63:0]   mem_araddr,
	output logic [7:0]    mem_arlen,
	output logic          mem_arvalid,
	input  logic          mem_arready,
	input  logic [511:0]  mem_rdata,
	input  logic [1:0]    mem_rresp,
	input  logic          mem_rlast,
	input  logic          mem_rvalid,
	output logic          mem_rready,
	output logic [63:0]   mem_awaddr,
	output logic [7:0]    mem_awlen,
	output logic          mem_awvalid,
	input  logic          mem_awready,
	output logic [511:0]  mem_wdata,
	output logic [63:0]   mem_wstrb,
	output logic          mem_wlast,
	output logic          mem_wvalid,
	input  logic          mem_wready,
	input  logic [1:0]    mem_bresp,
	input  logic          mem_bvalid,
	output logic          mem_bready
);
	// struct array_in and struct array_out of array.cpp, as they lie in memory.
	import "DPI-C" function void fpr_array_clock(input bit [1279:0] from, output bit [1919:0] to);

	// struct fpr_gemm
	wire [511:0] job = {8'd0, accumulate, trans_b, trans_a, out, t, serial, kind, stride_c, stride_b,
			    stride_a, 32'd0, ldc, ldb, lda, batch, k, n, m};

	bit [1919:0] to;

	always_ff @(posedge clk) begin
		fpr_array_clock({mem_rdata, 8'(mem_bresp), 8'(mem_rresp), 8'(mem_bvalid), 8'(mem_wready),
				 8'(mem_awready), 8'(mem_rvalid), 8'(mem_arready), 8'(start && !reset),
				 c, b, a, job}, to);
		{counters, mem_wdata, mem_wstrb, mem_awaddr, mem_araddr, tiles} <= to[1919:128];
		mem_awlen <= to[87:80];
		mem_arlen <= to[79:72];
		mem_bready <= to[64];
		mem_wlast <= to[56];
		mem_wvalid <= to[48];
		mem_awvalid <= to[40];
		mem_rready <= to[32];
		mem_arvalid <= to[24];
		fault <= to[16];
		done <= to[8];
		idle <= to[0];
	end
endmodule
