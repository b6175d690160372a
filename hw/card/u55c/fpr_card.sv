// never run on hardware
// SPDX-License-Identifier: MIT

/*
 * The card: pins, clocks and the vendor's cores around fpr_top. build.tcl makes the cores. Nets
 * have the names of the ports that they connect.
 *
 * All but the memory's own clocks is PCIe's 250 MHz. XDMA's one AXI master has BAR0 at address
 * 2^40 and BAR2 at 0; its slave reaches the host at the bus address.
 */
module fpr_card #(
	// By build.tcl.
	parameter logic [31:0] BUILD = '0,
	parameter logic [63:0] MEMORY = '0, // bytes of board memory, all in BAR2
	parameter logic [63:0] SCRATCH = '0 // of working memory above it
) (
	input  logic       pcie_refclk_p,
	input  logic       pcie_refclk_n,
	input  logic       pcie_perst_n,
	input  logic [7:0] pcie_rx_p,
	input  logic [7:0] pcie_rx_n,
	output logic [7:0] pcie_tx_p,
	output logic [7:0] pcie_tx_n,
	input  logic       hbm_refclk_p,
	input  logic       hbm_refclk_n,
	output logic       hbm_cattrip
);
	/* ---- clocks and resets ---- */

	logic sys_clk, sys_clk_gt, sys_rst_n;
	logic hbm_refclk, hbm_clk, hbm_rst_n;
	logic axi_aclk, axi_aresetn;

	IBUFDS_GTE4 #(.REFCLK_HROW_CK_SEL(2'b00)) refclk_in(.I(pcie_refclk_p), .IB(pcie_refclk_n),
		.CEB(1'b0), .O(sys_clk_gt), .ODIV2(sys_clk));
	IBUF perst_in(.I(pcie_perst_n), .O(sys_rst_n));
	IBUFDS hbm_refclk_in(.I(hbm_refclk_p), .IB(hbm_refclk_n), .O(hbm_refclk));
	BUFG hbm_refclk_net(.I(hbm_refclk), .O(hbm_clk));

	// The memory's reset falls on its own clock.
	logic [3:0] hbm_up;
	always_ff @(posedge hbm_clk or negedge sys_rst_n)
		if (!sys_rst_n)
			hbm_up <= '0;
		else
			hbm_up <= {hbm_up[2:0], 1'b1};
	assign hbm_rst_n = hbm_up[3];

	// Nothing starts before the memory is ready; one register for the whole design.
	logic       clk, reset, memory_ready;
	logic [1:0] complete;

	assign clk = axi_aclk;
	always_ff @(posedge clk) begin
		complete <= {complete[0], memory_ready};
		reset <= !axi_aresetn || !complete[1];
	end

	/* ---- PCIe ---- */

	logic         user_lnk_up, msix_enable, axi_ctl_aresetn, interrupt_out;
	logic [2:0]   usr_irq_req, usr_irq_ack;
	logic [3:0]   m_axib_awid, m_axib_arid, m_axib_bid, m_axib_rid;
	logic [63:0]  m_axib_awaddr, m_axib_araddr;
	logic [7:0]   m_axib_awlen, m_axib_arlen;
	logic [2:0]   m_axib_awsize, m_axib_arsize, m_axib_awprot, m_axib_arprot;
	logic [1:0]   m_axib_awburst, m_axib_arburst, m_axib_bresp, m_axib_rresp;
	logic [3:0]   m_axib_awcache, m_axib_arcache;
	logic         m_axib_awlock, m_axib_arlock;
	logic         m_axib_awvalid, m_axib_awready, m_axib_wvalid, m_axib_wready, m_axib_wlast;
	logic         m_axib_bvalid, m_axib_bready, m_axib_arvalid, m_axib_arready;
	logic         m_axib_rvalid, m_axib_rready, m_axib_rlast;
	logic [511:0] m_axib_wdata, m_axib_rdata;
	logic [63:0]  m_axib_wstrb;

	logic [63:0]  host_araddr, host_awaddr, host_wstrb;
	logic [7:0]   host_arlen, host_awlen;
	logic         host_arvalid, host_arready, host_rlast, host_rvalid, host_rready;
	logic         host_awvalid, host_awready, host_wlast, host_wvalid, host_wready;
	logic         host_bvalid, host_bready;
	logic [1:0]   host_rresp, host_bresp;
	logic [511:0] host_rdata, host_wdata;

	fpr_xdma xdma(.sys_clk, .sys_clk_gt, .sys_rst_n, .user_lnk_up, .pci_exp_txp(pcie_tx_p),
		.pci_exp_txn(pcie_tx_n), .pci_exp_rxp(pcie_rx_p), .pci_exp_rxn(pcie_rx_n), .axi_aclk,
		.axi_aresetn, .axi_ctl_aresetn, .usr_irq_req, .usr_irq_ack, .msix_enable, .interrupt_out,
		// BAR0 and BAR2
		.m_axib_awid, .m_axib_awaddr, .m_axib_awlen, .m_axib_awsize, .m_axib_awburst,
		.m_axib_awprot, .m_axib_awvalid, .m_axib_awready, .m_axib_awlock, .m_axib_awcache,
		.m_axib_wdata, .m_axib_wstrb, .m_axib_wlast, .m_axib_wvalid, .m_axib_wready,
		.m_axib_bid, .m_axib_bresp, .m_axib_bvalid, .m_axib_bready, .m_axib_arid,
		.m_axib_araddr, .m_axib_arlen, .m_axib_arsize, .m_axib_arburst, .m_axib_arprot,
		.m_axib_arvalid, .m_axib_arready, .m_axib_arlock, .m_axib_arcache, .m_axib_rid,
		.m_axib_rdata, .m_axib_rresp, .m_axib_rlast, .m_axib_rvalid, .m_axib_rready,
		// the host's memory
		.s_axib_awid(4'd0), .s_axib_awaddr(host_awaddr), .s_axib_awregion(4'd0),
		.s_axib_awlen(host_awlen), .s_axib_awsize(3'd6), .s_axib_awburst(2'd1),
		.s_axib_awvalid(host_awvalid), .s_axib_awready(host_awready), .s_axib_wdata(host_wdata),
		.s_axib_wstrb(host_wstrb), .s_axib_wlast(host_wlast), .s_axib_wvalid(host_wvalid),
		.s_axib_wready(host_wready), .s_axib_bid(), .s_axib_bresp(host_bresp),
		.s_axib_bvalid(host_bvalid), .s_axib_bready(host_bready), .s_axib_arid(4'd0),
		.s_axib_araddr(host_araddr), .s_axib_arregion(4'd0), .s_axib_arlen(host_arlen),
		.s_axib_arsize(3'd6), .s_axib_arburst(2'd1), .s_axib_arvalid(host_arvalid),
		.s_axib_arready(host_arready), .s_axib_rid(), .s_axib_rdata(host_rdata),
		.s_axib_rresp(host_rresp), .s_axib_rlast(host_rlast), .s_axib_rvalid(host_rvalid),
		.s_axib_rready(host_rready),
		// the bridge's own registers, which nobody needs
		.s_axil_awaddr(32'd0), .s_axil_awprot(3'd0), .s_axil_awvalid(1'b0), .s_axil_awready(),
		.s_axil_wdata(32'd0), .s_axil_wstrb(4'd0), .s_axil_wvalid(1'b0), .s_axil_wready(),
		.s_axil_bvalid(), .s_axil_bresp(), .s_axil_bready(1'b1), .s_axil_araddr(32'd0),
		.s_axil_arprot(3'd0), .s_axil_arvalid(1'b0), .s_axil_arready(), .s_axil_rdata(),
		.s_axil_rresp(), .s_axil_rvalid(), .s_axil_rready(1'b1));

	/* ---- BARs ---- */

	logic [15:0]  s_awaddr, s_araddr;
	logic [31:0]  s_wdata, s_rdata;
	logic [3:0]   s_wstrb;
	logic         s_awvalid, s_awready, s_wvalid, s_wready, s_bvalid, s_bready;
	logic         s_arvalid, s_arready, s_rvalid, s_rready;
	logic [1:0]   s_bresp, s_rresp;

	logic [63:0]  bar2_araddr, bar2_awaddr, bar2_wstrb;
	logic [7:0]   bar2_arlen, bar2_awlen;
	logic         bar2_arvalid, bar2_arready, bar2_rlast, bar2_rvalid, bar2_rready;
	logic         bar2_awvalid, bar2_awready, bar2_wlast, bar2_wvalid, bar2_wready;
	logic         bar2_bvalid, bar2_bready;
	logic [1:0]   bar2_rresp, bar2_bresp;
	logic [511:0] bar2_rdata, bar2_wdata;

	fpr_card_bars bars(.*);

	/* ---- the board ---- */

	logic [63:0]  board_araddr, board_awaddr, board_wstrb;
	logic [7:0]   board_arlen, board_awlen;
	logic         board_arvalid, board_arready, board_rlast, board_rvalid, board_rready;
	logic         board_awvalid, board_awready, board_wlast, board_wvalid, board_wready;
	logic         board_bvalid, board_bready;
	logic [1:0]   board_rresp, board_bresp;
	logic [511:0] board_rdata, board_wdata;

	logic [31:0]  temperature, clock_khz, build;
	logic [63:0]  memory, scratch_bytes;
	logic [2:0]   message, message_ack;
	logic [6:0]   hbm_degrees;

	assign usr_irq_req = message;
	assign message_ack = usr_irq_ack;
	assign memory = MEMORY;
	assign scratch_bytes = SCRATCH;
	assign clock_khz = 32'd250000;
	assign build = BUILD;

	fpr_top top(.*);
	fpr_card_memory hbm(.*, .degrees(hbm_degrees), .cattrip(hbm_cattrip));

	// The memory's sensor, in whole degrees; it stands still for more than a cycle.
	logic [6:0] degrees;
	always_ff @(posedge clk) begin
		degrees <= hbm_degrees;
		temperature <= 32'd1000 * {25'd0, degrees};
	end
endmodule
