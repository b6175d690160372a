// SPDX-License-Identifier: MIT

/*
 * The tile of `chunk` (timing contract: tile). `start` takes C in and T, which
 * stay as they are, and begins a tile, once the one before is done: it is the only
 * reset and does not stop what is on its way through a row. Then come beats of
 * LOAD LANES products of every row and column, zeros where a chunk has fewer, and
 * when `done` rises, outputs and counters are final. `unit_done` says that with this
 * cycle every row has finished one more chunk (a set, in the other tiles): what held
 * its operands is free.
 *
 *   beats -> fpr_chunk_line, one a vector -> fpr_chunk_row: lanes, PEs, outputs
 *        \-> fpr_special, one a PE ---------------------------> fpr_special_result
 *   fpr_chunk_feed and fpr_run_ahead say when
 */
`include "fpr_geometry.svh"

module fpr_chunk_tile #(
	parameter int ROWS = `FPR_ROWS,
	parameter int COLS = `FPR_COLS,
	parameter int LANES = `FPR_LANES, // 2, 4, 8 or 16
	parameter int RUN_AHEAD = `FPR_RUN_AHEAD,
	// Values that a lane takes in at once: 2, or 1 (`value`), where loading has a time of its own.
	parameter int LOAD = 2
) (
	input  logic                        clk,
	input  logic                        start,
	input  logic [3:0]                  t,
	input  logic [ROWS*COLS*32-1:0]     c_in,
	input  logic                        in_valid,
	output logic                        in_ready,
	input  logic                        in_chunk_end,
	input  logic                        in_tile_end,
	input  logic [ROWS*LOAD*LANES*16-1:0] in_serial,
	input  logic [COLS*LOAD*LANES*16-1:0] in_parallel,
	output logic                        unit_done,
	output logic                        done,
	output logic [ROWS*COLS*32-1:0]     result,
	output logic [47:0]                 cycles, fill, terms_issued, terms_beyond,
	output logic [47:0]                 lanes_no_term, lanes_shift_range, lanes_inter_pe,
	output logic [47:0]                 lanes_floor, lanes_inter_row
);
	localparam int BEAT = LOAD * LANES;
	localparam int DEPTH = `FPR_CHUNK / LANES;
	localparam int BEATS = DEPTH / LOAD;
	localparam int AT = $clog2(BEATS);
	// Two chunks more than rows work on: preparing one takes as long as two at their shortest.
	// Where loading may keep rows waiting, no more.
	localparam int SLOTS = 1 << $clog2(RUN_AHEAD + (LOAD == 2 ? 3 : 1));
	localparam int CHUNK_NUMBER = $clog2(SLOTS) + 1;
	localparam int USERS = $clog2(COLS + 1);

	logic [3:0] threshold;
	wire  beat_valid, beat_ready, beat_chunk_end, beat_tile_end;
	wire  [ROWS*BEAT*16-1:0] beat_serial;
	wire  [COLS*BEAT*16-1:0] beat_parallel;

	always_ff @(posedge clk)
		if (start)
			threshold <= t;
	fpr_beat #(.BITS((ROWS + COLS) * BEAT * 16 + 2)) beat (
		.clk(clk), .start(start), .in_valid(in_valid), .in_ready(in_ready),
		.in_data({in_serial, in_parallel, in_chunk_end, in_tile_end}),
		.valid(beat_valid), .ready(beat_ready),
		.data({beat_serial, beat_parallel, beat_chunk_end, beat_tile_end}));

	// The pre-pass.
	wire          put, put_half, room, get, get_half, get_last, get_tile_end;
	wire [AT-1:0] put_at, get_at;
	wire [ROWS*BEAT*14-1:0] serial;
	wire [COLS*BEAT*14-1:0] parallel;
	wire [ROWS*8-1:0]       serial_most;
	wire [COLS*8-1:0]       parallel_most;

	fpr_chunk_feed #(.BEATS(BEATS)) feed (
		.clk(clk), .start(start), .in_valid(beat_valid), .in_ready(beat_ready),
		.in_chunk_end(beat_chunk_end), .in_tile_end(beat_tile_end),
		.put(put), .put_half(put_half), .put_at(put_at), .room(room),
		.get(get), .get_half(get_half), .get_at(get_at), .get_last(get_last),
		.get_tile_end(get_tile_end));
	for (genvar r = 0; r < ROWS; r++) begin : row_line
		fpr_chunk_line #(.BEAT(BEAT), .BEATS(BEATS)) line (
			.clk(clk), .put(put), .put_half(put_half), .put_at(put_at),
			.values(beat_serial[r*BEAT*16 +: BEAT*16]), .get_half(get_half),
			.get_at(get_at), .most(serial_most[8*r +: 8]),
			.operands(serial[r*BEAT*14 +: BEAT*14]));
	end
	for (genvar c = 0; c < COLS; c++) begin : column_line
		fpr_chunk_line #(.BEAT(BEAT), .BEATS(BEATS)) line (
			.clk(clk), .put(put), .put_half(put_half), .put_at(put_at),
			.values(beat_parallel[c*BEAT*16 +: BEAT*16]), .get_half(get_half),
			.get_at(get_at), .most(parallel_most[8*c +: 8]),
			.operands(parallel[c*BEAT*14 +: BEAT*14]));
	end

	// Beats on their way to the rows, in step with serial and parallel; then what columns want.
	logic                    moving, moving_last;
	logic [AT-1:0]           moving_at;
	logic [CHUNK_NUMBER-1:0] moving_chunk, next_chunk;
	logic [BEAT*5-1:0]       nearest;
	logic [BEAT*USERS-1:0]   users;
	logic [COLS*BEAT*14-1:0] wanted;
	logic [3:0]              tile_end; // of the chunk, from `moving` to `prepared`

	always_ff @(posedge clk) begin
		moving <= get && !start;
		moving_last <= get_last && !start;
		moving_at <= get_at;
		moving_chunk <= next_chunk;
		next_chunk <= start ? '0 : next_chunk + CHUNK_NUMBER'(get_last);
		wanted <= parallel;
		tile_end <= {tile_end[2:0], get_tile_end};
	end
	for (genvar i = 0; i < BEAT; i++) begin : product
		wire [COLS*14-1:0] operands;
		wire [4:0]         nearest_now;
		wire [USERS-1:0]   users_now;

		for (genvar c = 0; c < COLS; c++) begin : column
			assign operands[14*c +: 14] = parallel[14*(BEAT*c + i) +: 14];
		end
		fpr_chunk_need #(.COLS(COLS)) need (.operands(operands), .nearest(nearest_now),
						    .users(users_now));
		always_ff @(posedge clk) begin
			nearest[5*i +: 5] <= nearest_now;
			users[USERS*i +: USERS] <= users_now;
		end
	end

	// The rows.
	wire                       running, over;
	wire [ROWS-1:0]            active, finish, prepared, quiet;
	wire [ROWS*16-1:0]         issued, beyond, broadcast, no_term, at_floor;
	wire [ROWS*COLS*32-1:0]    out;

	fpr_run_ahead #(.ROWS(ROWS), .RUN_AHEAD(RUN_AHEAD), .SLOTS(SLOTS),
			.WAITS(LOAD != 2)) run_ahead (
		.clk(clk), .start(start), .begun(get_last), .fed(prepared[0]),
		.fed_last(tile_end[3]), .finish(finish), .room(room), .running(running),
		.active(active), .step(unit_done), .over(over));
	for (genvar r = 0; r < ROWS; r++) begin : row
		fpr_chunk_row #(.COLS(COLS), .LANES(LANES), .DEPTH(DEPTH), .SLOTS(SLOTS),
				.CHUNK_NUMBER(CHUNK_NUMBER), .LOAD(LOAD)) row (
			.clk(clk), .start(start), .t(threshold), .c_in(c_in[r*COLS*32 +: COLS*32]),
			.get(moving), .get_last(moving_last), .get_at(moving_at),
			.get_chunk(moving_chunk), .serial(serial[r*BEAT*14 +: BEAT*14]),
			.serial_most(serial_most[8*r +: 8]), .parallel_most(parallel_most),
			.nearest(nearest), .users(users), .parallel(wanted), .prepared(prepared[r]),
			.active(active[r]), .finish(finish[r]), .quiet(quiet[r]),
			.out(out[r*COLS*32 +: COLS*32]), .issued(issued[16*r +: 16]),
			.beyond(beyond[16*r +: 16]), .broadcast(broadcast[16*r +: 16]),
			.no_term(no_term[16*r +: 16]), .at_floor(at_floor[16*r +: 16]));
	end
	assign done = over && &quiet;

	fpr_specials #(.ROWS(ROWS), .COLS(COLS), .BEAT(BEAT)) specials (
		.clk(clk), .start(start), .valid(put), .serial(beat_serial), .parallel(beat_parallel),
		.c_in(c_in), .out(out), .result(result));

	wire [47:0] terms_broadcast;

	fpr_counters #(.ROWS(ROWS), .LANES(COLS * LANES)) counters (
		.clk(clk), .start(start), .running(running), .waiting(!running && !over),
		.active(active), .issued(issued), .beyond(beyond), .no_term(no_term),
		.shift_range('0), .inter_pe(broadcast), .at_floor(at_floor), .cycles(cycles),
		.fill(fill), .terms_issued(terms_issued), .terms_beyond(terms_beyond),
		.lanes_no_term(lanes_no_term), .lanes_shift_range(lanes_shift_range),
		.lanes_inter_pe(terms_broadcast), .lanes_floor(lanes_floor),
		.lanes_inter_row(lanes_inter_row));
	// What the row issues and a PE does not keep.
	assign lanes_inter_pe = terms_broadcast - terms_issued;
endmodule
