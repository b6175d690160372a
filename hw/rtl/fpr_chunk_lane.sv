// SPDX-License-Identifier: MIT

/*
 * A lane of a row (timing contract: lane i walks the values i, i + LANES, ... of
 * a chunk). It holds the entries of SLOTS chunks and a mask of those that have
 * terms, so values without any cost nothing; each cycle it gives the highest
 * term left of its value.
 */
module fpr_chunk_lane #(
	parameter int DEPTH = 8, // values of a chunk
	parameter int SLOTS = 4,
	parameter int LOAD = 2 // values taken in at once
) (
	input  logic                          clk,
	input  logic                          put, // values of a chunk: LOAD put_at and up
	input  logic [$clog2(SLOTS)-1:0]      put_slot,
	input  logic [$clog2(DEPTH/LOAD)-1:0] put_at,
	input  logic [LOAD*23-1:0]            put_entries, // of fpr_chunk_serial
	input  logic                          step,  // go on by a term
	input  logic                          first, // to the first one of the chunk in `slot`
	input  logic [$clog2(SLOTS)-1:0]      slot,
	output logic                          present,
	output logic                          negative,
	output logic [4:0]                    reach,
	output logic [$clog2(DEPTH)-1:0]      place // of the value in the lane's chunk
);
	localparam int PLACE = $clog2(DEPTH);

	logic [SLOTS*DEPTH-1:0] full;
	logic [LOAD-1:0]        put_full;
	logic [22:0]            value;
	logic [DEPTH-1:0]       todo;

	// The next value: the first one of what is still to do.
	wire [DEPTH-1:0] from = first ? full[DEPTH*slot +: DEPTH] : todo;
	logic [PLACE-1:0] next;

	always_comb begin
		next = '0;
		for (int d = DEPTH - 1; d >= 0; d--)
			if (from[d])
				next = PLACE'(d);
	end

	wire [22:0] entry;
	wire [22:0] loaded = from == '0 ? '0 : entry;

	fpr_chunk_store #(.BITS(23), .DEPTH(DEPTH), .SLOTS(SLOTS), .LOAD(LOAD)) store (
		.clk(clk), .put(put), .put_slot(put_slot), .put_at(put_at),
		.put_words(put_entries), .slot(slot), .place(next), .word(entry));

	wire [8:0] signs = value[17:9];
	wire [3:0] p;

	fpr_highest highest (.terms(value[8:0]), .p(p));

	wire [8:0] rest = value[8:0] & ~(9'd1 << p);
	wire       load = first || rest == '0;

	always_ff @(posedge clk) begin
		if (step) begin
			value <= load ? loaded : {value[22:9], rest};
			todo <= load ? from & (from - DEPTH'(1)) : from;
			if (load)
				place <= next;
		end
	end

	for (genvar b = 0; b < LOAD; b++) begin : came
		assign put_full[b] = put_entries[23*b +: 9] != '0;
	end

	// Written place by place: Yosys makes a shifter of a variable index on the left.
	for (genvar s = 0; s < SLOTS; s++) begin : chunk
		for (genvar d = 0; d < DEPTH; d += LOAD) begin : some
			always_ff @(posedge clk)
				if (put && put_slot == $clog2(SLOTS)'(s)) begin
					if (put_at == $clog2(DEPTH/LOAD)'(d / LOAD))
						full[DEPTH*s + d +: LOAD] <= put_full;
					else if (put_at == '0)
						full[DEPTH*s + d +: LOAD] <= '0;
				end
		end
	end

	assign present = value[8:0] != '0;
	assign negative = signs[p];
	assign reach = value[22:18] + 5'(p) - 5'd8;
endmodule
