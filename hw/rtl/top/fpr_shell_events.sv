// SPDX-License-Identifier: MIT

/*
 * What the core is told next. Sources take turns. What a report says is held here, so an engine
 * goes on as soon as its report has been chosen.
 *
 * An ENDED report, RESTED and NEXT wait while an action is under way: their answers may
 * ask for another one, and a reset is over only when nothing of the engine reaches the host
 * any more.
 */
module fpr_shell_events #(
	parameter int NS_PER_CYCLE = 4
) (
	input  logic          clk,
	input  logic          reset,
	input  logic          take,   // the core is free
	output logic          chosen, // an event is; from the next cycle on it is shown
	input  logic          action, // one is under way

	input  logic          access_valid,
	input  logic          access_write,
	input  logic [15:0]   access_at,
	input  logic [31:0]   access_value,

	input  logic          finished, // an action has been
	input  logic          finished_fetch,
	input  logic          finished_fault,
	output logic          finished_taken,
	input  logic [1:0]    rested, // MAC, transfers
	output logic [1:0]    rested_taken,
	input  logic          next,
	output logic          next_taken,

	input  logic          mac_report_valid,
	output logic          mac_report_ready,
	input  logic [1:0]    mac_report_what,
	input  logic [3:0]    mac_report_status,
	input  logic [31:0]   mac_report_cookie,
	input  logic [63:0]   mac_report_fence,
	input  logic [63:0]   mac_report_stall,
	input  logic [1023:0] mac_report_counters,
	input  logic          h2c_report_valid,
	output logic          h2c_report_ready,
	input  logic [1:0]    h2c_report_what,
	input  logic [31:0]   h2c_report_cookie,
	input  logic [63:0]   h2c_report_fence,
	input  logic [63:0]   h2c_report_bytes,
	input  logic [3:0]    h2c_report_status,
	input  logic          c2h_report_valid,
	output logic          c2h_report_ready,
	input  logic [1:0]    c2h_report_what,
	input  logic [31:0]   c2h_report_cookie,
	input  logic [63:0]   c2h_report_fence,
	input  logic [63:0]   c2h_report_bytes,
	input  logic [3:0]    c2h_report_status,

	input  logic [2047:0] descriptor,
	output logic [3:0]    read_class,
	input  logic [63:0]   h2c_class_bytes, h2c_class_slices, h2c_class_preemptions,
	input  logic [63:0]   c2h_class_bytes, c2h_class_slices, c2h_class_preemptions,

	output logic [31:0]   what,
	output logic [31:0]   at,
	output logic [63:0]   value,
	output logic [1023:0] counters, // of the last job
	input  logic [4:0]    entry_address,
	input  logic          entry_ce,
	output logic [63:0]   entry_q
);
	localparam logic [3:0] READ = 4'd0, WRITE = 4'd1, NEXT = 4'd2, FETCHED = 4'd3, POSTED = 4'd4,
			       SERVED = 4'd5, MOVED = 4'd6, TORN = 4'd7, ENDED = 4'd8, RESTED = 4'd9;
	localparam logic [1:0] REPORT_TORN = 2'd0;  // of the MAC; above it ENDED
	localparam logic [1:0] REPORT_MOVED = 2'd1; // of a transfer; below it SERVED, above ENDED

	logic [3:0]  event_what;
	logic [63:0] fence, stall;
	logic [31:0] cookie;
	logic [3:0]  status;
	logic        of_mac;

	/* ---- who is next ---- */

	wire mac_ends = mac_report_what > REPORT_TORN;
	wire h2c_ends = h2c_report_what > REPORT_MOVED;
	wire c2h_ends = c2h_report_what > REPORT_MOVED;
	wire free = !action;

	logic [7:0] last, turn;
	wire [7:0] want = {next && free, rested & {2{free}}, c2h_report_valid && (free || !c2h_ends),
			   h2c_report_valid && (free || !h2c_ends), mac_report_valid && (free || !mac_ends),
			   finished, access_valid};
	wire [7:0] pick = take ? turn : '0;

	fpr_round_robin #(.N(8)) turns(.want(want), .last(last), .pick(turn));

	assign chosen = pick != '0;
	assign finished_taken = pick[1];
	assign mac_report_ready = pick[2];
	assign h2c_report_ready = pick[3];
	assign c2h_report_ready = pick[4];
	assign rested_taken = pick[6:5];
	assign next_taken = pick[7];

	/* ---- what it says ---- */

	wire [3:0] h2c_event = h2c_ends ? ENDED : h2c_report_what == REPORT_MOVED ? MOVED : SERVED;
	wire [3:0] c2h_event = c2h_ends ? ENDED : c2h_report_what == REPORT_MOVED ? MOVED : SERVED;

	always_ff @(posedge clk) begin
		if (chosen)
			last <= pick;
		if (pick[0]) begin
			event_what <= access_write ? WRITE : READ;
			at <= {16'd0, access_at};
			value <= {32'd0, access_value};
		end
		if (pick[1]) begin
			event_what <= finished_fetch ? FETCHED : POSTED;
			at <= '0;
			value <= {63'd0, finished_fault};
		end
		if (pick[2]) begin
			event_what <= mac_ends ? ENDED : TORN;
			at <= mac_ends ? 32'd0 : mac_report_cookie;
			value <= '0;
			fence <= mac_report_fence;
			cookie <= mac_report_cookie;
			status <= mac_report_status;
			stall <= mac_report_stall;
			of_mac <= 1'b1;
			if (mac_ends)
				counters <= mac_report_counters;
		end
		if (pick[3]) begin
			event_what <= h2c_event;
			at <= h2c_ends ? 32'd1 : h2c_report_cookie;
			value <= h2c_report_bytes;
			fence <= h2c_report_fence;
			cookie <= h2c_report_cookie;
			status <= h2c_report_status;
			of_mac <= 1'b0;
		end
		if (pick[4]) begin
			event_what <= c2h_event;
			at <= c2h_ends ? 32'd1 : c2h_report_cookie;
			value <= c2h_report_bytes;
			fence <= c2h_report_fence;
			cookie <= c2h_report_cookie;
			status <= c2h_report_status;
			of_mac <= 1'b0;
		end
		if (pick[6:5] != '0) begin
			event_what <= RESTED;
			at <= {31'd0, pick[6]};
			value <= '0;
		end
		if (pick[7]) begin
			event_what <= NEXT;
			at <= '0;
			value <= '0;
		end
		if (reset)
			last <= 8'd1;
	end

	assign what = {28'd0, event_what};
	assign read_class = at[8:5];

	/* ---- its entries ---- */

	logic [63:0] entry, ended, of_class;
	wire [3:0] counter = entry_address[3:0] - 4'd4;
	wire [63:0] stall_ns = stall * 64'(NS_PER_CYCLE);

	always_comb begin
		case (entry_address)
		5'd0: ended = fence;
		5'd1: ended = {32'd0, cookie};
		5'd2: ended = {60'd0, status};
		5'd3: ended = of_mac ? stall_ns : '0;
		default: ended = of_mac && entry_address < 5'd20 ? counters[{counter, 6'd0} +: 64] : '0;
		endcase
		case (entry_address)
		5'd0: of_class = h2c_class_bytes;
		5'd1: of_class = c2h_class_bytes;
		5'd2: of_class = h2c_class_slices + c2h_class_slices;
		5'd3: of_class = h2c_class_preemptions + c2h_class_preemptions;
		default: of_class = '0;
		endcase
		case (event_what)
		FETCHED: entry = descriptor[{entry_address, 6'd0} +: 64];
		ENDED: entry = ended;
		READ: entry = of_class;
		default: entry = '0;
		endcase
	end

	always_ff @(posedge clk)
		if (entry_ce)
			entry_q <= entry;
endmodule
