// never run on hardware
// SPDX-License-Identifier: MIT

/*
 * Board memory: both stacks of HBM behind one of its ports, which has 256 bits and AXI3's bursts of
 * 16 beats. The vendor's converters do that, all at the design's clock.
 */
module fpr_card_memory (
	input  logic         clk,
	input  logic         reset,
	input  logic         hbm_clk,   // 100 MHz
	input  logic         hbm_rst_n,
	output logic         memory_ready,
	output logic [6:0]   degrees,
	output logic         cattrip,   // too hot: the card turns itself off

	input  logic [63:0]  board_araddr,
	input  logic [7:0]   board_arlen,
	input  logic         board_arvalid,
	output logic         board_arready,
	output logic [511:0] board_rdata,
	output logic [1:0]   board_rresp,
	output logic         board_rlast,
	output logic         board_rvalid,
	input  logic         board_rready,
	input  logic [63:0]  board_awaddr,
	input  logic [7:0]   board_awlen,
	input  logic         board_awvalid,
	output logic         board_awready,
	input  logic [511:0] board_wdata,
	input  logic [63:0]  board_wstrb,
	input  logic         board_wlast,
	input  logic         board_wvalid,
	output logic         board_wready,
	output logic [1:0]   board_bresp,
	output logic         board_bvalid,
	input  logic         board_bready
);
	wire reset_n = hbm_rst_n; // `reset` itself waits for the memory

	/* ---- 256 bits ---- */

	logic [63:0]  narrow_awaddr, narrow_araddr;
	logic [7:0]   narrow_awlen, narrow_arlen;
	logic [2:0]   narrow_awsize, narrow_arsize;
	logic [1:0]   narrow_awburst, narrow_arburst, narrow_bresp, narrow_rresp;
	logic         narrow_awvalid, narrow_awready, narrow_wlast, narrow_wvalid, narrow_wready;
	logic         narrow_bvalid, narrow_bready, narrow_arvalid, narrow_arready;
	logic         narrow_rlast, narrow_rvalid, narrow_rready;
	logic [255:0] narrow_wdata, narrow_rdata;
	logic [31:0]  narrow_wstrb;

	fpr_narrow width(.s_axi_aclk(clk), .s_axi_aresetn(!reset), .s_axi_awaddr(board_awaddr),
		.s_axi_awlen(board_awlen), .s_axi_awsize(3'd6), .s_axi_awburst(2'd1), .s_axi_awlock(1'b0),
		.s_axi_awcache(4'd3), .s_axi_awprot(3'd0), .s_axi_awregion(4'd0), .s_axi_awqos(4'd0),
		.s_axi_awvalid(board_awvalid), .s_axi_awready(board_awready), .s_axi_wdata(board_wdata),
		.s_axi_wstrb(board_wstrb), .s_axi_wlast(board_wlast), .s_axi_wvalid(board_wvalid),
		.s_axi_wready(board_wready), .s_axi_bresp(board_bresp), .s_axi_bvalid(board_bvalid),
		.s_axi_bready(board_bready), .s_axi_araddr(board_araddr), .s_axi_arlen(board_arlen),
		.s_axi_arsize(3'd6), .s_axi_arburst(2'd1), .s_axi_arlock(1'b0), .s_axi_arcache(4'd3),
		.s_axi_arprot(3'd0), .s_axi_arregion(4'd0), .s_axi_arqos(4'd0),
		.s_axi_arvalid(board_arvalid), .s_axi_arready(board_arready), .s_axi_rdata(board_rdata),
		.s_axi_rresp(board_rresp), .s_axi_rlast(board_rlast), .s_axi_rvalid(board_rvalid),
		.s_axi_rready(board_rready), .m_axi_awaddr(narrow_awaddr), .m_axi_awlen(narrow_awlen),
		.m_axi_awsize(narrow_awsize), .m_axi_awburst(narrow_awburst), .m_axi_awlock(),
		.m_axi_awcache(), .m_axi_awprot(), .m_axi_awregion(), .m_axi_awqos(),
		.m_axi_awvalid(narrow_awvalid), .m_axi_awready(narrow_awready), .m_axi_wdata(narrow_wdata),
		.m_axi_wstrb(narrow_wstrb), .m_axi_wlast(narrow_wlast), .m_axi_wvalid(narrow_wvalid),
		.m_axi_wready(narrow_wready), .m_axi_bresp(narrow_bresp), .m_axi_bvalid(narrow_bvalid),
		.m_axi_bready(narrow_bready), .m_axi_araddr(narrow_araddr), .m_axi_arlen(narrow_arlen),
		.m_axi_arsize(narrow_arsize), .m_axi_arburst(narrow_arburst), .m_axi_arlock(),
		.m_axi_arcache(), .m_axi_arprot(), .m_axi_arregion(), .m_axi_arqos(),
		.m_axi_arvalid(narrow_arvalid), .m_axi_arready(narrow_arready), .m_axi_rdata(narrow_rdata),
		.m_axi_rresp(narrow_rresp), .m_axi_rlast(narrow_rlast), .m_axi_rvalid(narrow_rvalid),
		.m_axi_rready(narrow_rready));

	/* ---- bursts of 16 ---- */

	logic [63:0]  short_awaddr, short_araddr;
	logic [3:0]   short_awlen, short_arlen;
	logic [2:0]   short_awsize, short_arsize;
	logic [1:0]   short_awburst, short_arburst, short_bresp, short_rresp;
	logic         short_awvalid, short_awready, short_wlast, short_wvalid, short_wready;
	logic         short_bvalid, short_bready, short_arvalid, short_arready;
	logic         short_rlast, short_rvalid, short_rready;
	logic [255:0] short_wdata, short_rdata;
	logic [31:0]  short_wstrb;

	fpr_short bursts(.aclk(clk), .aresetn(!reset), .s_axi_awaddr(narrow_awaddr),
		.s_axi_awlen(narrow_awlen), .s_axi_awsize(narrow_awsize), .s_axi_awburst(narrow_awburst),
		.s_axi_awlock(1'b0), .s_axi_awcache(4'd3), .s_axi_awprot(3'd0), .s_axi_awregion(4'd0),
		.s_axi_awqos(4'd0), .s_axi_awvalid(narrow_awvalid), .s_axi_awready(narrow_awready),
		.s_axi_wdata(narrow_wdata), .s_axi_wstrb(narrow_wstrb), .s_axi_wlast(narrow_wlast),
		.s_axi_wvalid(narrow_wvalid), .s_axi_wready(narrow_wready), .s_axi_bresp(narrow_bresp),
		.s_axi_bvalid(narrow_bvalid), .s_axi_bready(narrow_bready), .s_axi_araddr(narrow_araddr),
		.s_axi_arlen(narrow_arlen), .s_axi_arsize(narrow_arsize), .s_axi_arburst(narrow_arburst),
		.s_axi_arlock(1'b0), .s_axi_arcache(4'd3), .s_axi_arprot(3'd0), .s_axi_arregion(4'd0),
		.s_axi_arqos(4'd0), .s_axi_arvalid(narrow_arvalid), .s_axi_arready(narrow_arready),
		.s_axi_rdata(narrow_rdata), .s_axi_rresp(narrow_rresp), .s_axi_rlast(narrow_rlast),
		.s_axi_rvalid(narrow_rvalid), .s_axi_rready(narrow_rready), .m_axi_awaddr(short_awaddr),
		.m_axi_awlen(short_awlen), .m_axi_awsize(short_awsize), .m_axi_awburst(short_awburst),
		.m_axi_awlock(), .m_axi_awcache(), .m_axi_awprot(), .m_axi_awqos(),
		.m_axi_awvalid(short_awvalid), .m_axi_awready(short_awready), .m_axi_wdata(short_wdata),
		.m_axi_wstrb(short_wstrb), .m_axi_wlast(short_wlast), .m_axi_wvalid(short_wvalid),
		.m_axi_wready(short_wready), .m_axi_bresp(short_bresp), .m_axi_bvalid(short_bvalid),
		.m_axi_bready(short_bready), .m_axi_araddr(short_araddr), .m_axi_arlen(short_arlen),
		.m_axi_arsize(short_arsize), .m_axi_arburst(short_arburst), .m_axi_arlock(),
		.m_axi_arcache(), .m_axi_arprot(), .m_axi_arqos(), .m_axi_arvalid(short_arvalid),
		.m_axi_arready(short_arready), .m_axi_rdata(short_rdata), .m_axi_rresp(short_rresp),
		.m_axi_rlast(short_rlast), .m_axi_rvalid(short_rvalid), .m_axi_rready(short_rready));

	/* ---- the memory ---- */

	logic [1:0] complete, hot;
	logic [6:0] degrees_0, degrees_1;

	fpr_hbm hbm(.HBM_REF_CLK_0(hbm_clk), .HBM_REF_CLK_1(hbm_clk), .AXI_00_ACLK(clk),
		.AXI_00_ARESET_N(reset_n), .AXI_00_ARADDR(short_araddr[33:0]), .AXI_00_ARBURST(short_arburst),
		.AXI_00_ARID(6'd0), .AXI_00_ARLEN(short_arlen), .AXI_00_ARSIZE(short_arsize),
		.AXI_00_ARVALID(short_arvalid), .AXI_00_ARREADY(short_arready),
		.AXI_00_AWADDR(short_awaddr[33:0]), .AXI_00_AWBURST(short_awburst), .AXI_00_AWID(6'd0),
		.AXI_00_AWLEN(short_awlen), .AXI_00_AWSIZE(short_awsize), .AXI_00_AWVALID(short_awvalid),
		.AXI_00_AWREADY(short_awready), .AXI_00_WDATA(short_wdata), .AXI_00_WDATA_PARITY(32'd0),
		.AXI_00_WSTRB(short_wstrb), .AXI_00_WLAST(short_wlast), .AXI_00_WVALID(short_wvalid),
		.AXI_00_WREADY(short_wready), .AXI_00_BID(), .AXI_00_BRESP(short_bresp),
		.AXI_00_BVALID(short_bvalid), .AXI_00_BREADY(short_bready), .AXI_00_RDATA(short_rdata),
		.AXI_00_RDATA_PARITY(), .AXI_00_RID(), .AXI_00_RLAST(short_rlast),
		.AXI_00_RRESP(short_rresp), .AXI_00_RVALID(short_rvalid), .AXI_00_RREADY(short_rready),
		.APB_0_PCLK(hbm_clk), .APB_0_PRESET_N(hbm_rst_n), .APB_1_PCLK(hbm_clk),
		.APB_1_PRESET_N(hbm_rst_n), .apb_complete_0(complete[0]), .apb_complete_1(complete[1]),
		.DRAM_0_STAT_CATTRIP(hot[0]), .DRAM_0_STAT_TEMP(degrees_0), .DRAM_1_STAT_CATTRIP(hot[1]),
		.DRAM_1_STAT_TEMP(degrees_1));

	assign memory_ready = complete == '1;
	assign cattrip = hot != '0;
	assign degrees = degrees_0 > degrees_1 ? degrees_0 : degrees_1;
endmodule
