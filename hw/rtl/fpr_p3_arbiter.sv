// SPDX-License-Identifier: MIT

/*
 * The arbiter of one direction of the P3 engine, with the commands of hw/p3/p3_top.h:
 * of what is pending the smallest (priority, arrival) gets the next slice. The table
 * is in memories of one read and one write a cycle, and a decision is a walk over
 * it, one entry a cycle; ageing is a second walk. A slice takes longer to move.
 *
 *   command   setting          value        answer
 *   0 clear   counters, too    -            -
 *   1 push    priority         bytes        slot, ENTRIES when full
 *   2 serve   ageing           most bytes   slot, ENTRIES when empty; offset; bytes
 *   3 end     1: it failed     -            1: the transfer has ended
 *
 * A command is taken when `ready`; `ready` again means answered. The first must be a
 * clear, after `reset`.
 */
module fpr_p3_arbiter #(
	parameter int ENTRIES = 256,
	parameter int CLASSES = 16
) (
	input  logic                       clk,
	input  logic                       reset,
	input  logic                       valid,
	output logic                       ready,
	input  logic [1:0]                 command,
	input  logic [31:0]                setting,
	input  logic [63:0]                value,
	output logic [$clog2(ENTRIES):0]   slot,
	output logic [63:0]                offset,
	output logic [63:0]                bytes,
	output logic                       ended,
	input  logic [$clog2(CLASSES)-1:0] read_class, // whose counters to show
	output logic [63:0]                class_bytes, class_slices, class_preemptions
);
	localparam int AT = $clog2(ENTRIES);
	localparam int CLASS = $clog2(CLASSES);
	localparam logic [AT:0] NONE = (AT+1)'(ENTRIES);
	localparam logic [63:0] FREE = '1;         // above every key in use
	localparam logic [63:0] STEP = 64'd1 << 48; // one priority; below it the arrival

	localparam logic [2:0] IDLE = 3'd0, CLEAR = 3'd1, FIND = 3'd2, COMPARE = 3'd3,
			       LOOK = 3'd4, DECIDE = 3'd5, AGE = 3'd6;

	// The table: what is compared, and what is known of a transfer.
	logic [95:0]        keys [0:ENTRIES-1];      // slices waited for, key
	logic [127+CLASS:0] transfers [0:ENTRIES-1]; // class, bytes done, bytes left
	logic [95:0]        key_read;
	logic [127+CLASS:0] transfer_read;
	logic               key_write, transfer_write;
	logic [AT-1:0]      key_at, transfer_at;
	logic [95:0]        key_in;
	logic [127+CLASS:0] transfer_in;

	logic [63:0] bytes_of [0:CLASSES-1];
	logic [63:0] slices_of [0:CLASSES-1];
	logic [63:0] preemptions_of [0:CLASSES-1];

	logic [2:0]       state;
	logic [AT:0]      at;       // entry being read
	logic [AT-1:0]    seen;     // entry read the cycle before
	logic             seeing;   // there is one
	logic [31:0]      set;      // setting and value of the command
	logic [63:0]      given;
	logic [47:0]      arrivals;
	logic [63:0]      best;
	logic [AT:0]      current;  // had the last slice and is not finished
	logic [AT-1:0]    slice_slot;
	logic [CLASS-1:0] current_class, slice_class;
	logic [63:0]      left;     // of the slice's transfer, the slice included

	wire last = at == NONE;
	wire [63:0] key = key_read[63:0];
	wire [31:0] waited = key_read[95:64] + 32'd1;
	wire waits = key != FREE && (AT+1)'(seen) != slot;
	wire due = waits && waited >= set;
	wire [63:0] aged = due && key >= STEP ? key - STEP : key;

	// `left` and `bytes` are the last slice's until the next one is decided.
	wire failed = setting != '0;
	wire over = failed || left == bytes;
	wire [CLASS-1:0] class_read = transfer_read[128 +: CLASS];
	wire [63:0]      done_read = transfer_read[64 +: 64];
	wire [63:0]      left_read = transfer_read[63:0];

	always_comb begin
		key_write = 1'b0;
		key_at = seen;
		key_in = {32'd0, FREE};
		transfer_write = 1'b0;
		transfer_at = slice_slot;
		transfer_in = {slice_class, offset + bytes, left - bytes};
		case (state)
		IDLE:
			if (valid && command == 2'd3) begin
				key_write = over;
				key_at = slice_slot;
				transfer_write = !failed;
			end
		CLEAR: begin
			key_write = !last;
			key_at = at[AT-1:0];
		end
		FIND: begin
			key_write = seeing && key == FREE;
			key_in = {32'd0, set[15:0], arrivals};
			transfer_write = key_write;
			transfer_at = seen;
			transfer_in = {set[15 -: CLASS], 64'd0, given};
		end
		AGE: begin
			key_write = seeing && waits;
			key_in = {due ? 32'd0 : waited, aged};
		end
		default: ;
		endcase
	end

	always_ff @(posedge clk) begin
		if (key_write)
			keys[key_at] <= key_in;
		key_read <= keys[at[AT-1:0]];
		if (transfer_write)
			transfers[transfer_at] <= transfer_in;
		transfer_read <= transfers[slot[AT-1:0]];
	end

	// The last entry is being looked at.
	wire walked = seeing && last;

	always_ff @(posedge clk) begin
		seen <= at[AT-1:0];
		seeing <= state != IDLE && !last;
		if (state != IDLE && !last)
			at <= at + (AT+1)'(1);

		case (state)
		IDLE:
			if (valid) begin
				set <= setting;
				given <= value;
				at <= '0;
				best <= FREE;
				ended <= command == 2'd3 && over;
				if (command == 2'd0) begin
					state <= CLEAR;
					arrivals <= '0;
					current <= NONE;
				end
				if (command == 2'd1) begin
					state <= FIND;
					slot <= NONE;
				end
				if (command == 2'd2) begin
					state <= COMPARE;
					slot <= NONE;
					offset <= '0;
					bytes <= '0;
				end
				if (command == 2'd3) begin
					if (!failed)
						bytes_of[slice_class] <= bytes_of[slice_class] + bytes;
					if (over)
						current <= NONE;
				end
			end
		CLEAR: begin
			if (set != '0 && at < (AT+1)'(CLASSES)) begin
				bytes_of[at[CLASS-1:0]] <= '0;
				slices_of[at[CLASS-1:0]] <= '0;
				preemptions_of[at[CLASS-1:0]] <= '0;
			end
			if (last)
				state <= IDLE;
		end
		FIND:
			if (seeing && key == FREE) begin
				slot <= (AT+1)'(seen);
				arrivals <= arrivals + 48'd1;
				state <= IDLE;
			end else if (walked) begin
				state <= IDLE;
			end
		COMPARE: begin
			if (seeing && key < best) begin
				best <= key;
				slot <= (AT+1)'(seen);
			end
			if (walked)
				state <= LOOK;
		end
		LOOK:
			state <= slot == NONE ? IDLE : DECIDE;
		DECIDE: begin
			offset <= done_read;
			bytes <= left_read < given ? left_read : given;
			left <= left_read;
			slice_slot <= slot[AT-1:0];
			slice_class <= class_read;
			slices_of[class_read] <= slices_of[class_read] + 64'd1;
			if (current != NONE && current != slot)
				preemptions_of[current_class] <= preemptions_of[current_class] + 64'd1;
			current <= slot;
			current_class <= class_read;
			at <= '0;
			seeing <= 1'b0;
			state <= set != '0 ? AGE : IDLE;
		end
		AGE:
			if (walked)
				state <= IDLE;
		default:
			state <= IDLE;
		endcase
		if (reset)
			state <= IDLE;
	end

	assign ready = state == IDLE;
	assign class_bytes = bytes_of[read_class];
	assign class_slices = slices_of[read_class];
	assign class_preemptions = preemptions_of[read_class];
endmodule
