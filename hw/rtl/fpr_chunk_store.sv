// SPDX-License-Identifier: MIT

/*
 * What a lane holds of SLOTS chunks: LOAD neighbouring words are written at once, each to
 * a memory of its own, as a memory in LUTs has one port for writing; any one is read.
 */
module fpr_chunk_store #(
	parameter int BITS = 14,
	parameter int DEPTH = 8, // words of a chunk
	parameter int SLOTS = 4,
	parameter int LOAD = 2
) (
	input  logic                          clk,
	input  logic                          put, // words LOAD put_at and up
	input  logic [$clog2(SLOTS)-1:0]      put_slot,
	input  logic [$clog2(DEPTH/LOAD)-1:0] put_at,
	input  logic [LOAD*BITS-1:0]          put_words,
	input  logic [$clog2(SLOTS)-1:0]      slot,
	input  logic [$clog2(DEPTH)-1:0]      place,
	output logic [BITS-1:0]               word // at once
);
	localparam int BANK = $clog2(LOAD);

	logic [LOAD*BITS-1:0] words;

	for (genvar b = 0; b < LOAD; b++) begin : bank
		logic [BITS-1:0] held [0:SLOTS*DEPTH/LOAD-1];

		assign words[BITS*b +: BITS] = held[{slot, place[$clog2(DEPTH)-1:BANK]}];
		always_ff @(posedge clk)
			if (put)
				held[{put_slot, put_at}] <= put_words[BITS*b +: BITS];
	end
	if (LOAD == 1) begin : only
		assign word = words;
	end else begin : several
		fpr_pick #(.N(LOAD), .BITS(BITS)) choose (.x(words), .at(place[BANK-1:0]), .word(word));
	end
endmodule
