// SPDX-License-Identifier: MIT

/*
 * The tile of `set` (timing contract: set), with the ports of fpr_chunk_tile. A beat
 * is a set; it goes to every row as soon as a slot is free.
 */
`include "fpr_geometry.svh"

module fpr_set_tile #(
	parameter int ROWS = `FPR_ROWS,
	parameter int COLS = `FPR_COLS,
	parameter int RUN_AHEAD = `FPR_RUN_AHEAD,
	parameter int WINDOW = `FPR_WINDOW,
	parameter int FLOOR = `FPR_SET_FLOOR
) (
	input  logic                         clk,
	input  logic                         start,
	input  logic [3:0]                   t,
	input  logic [ROWS*COLS*32-1:0]      c_in,
	input  logic                         in_valid,
	output logic                         in_ready,
	input  logic                         in_chunk_end,
	input  logic                         in_tile_end,
	input  logic [ROWS*`FPR_SET*16-1:0]  in_serial,
	input  logic [COLS*`FPR_SET*16-1:0]  in_parallel,
	output logic                         unit_done,
	output logic                         done,
	output logic [ROWS*COLS*32-1:0]      result,
	output logic [47:0]                  cycles, fill, terms_issued, terms_beyond,
	output logic [47:0]                  lanes_no_term, lanes_shift_range, lanes_inter_pe,
	output logic [47:0]                  lanes_floor, lanes_inter_row
);
	localparam int SET = `FPR_SET;
	localparam int TURNS = `FPR_CHUNK / SET;
	// One set more than rows work on, and one under way.
	localparam int SLOTS = 1 << $clog2(RUN_AHEAD + 3);
	localparam int SLOT = $clog2(SLOTS);

	logic [3:0]             threshold;
	wire  [ROWS*SET*17-1:0] serial;
	wire  [COLS*SET*17-1:0] parallel;
	logic                   put, put_chunk_end, put_tile_end;
	logic [SLOT-1:0]        put_slot;
	wire                    room, running, over;
	wire                    take = in_valid && in_ready;
	wire [ROWS-1:0]         active, finish, quiet;
	wire [ROWS*16-1:0]      issued, beyond, outside, no_term, inter_pe, at_floor;
	wire [ROWS*COLS*32-1:0] out;

	assign in_ready = room;

	fpr_values #(.N(ROWS * SET)) serial_values (.clk(clk), .x(in_serial), .values(serial));
	fpr_values #(.N(COLS * SET)) parallel_values (.clk(clk), .x(in_parallel), .values(parallel));

	always_ff @(posedge clk) begin
		if (start)
			threshold <= t;
		put <= take && !start;
		put_chunk_end <= in_chunk_end;
		put_tile_end <= in_tile_end;
		put_slot <= start ? '0 : put_slot + SLOT'(put);
	end

	fpr_run_ahead #(.ROWS(ROWS), .RUN_AHEAD(RUN_AHEAD), .SLOTS(SLOTS)) run_ahead (
		.clk(clk), .start(start), .begun(take), .fed(put), .fed_last(put_tile_end),
		.finish(finish), .room(room), .running(running), .active(active),
		.step(unit_done), .over(over));

	for (genvar r = 0; r < ROWS; r++) begin : row
		fpr_set_row #(.COLS(COLS), .SET(SET), .WINDOW(WINDOW), .FLOOR(FLOOR),
			      .SLOTS(SLOTS), .TURNS(TURNS)) row (
			.clk(clk), .start(start), .t(threshold), .c_in(c_in[r*COLS*32 +: COLS*32]),
			.put(put), .put_slot(put_slot), .put_chunk_end(put_chunk_end),
			.put_serial(serial[r*SET*17 +: SET*17]), .put_parallel(parallel),
			.active(active[r]), .finish(finish[r]), .quiet(quiet[r]),
			.out(out[r*COLS*32 +: COLS*32]), .issued(issued[16*r +: 16]),
			.beyond(beyond[16*r +: 16]), .outside(outside[16*r +: 16]),
			.no_term(no_term[16*r +: 16]), .inter_pe(inter_pe[16*r +: 16]),
			.at_floor(at_floor[16*r +: 16]));
	end
	assign done = over && &quiet;

	fpr_specials #(.ROWS(ROWS), .COLS(COLS), .BEAT(SET)) specials (
		.clk(clk), .start(start), .valid(take), .serial(in_serial),
		.parallel(in_parallel), .c_in(c_in), .out(out), .result(result));

	fpr_counters #(.ROWS(ROWS), .LANES(COLS * SET)) counters (
		.clk(clk), .start(start), .running(running), .waiting(!running && !over),
		.active(active), .issued(issued), .beyond(beyond), .no_term(no_term),
		.shift_range(outside), .inter_pe(inter_pe), .at_floor(at_floor), .cycles(cycles),
		.fill(fill), .terms_issued(terms_issued), .terms_beyond(terms_beyond),
		.lanes_no_term(lanes_no_term), .lanes_shift_range(lanes_shift_range),
		.lanes_inter_pe(lanes_inter_pe), .lanes_floor(lanes_floor),
		.lanes_inter_row(lanes_inter_row));
endmodule
