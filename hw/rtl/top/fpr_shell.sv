// SPDX-License-Identifier: MIT

/*
 * The command processor around its core: events go in one by one, answers come out and are
 * carried out. The core is C (hw/shell/shell_top.c); it decides everything.
 *
 * A START hands over the descriptor that has been fetched, before anything else is fetched; when
 * the engine is stopped meanwhile it is dropped with all the rest. The engines show room only
 * while none is being handed over.
 */
module fpr_shell #(
	parameter int NS_PER_CYCLE = 4
) (
	input  logic          clk,
	input  logic          reset,

	input  logic          access_valid,
	input  logic          access_write,
	input  logic [15:0]   access_at,
	input  logic [31:0]   access_value,
	output logic          access_done,
	output logic [31:0]   access_answer,

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

	output logic          mac_start_valid,
	input  logic          mac_start_ready,
	output logic [2047:0] mac_start_descriptor,
	output logic [63:0]   mac_start_a_bytes, mac_start_b_bytes, mac_start_c_bytes,
	input  logic          mac_idle,
	input  logic [63:0]   mac_tiles,
	input  logic          mac_report_valid,
	output logic          mac_report_ready,
	input  logic [1:0]    mac_report_what,
	input  logic [3:0]    mac_report_status,
	input  logic [31:0]   mac_report_cookie,
	input  logic [63:0]   mac_report_fence,
	input  logic [63:0]   mac_report_stall,
	input  logic [1023:0] mac_report_counters,

	output logic          h2c_push_valid,
	input  logic          h2c_push_ready,
	output logic [511:0]  h2c_push,
	input  logic          h2c_idle,
	input  logic          h2c_report_valid,
	output logic          h2c_report_ready,
	input  logic [1:0]    h2c_report_what,
	input  logic [31:0]   h2c_report_cookie,
	input  logic [63:0]   h2c_report_fence,
	input  logic [63:0]   h2c_report_bytes,
	input  logic [3:0]    h2c_report_status,
	input  logic [63:0]   h2c_class_bytes, h2c_class_slices, h2c_class_preemptions,

	output logic          c2h_push_valid,
	input  logic          c2h_push_ready,
	output logic [511:0]  c2h_push,
	input  logic          c2h_idle,
	input  logic          c2h_report_valid,
	output logic          c2h_report_ready,
	input  logic [1:0]    c2h_report_what,
	input  logic [31:0]   c2h_report_cookie,
	input  logic [63:0]   c2h_report_fence,
	input  logic [63:0]   c2h_report_bytes,
	input  logic [3:0]    c2h_report_status,
	input  logic [63:0]   c2h_class_bytes, c2h_class_slices, c2h_class_preemptions,

	output logic          stop_mac,
	output logic          stop_xfer,
	output logic          clear_counters,
	output logic [31:0]   slice,
	output logic [31:0]   ageing,
	output logic [3:0]    read_class,

	input  logic [31:0]   temperature,
	input  logic [63:0]   memory,
	input  logic [31:0]   clock_khz,
	input  logic [31:0]   build,
	output logic [2:0]    message,
	input  logic [2:0]    message_ack,
	output logic          level
);
	localparam logic [1:0] WAIT = 2'd0, RUN = 2'd1, ANSWERED = 2'd2;
	localparam logic [2:0] FETCH = 3'd1, POST = 3'd2, START_MAC = 3'd3, START_H2C = 3'd4,
			       START_C2H = 3'd5, RESULT = 3'd6;

	logic [1:0]    state;
	logic          chosen;
	logic [31:0]   what, at;
	logic [63:0]   value;
	logic [4:0]    entry_address;
	logic          entry_ce;
	logic [63:0]   entry_q;
	logic          done, ready, idle;
	logic [3:0]    answer_address;
	logic          answer_ce, answer_we;
	logic [63:0]   answer_d;
	logic [63:0]   answer [0:13];

	logic [63:0]   time_ns, now, tiles;
	logic [31:0]   degrees;
	logic [2:0]    rooms;

	// Of engines: C2H, H2C, MAC.
	logic [2:0]    handing; // a descriptor waits for it
	wire [2:0]     takes = {c2h_push_ready, h2c_push_ready, mac_start_ready};

	wire apply = state == ANSWERED;
	wire [6:0] lines = answer[1][6:0];
	wire [2:0] action = answer[2][2:0];
	wire of_access = what[31:1] == '0; // READ or WRITE

	/* ---- the core, an event at a time ---- */

	fpr_shell_core core(.clk(clk), .reset(reset), .start(state == RUN), .done(done), .ready(ready),
		.idle(idle), .what(what), .at(at), .value(value), .now(now), .rooms({29'd0, rooms}),
		.tiles(tiles), .temperature(degrees), .memory(memory), .clock_khz(clock_khz),
		.build(build), .entry_address(entry_address), .entry_ce(entry_ce), .entry_q(entry_q),
		.answer_address(answer_address), .answer_ce(answer_ce), .answer_we(answer_we),
		.answer_d(answer_d));

	// The last words of an answer may come with `done`.
	always_ff @(posedge clk) begin
		time_ns <= time_ns + 64'(NS_PER_CYCLE);
		if (answer_ce && answer_we)
			answer[answer_address] <= answer_d;
		case (state)
		WAIT:
			if (chosen) begin
				now <= time_ns;
				tiles <= mac_tiles;
				degrees <= temperature;
				rooms <= handing == '0 ? takes : '0;
				state <= RUN;
			end
		RUN:
			if (done && ready)
				state <= ANSWERED;
		default: // ANSWERED
			state <= WAIT;
		endcase
		if (reset) begin
			time_ns <= '0;
			state <= WAIT;
		end
	end

	assign access_done = apply && of_access;
	assign access_answer = answer[0][31:0];

	/* ---- lines ---- */

	always_ff @(posedge clk) begin
		if (apply) begin
			level <= lines[3];
			stop_mac <= lines[4];
			stop_xfer <= lines[5];
			clear_counters <= lines[6];
			slice <= answer[12][31:0];
			ageing <= answer[13][31:0];
		end
		if (reset) begin
			level <= 1'b0;
			stop_mac <= 1'b0;
			stop_xfer <= 1'b0;
			clear_counters <= 1'b0;
		end
	end

	for (genvar i = 0; i < 3; i++) begin : vector
		fpr_message sender(.clk(clk), .reset(reset), .send(apply && lines[i]),
			.message(message[i]), .ack(message_ack[i]));
	end

	/* ---- host memory ---- */

	logic [2:0]    asked; // RESULT, POST, FETCH: has yet to begin
	logic [63:0]   address;
	logic          brief; // a descriptor of 64 bytes
	logic          busy, over, fault, fetching;
	logic          finished, finished_taken;
	logic [2047:0] descriptor;
	logic [1023:0] counters;

	wire fetch = asked[0] && handing == '0;
	wire under_way = asked != '0 || busy || finished;
	wire [255:0] completion = {answer[8], answer[7], answer[6], answer[5]};
	wire starts = apply && (action == FETCH || action == POST || action == RESULT);

	always_ff @(posedge clk) begin
		if (starts) begin
			address <= answer[3];
			brief <= !answer[4][8];
			fetching <= action == FETCH;
		end
		asked <= starts ? {action == RESULT, action == POST, action == FETCH} : asked & {2'b0, !fetch};
		finished <= over || finished && !finished_taken;
		if (reset) begin
			asked <= '0;
			finished <= 1'b0;
		end
	end

	fpr_shell_dma dma(.clk(clk), .reset(reset), .fetch(fetch), .post(asked[1]), .result(asked[2]),
		.address(address), .brief(brief), .completion(completion), .words(counters),
		.busy(busy), .done(over), .fault(fault), .descriptor(descriptor),
		.host_araddr(host_araddr), .host_arlen(host_arlen), .host_arvalid(host_arvalid),
		.host_arready(host_arready), .host_rdata(host_rdata), .host_rresp(host_rresp),
		.host_rlast(host_rlast), .host_rvalid(host_rvalid), .host_rready(host_rready),
		.host_awaddr(host_awaddr), .host_awlen(host_awlen), .host_awvalid(host_awvalid),
		.host_awready(host_awready), .host_wdata(host_wdata), .host_wstrb(host_wstrb),
		.host_wlast(host_wlast), .host_wvalid(host_wvalid), .host_wready(host_wready),
		.host_bresp(host_bresp), .host_bvalid(host_bvalid), .host_bready(host_bready));

	/* ---- engines ---- */

	logic [2:0] took; // of the cycle before
	logic       next, next_taken;

	wire [2:0] stops = {stop_xfer, stop_xfer, stop_mac};
	wire [2:0] handed = handing & (takes | stops);

	always_ff @(posedge clk) begin
		if (apply && action == START_MAC) begin
			mac_start_a_bytes <= answer[9];
			mac_start_b_bytes <= answer[10];
			mac_start_c_bytes <= answer[11];
		end
		handing <= handing & ~handed;
		if (apply && action >= START_MAC && action <= START_C2H)
			handing <= {action == START_C2H, action == START_H2C, action == START_MAC};
		took <= takes;
		next <= (takes & ~took) != '0 || handed != '0 || finished_taken && !fetching ||
			next && !next_taken;
		if (reset) begin
			handing <= '0;
			next <= 1'b0;
		end
	end

	assign mac_start_valid = handing[0] && !stop_mac;
	assign h2c_push_valid = handing[1] && !stop_xfer;
	assign c2h_push_valid = handing[2] && !stop_xfer;
	assign mac_start_descriptor = descriptor;
	assign h2c_push = descriptor[511:0];
	assign c2h_push = descriptor[511:0];

	// Who is to stop, or while that lasts to clear, has some cycles to see it and not to be idle.
	logic [2:0] mac_stopping, xfer_stopping;
	logic       cleared; // clear_counters of the cycle before
	logic [1:0] told, rested_taken;
	wire        clears = clear_counters && !cleared;
	wire        xfer_idle = h2c_idle && c2h_idle && !h2c_report_valid && !c2h_report_valid;
	wire [1:0]  rests = {xfer_stopping == '1 && xfer_idle,
			     mac_stopping == '1 && mac_idle && !mac_report_valid};
	wire [1:0]  rested = clears ? '0 : rests & ~told;

	always_ff @(posedge clk) begin
		mac_stopping <= {mac_stopping[1:0], 1'b1} & {3{stop_mac && !clears}};
		xfer_stopping <= {xfer_stopping[1:0], 1'b1} & {3{stop_xfer && !clears}};
		told <= (told | rested_taken) & {stop_xfer && !clears, stop_mac && !clears};
		cleared <= clear_counters;
		if (reset) begin
			mac_stopping <= '0;
			xfer_stopping <= '0;
			cleared <= 1'b0;
			told <= '0;
		end
	end

	/* ---- events ---- */

	fpr_shell_events #(.NS_PER_CYCLE(NS_PER_CYCLE)) events(.clk(clk), .reset(reset),
		.take(state == WAIT), .chosen(chosen), .action(under_way), .access_valid(access_valid),
		.access_write(access_write), .access_at(access_at), .access_value(access_value),
		.finished(finished), .finished_fetch(fetching), .finished_fault(fault),
		.finished_taken(finished_taken), .rested(rested), .rested_taken(rested_taken),
		.next(next), .next_taken(next_taken), .mac_report_valid(mac_report_valid),
		.mac_report_ready(mac_report_ready), .mac_report_what(mac_report_what),
		.mac_report_status(mac_report_status), .mac_report_cookie(mac_report_cookie),
		.mac_report_fence(mac_report_fence), .mac_report_stall(mac_report_stall),
		.mac_report_counters(mac_report_counters), .h2c_report_valid(h2c_report_valid),
		.h2c_report_ready(h2c_report_ready), .h2c_report_what(h2c_report_what),
		.h2c_report_cookie(h2c_report_cookie), .h2c_report_fence(h2c_report_fence),
		.h2c_report_bytes(h2c_report_bytes), .h2c_report_status(h2c_report_status),
		.c2h_report_valid(c2h_report_valid), .c2h_report_ready(c2h_report_ready),
		.c2h_report_what(c2h_report_what), .c2h_report_cookie(c2h_report_cookie),
		.c2h_report_fence(c2h_report_fence), .c2h_report_bytes(c2h_report_bytes),
		.c2h_report_status(c2h_report_status), .descriptor(descriptor),
		.read_class(read_class), .h2c_class_bytes(h2c_class_bytes),
		.h2c_class_slices(h2c_class_slices), .h2c_class_preemptions(h2c_class_preemptions),
		.c2h_class_bytes(c2h_class_bytes), .c2h_class_slices(c2h_class_slices),
		.c2h_class_preemptions(c2h_class_preemptions), .what(what), .at(at), .value(value),
		.counters(counters), .entry_address(entry_address), .entry_ce(entry_ce),
		.entry_q(entry_q));
endmodule
