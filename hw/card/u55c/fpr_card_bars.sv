// never run on hardware
// SPDX-License-Identifier: MIT

/*
 * XDMA's AXI master (BAR0 at address 2^40, BAR2 at 0) becomes the registers' AXI4-Lite and
 * the memory's AXI subset, one read and one write at a time. Writes go before reads, as PCIe
 * wants it.
 *
 * Registers are read and written 32 bits at a time: what comes wider is cut to the first word that
 * is written, or read as that word over and over. Of the memory a burst that is not of
 * whole beats is one beat: the host's stores are, with strobes.
 */
module fpr_card_bars (
	input  logic         clk,
	input  logic         reset,

	input  logic [3:0]   m_axib_awid,
	input  logic [63:0]  m_axib_awaddr,
	input  logic [7:0]   m_axib_awlen,
	input  logic         m_axib_awvalid,
	output logic         m_axib_awready,
	input  logic [511:0] m_axib_wdata,
	input  logic [63:0]  m_axib_wstrb,
	input  logic         m_axib_wlast,
	input  logic         m_axib_wvalid,
	output logic         m_axib_wready,
	output logic [3:0]   m_axib_bid,
	output logic [1:0]   m_axib_bresp,
	output logic         m_axib_bvalid,
	input  logic         m_axib_bready,
	input  logic [3:0]   m_axib_arid,
	input  logic [63:0]  m_axib_araddr,
	input  logic [7:0]   m_axib_arlen,
	input  logic         m_axib_arvalid,
	output logic         m_axib_arready,
	output logic [3:0]   m_axib_rid,
	output logic [511:0] m_axib_rdata,
	output logic [1:0]   m_axib_rresp,
	output logic         m_axib_rlast,
	output logic         m_axib_rvalid,
	input  logic         m_axib_rready,

	output logic [15:0]  s_awaddr,
	output logic         s_awvalid,
	input  logic         s_awready,
	output logic [31:0]  s_wdata,
	output logic [3:0]   s_wstrb,
	output logic         s_wvalid,
	input  logic         s_wready,
	input  logic [1:0]   s_bresp,
	input  logic         s_bvalid,
	output logic         s_bready,
	output logic [15:0]  s_araddr,
	output logic         s_arvalid,
	input  logic         s_arready,
	input  logic [31:0]  s_rdata,
	input  logic [1:0]   s_rresp,
	input  logic         s_rvalid,
	output logic         s_rready,

	output logic [63:0]  bar2_araddr,
	output logic [7:0]   bar2_arlen,
	output logic         bar2_arvalid,
	input  logic         bar2_arready,
	input  logic [511:0] bar2_rdata,
	input  logic [1:0]   bar2_rresp,
	input  logic         bar2_rlast,
	input  logic         bar2_rvalid,
	output logic         bar2_rready,
	output logic [63:0]  bar2_awaddr,
	output logic [7:0]   bar2_awlen,
	output logic         bar2_awvalid,
	input  logic         bar2_awready,
	output logic [511:0] bar2_wdata,
	output logic [63:0]  bar2_wstrb,
	output logic         bar2_wlast,
	output logic         bar2_wvalid,
	input  logic         bar2_wready,
	input  logic [1:0]   bar2_bresp,
	input  logic         bar2_bvalid,
	output logic         bar2_bready
);
	localparam int REGISTERS = 40; // this bit of an address says so
	localparam logic [2:0] IDLE = 3'd0, ADDRESS = 3'd1, DATA = 3'd2, RESPONSE = 3'd3, REGISTER = 3'd4;

	/* ---- writes ---- */

	logic [2:0]  writes;
	logic [3:0]  write_id;
	logic [63:0] write_at;
	logic [7:0]  write_len;
	logic        write_registers;
	logic        shown;  // the register's word has been offered
	logic        taken;  // its address and data have been taken
	logic [3:0]  lane;   // of the word, of 16
	logic [31:0] word;
	logic [3:0]  strobe;

	always_comb begin
		lane = 4'd0;
		for (int i = 15; i >= 0; i--)
			if (m_axib_wstrb[4*i +: 4] != '0)
				lane = 4'(i);
	end

	always_ff @(posedge clk) begin
		case (writes)
		IDLE:
			if (m_axib_awvalid) begin
				write_id <= m_axib_awid;
				write_at <= m_axib_awaddr;
				write_len <= m_axib_awlen;
				write_registers <= m_axib_awaddr[REGISTERS];
				shown <= 1'b0;
				taken <= 1'b0;
				writes <= m_axib_awaddr[REGISTERS] ? DATA : ADDRESS;
			end
		ADDRESS:
			if (bar2_awready)
				writes <= DATA;
		DATA:
			if (m_axib_wvalid && m_axib_wready) begin
				if (!shown) begin
					write_at[5:2] <= lane;
					word <= m_axib_wdata[{lane, 5'd0} +: 32];
					strobe <= m_axib_wstrb[{lane, 2'd0} +: 4];
				end
				shown <= 1'b1;
				if (m_axib_wlast)
					writes <= write_registers ? REGISTER : RESPONSE;
			end
		REGISTER: begin
			if (s_awready)
				taken <= 1'b1;
			if (taken && s_bvalid)
				writes <= RESPONSE;
		end
		default: // RESPONSE
			if (m_axib_bvalid && m_axib_bready)
				writes <= IDLE;
		endcase
		if (reset)
			writes <= IDLE;
	end

	assign m_axib_awready = writes == IDLE;
	assign bar2_awvalid = writes == ADDRESS;
	assign bar2_awaddr = {24'd0, write_at[39:6], 6'd0};
	assign bar2_awlen = write_len;
	assign bar2_wdata = m_axib_wdata;
	assign bar2_wstrb = m_axib_wstrb;
	assign bar2_wlast = m_axib_wlast;
	assign bar2_wvalid = writes == DATA && !write_registers && m_axib_wvalid;
	assign m_axib_wready = writes == DATA && (write_registers || bar2_wready);
	assign bar2_bready = writes == RESPONSE && !write_registers && m_axib_bready;

	// fpr_axi_lite takes an address with its data.
	assign s_awaddr = write_at[15:0];
	assign s_awvalid = writes == REGISTER && !taken;
	assign s_wdata = word;
	assign s_wstrb = strobe;
	assign s_wvalid = s_awvalid;
	assign s_bready = writes == REGISTER && taken;

	assign m_axib_bid = write_id;
	assign m_axib_bresp = write_registers ? 2'd0 : bar2_bresp;
	assign m_axib_bvalid = writes == RESPONSE && (write_registers || bar2_bvalid);

	/* ---- reads ---- */

	logic [2:0]  reads;
	logic [3:0]  read_id;
	logic [63:0] read_at;
	logic [7:0]  read_len;
	logic        read_registers;
	logic [31:0] answer;

	// A write that has been offered goes first.
	wire read_may = writes == IDLE && !m_axib_awvalid;

	always_ff @(posedge clk) begin
		case (reads)
		IDLE:
			if (m_axib_arvalid && read_may) begin
				read_id <= m_axib_arid;
				read_at <= m_axib_araddr;
				read_len <= m_axib_arlen;
				read_registers <= m_axib_araddr[REGISTERS];
				reads <= m_axib_araddr[REGISTERS] ? REGISTER : ADDRESS;
			end
		ADDRESS:
			if (bar2_arready)
				reads <= DATA;
		REGISTER:
			if (s_arready)
				reads <= RESPONSE;
		RESPONSE:
			if (s_rvalid) begin
				answer <= s_rdata;
				reads <= DATA;
			end
		default: // DATA
			if (m_axib_rvalid && m_axib_rready) begin
				read_len <= read_len - 8'd1;
				if (m_axib_rlast)
					reads <= IDLE;
			end
		endcase
		if (reset)
			reads <= IDLE;
	end

	assign m_axib_arready = reads == IDLE && read_may;
	assign bar2_arvalid = reads == ADDRESS;
	assign bar2_araddr = {24'd0, read_at[39:6], 6'd0};
	assign bar2_arlen = read_len;
	assign bar2_rready = reads == DATA && !read_registers && m_axib_rready;
	assign s_araddr = read_at[15:0];
	assign s_arvalid = reads == REGISTER;
	assign s_rready = reads == RESPONSE;

	assign m_axib_rid = read_id;
	assign m_axib_rdata = read_registers ? {16{answer}} : bar2_rdata;
	assign m_axib_rresp = read_registers ? 2'd0 : bar2_rresp;
	assign m_axib_rlast = read_registers ? read_len == '0 : bar2_rlast;
	assign m_axib_rvalid = reads == DATA && (read_registers || bar2_rvalid);
endmodule
