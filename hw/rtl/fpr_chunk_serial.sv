// SPDX-License-Identifier: MIT

/*
 * A serial value as its row's lanes will issue it (timing contract: a value costs
 * the most terms that any PE of the row keeps): an entry
 *
 *   {T + 1 - distance [5], signs [9], terms [9]}
 *
 * whose terms are those that some column keeps; T + 1 - distance - 8 + p is the
 * reach of its term at position p.
 */
module fpr_chunk_serial (
	input  logic [13:0] operand, // of fpr_chunk_line
	input  logic        wanted,  // some column has an effectual operand
	input  logic [4:0]  nearest,    // the least distance of one
	input  logic [3:0]  t,
	output logic [22:0] entry,
	output logic [2:0]  cost,    // terms in it
	output logic [2:0]  beyond   // terms that nobody keeps
);
	wire [4:0] distance = operand[13:9];
	wire [7:0] m = wanted ? operand[7:0] : '0;
	wire [8:0] terms, negative, kept;

	fpr_naf recode (.m(m), .terms(terms), .negative(negative));

	// A term at p is kept iff p >= lowest.
	wire signed [7:0] lowest = $signed({3'd0, nearest}) + $signed({3'd0, distance}) + 8'sd7 -
				   $signed({4'd0, t});
	wire [8:0] reachable = lowest < 8'sd0 ? '1 : lowest > 8'sd8 ? '0 : 9'h1ff << lowest[3:0];

	assign kept = terms & reachable;
	assign entry = {5'(t) + 5'd1 - distance, negative ^ {9{operand[8]}}, kept};

	wire [3:0] kept_count, beyond_count;

	fpr_ones #(.N(9)) count_kept (.x(kept), .ones(kept_count));
	fpr_ones #(.N(9)) count_beyond (.x(terms & ~reachable), .ones(beyond_count));
	assign cost = kept_count[2:0]; // five at most
	assign beyond = beyond_count[2:0];
endmodule
