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

	logic [LANES*24-1:0] magnitude;
	logic [LANES-1:0]    minus;

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
		assign magnitude[24*l +: 24] = {16'd0, mag} << shift;
	end

	fpr_chunk_sum #(.LANES(LANES)) total (.clk(clk), .magnitude(magnitude), .minus(minus), .add(add),
					      .first(first), .sum(sum));
endmodule
