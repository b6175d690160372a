// never run on hardware
// SPDX-License-Identifier: MIT

/*
 * What Vitis HLS makes of hw/array/gemm_top.c (hls.tcl), under the names that hw/rtl/top has for its
 * ports: three AXI ports of 32 bits are widened and joined. The made module does not look
 * at responses, so they are looked at here.
 *
 * It does not say either when a tile is done: `tiles` counts bursts, which stand still when
 * nothing moves and at no other time.
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
	logic starting, ready, ended, resting;

	always_ff @(posedge clk) begin
		starting <= (starting || start) && !ready && !reset;
		done <= ended && !reset;
	end
	assign idle = resting && !starting && !done;

	/* ---- counters: the kernel's memory of words, all of them seen at once ---- */

	logic [3:0]  counter;
	logic        counter_ce, counter_we;
	logic [63:0] counter_d, counter_q;

	always_ff @(posedge clk)
		if (counter_ce) begin
			if (counter_we)
				counters[{counter, 6'd0} +: 64] <= counter_d;
			counter_q <= counters[{counter, 6'd0} +: 64];
		end

	/* ---- the kernel ---- */

	logic [63:0]  a_araddr, a_awaddr;
	logic [7:0]   a_arlen, a_awlen;
	logic         a_arvalid, a_arready, a_rlast, a_rvalid, a_rready;
	logic         a_awvalid, a_awready, a_wlast, a_wvalid, a_wready, a_bvalid, a_bready;
	logic [1:0]   a_rresp, a_bresp;
	logic [31:0]  a_rdata, a_wdata;
	logic [3:0]   a_wstrb;
	logic [63:0]  b_araddr, b_awaddr;
	logic [7:0]   b_arlen, b_awlen;
	logic         b_arvalid, b_arready, b_rlast, b_rvalid, b_rready;
	logic         b_awvalid, b_awready, b_wlast, b_wvalid, b_wready, b_bvalid, b_bready;
	logic [1:0]   b_rresp, b_bresp;
	logic [31:0]  b_rdata, b_wdata;
	logic [3:0]   b_wstrb;
	logic [63:0]  c_araddr, c_awaddr;
	logic [7:0]   c_arlen, c_awlen;
	logic         c_arvalid, c_arready, c_rlast, c_rvalid, c_rready;
	logic         c_awvalid, c_awready, c_wlast, c_wvalid, c_wready, c_bvalid, c_bready;
	logic [1:0]   c_rresp, c_bresp;
	logic [31:0]  c_rdata, c_wdata;
	logic [3:0]   c_wstrb;

	assign {a_awaddr, a_awlen, a_awvalid, a_wdata, a_wstrb, a_wlast, a_wvalid} = '0;
	assign {b_awaddr, b_awlen, b_awvalid, b_wdata, b_wstrb, b_wlast, b_wvalid} = '0;
	assign {a_bready, b_bready} = '1;

	fpr_gemm_top made(
		.ap_clk(clk), .ap_rst_n(!reset), .ap_start(starting), .ap_done(ended), .ap_ready(ready),
		.ap_idle(resting), .m, .n, .k, .batch, .lda, .ldb, .ldc, .stride_a, .stride_b, .stride_c,
		.kind({24'd0, kind}), .serial({24'd0, serial}), .t({24'd0, t}), .out_r({24'd0, out}),
		.trans_a({24'd0, trans_a}), .trans_b({24'd0, trans_b}), .accumulate({24'd0, accumulate}), .a,
		.b, .c, .counters_address0(counter), .counters_ce0(counter_ce), .counters_we0(counter_we),
		.counters_d0(counter_d), .counters_q0(counter_q), .m_axi_gmem_a_ARVALID(a_arvalid),
		.m_axi_gmem_a_ARREADY(a_arready), .m_axi_gmem_a_ARADDR(a_araddr),
		.m_axi_gmem_a_ARLEN(a_arlen), .m_axi_gmem_a_ARID(), .m_axi_gmem_a_ARSIZE(),
		.m_axi_gmem_a_ARBURST(), .m_axi_gmem_a_ARLOCK(), .m_axi_gmem_a_ARCACHE(),
		.m_axi_gmem_a_ARPROT(), .m_axi_gmem_a_ARQOS(), .m_axi_gmem_a_ARREGION(),
		.m_axi_gmem_a_ARUSER(), .m_axi_gmem_a_AWVALID(), .m_axi_gmem_a_AWREADY(1'b0),
		.m_axi_gmem_a_AWADDR(), .m_axi_gmem_a_AWLEN(), .m_axi_gmem_a_AWID(), .m_axi_gmem_a_AWSIZE(),
		.m_axi_gmem_a_AWBURST(), .m_axi_gmem_a_AWLOCK(), .m_axi_gmem_a_AWCACHE(),
		.m_axi_gmem_a_AWPROT(), .m_axi_gmem_a_AWQOS(), .m_axi_gmem_a_AWREGION(),
		.m_axi_gmem_a_AWUSER(), .m_axi_gmem_a_RVALID(a_rvalid), .m_axi_gmem_a_RREADY(a_rready),
		.m_axi_gmem_a_RDATA(a_rdata), .m_axi_gmem_a_RLAST(a_rlast), .m_axi_gmem_a_RRESP(a_rresp),
		.m_axi_gmem_a_RID(1'b0), .m_axi_gmem_a_RUSER(1'b0), .m_axi_gmem_a_WVALID(),
		.m_axi_gmem_a_WREADY(1'b0), .m_axi_gmem_a_WDATA(), .m_axi_gmem_a_WSTRB(),
		.m_axi_gmem_a_WLAST(), .m_axi_gmem_a_BVALID(1'b0), .m_axi_gmem_a_BREADY(),
		.m_axi_gmem_a_BRESP(2'd0), .m_axi_gmem_a_WID(), .m_axi_gmem_a_WUSER(),
		.m_axi_gmem_a_BID(1'b0), .m_axi_gmem_a_BUSER(1'b0), .m_axi_gmem_b_ARVALID(b_arvalid),
		.m_axi_gmem_b_ARREADY(b_arready), .m_axi_gmem_b_ARADDR(b_araddr),
		.m_axi_gmem_b_ARLEN(b_arlen), .m_axi_gmem_b_ARID(), .m_axi_gmem_b_ARSIZE(),
		.m_axi_gmem_b_ARBURST(), .m_axi_gmem_b_ARLOCK(), .m_axi_gmem_b_ARCACHE(),
		.m_axi_gmem_b_ARPROT(), .m_axi_gmem_b_ARQOS(), .m_axi_gmem_b_ARREGION(),
		.m_axi_gmem_b_ARUSER(), .m_axi_gmem_b_AWVALID(), .m_axi_gmem_b_AWREADY(1'b0),
		.m_axi_gmem_b_AWADDR(), .m_axi_gmem_b_AWLEN(), .m_axi_gmem_b_AWID(), .m_axi_gmem_b_AWSIZE(),
		.m_axi_gmem_b_AWBURST(), .m_axi_gmem_b_AWLOCK(), .m_axi_gmem_b_AWCACHE(),
		.m_axi_gmem_b_AWPROT(), .m_axi_gmem_b_AWQOS(), .m_axi_gmem_b_AWREGION(),
		.m_axi_gmem_b_AWUSER(), .m_axi_gmem_b_RVALID(b_rvalid), .m_axi_gmem_b_RREADY(b_rready),
		.m_axi_gmem_b_RDATA(b_rdata), .m_axi_gmem_b_RLAST(b_rlast), .m_axi_gmem_b_RRESP(b_rresp),
		.m_axi_gmem_b_RID(1'b0), .m_axi_gmem_b_RUSER(1'b0), .m_axi_gmem_b_WVALID(),
		.m_axi_gmem_b_WREADY(1'b0), .m_axi_gmem_b_WDATA(), .m_axi_gmem_b_WSTRB(),
		.m_axi_gmem_b_WLAST(), .m_axi_gmem_b_BVALID(1'b0), .m_axi_gmem_b_BREADY(),
		.m_axi_gmem_b_BRESP(2'd0), .m_axi_gmem_b_WID(), .m_axi_gmem_b_WUSER(),
		.m_axi_gmem_b_BID(1'b0), .m_axi_gmem_b_BUSER(1'b0), .m_axi_gmem_c_ARVALID(c_arvalid),
		.m_axi_gmem_c_ARREADY(c_arready), .m_axi_gmem_c_ARADDR(c_araddr),
		.m_axi_gmem_c_ARLEN(c_arlen), .m_axi_gmem_c_ARID(), .m_axi_gmem_c_ARSIZE(),
		.m_axi_gmem_c_ARBURST(), .m_axi_gmem_c_ARLOCK(), .m_axi_gmem_c_ARCACHE(),
		.m_axi_gmem_c_ARPROT(), .m_axi_gmem_c_ARQOS(), .m_axi_gmem_c_ARREGION(),
		.m_axi_gmem_c_ARUSER(), .m_axi_gmem_c_AWVALID(c_awvalid), .m_axi_gmem_c_AWREADY(c_awready),
		.m_axi_gmem_c_AWADDR(c_awaddr), .m_axi_gmem_c_AWLEN(c_awlen), .m_axi_gmem_c_AWID(),
		.m_axi_gmem_c_AWSIZE(), .m_axi_gmem_c_AWBURST(), .m_axi_gmem_c_AWLOCK(),
		.m_axi_gmem_c_AWCACHE(), .m_axi_gmem_c_AWPROT(), .m_axi_gmem_c_AWQOS(),
		.m_axi_gmem_c_AWREGION(), .m_axi_gmem_c_AWUSER(), .m_axi_gmem_c_RVALID(c_rvalid),
		.m_axi_gmem_c_RREADY(c_rready), .m_axi_gmem_c_RDATA(c_rdata), .m_axi_gmem_c_RLAST(c_rlast),
		.m_axi_gmem_c_RRESP(c_rresp), .m_axi_gmem_c_RID(1'b0), .m_axi_gmem_c_RUSER(1'b0),
		.m_axi_gmem_c_WVALID(c_wvalid), .m_axi_gmem_c_WREADY(c_wready), .m_axi_gmem_c_WDATA(c_wdata),
		.m_axi_gmem_c_WSTRB(c_wstrb), .m_axi_gmem_c_WLAST(c_wlast), .m_axi_gmem_c_BVALID(c_bvalid),
		.m_axi_gmem_c_BREADY(c_bready), .m_axi_gmem_c_BRESP(c_bresp), .m_axi_gmem_c_WID(),
		.m_axi_gmem_c_WUSER(), .m_axi_gmem_c_BID(1'b0), .m_axi_gmem_c_BUSER(1'b0));

	/* ---- one port ---- */

	logic [191:0]  in_araddr;
	logic [23:0]   in_arlen;
	logic [2:0]    in_arvalid;
	logic [2:0]    in_arready;
	logic [1535:0] in_rdata;
	logic [5:0]    in_rresp;
	logic [2:0]    in_rlast;
	logic [2:0]    in_rvalid;
	logic [2:0]    in_rready;
	logic [191:0]  in_awaddr;
	logic [23:0]   in_awlen;
	logic [2:0]    in_awvalid;
	logic [2:0]    in_awready;
	logic [1535:0] in_wdata;
	logic [191:0]  in_wstrb;
	logic [2:0]    in_wlast;
	logic [2:0]    in_wvalid;
	logic [2:0]    in_wready;
	logic [5:0]    in_bresp;
	logic [2:0]    in_bvalid;
	logic [2:0]    in_bready;

	fpr_array_port port_a(.clk, .reset,
		.s_araddr(a_araddr), .s_arlen(a_arlen), .s_arvalid(a_arvalid), .s_arready(a_arready),
		.s_rdata(a_rdata), .s_rresp(a_rresp), .s_rlast(a_rlast), .s_rvalid(a_rvalid),
		.s_rready(a_rready), .s_awaddr(a_awaddr), .s_awlen(a_awlen), .s_awvalid(a_awvalid),
		.s_awready(a_awready), .s_wdata(a_wdata), .s_wstrb(a_wstrb), .s_wlast(a_wlast),
		.s_wvalid(a_wvalid), .s_wready(a_wready), .s_bresp(a_bresp), .s_bvalid(a_bvalid),
		.s_bready(a_bready), .m_araddr(in_araddr[0 +: 64]), .m_arlen(in_arlen[0 +: 8]),
		.m_arvalid(in_arvalid[0]), .m_arready(in_arready[0]), .m_rdata(in_rdata[0 +: 512]),
		.m_rresp(in_rresp[0 +: 2]), .m_rlast(in_rlast[0]), .m_rvalid(in_rvalid[0]),
		.m_rready(in_rready[0]), .m_awaddr(in_awaddr[0 +: 64]), .m_awlen(in_awlen[0 +: 8]),
		.m_awvalid(in_awvalid[0]), .m_awready(in_awready[0]), .m_wdata(in_wdata[0 +: 512]),
		.m_wstrb(in_wstrb[0 +: 64]), .m_wlast(in_wlast[0]), .m_wvalid(in_wvalid[0]),
		.m_wready(in_wready[0]), .m_bresp(in_bresp[0 +: 2]), .m_bvalid(in_bvalid[0]),
		.m_bready(in_bready[0]));
	fpr_array_port port_b(.clk, .reset,
		.s_araddr(b_araddr), .s_arlen(b_arlen), .s_arvalid(b_arvalid), .s_arready(b_arready),
		.s_rdata(b_rdata), .s_rresp(b_rresp), .s_rlast(b_rlast), .s_rvalid(b_rvalid),
		.s_rready(b_rready), .s_awaddr(b_awaddr), .s_awlen(b_awlen), .s_awvalid(b_awvalid),
		.s_awready(b_awready), .s_wdata(b_wdata), .s_wstrb(b_wstrb), .s_wlast(b_wlast),
		.s_wvalid(b_wvalid), .s_wready(b_wready), .s_bresp(b_bresp), .s_bvalid(b_bvalid),
		.s_bready(b_bready), .m_araddr(in_araddr[64 +: 64]), .m_arlen(in_arlen[8 +: 8]),
		.m_arvalid(in_arvalid[1]), .m_arready(in_arready[1]), .m_rdata(in_rdata[512 +: 512]),
		.m_rresp(in_rresp[2 +: 2]), .m_rlast(in_rlast[1]), .m_rvalid(in_rvalid[1]),
		.m_rready(in_rready[1]), .m_awaddr(in_awaddr[64 +: 64]), .m_awlen(in_awlen[8 +: 8]),
		.m_awvalid(in_awvalid[1]), .m_awready(in_awready[1]), .m_wdata(in_wdata[512 +: 512]),
		.m_wstrb(in_wstrb[64 +: 64]), .m_wlast(in_wlast[1]), .m_wvalid(in_wvalid[1]),
		.m_wready(in_wready[1]), .m_bresp(in_bresp[2 +: 2]), .m_bvalid(in_bvalid[1]),
		.m_bready(in_bready[1]));
	fpr_array_port port_c(.clk, .reset,
		.s_araddr(c_araddr), .s_arlen(c_arlen), .s_arvalid(c_arvalid), .s_arready(c_arready),
		.s_rdata(c_rdata), .s_rresp(c_rresp), .s_rlast(c_rlast), .s_rvalid(c_rvalid),
		.s_rready(c_rready), .s_awaddr(c_awaddr), .s_awlen(c_awlen), .s_awvalid(c_awvalid),
		.s_awready(c_awready), .s_wdata(c_wdata), .s_wstrb(c_wstrb), .s_wlast(c_wlast),
		.s_wvalid(c_wvalid), .s_wready(c_wready), .s_bresp(c_bresp), .s_bvalid(c_bvalid),
		.s_bready(c_bready), .m_araddr(in_araddr[128 +: 64]), .m_arlen(in_arlen[16 +: 8]),
		.m_arvalid(in_arvalid[2]), .m_arready(in_arready[2]), .m_rdata(in_rdata[1024 +: 512]),
		.m_rresp(in_rresp[4 +: 2]), .m_rlast(in_rlast[2]), .m_rvalid(in_rvalid[2]),
		.m_rready(in_rready[2]), .m_awaddr(in_awaddr[128 +: 64]), .m_awlen(in_awlen[16 +: 8]),
		.m_awvalid(in_awvalid[2]), .m_awready(in_awready[2]), .m_wdata(in_wdata[1024 +: 512]),
		.m_wstrb(in_wstrb[128 +: 64]), .m_wlast(in_wlast[2]), .m_wvalid(in_wvalid[2]),
		.m_wready(in_wready[2]), .m_bresp(in_bresp[4 +: 2]), .m_bvalid(in_bvalid[2]),
		.m_bready(in_bready[2]));

	fpr_axi_join #(.MASTERS(3)) bundles(.clk, .reset,
		.in_araddr, .in_arlen, .in_arvalid, .in_arready, .in_rdata, .in_rresp, .in_rlast, .in_rvalid,
		.in_rready, .in_awaddr, .in_awlen, .in_awvalid, .in_awready, .in_wdata, .in_wstrb, .in_wlast,
		.in_wvalid, .in_wready, .in_bresp, .in_bvalid, .in_bready, .out_araddr(mem_araddr),
		.out_arlen(mem_arlen), .out_arvalid(mem_arvalid), .out_arready(mem_arready),
		.out_rdata(mem_rdata), .out_rresp(mem_rresp), .out_rlast(mem_rlast), .out_rvalid(mem_rvalid),
		.out_rready(mem_rready), .out_awaddr(mem_awaddr), .out_awlen(mem_awlen),
		.out_awvalid(mem_awvalid), .out_awready(mem_awready), .out_wdata(mem_wdata),
		.out_wstrb(mem_wstrb), .out_wlast(mem_wlast), .out_wvalid(mem_wvalid),
		.out_wready(mem_wready), .out_bresp(mem_bresp), .out_bvalid(mem_bvalid),
		.out_bready(mem_bready));

	/* ---- what it cannot say ---- */

	wire read_taken = mem_rvalid && mem_rready;
	wire write_taken = mem_bvalid && mem_bready;

	always_ff @(posedge clk) begin
		if (start)
			fault <= 1'b0;
		else if (read_taken && mem_rresp != '0 || write_taken && mem_bresp != '0)
			fault <= 1'b1;
		tiles <= tiles + {63'd0, read_taken && mem_rlast} + {63'd0, write_taken};
		if (reset)
			tiles <= '0;
	end
endmodule
