// SPDX-License-Identifier: MIT

/*
 * The run-ahead rule and the clock of a tile (timing contract). Rows walk through
 * units (chunks or sets) that a loader prepares in order. A row may begin unit j
 * once every row has finished unit j - 1 - RUN_AHEAD; in a cycle in which all
 * that the rule allows is prepared, the tile runs, and that cycle counts. With WAITS
 * it runs from the first unit on, and rows wait for what is not prepared.
 * Counts are kept relative to the slowest row, so they stay small.
 */
module fpr_run_ahead #(
	parameter int ROWS = 8,
	parameter int RUN_AHEAD = 1,
	parameter int SLOTS = 4, // units held, above RUN_AHEAD
	parameter bit WAITS = 0 // cycles in which rows wait for the loader count, too
) (
	input  logic            clk,
	input  logic            start,    // a new tile
	input  logic            begun,    // the loader has taken up a unit
	input  logic            fed,      // a unit is prepared
	input  logic            fed_last, // and is the tile's last
	input  logic [ROWS-1:0] finish,   // rows that finish their unit in this cycle
	output logic            room,     // a slot is free for the loader
	output logic            running,  // this cycle counts
	output logic [ROWS-1:0] active,   // rows that work in it
	output logic            step,     // with this cycle every row has finished one more unit
	output logic            over      // every row has finished every unit
);
	localparam int COUNT = $clog2(SLOTS + 1);
	localparam logic [COUNT-1:0] REACH = COUNT'(RUN_AHEAD);

	logic [ROWS*COUNT-1:0] ahead;            // units a row has finished
	logic [COUNT-1:0]      taken, prepared;  // units taken up, and prepared
	logic                  complete;         // the last one is prepared
	logic                  under_way;        // the first one is
	logic [ROWS-1:0]       moved;            // rows past the oldest unit

	for (genvar r = 0; r < ROWS; r++) begin : row
		wire [COUNT-1:0] mine = ahead[r*COUNT +: COUNT];

		assign moved[r] = mine != '0 || finish[r];
		assign active[r] = running && mine < prepared && mine <= REACH;
		always_ff @(posedge clk)
			ahead[r*COUNT +: COUNT] <=
				start ? '0 : mine + COUNT'(finish[r]) - COUNT'(step);
	end
	assign step = &moved;

	assign over = complete && prepared == '0;
	assign running = WAITS ? prepared != '0 || (under_way && !complete)
			       : prepared > REACH || (complete && prepared != '0);
	assign room = taken != COUNT'(SLOTS);

	always_ff @(posedge clk) begin
		taken <= start ? '0 : taken + COUNT'(begun) - COUNT'(step);
		prepared <= start ? '0 : prepared + COUNT'(fed) - COUNT'(step);
		complete <= !start && (complete || (fed && fed_last));
		under_way <= !start && (under_way || fed);
	end
endmodule
