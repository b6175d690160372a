// SPDX-License-Identifier: MIT

/*
 * A PE of `chunk` (numerics: a kept term adds +-M_par 2^(emax-7-k); timing: each
 * PE drops for itself what it does not keep). Its column's operands of SLOTS
 * chunks are in its lanes' stores. A term keeps reach - distance >= 0 places to
 * the left. Three steps, one set of terms a cycle: align | pairs | sum.
 */
module fpr_chunk_pe #(
	parameter int LANES = 8, // at least 2
	parameter int DEPTH = 8,
	parameter int SLOTS = 4,
	parameter int LOAD = 2 // operands that a lane takes in at once
) (
	input  logic                           clk,
	input  logic                           put, // LOAD operands a lane
	input  logic [$clog2(SLOTS)-1:0]       put_slot,
	input  logic [$clog2(DEPTH/LOAD)-1:0]  put_at,
	input  logic [LOAD*LANES*14-1:0]       put_operands,
	input  logic [LANES-1:0]               present,
	input  logic [LANES-1:0]               negative,
	input  logic [LANES*5-1:0]             reach,
	input  logic [LANES*$clog2(DEPTH)-1:0] place,
	input  logic [$clog2(SLOTS)-1:0]       slot,
	input  logic                           add,   // these come two cycles after the terms
	input  logic                           first, // the sum begins anew
	output logic [LANES-1:0]               kept,  // a cycle after the terms
	output logic [LANES-1:0]               beyond,
	output logic signed [30:0]             sum    // in units of 2^(emax-7-T)
);
	localparam int PLACE = $clog2(DEPTH);

	logic [LANES*24-1:0] magnitude;
	logic [LANES-1:0]    minus;

	for (genvar l = 0; l < LANES; l++) begin : lane
		wire  [LOAD*14-1:0] put_mine;
		wire  [13:0] operand;
		wire         effectual = present[l] && operand[7];
		wire  [5:0]  left = {1'b0, reach[5*l +: 5]} - {1'b0, operand[13:9]};
		logic [7:0]  mag;
		logic [4:0]  shift;

		for (genvar b = 0; b < LOAD; b++) begin : came
			assign put_mine[14*b +: 14] = put_operands[14*(LANES*b+l) +: 14];
		end
		fpr_chunk_store #(.BITS(14), .DEPTH(DEPTH), .SLOTS(SLOTS), .LOAD(LOAD)) store (
			.clk(clk), .put(put), .put_slot(put_slot), .put_at(put_at),
			.put_words(put_mine), .slot(slot), .place(place[PLACE*l +: PLACE]),
			.word(operand));

		always_ff @(posedge clk) begin
			kept[l] <= effectual && !left[5];
			beyond[l] <= effectual && left[5];
			mag <= effectual && !left[5] ? operand[7:0] : '0;
			shift <= left[4:0];
			minus[l] <= negative[l] ^ operand[8];
		end
		assign magnitude[24*l +: 24] = {16'd0, mag} << shift;
	end

	fpr_chunk_sum #(.LANES(LANES)) total (.clk(clk), .magnitude(magnitude), .minus(minus), .add(add),
					      .first(first), .sum(sum));
endmodule
