// SPDX-License-Identifier: MIT

/*
 * A board: the command processor, the transfer engine's two directions and the MAC engine, between
 * a host and board memory. Addresses of board memory are offsets; from `memory` on lies working
 * memory that no descriptor can name. README.md has the picture.
 */
module fpr_top #(
	parameter int NS_PER_CYCLE = 4
) (
	input  logic         clk,
	input  logic         reset,

	// BAR0: registers
	input  logic [15:0]  s_awaddr,
	input  logic         s_awvalid,
	output logic         s_awready,
	input  logic [31:0]  s_wdata,
	input  logic [3:0]   s_wstrb,
	input  logic         s_wvalid,
	output logic         s_wready,
	output logic [1:0]   s_bresp,
	output logic         s_bvalid,
	input  logic         s_bready,
	input  logic [15:0]  s_araddr,
	input  logic         s_arvalid,
	output logic         s_arready,
	output logic [31:0]  s_rdata,
	output logic [1:0]   s_rresp,
	output logic         s_rvalid,
	input  logic         s_rready,

	// BAR2: board memory
	input  logic [63:0]  bar2_araddr,
	input  logic [7:0]   bar2_arlen,
	input  logic         bar2_arvalid,
	output logic         bar2_arready,
	output logic [511:0] bar2_rdata,
	output logic [1:0]   bar2_rresp,
	output logic         bar2_rlast,
	output logic         bar2_rvalid,
	input  logic         bar2_rready,
	input  logic [63:0]  bar2_awaddr,
	input  logic [7:0]   bar2_awlen,
	input  logic         bar2_awvalid,
	output logic         bar2_awready,
	input  logic [511:0] bar2_wdata,
	input  logic [63:0]  bar2_wstrb,
	input  logic         bar2_wlast,
	input  logic         bar2_wvalid,
	output logic         bar2_wready,
	output logic [1:0]   bar2_bresp,
	output logic         bar2_bvalid,
	input  logic         bar2_bready,

	// the host's memory
	output logic [63:0]  host_araddr,
	output logic [7:0]   host_arlen,
	output logic         host_arvalid,
	input  logic         host_arready,
	input  logic [511:0] host_rdata,
	input  logic [1:0]   host_rresp,
	input  logic         host_rlast,
	input  logic         host_rvalid,
	output logic         host_rready,
	output logic [63:0]  host_awaddr,
	output logic [7:0]   host_awlen,
	output logic         host_awvalid,
	input  logic         host_awready,
	output logic [511:0] host_wdata,
	output logic [63:0]  host_wstrb,
	output logic         host_wlast,
	output logic         host_wvalid,
	input  logic         host_wready,
	input  logic [1:0]   host_bresp,
	input  logic         host_bvalid,
	output logic         host_bready,

	// board memory
	output logic [63:0]  board_araddr,
	output logic [7:0]   board_arlen,
	output logic         board_arvalid,
	input  logic         board_arready,
	input  logic [511:0] board_rdata,
	input  logic [1:0]   board_rresp,
	input  logic         board_rlast,
	input  logic         board_rvalid,
	output logic         board_rready,
	output logic [63:0]  board_awaddr,
	output logic [7:0]   board_awlen,
	output logic         board_awvalid,
	input  logic         board_awready,
	output logic [511:0] board_wdata,
	output logic [63:0]  board_wstrb,
	output logic         board_wlast,
	output logic         board_wvalid,
	input  logic         board_wready,
	input  logic [1:0]   board_bresp,
	input  logic         board_bvalid,
	output logic         board_bready,

	input  logic [31:0]  temperature,   // thousandths of a degree
	input  logic [63:0]  memory,        // bytes of board memory
	input  logic [63:0]  scratch_bytes, // of working memory behind it
	input  logic [31:0]  clock_khz,
	input  logic [31:0]  build,
	output logic [2:0]   message,       // stays until acknowledged
	input  logic [2:0]   message_ack
);
	// Masters of the host's port, and of board memory's.
	localparam int SHELL = 0, H2C = 1, C2H = 2, MAC = 3, HOSTS = 4;
	localparam int IN = 0, OUT = 1, MOVE = 2, ARRAY = 3, BAR2 = 4, BOARDS = 5; // IN: of H2C

	wire [64*HOSTS-1:0] h_araddr;
	wire [8*HOSTS-1:0] h_arlen;
	wire [HOSTS-1:0] h_arvalid;
	wire [HOSTS-1:0] h_arready;
	wire [512*HOSTS-1:0] h_rdata;
	wire [2*HOSTS-1:0] h_rresp;
	wire [HOSTS-1:0] h_rlast;
	wire [HOSTS-1:0] h_rvalid;
	wire [HOSTS-1:0] h_rready;
	wire [64*HOSTS-1:0] h_awaddr;
	wire [8*HOSTS-1:0] h_awlen;
	wire [HOSTS-1:0] h_awvalid;
	wire [HOSTS-1:0] h_awready;
	wire [512*HOSTS-1:0] h_wdata;
	wire [64*HOSTS-1:0] h_wstrb;
	wire [HOSTS-1:0] h_wlast;
	wire [HOSTS-1:0] h_wvalid;
	wire [HOSTS-1:0] h_wready;
	wire [2*HOSTS-1:0] h_bresp;
	wire [HOSTS-1:0] h_bvalid;
	wire [HOSTS-1:0] h_bready;

	wire [64*BOARDS-1:0] m_araddr;
	wire [8*BOARDS-1:0] m_arlen;
	wire [BOARDS-1:0] m_arvalid;
	wire [BOARDS-1:0] m_arready;
	wire [512*BOARDS-1:0] m_rdata;
	wire [2*BOARDS-1:0] m_rresp;
	wire [BOARDS-1:0] m_rlast;
	wire [BOARDS-1:0] m_rvalid;
	wire [BOARDS-1:0] m_rready;
	wire [64*BOARDS-1:0] m_awaddr;
	wire [8*BOARDS-1:0] m_awlen;
	wire [BOARDS-1:0] m_awvalid;
	wire [BOARDS-1:0] m_awready;
	wire [512*BOARDS-1:0] m_wdata;
	wire [64*BOARDS-1:0] m_wstrb;
	wire [BOARDS-1:0] m_wlast;
	wire [BOARDS-1:0] m_wvalid;
	wire [BOARDS-1:0] m_wready;
	wire [2*BOARDS-1:0] m_bresp;
	wire [BOARDS-1:0] m_bvalid;
	wire [BOARDS-1:0] m_bready;

	/* ---- registers ---- */

	wire        access_valid, access_write, access_done;
	wire [15:0] access_at;
	wire [31:0] access_value, access_answer;

	fpr_axi_lite registers(
		.clk(clk), .reset(reset), .s_awaddr(s_awaddr), .s_awvalid(s_awvalid),
		.s_awready(s_awready), .s_wdata(s_wdata), .s_wstrb(s_wstrb), .s_wvalid(s_wvalid),
		.s_wready(s_wready), .s_bresp(s_bresp), .s_bvalid(s_bvalid), .s_bready(s_bready),
		.s_araddr(s_araddr), .s_arvalid(s_arvalid), .s_arready(s_arready), .s_rdata(s_rdata),
		.s_rresp(s_rresp), .s_rvalid(s_rvalid), .s_rready(s_rready),
		.access_valid(access_valid), .access_write(access_write), .access_at(access_at),
		.access_value(access_value), .access_done(access_done), .access_answer(access_answer));

	/* ---- the command processor ---- */

	wire          stop_mac, stop_xfer, clear_counters;
	wire [31:0]   slice, ageing;
	wire [3:0]    read_class;
	wire          level; // of a line interrupt, which leads nowhere: there are messages

	wire          mac_start_valid, mac_start_ready, mac_idle, mac_report_valid, mac_report_ready;
	wire [2047:0] mac_start_descriptor;
	wire [63:0]   mac_start_a_bytes, mac_start_b_bytes, mac_start_c_bytes, mac_tiles;
	wire [1:0]    mac_report_what;
	wire [3:0]    mac_report_status;
	wire [31:0]   mac_report_cookie;
	wire [63:0]   mac_report_fence, mac_report_stall;
	wire [1023:0] mac_report_counters;

	wire          h2c_push_valid, h2c_push_ready, h2c_idle, h2c_report_valid, h2c_report_ready;
	wire [511:0]  h2c_push;
	wire [1:0]    h2c_report_what;
	wire [3:0]    h2c_report_status;
	wire [31:0]   h2c_report_cookie;
	wire [63:0]   h2c_report_fence, h2c_report_bytes;
	wire [63:0]   h2c_class_bytes, h2c_class_slices, h2c_class_preemptions;

	wire          c2h_push_valid, c2h_push_ready, c2h_idle, c2h_report_valid, c2h_report_ready;
	wire [511:0]  c2h_push;
	wire [1:0]    c2h_report_what;
	wire [3:0]    c2h_report_status;
	wire [31:0]   c2h_report_cookie;
	wire [63:0]   c2h_report_fence, c2h_report_bytes;
	wire [63:0]   c2h_class_bytes, c2h_class_slices, c2h_class_preemptions;

	fpr_shell #(.NS_PER_CYCLE(NS_PER_CYCLE)) shell(
		.clk(clk), .reset(reset), .access_valid(access_valid), .access_write(access_write),
		.access_at(access_at), .access_value(access_value), .access_done(access_done),
		.access_answer(access_answer), .host_araddr(h_araddr[64*SHELL +: 64]),
		.host_arlen(h_arlen[8*SHELL +: 8]), .host_arvalid(h_arvalid[SHELL]),
		.host_arready(h_arready[SHELL]), .host_rdata(h_rdata[512*SHELL +: 512]),
		.host_rresp(h_rresp[2*SHELL +: 2]), .host_rlast(h_rlast[SHELL]),
		.host_rvalid(h_rvalid[SHELL]), .host_rready(h_rready[SHELL]),
		.host_awaddr(h_awaddr[64*SHELL +: 64]), .host_awlen(h_awlen[8*SHELL +: 8]),
		.host_awvalid(h_awvalid[SHELL]), .host_awready(h_awready[SHELL]),
		.host_wdata(h_wdata[512*SHELL +: 512]), .host_wstrb(h_wstrb[64*SHELL +: 64]),
		.host_wlast(h_wlast[SHELL]), .host_wvalid(h_wvalid[SHELL]),
		.host_wready(h_wready[SHELL]), .host_bresp(h_bresp[2*SHELL +: 2]),
		.host_bvalid(h_bvalid[SHELL]), .host_bready(h_bready[SHELL]),
		.mac_start_valid(mac_start_valid), .mac_start_ready(mac_start_ready),
		.mac_start_descriptor(mac_start_descriptor), .mac_start_a_bytes(mac_start_a_bytes),
		.mac_start_b_bytes(mac_start_b_bytes), .mac_start_c_bytes(mac_start_c_bytes),
		.mac_idle(mac_idle), .mac_tiles(mac_tiles), .mac_report_valid(mac_report_valid),
		.mac_report_ready(mac_report_ready), .mac_report_what(mac_report_what),
		.mac_report_status(mac_report_status), .mac_report_cookie(mac_report_cookie),
		.mac_report_fence(mac_report_fence), .mac_report_stall(mac_report_stall),
		.mac_report_counters(mac_report_counters), .h2c_push_valid(h2c_push_valid),
		.h2c_push_ready(h2c_push_ready), .h2c_push(h2c_push), .h2c_idle(h2c_idle),
		.h2c_report_valid(h2c_report_valid), .h2c_report_ready(h2c_report_ready),
		.h2c_report_what(h2c_report_what), .h2c_report_cookie(h2c_report_cookie),
		.h2c_report_fence(h2c_report_fence), .h2c_report_bytes(h2c_report_bytes),
		.h2c_report_status(h2c_report_status), .h2c_class_bytes(h2c_class_bytes),
		.h2c_class_slices(h2c_class_slices), .h2c_class_preemptions(h2c_class_preemptions),
		.c2h_push_valid(c2h_push_valid), .c2h_push_ready(c2h_push_ready), .c2h_push(c2h_push),
		.c2h_idle(c2h_idle), .c2h_report_valid(c2h_report_valid),
		.c2h_report_ready(c2h_report_ready), .c2h_report_what(c2h_report_what),
		.c2h_report_cookie(c2h_report_cookie), .c2h_report_fence(c2h_report_fence),
		.c2h_report_bytes(c2h_report_bytes), .c2h_report_status(c2h_report_status),
		.c2h_class_bytes(c2h_class_bytes), .c2h_class_slices(c2h_class_slices),
		.c2h_class_preemptions(c2h_class_preemptions), .stop_mac(stop_mac),
		.stop_xfer(stop_xfer), .clear_counters(clear_counters), .slice(slice), .ageing(ageing),
		.read_class(read_class), .temperature(temperature), .memory(memory),
		.clock_khz(clock_khz), .build(build), .message(message), .message_ack(message_ack),
		.level(level));

	/* ---- the engines ---- */

	fpr_p3_direction #(.TO_HOST(1'b0)) h2c(
		.clk(clk), .reset(reset), .push_valid(h2c_push_valid), .push_ready(h2c_push_ready),
		.push(h2c_push), .slice(slice), .ageing(ageing), .stop(stop_xfer),
		.clear_counters(clear_counters), .idle(h2c_idle), .report_valid(h2c_report_valid),
		.report_ready(h2c_report_ready), .report_what(h2c_report_what),
		.report_cookie(h2c_report_cookie), .report_fence(h2c_report_fence),
		.report_bytes(h2c_report_bytes), .report_status(h2c_report_status),
		.read_class(read_class), .class_bytes(h2c_class_bytes),
		.class_slices(h2c_class_slices), .class_preemptions(h2c_class_preemptions),
		.host_araddr(h_araddr[64*H2C +: 64]), .host_arlen(h_arlen[8*H2C +: 8]),
		.host_arvalid(h_arvalid[H2C]), .host_arready(h_arready[H2C]),
		.host_rdata(h_rdata[512*H2C +: 512]), .host_rresp(h_rresp[2*H2C +: 2]),
		.host_rlast(h_rlast[H2C]), .host_rvalid(h_rvalid[H2C]), .host_rready(h_rready[H2C]),
		.host_awaddr(h_awaddr[64*H2C +: 64]), .host_awlen(h_awlen[8*H2C +: 8]),
		.host_awvalid(h_awvalid[H2C]), .host_awready(h_awready[H2C]),
		.host_wdata(h_wdata[512*H2C +: 512]), .host_wstrb(h_wstrb[64*H2C +: 64]),
		.host_wlast(h_wlast[H2C]), .host_wvalid(h_wvalid[H2C]), .host_wready(h_wready[H2C]),
		.host_bresp(h_bresp[2*H2C +: 2]), .host_bvalid(h_bvalid[H2C]),
		.host_bready(h_bready[H2C]), .board_araddr(m_araddr[64*IN +: 64]),
		.board_arlen(m_arlen[8*IN +: 8]), .board_arvalid(m_arvalid[IN]),
		.board_arready(m_arready[IN]), .board_rdata(m_rdata[512*IN +: 512]),
		.board_rresp(m_rresp[2*IN +: 2]), .board_rlast(m_rlast[IN]),
		.board_rvalid(m_rvalid[IN]), .board_rready(m_rready[IN]),
		.board_awaddr(m_awaddr[64*IN +: 64]), .board_awlen(m_awlen[8*IN +: 8]),
		.board_awvalid(m_awvalid[IN]), .board_awready(m_awready[IN]),
		.board_wdata(m_wdata[512*IN +: 512]), .board_wstrb(m_wstrb[64*IN +: 64]),
		.board_wlast(m_wlast[IN]), .board_wvalid(m_wvalid[IN]), .board_wready(m_wready[IN]),
		.board_bresp(m_bresp[2*IN +: 2]), .board_bvalid(m_bvalid[IN]),
		.board_bready(m_bready[IN]));

	fpr_p3_direction #(.TO_HOST(1'b1)) c2h(
		.clk(clk), .reset(reset), .push_valid(c2h_push_valid), .push_ready(c2h_push_ready),
		.push(c2h_push), .slice(slice), .ageing(ageing), .stop(stop_xfer),
		.clear_counters(clear_counters), .idle(c2h_idle), .report_valid(c2h_report_valid),
		.report_ready(c2h_report_ready), .report_what(c2h_report_what),
		.report_cookie(c2h_report_cookie), .report_fence(c2h_report_fence),
		.report_bytes(c2h_report_bytes), .report_status(c2h_report_status),
		.read_class(read_class), .class_bytes(c2h_class_bytes),
		.class_slices(c2h_class_slices), .class_preemptions(c2h_class_preemptions),
		.host_araddr(h_araddr[64*C2H +: 64]), .host_arlen(h_arlen[8*C2H +: 8]),
		.host_arvalid(h_arvalid[C2H]), .host_arready(h_arready[C2H]),
		.host_rdata(h_rdata[512*C2H +: 512]), .host_rresp(h_rresp[2*C2H +: 2]),
		.host_rlast(h_rlast[C2H]), .host_rvalid(h_rvalid[C2H]), .host_rready(h_rready[C2H]),
		.host_awaddr(h_awaddr[64*C2H +: 64]), .host_awlen(h_awlen[8*C2H +: 8]),
		.host_awvalid(h_awvalid[C2H]), .host_awready(h_awready[C2H]),
		.host_wdata(h_wdata[512*C2H +: 512]), .host_wstrb(h_wstrb[64*C2H +: 64]),
		.host_wlast(h_wlast[C2H]), .host_wvalid(h_wvalid[C2H]), .host_wready(h_wready[C2H]),
		.host_bresp(h_bresp[2*C2H +: 2]), .host_bvalid(h_bvalid[C2H]),
		.host_bready(h_bready[C2H]), .board_araddr(m_araddr[64*OUT +: 64]),
		.board_arlen(m_arlen[8*OUT +: 8]), .board_arvalid(m_arvalid[OUT]),
		.board_arready(m_arready[OUT]), .board_rdata(m_rdata[512*OUT +: 512]),
		.board_rresp(m_rresp[2*OUT +: 2]), .board_rlast(m_rlast[OUT]),
		.board_rvalid(m_rvalid[OUT]), .board_rready(m_rready[OUT]),
		.board_awaddr(m_awaddr[64*OUT +: 64]), .board_awlen(m_awlen[8*OUT +: 8]),
		.board_awvalid(m_awvalid[OUT]), .board_awready(m_awready[OUT]),
		.board_wdata(m_wdata[512*OUT +: 512]), .board_wstrb(m_wstrb[64*OUT +: 64]),
		.board_wlast(m_wlast[OUT]), .board_wvalid(m_wvalid[OUT]), .board_wready(m_wready[OUT]),
		.board_bresp(m_bresp[2*OUT +: 2]), .board_bvalid(m_bvalid[OUT]),
		.board_bready(m_bready[OUT]));

	fpr_mac mac(
		.clk(clk), .reset(reset), .start_valid(mac_start_valid), .start_ready(mac_start_ready),
		.descriptor(mac_start_descriptor), .a_bytes(mac_start_a_bytes),
		.b_bytes(mac_start_b_bytes), .c_bytes(mac_start_c_bytes), .scratch(memory),
		.scratch_bytes(scratch_bytes), .stop(stop_mac), .idle(mac_idle),
		.report_valid(mac_report_valid), .report_ready(mac_report_ready),
		.report_what(mac_report_what), .report_status(mac_report_status),
		.report_cookie(mac_report_cookie), .report_fence(mac_report_fence),
		.report_stall(mac_report_stall), .report_counters(mac_report_counters),
		.tiles(mac_tiles), .host_araddr(h_araddr[64*MAC +: 64]),
		.host_arlen(h_arlen[8*MAC +: 8]), .host_arvalid(h_arvalid[MAC]),
		.host_arready(h_arready[MAC]), .host_rdata(h_rdata[512*MAC +: 512]),
		.host_rresp(h_rresp[2*MAC +: 2]), .host_rlast(h_rlast[MAC]),
		.host_rvalid(h_rvalid[MAC]), .host_rready(h_rready[MAC]),
		.host_awaddr(h_awaddr[64*MAC +: 64]), .host_awlen(h_awlen[8*MAC +: 8]),
		.host_awvalid(h_awvalid[MAC]), .host_awready(h_awready[MAC]),
		.host_wdata(h_wdata[512*MAC +: 512]), .host_wstrb(h_wstrb[64*MAC +: 64]),
		.host_wlast(h_wlast[MAC]), .host_wvalid(h_wvalid[MAC]), .host_wready(h_wready[MAC]),
		.host_bresp(h_bresp[2*MAC +: 2]), .host_bvalid(h_bvalid[MAC]),
		.host_bready(h_bready[MAC]), .move_araddr(m_araddr[64*MOVE +: 64]),
		.move_arlen(m_arlen[8*MOVE +: 8]), .move_arvalid(m_arvalid[MOVE]),
		.move_arready(m_arready[MOVE]), .move_rdata(m_rdata[512*MOVE +: 512]),
		.move_rresp(m_rresp[2*MOVE +: 2]), .move_rlast(m_rlast[MOVE]),
		.move_rvalid(m_rvalid[MOVE]), .move_rready(m_rready[MOVE]),
		.move_awaddr(m_awaddr[64*MOVE +: 64]), .move_awlen(m_awlen[8*MOVE +: 8]),
		.move_awvalid(m_awvalid[MOVE]), .move_awready(m_awready[MOVE]),
		.move_wdata(m_wdata[512*MOVE +: 512]), .move_wstrb(m_wstrb[64*MOVE +: 64]),
		.move_wlast(m_wlast[MOVE]), .move_wvalid(m_wvalid[MOVE]), .move_wready(m_wready[MOVE]),
		.move_bresp(m_bresp[2*MOVE +: 2]), .move_bvalid(m_bvalid[MOVE]),
		.move_bready(m_bready[MOVE]), .array_araddr(m_araddr[64*ARRAY +: 64]),
		.array_arlen(m_arlen[8*ARRAY +: 8]), .array_arvalid(m_arvalid[ARRAY]),
		.array_arready(m_arready[ARRAY]), .array_rdata(m_rdata[512*ARRAY +: 512]),
		.array_rresp(m_rresp[2*ARRAY +: 2]), .array_rlast(m_rlast[ARRAY]),
		.array_rvalid(m_rvalid[ARRAY]), .array_rready(m_rready[ARRAY]),
		.array_awaddr(m_awaddr[64*ARRAY +: 64]), .array_awlen(m_awlen[8*ARRAY +: 8]),
		.array_awvalid(m_awvalid[ARRAY]), .array_awready(m_awready[ARRAY]),
		.array_wdata(m_wdata[512*ARRAY +: 512]), .array_wstrb(m_wstrb[64*ARRAY +: 64]),
		.array_wlast(m_wlast[ARRAY]), .array_wvalid(m_wvalid[ARRAY]),
		.array_wready(m_wready[ARRAY]), .array_bresp(m_bresp[2*ARRAY +: 2]),
		.array_bvalid(m_bvalid[ARRAY]), .array_bready(m_bready[ARRAY]));

	/* ---- who reaches what ---- */

	assign m_araddr[64*BAR2 +: 64] = bar2_araddr;
	assign m_arlen[8*BAR2 +: 8] = bar2_arlen;
	assign m_arvalid[BAR2] = bar2_arvalid;
	assign bar2_arready = m_arready[BAR2];
	assign bar2_rdata = m_rdata[512*BAR2 +: 512];
	assign bar2_rresp = m_rresp[2*BAR2 +: 2];
	assign bar2_rlast = m_rlast[BAR2];
	assign bar2_rvalid = m_rvalid[BAR2];
	assign m_rready[BAR2] = bar2_rready;
	assign m_awaddr[64*BAR2 +: 64] = bar2_awaddr;
	assign m_awlen[8*BAR2 +: 8] = bar2_awlen;
	assign m_awvalid[BAR2] = bar2_awvalid;
	assign bar2_awready = m_awready[BAR2];
	assign m_wdata[512*BAR2 +: 512] = bar2_wdata;
	assign m_wstrb[64*BAR2 +: 64] = bar2_wstrb;
	assign m_wlast[BAR2] = bar2_wlast;
	assign m_wvalid[BAR2] = bar2_wvalid;
	assign bar2_wready = m_wready[BAR2];
	assign bar2_bresp = m_bresp[2*BAR2 +: 2];
	assign bar2_bvalid = m_bvalid[BAR2];
	assign m_bready[BAR2] = bar2_bready;

	fpr_axi_join #(.MASTERS(HOSTS)) to_host(
		.clk(clk), .reset(reset), .in_araddr(h_araddr), .in_arlen(h_arlen),
		.in_arvalid(h_arvalid), .in_arready(h_arready), .in_rdata(h_rdata), .in_rresp(h_rresp),
		.in_rlast(h_rlast), .in_rvalid(h_rvalid), .in_rready(h_rready), .in_awaddr(h_awaddr),
		.in_awlen(h_awlen), .in_awvalid(h_awvalid), .in_awready(h_awready), .in_wdata(h_wdata),
		.in_wstrb(h_wstrb), .in_wlast(h_wlast), .in_wvalid(h_wvalid), .in_wready(h_wready),
		.in_bresp(h_bresp), .in_bvalid(h_bvalid), .in_bready(h_bready),
		.out_araddr(host_araddr), .out_arlen(host_arlen), .out_arvalid(host_arvalid),
		.out_arready(host_arready), .out_rdata(host_rdata), .out_rresp(host_rresp),
		.out_rlast(host_rlast), .out_rvalid(host_rvalid), .out_rready(host_rready),
		.out_awaddr(host_awaddr), .out_awlen(host_awlen), .out_awvalid(host_awvalid),
		.out_awready(host_awready), .out_wdata(host_wdata), .out_wstrb(host_wstrb),
		.out_wlast(host_wlast), .out_wvalid(host_wvalid), .out_wready(host_wready),
		.out_bresp(host_bresp), .out_bvalid(host_bvalid), .out_bready(host_bready));

	fpr_axi_join #(.MASTERS(BOARDS)) to_board(
		.clk(clk), .reset(reset), .in_araddr(m_araddr), .in_arlen(m_arlen),
		.in_arvalid(m_arvalid), .in_arready(m_arready), .in_rdata(m_rdata), .in_rresp(m_rresp),
		.in_rlast(m_rlast), .in_rvalid(m_rvalid), .in_rready(m_rready), .in_awaddr(m_awaddr),
		.in_awlen(m_awlen), .in_awvalid(m_awvalid), .in_awready(m_awready), .in_wdata(m_wdata),
		.in_wstrb(m_wstrb), .in_wlast(m_wlast), .in_wvalid(m_wvalid), .in_wready(m_wready),
		.in_bresp(m_bresp), .in_bvalid(m_bvalid), .in_bready(m_bready),
		.out_araddr(board_araddr), .out_arlen(board_arlen), .out_arvalid(board_arvalid),
		.out_arready(board_arready), .out_rdata(board_rdata), .out_rresp(board_rresp),
		.out_rlast(board_rlast), .out_rvalid(board_rvalid), .out_rready(board_rready),
		.out_awaddr(board_awaddr), .out_awlen(board_awlen), .out_awvalid(board_awvalid),
		.out_awready(board_awready), .out_wdata(board_wdata), .out_wstrb(board_wstrb),
		.out_wlast(board_wlast), .out_wvalid(board_wvalid), .out_wready(board_wready),
		.out_bresp(board_bresp), .out_bvalid(board_bvalid), .out_bready(board_bready));
endmodule
