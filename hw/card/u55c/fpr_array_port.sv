// never run on hardware
// SPDX-License-Identifier: MIT

/*
 * An AXI port of 32 bits, as Vitis HLS makes it, in hw/rtl/top's subset. The vendor's converter packs
 * bursts into beats of 64 bytes; where it leaves a single narrow beat, that is a whole one whose other
 * bytes nobody looks at. A burst that begins inside of a beat begins with that beat.
 */
module fpr_array_port (
	input  logic         clk,
	input  logic         reset,

	input  logic [63:0]  s_araddr,
	input  logic [7:0]   s_arlen,
	input  logic         s_arvalid,
	output logic         s_arready,
	output logic [31:0]  s_rdata,
	output logic [1:0]   s_rresp,
	output logic         s_rlast,
	output logic         s_rvalid,
	input  logic         s_rready,
	input  logic [63:0]  s_awaddr,
	input  logic [7:0]   s_awlen,
	input  logic         s_awvalid,
	output logic         s_awready,
	input  logic [31:0]  s_wdata,
	input  logic [3:0]   s_wstrb,
	input  logic         s_wlast,
	input  logic         s_wvalid,
	output logic         s_wready,
	output logic [1:0]   s_bresp,
	output logic         s_bvalid,
	input  logic         s_bready,

	output logic [63:0]  m_araddr,
	output logic [7:0]   m_arlen,
	output logic         m_arvalid,
	input  logic         m_arready,
	input  logic [511:0] m_rdata,
	input  logic [1:0]   m_rresp,
	input  logic         m_rlast,
	input  logic         m_rvalid,
	output logic         m_rready,
	output logic [63:0]  m_awaddr,
	output logic [7:0]   m_awlen,
	output logic         m_awvalid,
	input  logic         m_awready,
	output logic [511:0] m_wdata,
	output logic [63:0]  m_wstrb,
	output logic         m_wlast,
	output logic         m_wvalid,
	input  logic         m_wready,
	input  logic [1:0]   m_bresp,
	input  logic         m_bvalid,
	output logic         m_bready
);
	logic [63:0] wide_araddr, wide_awaddr;

	fpr_wide width(.s_axi_aclk(clk), .s_axi_aresetn(!reset),
		.s_axi_araddr(s_araddr), .s_axi_arlen(s_arlen), .s_axi_arvalid(s_arvalid),
		.s_axi_arready(s_arready), .s_axi_rdata(s_rdata), .s_axi_rresp(s_rresp),
		.s_axi_rlast(s_rlast), .s_axi_rvalid(s_rvalid), .s_axi_rready(s_rready),
		.s_axi_awaddr(s_awaddr), .s_axi_awlen(s_awlen), .s_axi_awvalid(s_awvalid),
		.s_axi_awready(s_awready), .s_axi_wdata(s_wdata), .s_axi_wstrb(s_wstrb),
		.s_axi_wlast(s_wlast), .s_axi_wvalid(s_wvalid), .s_axi_wready(s_wready),
		.s_axi_bresp(s_bresp), .s_axi_bvalid(s_bvalid), .s_axi_bready(s_bready), .s_axi_awsize(3'd2),
		.s_axi_awburst(2'd1), .s_axi_awlock(1'b0), .s_axi_awcache(4'd3), .s_axi_awprot(3'd0),
		.s_axi_awregion(4'd0), .s_axi_awqos(4'd0), .m_axi_awsize(), .m_axi_awburst(),
		.m_axi_awlock(), .m_axi_awcache(), .m_axi_awprot(), .m_axi_awregion(), .m_axi_awqos(),
		.s_axi_arsize(3'd2), .s_axi_arburst(2'd1), .s_axi_arlock(1'b0), .s_axi_arcache(4'd3),
		.s_axi_arprot(3'd0), .s_axi_arregion(4'd0), .s_axi_arqos(4'd0), .m_axi_arsize(),
		.m_axi_arburst(), .m_axi_arlock(), .m_axi_arcache(), .m_axi_arprot(), .m_axi_arregion(),
		.m_axi_arqos(), .m_axi_araddr(wide_araddr), .m_axi_arlen(m_arlen), .m_axi_arvalid(m_arvalid),
		.m_axi_arready(m_arready), .m_axi_rdata(m_rdata), .m_axi_rresp(m_rresp),
		.m_axi_rlast(m_rlast), .m_axi_rvalid(m_rvalid), .m_axi_rready(m_rready),
		.m_axi_awaddr(wide_awaddr), .m_axi_awlen(m_awlen), .m_axi_awvalid(m_awvalid),
		.m_axi_awready(m_awready), .m_axi_wdata(m_wdata), .m_axi_wstrb(m_wstrb),
		.m_axi_wlast(m_wlast), .m_axi_wvalid(m_wvalid), .m_axi_wready(m_wready),
		.m_axi_bresp(m_bresp), .m_axi_bvalid(m_bvalid), .m_axi_bready(m_bready));

	assign m_araddr = {wide_araddr[63:6], 6'd0};
	assign m_awaddr = {wide_awaddr[63:6], 6'd0};
endmodule
