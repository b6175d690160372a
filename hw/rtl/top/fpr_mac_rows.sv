// SPDX-License-Identifier: MIT

/*
 * The rows of C in the order in which they lie, so that one walk along a scatter list passes
 * them all: entry by entry, or where the entries of a batch lie side by side, a row of each, then
 * the next row of each. The job's fields stand still from two cycles before `start` on.
 */
module fpr_mac_rows (
	input  logic        clk,
	input  logic        start, // to the first row
	input  logic        next,  // one row on
	input  logic [31:0] m, n, batch, ldc,
	input  logic [63:0] stride_c,
	input  logic        wide,  // an element has four bytes, not two
	output logic [63:0] at,    // the row's place, bytes from C's start
	output logic [63:0] gap,   // bytes between the end of the row before and this one
	output logic [63:0] bytes, // of a row
	output logic        last
);
	wire [31:0] pitch = ldc != '0 ? ldc : n;
	wire [31:0] entries = batch != '0 ? batch : 32'd1;

	// Does the next entry begin before this one has ended?
	logic [63:0] extent; // elements of an entry
	logic        side_by_side;

	wire [31:0] m_less = m - 32'd1;

	always_ff @(posedge clk) begin
		extent <= 64'(m_less) * 64'(pitch) + 64'(n);
		side_by_side <= entries > 32'd1 && stride_c < extent;
	end

	wire [31:0] outers = side_by_side ? m : entries;
	wire [31:0] inners = side_by_side ? entries : m;
	wire [63:0] outer_step = side_by_side ? 64'(pitch) : stride_c;
	wire [63:0] inner_step = side_by_side ? stride_c : 64'(pitch);

	// All in elements.
	logic [31:0] outer, inner;
	logic [63:0] first; // row of this outer step
	logic [63:0] here, passed;

	wire inner_last = inner + 32'd1 == inners;

	always_ff @(posedge clk)
		if (start) begin
			outer <= '0;
			inner <= '0;
			first <= '0;
			here <= '0;
			passed <= '0;
		end else if (next) begin
			passed <= here + 64'(n);
			inner <= inner_last ? '0 : inner + 32'd1;
			here <= inner_last ? first + outer_step : here + inner_step;
			if (inner_last) begin
				outer <= outer + 32'd1;
				first <= first + outer_step;
			end
		end

	assign last = inner_last && outer + 32'd1 == outers;
	assign at = wide ? here << 2 : here << 1;
	assign gap = wide ? (here - passed) << 2 : (here - passed) << 1;
	assign bytes = wide ? 64'(n) << 2 : 64'(n) << 1;
endmodule
