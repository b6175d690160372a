// SPDX-License-Identifier: MIT

/*
 * Bytes between host memory, along a scatter list, and board memory: copied with their place
 * within a beat changed, or added to what the board has. hw/board/shell/xfer.c's copy() and add()
 * as registers.
 *
 *   command     takes                                does
 *   0 START     table_address, _entries, _offset,    stands at the list's beginning
 *               align64: its entries must be
 *   1 SKIP      bytes                                passes over them
 *   2 MOVE      bytes (not 0), board, to_host, op    moves them
 *   3 RESUME    walk_in: a walk_out of before        stands where it stood then
 *
 * A command is taken when `command_ready`; ready again means answered. A MOVE leaves `status`
 * and `moved`, the host's bytes whose writing has been answered; they are all of them if and
 * only if `status` is 0. With `stop` a MOVE ends after the burst under way, and says INTERNAL
 * unless it was the last. A fault of the host's bus is FPR_ERR_DMA, one of the board's INTERNAL.
 *
 * A piece that lies in one page of each side is read whole, then written whole: nothing of a
 * burst with a fault gets anywhere, and nothing is held while waiting for something else.
 */
module fpr_mover #(
	parameter int WALK = 257 // what a place in a list takes (fpr_walk)
) (
	input  logic            clk,
	input  logic            reset,
	input  logic            command_valid,
	output logic            command_ready,
	input  logic [1:0]      command,
	input  logic [63:0]     table_address,
	input  logic [31:0]     table_entries,
	input  logic [31:0]     table_offset,
	input  logic            align64,
	input  logic [63:0]     bytes,
	input  logic [63:0]     board,
	input  logic            to_host,
	input  logic [1:0]      op, // FPR_XFER_*; but for a copy not to the host
	input  logic [WALK-1:0] walk_in,
	output logic [WALK-1:0] walk_out,
	input  logic            stop,
	output logic [3:0]      status,
	output logic [63:0]     moved,
	output logic [63:0]     host_araddr,
	output logic [7:0]      host_arlen,
	output logic            host_arvalid,
	input  logic            host_arready,
	input  logic [511:0]    host_rdata,
	input  logic [1:0]      host_rresp,
	input  logic            host_rlast,
	input  logic            host_rvalid,
	output logic            host_rready,
	output logic [63:0]     host_awaddr,
	output logic [7:0]      host_awlen,
	output logic            host_awvalid,
	input  logic            host_awready,
	output logic [511:0]    host_wdata,
	output logic [63:0]     host_wstrb,
	output logic            host_wlast,
	output logic            host_wvalid,
	input  logic            host_wready,
	input  logic [1:0]      host_bresp,
	input  logic            host_bvalid,
	output logic            host_bready,
	output logic [63:0]     board_araddr,
	output logic [7:0]      board_arlen,
	output logic            board_arvalid,
	input  logic            board_arready,
	input  logic [511:0]    board_rdata,
	input  logic [1:0]      board_rresp,
	input  logic            board_rlast,
	input  logic            board_rvalid,
	output logic            board_rready,
	output logic [63:0]     board_awaddr,
	output logic [7:0]      board_awlen,
	output logic            board_awvalid,
	input  logic            board_awready,
	output logic [511:0]    board_wdata,
	output logic [63:0]     board_wstrb,
	output logic            board_wlast,
	output logic            board_wvalid,
	input  logic            board_wready,
	input  logic [1:0]      board_bresp,
	input  logic            board_bvalid,
	output logic            board_bready
);
	localparam logic [1:0] START = 2'd0, SKIP = 2'd1, MOVE = 2'd2, RESUME = 2'd3;
	localparam logic [1:0] COPY = 2'd0, WIDEN = 2'd3;
	localparam logic [3:0] OK = 4'd0, DMA = 4'd7, INTERNAL = 4'd9;
	localparam logic [12:0] PAGE = 13'd4096;

	/*
	 * NEXT asks the walk for a piece, and goes by LIST where it wants entries; CUT cuts the
	 * piece; GET and PUT begin the bursts that FROM and TO wait for.
	 */
	localparam logic [3:0] IDLE = 4'd0, NEXT = 4'd1, LIST = 4'd2, LISTED = 4'd3, CUT = 4'd4,
			       GET = 4'd5, FROM = 4'd6, PUT = 4'd7, TO = 4'd8;

	logic [3:0]  state;
	logic [63:0] left;     // of the MOVE
	logic [63:0] board_at, host_at;
	logic        out, adds, widens; // to the host; an accumulate; of bf16 into fp32
	logic [1:0]  adds_what;
	logic [12:0] host_most, board_most, n; // of the piece, as far as its page goes; its bytes

	wire [WALK-1:0] start_place;
	wire            takes = command_valid && command_ready;
	wire            wants, bad_list, piece;
	wire [63:0]     want_address, at;
	wire [31:0]     entry_left;
	wire [3:0]      bad_status;

	wire         host_idle, host_fault, board_idle, board_fault, write_idle, write_fault;
	wire [511:0] host_beat, board_beat;
	wire         copy_next, add_next, copy_valid, add_valid, beat_ready;
	wire [5:0]   copy_index, add_host_index, add_board_index;
	wire [511:0] copied, added;
	wire [63:0]  strobe;
	wire         write_awvalid, write_wvalid, write_wlast, write_bready;
	wire [63:0]  write_awaddr;
	wire [7:0]   write_awlen;

	// What is left of the page that the piece begins in; of the board's as bytes of the host.
	wire [12:0] host_page = PAGE - 13'(at[11:0]);
	wire [12:0] board_page = (PAGE - 13'(board_at[11:0])) >> widens;
	wire [12:0] n_now = host_most < board_most ? host_most : board_most;

	fpr_walk_start #(.WALK(WALK)) start_walk (.table_address, .table_entries, .table_offset, .align64,
						  .place(start_place));

	fpr_walk #(.WALK(WALK)) walk (
		.clk,
		.set(takes && (command == START || command == RESUME)),
		.place_in(command == START ? start_place : walk_in),
		.place_out(walk_out),
		.pass(takes && command == SKIP), .pass_bytes(bytes),
		.fetched(state == LISTED), .beat(host_beat),
		.step(state == NEXT && !wants && !bad_list && !piece),
		.take(state == CUT), .take_bytes(n_now),
		.wants, .want_address, .failed(bad_list), .status(bad_status),
		.piece, .at, .left(entry_left));

	wire [12:0] n_board = n << widens;
	wire [12:0] host_ends = 13'(host_at[5:0]) + n - 13'd1;
	wire [12:0] board_ends = 13'(board_at[5:0]) + n_board - 13'd1;
	wire        listing = state == LIST || state == LISTED;
	// What is added is told in whole beats of the host's.
	wire        quits = stop && !(widens && moved[5]);
	wire        list_now = state == NEXT && !quits && wants;

	fpr_burst_read host_read (
		.clk, .reset, .start(list_now || (state == GET && !out)),
		.address(list_now ? want_address : host_at), .len(list_now ? 6'd0 : host_ends[11:6]),
		.idle(host_idle), .fault(host_fault),
		.next(listing || (adds ? add_next : copy_next)),
		.index(listing ? 6'd0 : adds ? add_host_index : copy_index), .beat(host_beat),
		.araddr(host_araddr), .arlen(host_arlen), .arvalid(host_arvalid), .arready(host_arready),
		.rdata(host_rdata), .rresp(host_rresp), .rlast(host_rlast), .rvalid(host_rvalid),
		.rready(host_rready));

	fpr_burst_read board_read (
		.clk, .reset, .start(state == GET && (out || adds)), .address(board_at),
		.len(board_ends[11:6]), .idle(board_idle), .fault(board_fault),
		.next(adds ? add_next : copy_next), .index(adds ? add_board_index : copy_index),
		.beat(board_beat),
		.araddr(board_araddr), .arlen(board_arlen), .arvalid(board_arvalid),
		.arready(board_arready), .rdata(board_rdata), .rresp(board_rresp), .rlast(board_rlast),
		.rvalid(board_rvalid), .rready(board_rready));

	fpr_copy copy (
		.clk, .reset, .start(state == PUT && !adds),
		.from(out ? board_at[5:0] : host_at[5:0]), .to(out ? host_at[5:0] : board_at[5:0]),
		.bytes(n), .next(copy_next), .index(copy_index), .beat(out ? board_beat : host_beat),
		.out_valid(copy_valid), .out_ready(beat_ready && !adds), .out(copied), .strobe);

	fpr_accumulate add (
		.clk, .reset, .start(state == PUT && adds), .op(adds_what), .upper(host_at[5]),
		.len(board_ends[11:6]), .next(add_next), .host_index(add_host_index),
		.board_index(add_board_index), .host(host_beat), .board(board_beat),
		.out_valid(add_valid), .out_ready(beat_ready && adds), .out(added));

	fpr_burst_write write (
		.clk, .reset, .start(state == PUT), .address(out ? host_at : board_at),
		.len(out ? host_ends[11:6] : board_ends[11:6]), .idle(write_idle), .fault(write_fault),
		.beat_valid(adds ? add_valid : copy_valid), .beat_ready,
		.awaddr(write_awaddr), .awlen(write_awlen), .awvalid(write_awvalid),
		.awready(out ? host_awready : board_awready), .wlast(write_wlast),
		.wvalid(write_wvalid), .wready(out ? host_wready : board_wready),
		.bresp(out ? host_bresp : board_bresp), .bvalid(out ? host_bvalid : board_bvalid),
		.bready(write_bready));

	assign host_awaddr = write_awaddr;
	assign host_awlen = write_awlen;
	assign host_awvalid = write_awvalid && out;
	assign host_wdata = copied;
	assign host_wstrb = strobe;
	assign host_wlast = write_wlast;
	assign host_wvalid = write_wvalid && out;
	assign host_bready = write_bready && out;
	assign board_awaddr = write_awaddr;
	assign board_awlen = write_awlen;
	assign board_awvalid = write_awvalid && !out;
	assign board_wdata = adds ? added : copied;
	assign board_wstrb = adds ? '1 : strobe;
	assign board_wlast = write_wlast;
	assign board_wvalid = write_wvalid && !out;
	assign board_bready = write_bready && !out;

	always_ff @(posedge clk) begin
		case (state)
		IDLE:
			if (command_valid && command == MOVE) begin
				left <= bytes;
				board_at <= board;
				out <= to_host;
				adds <= op != COPY;
				adds_what <= op;
				widens <= op == WIDEN;
				moved <= '0;
				state <= NEXT;
			end
		NEXT: begin
			host_most <= entry_left < 32'(host_page) ? entry_left[12:0] : host_page;
			board_most <= left < 64'(board_page) ? left[12:0] : board_page;
			if (quits) begin
				status <= INTERNAL;
				state <= IDLE;
			end else if (wants) begin
				state <= LIST;
			end else if (bad_list) begin
				status <= bad_status;
				state <= IDLE;
			end else if (piece) begin
				state <= CUT;
			end
		end
		LIST: // The entries are shown when the burst is over.
			if (host_idle && host_fault) begin
				status <= DMA;
				state <= IDLE;
			end else if (host_idle) begin
				state <= LISTED;
			end
		LISTED:
			state <= NEXT;
		CUT: begin
			n <= n_now;
			host_at <= at;
			state <= GET;
		end
		GET:
			state <= FROM;
		FROM:
			if (host_idle && board_idle) begin
				status <= host_fault && !out ? DMA : INTERNAL;
				state <= (host_fault && !out) || (board_fault && (out || adds)) ? IDLE : PUT;
			end
		PUT:
			state <= TO;
		TO:
			if (write_idle && write_fault) begin
				status <= out ? DMA : INTERNAL;
				state <= IDLE;
			end else if (write_idle) begin
				moved <= moved + 64'(n);
				board_at <= board_at + 64'(n_board);
				left <= left - 64'(n);
				status <= OK;
				state <= left == 64'(n) ? IDLE : NEXT;
			end
		default:
			state <= IDLE;
		endcase
		if (reset)
			state <= IDLE;
	end

	assign command_ready = state == IDLE;
endmodule
