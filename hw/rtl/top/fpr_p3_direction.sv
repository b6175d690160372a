// SPDX-License-Identifier: MIT

/*
 * One direction of the P3 engine: transfers come in, the arbiter decides on a slice after the
 * other, the mover moves it, and what happens is reported (hw/board/shell/xfer.c's push() and work()).
 *
 *   report      with                       says
 *   0 SERVED    cookie                     a slice of it begins
 *   1 MOVED     cookie, bytes, status      and has ended; so many of the host's bytes were moved
 *   2 ENDED     cookie, fence, status      and was its last one, or failed
 *
 * Each SERVED has its MOVED. `push_ready` falls with a push or with `stop` only, so whoever
 * has seen it up need not take reports while it pushes. An arrival is entered before the next
 * decision, also while a slice moves.
 *
 * With `stop` what moves is given up after a burst, and all that is pending is dropped, its
 * ENDED, too; then `idle`. Counters stay unless `clear_counters` is up as well. `stop` has to
 * stay until `idle`.
 */
module fpr_p3_direction #(
	parameter bit TO_HOST = 0,
	parameter int ENTRIES = 256,
	parameter int CLASSES = 16
) (
	input  logic         clk,
	input  logic         reset,
	input  logic         push_valid,
	output logic         push_ready,
	input  logic [511:0] push,  // struct fpr_xfer_desc, checked
	input  logic [31:0]  slice, // most bytes of one
	input  logic [31:0]  ageing,
	input  logic         stop,
	input  logic         clear_counters,
	output logic         idle,
	output logic         report_valid,
	input  logic         report_ready,
	output logic [1:0]   report_what,
	output logic [31:0]  report_cookie,
	output logic [63:0]  report_fence,
	output logic [63:0]  report_bytes,
	output logic [3:0]   report_status,
	input  logic [$clog2(CLASSES)-1:0] read_class,
	output logic [63:0]  class_bytes, class_slices, class_preemptions,
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
	output logic         board_bready
);
	localparam int AT = $clog2(ENTRIES);
	localparam int WALK = 257;
	localparam int SLOT = 2 + 64 + 32 + 64; // op, board, cookie, fence
	localparam logic [AT:0] FULL = (AT+1)'(ENTRIES);

	localparam logic [1:0] CLEAR = 2'd0, PUSH = 2'd1, SERVE = 2'd2, END = 2'd3; // the arbiter's
	localparam logic [1:0] MOVE = 2'd2, RESUME = 2'd3;                        // the mover's
	localparam logic [1:0] SERVED = 2'd0, MOVED = 2'd1, ENDED = 2'd2;

	// REST: between two slices, or while one moves.
	localparam logic [3:0] REST = 4'd0, CLEARING = 4'd1, PUSHING = 4'd2, DECIDING = 4'd3,
			       LOOK = 4'd4, FOUND = 4'd5, BEGIN = 4'd6, GO = 4'd7, OVER = 4'd8,
			       ENDING = 4'd9, TELL = 4'd10, STOPPED = 4'd11;

	// Of the descriptor.
	wire [1:0]  push_op = push[9:8];
	wire [15:0] push_priority = push[31:16];
	wire [31:0] push_cookie = push[63:32];
	wire [63:0] push_fence = push[127:64];
	wire [63:0] push_table = push[191:128];
	wire [63:0] push_bytes = push[255:192];
	wire [31:0] push_entries = push[287:256];
	wire [31:0] push_offset = push[319:288];
	wire [63:0] push_board = push[383:320];
	wire [WALK-1:0] push_walk;

	fpr_walk_start #(.WALK(WALK)) start_walk (
		.table_address(push_table), .table_entries(push_entries), .table_offset(push_offset),
		.align64(push_op != '0), .place(push_walk));

	logic [3:0]      state;
	logic            held;    // an arrival that the arbiter does not know yet
	logic [15:0]     held_priority;
	logic [63:0]     held_bytes;
	logic [SLOT-1:0] held_slot;
	logic [WALK-1:0] held_walk;
	logic [AT:0]     pending; // with the held one
	logic            moving;

	// What is known of a transfer, and how far along its list it is.
	logic [SLOT-1:0] slots [0:ENTRIES-1];
	logic [WALK-1:0] walks [0:ENTRIES-1];
	logic [SLOT-1:0] found;
	logic [WALK-1:0] found_walk;
	logic [AT-1:0]   moves; // the slot whose slice moves

	wire [1:0]  op = found[161:160];
	wire [63:0] board = found[159:96];
	wire [31:0] cookie = found[95:64];
	wire [63:0] fence = found[63:0];

	logic            ask;
	logic [1:0]      ask_what;
	logic [31:0]     ask_setting;
	logic [63:0]     ask_value;
	wire  [AT:0]     slot;
	wire             ready, ended;
	wire [63:0]      offset, slice_bytes;
	wire             mover_ready;
	wire [WALK-1:0]  walk;
	wire [3:0]       status;
	wire [63:0]      moved;

	wire answer = !ask && ready;
	wire can_report = !report_valid || report_ready;
	wire taken = push_valid && push_ready;
	wire pushed = state == PUSHING && answer;
	wire over = state == ENDING && answer && ended;

	fpr_p3_arbiter #(.ENTRIES(ENTRIES), .CLASSES(CLASSES)) arbiter (
		.clk, .reset, .valid(ask), .ready, .command(ask_what), .setting(ask_setting),
		.value(ask_value), .slot, .offset, .bytes(slice_bytes), .ended, .read_class,
		.class_bytes, .class_slices, .class_preemptions);

	fpr_mover #(.WALK(WALK)) mover (
		.clk, .reset, .command_valid(state == BEGIN || state == GO), .command_ready(mover_ready),
		.command(state == BEGIN ? RESUME : MOVE), .table_address('0), .table_entries('0),
		.table_offset('0), .align64(1'b0), .bytes(slice_bytes),
		.board(board + (offset << (op == 2'd3))), .to_host(TO_HOST), .op,
		.walk_in(found_walk), .walk_out(walk), .stop, .status, .moved,
		.host_araddr, .host_arlen, .host_arvalid, .host_arready, .host_rdata, .host_rresp,
		.host_rlast, .host_rvalid, .host_rready, .host_awaddr, .host_awlen, .host_awvalid,
		.host_awready, .host_wdata, .host_wstrb, .host_wlast, .host_wvalid, .host_wready,
		.host_bresp, .host_bvalid, .host_bready,
		.board_araddr, .board_arlen, .board_arvalid, .board_arready, .board_rdata, .board_rresp,
		.board_rlast, .board_rvalid, .board_rready, .board_awaddr, .board_awlen, .board_awvalid,
		.board_awready, .board_wdata, .board_wstrb, .board_wlast, .board_wvalid, .board_wready,
		.board_bresp, .board_bvalid, .board_bready);

	always_ff @(posedge clk) begin
		if (pushed)
			slots[slot[AT-1:0]] <= held_slot;
		if (state == LOOK)
			found <= slots[moves];
	end

	always_ff @(posedge clk) begin
		if (pushed)
			walks[slot[AT-1:0]] <= held_walk;
		else if (state == OVER)
			walks[moves] <= walk;
		if (state == LOOK)
			found_walk <= walks[moves];
	end

	always_ff @(posedge clk) begin
		ask <= 1'b0;
		if (report_ready)
			report_valid <= 1'b0;
		if (taken) begin
			held_priority <= push_priority;
			held_bytes <= push_bytes;
			held_slot <= {push_op, push_board, push_cookie, push_fence};
			held_walk <= push_walk;
		end
		held <= taken || (held && !pushed);
		pending <= pending + (AT+1)'(taken) - (AT+1)'(over);

		case (state)
		REST:
			if (moving && mover_ready) begin
				moving <= 1'b0;
				state <= OVER;
			end else if (stop && !moving) begin
				held <= 1'b0;
				pending <= '0;
				ask <= 1'b1;
				ask_what <= CLEAR;
				ask_setting <= 32'(clear_counters);
				state <= CLEARING;
			end else if (held) begin
				ask <= 1'b1;
				ask_what <= PUSH;
				ask_setting <= 32'(held_priority);
				ask_value <= held_bytes;
				state <= PUSHING;
			end else if (!moving && pending != '0) begin
				ask <= 1'b1;
				ask_what <= SERVE;
				ask_setting <= ageing;
				ask_value <= 64'(slice);
				state <= DECIDING;
			end
		PUSHING:
			if (answer)
				state <= REST;
		DECIDING:
			if (answer) begin
				moves <= slot[AT-1:0];
				state <= LOOK;
			end
		LOOK:
			state <= FOUND;
		FOUND:
			if (stop) begin
				state <= REST;
			end else if (can_report) begin
				report_valid <= 1'b1;
				report_what <= SERVED;
				report_cookie <= cookie;
				state <= BEGIN;
			end
		BEGIN:
			state <= GO;
		GO: begin
			moving <= 1'b1;
			state <= REST;
		end
		OVER:
			if (can_report) begin
				report_valid <= 1'b1;
				report_what <= MOVED;
				report_cookie <= cookie;
				report_fence <= fence;
				report_bytes <= moved;
				report_status <= status;
				ask <= !stop;
				ask_what <= END;
				ask_setting <= 32'(status != '0);
				state <= stop ? REST : ENDING;
			end
		ENDING:
			if (answer)
				state <= ended ? TELL : REST;
		TELL:
			if (stop) begin
				state <= REST;
			end else if (can_report) begin
				report_valid <= 1'b1;
				report_what <= ENDED;
				state <= REST;
			end
		CLEARING:
			if (answer)
				state <= STOPPED;
		STOPPED:
			if (!stop) begin
				state <= REST;
			end else if (clear_counters && ask_setting == '0) begin
				ask <= 1'b1;
				ask_setting <= 32'd1;
				state <= CLEARING;
			end
		default:
			state <= REST;
		endcase
		if (reset) begin
			report_valid <= 1'b0;
			held <= 1'b0;
			pending <= '0;
			moving <= 1'b0;
			ask <= 1'b1;
			ask_what <= CLEAR;
			ask_setting <= 32'd1;
			state <= CLEARING;
		end
	end

	// What came while it clears after `reset` would outlive a stop.
	assign push_ready = !held && pending != FULL && !stop && state != CLEARING;
	assign idle = pending == '0 && !report_valid &&
		      (stop ? state == STOPPED && (!clear_counters || ask_setting != '0) :
			      state == REST && !moving);
endmodule
