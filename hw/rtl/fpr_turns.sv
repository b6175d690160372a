// SPDX-License-Identifier: MIT

/*
 * When the PEs of a row hand over their sums. A chunk has ended: copy all sums
 * (`capture`), then give out one a cycle to each fpr_output. A chunk that ends
 * while the one before is still being given out waits in the accumulators; only
 * a tile's last one, cut short, can, and after it nothing disturbs them.
 */
module fpr_turns #(
	parameter int TURNS = 4
) (
	input  logic                       clk,
	input  logic                       start,
	input  logic                       ended, // the accumulators hold a chunk's sums
	output logic                       capture,
	output logic                       valid, // the copy's turn to be given out
	output logic [$clog2(TURNS+1)-1:0] turn,
	output logic                       busy
);
	localparam int TURN = $clog2(TURNS + 1);

	logic waiting;
	wire  last = turn == TURN'(TURNS - 1);

	assign capture = (ended || waiting) && (!valid || last);
	assign busy = waiting || valid;

	always_ff @(posedge clk) begin
		waiting <= (ended || waiting) && !capture && !start;
		valid <= (capture || (valid && !last)) && !start;
		turn <= valid && !last ? turn + TURN'(1) : '0;
	end
endmodule
