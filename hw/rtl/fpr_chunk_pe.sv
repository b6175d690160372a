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
	parameter int SLOTS = 4
) (
	input  logic                           clk,
	input  logic                           put, // two operands a lane
	input  logic [$clog2(SLOTS)-1:0]       put_slot,
	input  logic [$clog2(DEPTH/2)-1:0]     put_at,
	input  logic [2*LANES*14-1:0]          put_operands,
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
	localparam int PAIRS = LANES / 2;

	logic [LANES*25-1:0] addend; // one's complement if negative
	logic [LANES-1:0]    minus;  // and then 1 is to be added
	logic [PAIRS*26-1:0] pair;
	logic [PAIRS-1:0]    pair_minus;
	logic signed [30:0]  pairs;

	for (genvar l = 0; l < LANES; l++) begin : lane
		logic [13:0] even [0:SLOTS*DEPTH/2-1];
		logic [13:0] odd [0:SLOTS*DEPTH/2-1];
		wire  [PLACE-1:0] here = place[PLACE*l +: PLACE];
		wire  [PLACE+$clog2(SLOTS)-2:0] at = {slot, here[PLACE-1:1]};
		wire  [13:0] operand = here[0] ? odd[at] : even[at];
		wire         effectual = present[l] && operand[7];
		wire  [5:0]  left = {1'b0, reach[5*l +: 5]} - {1'b0, operand[13:9]};
		logic [7:0]  mag;
		logic [4:0]  shift;

		always_ff @(posedge clk) begin
			if (put) begin
				even[{put_slot, put_at}] <= put_operands[14*l +: 14];
				odd[{put_slot, put_at}] <= put_operands[14*(LANES+l) +: 14];
			end
			kept[l] <= effectual && !left[5];
			beyond[l] <= effectual && left[5];
			mag <= effectual && !left[5] ? operand[7:0] : '0;
			shift <= left[4:0];
			minus[l] <= negative[l] ^ operand[8];
		end
		assign addend[25*l +: 25] = {17'd0, mag} << shift ^ {25{minus[l]}};
	end

	for (genvar i = 0; i < PAIRS; i++) begin : couple
		wire signed [25:0] x = 26'($signed(addend[50*i +: 25]));
		wire signed [25:0] y = 26'($signed(addend[50*i+25 +: 25]));

		always_ff @(posedge clk) begin
			pair[26*i +: 26] <= x + y + 26'(minus[2*i]);
			pair_minus[i] <= minus[2*i+1];
		end
	end

	always_comb begin
		pairs = '0;
		for (int i = 0; i < PAIRS; i++)
			pairs = pairs + 31'($signed(pair[26*i +: 26])) + 31'(pair_minus[i]);
	end

	always_ff @(posedge clk)
		if (add)
			sum <= (first ? '0 : sum) + pairs;
endmodule
