// SPDX-License-Identifier: MIT

/*
 * Along a scatter list, as hw/p3/walk.c: same checks, in the same order. It touches no
 * bus and waits for nothing; its outputs say where it stands, and whoever drives it acts:
 *
 *   wants    the entries of the beat at `want_address`: bring them by `fetched`
 *   failed   the list is bad, `status` says how; stays so, as no bad entry is passed
 *   piece    `left` bytes at `at` are the next ones: `take` some of them
 *   else     an entry is to be taken or passed over: `step`
 *
 * Entries come a beat at a time, up to four, as many as one register holds. They are no
 * part of a place: after `set` they are fetched again, and checked as read then.
 */
module fpr_walk #(
	parameter int WALK = 257
) (
	input  logic            clk,
	input  logic            set,      // stand at `place_in`
	input  logic [WALK-1:0] place_in,
	output logic [WALK-1:0] place_out,
	input  logic            pass,     // skip so many bytes before the next piece
	input  logic [63:0]     pass_bytes,
	input  logic            fetched,
	input  logic [511:0]    beat,
	input  logic            step,
	input  logic            take,
	input  logic [12:0]     take_bytes, // not above `left`
	output logic            wants,
	output logic [63:0]     want_address,
	output logic            failed,
	output logic [3:0]      status,
	output logic            piece,
	output logic [63:0]     at,
	output logic [31:0]     left
);
	localparam logic [3:0] RESERVED = 4'd2, BOUNDS = 4'd4, ALIGN = 4'd5;

	logic         align64;
	logic [63:0]  skip;
	logic [63:0]  next;    // address of the next entry
	logic [31:0]  entries; // from there on
	logic [511:0] held;    // the beat in which it lies
	logic         holds;

	wire [127:0] entry = held[128*next[5:4] +: 128];
	wire [63:0]  address = entry[63:0];
	wire [31:0]  bytes = entry[95:64];
	wire [64:0]  ends = {1'b0, address} + 65'(bytes);
	wire         odd = align64 && (address[5:0] | bytes[5:0]) != '0;
	wire         bad_bounds = bytes == '0 || ends[64];
	wire         bad_reserved = entry[127:96] != '0;
	wire         bad = odd || bad_bounds || bad_reserved;

	wire         used_up = left == '0;
	wire [63:0]  skip_sum = skip + pass_bytes;
	wire [31:0]  passed = skip < 64'(left) ? skip[31:0] : left;

	always_ff @(posedge clk)
		if (set) begin
			{align64, skip, at, left, next, entries} <= place_in;
			holds <= 1'b0;
		end else if (pass) begin
			// No list is as long as what would wrap.
			skip <= skip_sum < pass_bytes ? '1 : skip_sum;
		end else if (fetched) begin
			held <= beat;
			holds <= 1'b1;
		end else if (step && used_up) begin
			at <= address;
			left <= bytes;
			next <= next + 64'd16;
			entries <= entries - 32'd1;
			holds <= next[5:4] != 2'd3;
		end else if (step) begin
			at <= at + 64'(passed);
			left <= left - passed;
			skip <= skip - 64'(passed);
		end else if (take) begin
			at <= at + 64'(take_bytes);
			left <= left - 32'(take_bytes);
		end

	always_comb begin
		status = ALIGN;
		if (bad_bounds)
			status = BOUNDS;
		if (bad_reserved)
			status = RESERVED;
		// The list is shorter than what it should cover.
		if (entries == '0)
			status = BOUNDS;
	end
	assign wants = used_up && entries != '0 && !holds;
	assign want_address = {next[63:6], 6'd0};
	assign failed = used_up && (entries == '0 || (holds && bad));
	assign piece = !used_up && skip == '0;
	assign place_out = {align64, skip, at, left, next, entries};
endmodule
