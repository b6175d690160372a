// SPDX-License-Identifier: MIT

/*
 * The MAC engine, one job after another, as hw/board/shell/mac.c runs them: operands in host memory are
 * gathered into working memory, one after the other; the array works on board memory; the rows of
 * a C in host memory go back, and nothing that lies between them.
 *
 *   IDLE, PLACE x 3, FIT
 *     FETCH, FETCH_START, FETCH_MOVE  for each operand
 *     TEAR (C in board memory), RUN, WORK
 *     TEAR (C in host memory), BACK_START, BACK_SKIP, BACK_MOVE for each row
 *   END
 *
 * `stop` has a job given up at the next step. Not while sums go back to host memory: half of them
 * would be of no use. A job whose C was whole before `stop` was seen has ended, and says so;
 * no other one comes to report its end once `stop` is up. What is offered stays.
 */
module fpr_mac (
	input  logic          clk,
	input  logic          reset,

	input  logic          start_valid,
	output logic          start_ready,
	input  logic [2047:0] descriptor,                // struct fpr_mac_desc, checked
	input  logic [63:0]   a_bytes, b_bytes, c_bytes, // extents; of 0 nothing is touched
	input  logic [63:0]   scratch, scratch_bytes,    // working memory, from a multiple of 64 on
	input  logic          stop,
	output logic          idle,

	output logic          report_valid,
	input  logic          report_ready,
	output logic [1:0]    report_what, // 0 C may be written from now on, 1 the job has ended
	output logic [3:0]    report_status,
	output logic [31:0]   report_cookie,
	output logic [63:0]   report_fence,
	output logic [63:0]   report_stall,    // cycles in which host operands moved
	output logic [1023:0] report_counters, // struct fpr_gemm_counters; 0 unless all went well
	output logic [63:0]   tiles,

	output logic [63:0]   host_araddr,
	output logic [7:0]    host_arlen,
	output logic          host_arvalid,
	input  logic          host_arready,
	input  logic [511:0]  host_rdata,
	input  logic [1:0]    host_rresp,
	input  logic          host_rlast,
	input  logic          host_rvalid,
	output logic          host_rready,
	output logic [63:0]   host_awaddr,
	output logic [7:0]    host_awlen,
	output logic          host_awvalid,
	input  logic          host_awready,
	output logic [511:0]  host_wdata,
	output logic [63:0]   host_wstrb,
	output logic          host_wlast,
	output logic          host_wvalid,
	input  logic          host_wready,
	input  logic [1:0]    host_bresp,
	input  logic          host_bvalid,
	output logic          host_bready,

	output logic [63:0]   move_araddr,
	output logic [7:0]    move_arlen,
	output logic          move_arvalid,
	input  logic          move_arready,
	input  logic [511:0]  move_rdata,
	input  logic [1:0]    move_rresp,
	input  logic          move_rlast,
	input  logic          move_rvalid,
	output logic          move_rready,
	output logic [63:0]   move_awaddr,
	output logic [7:0]    move_awlen,
	output logic          move_awvalid,
	input  logic          move_awready,
	output logic [511:0]  move_wdata,
	output logic [63:0]   move_wstrb,
	output logic          move_wlast,
	output logic          move_wvalid,
	input  logic          move_wready,
	input  logic [1:0]    move_bresp,
	input  logic          move_bvalid,
	output logic          move_bready,

	output logic [63:0]   array_araddr,
	output logic [7:0]    array_arlen,
	output logic          array_arvalid,
	input  logic          array_arready,
	input  logic [511:0]  array_rdata,
	input  logic [1:0]    array_rresp,
	input  logic          array_rlast,
	input  logic          array_rvalid,
	output logic          array_rready,
	output logic [63:0]   array_awaddr,
	output logic [7:0]    array_awlen,
	output logic          array_awvalid,
	input  logic          array_awready,
	output logic [511:0]  array_wdata,
	output logic [63:0]   array_wstrb,
	output logic          array_wlast,
	output logic          array_wvalid,
	input  logic          array_wready,
	input  logic [1:0]    array_bresp,
	input  logic          array_bvalid,
	output logic          array_bready
);
	localparam logic [3:0] IDLE = 4'd0, PLACE = 4'd1, FIT = 4'd2, FETCH = 4'd3, FETCH_START = 4'd4,
			       FETCH_MOVE = 4'd5, TEAR = 4'd6, RUN = 4'd7, WORK = 4'd8,
			       BACK_START = 4'd9, BACK_SKIP = 4'd10, BACK_MOVE = 4'd11, END = 4'd12;

	// enum fpr_status
	localparam logic [3:0] OK = 4'd0, ERR_MEMORY = 4'd8, ERR_INTERNAL = 4'd9;

	// Commands of fpr_mover.
	localparam logic [1:0] START = 2'd0, SKIP = 2'd1, MOVE = 2'd2;

	localparam logic [1:0] A = 2'd0, B = 2'd1, C = 2'd2;

	logic [3:0]    state;
	logic [2047:0] desc;
	logic [191:0]  extents;        // of A, B, C
	logic [191:0]  places;         // where they are for the array
	logic [1:0]    which;          // operand at hand
	logic [63:0]   used;           // of working memory
	logic          too_large;
	logic          asked;          // the mover has the state's command
	logic          kernel_ended;

	// struct fpr_mac_desc
	wire [31:0] m = desc[8*104 +: 32];
	wire [31:0] n = desc[8*108 +: 32];
	wire [31:0] batch = desc[8*116 +: 32];
	wire [31:0] ldc = desc[8*128 +: 32];
	wire [63:0] stride_c = desc[8*152 +: 64];
	wire        no_counters = desc[8*1];
	wire        wide = desc[8*163 +: 8] == '0;
	wire        accumulate = desc[8*166];

	// The reference of the operand at hand, struct fpr_ref.
	wire [191:0] operand = which == A ? desc[8*32 +: 192] :
			       which == B ? desc[8*56 +: 192] : desc[8*80 +: 192];
	wire [63:0]  address = operand[63:0];
	wire [31:0]  entries = operand[159:128];
	wire [31:0]  offset = operand[191:160];
	wire [63:0]  bytes = extents[{which, 6'd0} +: 64];
	wire         from_host = entries != '0 && bytes != '0;
	wire         c_in_host = desc[8*96 +: 32] != '0 && extents[191:128] != '0;

	// ---- moving -----------------------------------------------------------

	wire backwards = state == BACK_START || state == BACK_SKIP || state == BACK_MOVE;
	wire forwards = state == FETCH || state == FETCH_START || state == FETCH_MOVE;
	wire commands = state == FETCH_START || state == FETCH_MOVE || backwards;
	wire give_up = stop && !(backwards && accumulate);

	wire        command_ready;
	wire [3:0]  move_status;
	wire        command_valid = commands && !asked;
	wire        answered = asked && command_ready;
	wire [1:0]  command = state == FETCH_START || state == BACK_START ? START :
			      state == BACK_SKIP ? SKIP : MOVE;
	wire [63:0] row_at, row_gap, row_bytes;
	wire        row_last;

	fpr_mac_rows rows (
		.clk(clk), .start(state == BACK_START), .next(state == BACK_MOVE && answered),
		.m(m), .n(n), .batch(batch), .ldc(ldc), .stride_c(stride_c), .wide(wide),
		.at(row_at), .gap(row_gap), .bytes(row_bytes), .last(row_last));

	/* verilator lint_off PINCONNECTEMPTY */
	fpr_mover mover (
		.clk(clk), .reset(reset), .command_valid(command_valid), .command_ready(command_ready),
		.command(command), .table_address(address), .table_entries(entries),
		.table_offset(offset), .align64(1'b0),
		.bytes(state == BACK_SKIP ? row_gap : state == BACK_MOVE ? row_bytes : bytes),
		.board(places[{which, 6'd0} +: 64] + (backwards ? row_at : '0)), .to_host(backwards), .op(2'd0),
		.walk_in('0), .walk_out(), .stop(give_up), .status(move_status), .moved(),
		.host_araddr(host_araddr), .host_arlen(host_arlen), .host_arvalid(host_arvalid),
		.host_arready(host_arready), .host_rdata(host_rdata), .host_rresp(host_rresp),
		.host_rlast(host_rlast), .host_rvalid(host_rvalid), .host_rready(host_rready),
		.host_awaddr(host_awaddr), .host_awlen(host_awlen), .host_awvalid(host_awvalid),
		.host_awready(host_awready), .host_wdata(host_wdata), .host_wstrb(host_wstrb),
		.host_wlast(host_wlast), .host_wvalid(host_wvalid), .host_wready(host_wready),
		.host_bresp(host_bresp), .host_bvalid(host_bvalid), .host_bready(host_bready),
		.board_araddr(move_araddr), .board_arlen(move_arlen), .board_arvalid(move_arvalid),
		.board_arready(move_arready), .board_rdata(move_rdata), .board_rresp(move_rresp),
		.board_rlast(move_rlast), .board_rvalid(move_rvalid), .board_rready(move_rready),
		.board_awaddr(move_awaddr), .board_awlen(move_awlen), .board_awvalid(move_awvalid),
		.board_awready(move_awready), .board_wdata(move_wdata), .board_wstrb(move_wstrb),
		.board_wlast(move_wlast), .board_wvalid(move_wvalid), .board_wready(move_wready),
		.board_bresp(move_bresp), .board_bvalid(move_bvalid), .board_bready(move_bready));
	/* verilator lint_on PINCONNECTEMPTY */

	// ---- the array --------------------------------------------------------

	wire          array_idle, array_done, array_fault;
	wire [1023:0] counters;

	fpr_array array (
		.clk(clk), .reset(reset), .start(state == RUN && array_idle && !stop),
		.m(m), .n(n), .k(desc[8*112 +: 32]), .batch(batch), .lda(desc[8*120 +: 32]),
		.ldb(desc[8*124 +: 32]), .ldc(ldc), .stride_a(desc[8*136 +: 64]),
		.stride_b(desc[8*144 +: 64]), .stride_c(stride_c), .kind(desc[8*160 +: 8]),
		.serial(desc[8*161 +: 8]), .t(desc[8*162 +: 8]), .out(desc[8*163 +: 8]),
		.trans_a(desc[8*164 +: 8]), .trans_b(desc[8*165 +: 8]),
		.accumulate(desc[8*166 +: 8]), .a(places[63:0]), .b(places[127:64]), .c(places[191:128]),
		.idle(array_idle), .done(array_done), .counters(counters), .tiles(tiles),
		.fault(array_fault),
		.mem_araddr(array_araddr), .mem_arlen(array_arlen), .mem_arvalid(array_arvalid),
		.mem_arready(array_arready), .mem_rdata(array_rdata), .mem_rresp(array_rresp),
		.mem_rlast(array_rlast), .mem_rvalid(array_rvalid), .mem_rready(array_rready),
		.mem_awaddr(array_awaddr), .mem_awlen(array_awlen), .mem_awvalid(array_awvalid),
		.mem_awready(array_awready), .mem_wdata(array_wdata), .mem_wstrb(array_wstrb),
		.mem_wlast(array_wlast), .mem_wvalid(array_wvalid), .mem_wready(array_wready),
		.mem_bresp(array_bresp), .mem_bvalid(array_bvalid), .mem_bready(array_bready));

	// ---- the sequence -----------------------------------------------------

	wire       reported = report_valid && report_ready;
	wire [1:0] after = which + 2'd1;
	wire [3:0] failed = stop ? IDLE : END;
	wire       fetched = from_host && (which != C || accumulate);

	always_ff @(posedge clk) begin
		asked <= commands && !answered && (asked || command_ready);
		if (forwards || backwards)
			report_stall <= report_stall + 64'd1;

		case (state)
		IDLE:
			if (start_valid && start_ready) begin
				desc <= descriptor;
				extents <= {c_bytes, b_bytes, a_bytes};
				which <= A;
				used <= '0;
				too_large <= 1'b0;
				kernel_ended <= 1'b0;
				report_stall <= '0;
				state <= PLACE;
			end
		PLACE: begin
			places[{which, 6'd0} +: 64] <= from_host ? scratch + used : bytes != '0 ? address : '0;
			if (from_host)
				used <= used + ((bytes + 64'd63) & ~64'd63);
			// Three that are smaller do not wrap.
			too_large <= too_large || bytes[63:62] != '0;
			which <= which == C ? A : after;
			if (which == C)
				state <= FIT;
		end
		FIT: begin
			report_status <= too_large || used > scratch_bytes ? ERR_MEMORY : OK;
			state <= too_large || used > scratch_bytes ? failed : FETCH;
		end
		FETCH:
			if (stop)
				state <= IDLE;
			else if (fetched)
				state <= FETCH_START;
			else if (which != C)
				which <= after;
			else
				state <= c_in_host ? RUN : TEAR;
		FETCH_START:
			if (answered)
				state <= FETCH_MOVE;
		FETCH_MOVE:
			if (answered) begin
				report_status <= move_status;
				if (stop)
					state <= IDLE;
				else if (move_status != OK)
					state <= END;
				else if (which != C) begin
					which <= after;
					state <= FETCH;
				end else begin
					state <= c_in_host ? RUN : TEAR;
				end
			end
		TEAR:
			if (reported)
				state <= kernel_ended ? BACK_START : RUN;
		RUN:
			if (stop)
				state <= IDLE;
			else if (array_idle)
				state <= WORK;
		WORK:
			if (array_done) begin
				kernel_ended <= 1'b1;
				which <= C;
				report_status <= array_fault ? ERR_INTERNAL : OK;
				if (array_fault)
					state <= failed;
				else if (!c_in_host)
					state <= END;
				else
					state <= stop ? IDLE : TEAR;
			end
		BACK_START:
			if (answered)
				state <= BACK_SKIP;
		BACK_SKIP:
			if (answered)
				state <= give_up ? IDLE : BACK_MOVE;
		BACK_MOVE:
			if (answered) begin
				report_status <= move_status;
				if (move_status == OK && row_last)
					state <= END;
				else if (give_up)
					state <= IDLE;
				else
					state <= move_status != OK ? END : BACK_SKIP;
			end
		END:
			if (reported)
				state <= IDLE;
		default:
			state <= IDLE;
		endcase
		if (reset) begin
			state <= IDLE;
			asked <= 1'b0;
		end
	end

	assign idle = state == IDLE;
	assign start_ready = idle && !stop;
	assign report_valid = state == TEAR || state == END;
	assign report_what = state == END ? 2'd1 : 2'd0;
	assign report_cookie = desc[8*4 +: 32];
	assign report_fence = desc[8*8 +: 64];
	assign report_counters = report_status == OK && !no_counters ? counters : '0;
endmodule
