// SPDX-License-Identifier: MIT

/*
 * The PEs of fpr_dense_chunk_pe with the loaders that they need, driven as a tile is: what
 * energies are compared on (hw/rtl/energy). It has no outputs and no side path, which all
 * kinds have alike: `sums` are those of one chunk, final while `unit_done`.
 */
`include "fpr_geometry.svh"

module fpr_opponent_tile #(
	parameter int ROWS = `FPR_ROWS,
	parameter int COLS = `FPR_COLS
) (
	input  logic                    clk,
	input  logic                    start,
	input  logic                    in_valid,
	output logic                    in_ready,
	input  logic                    in_chunk_end,
	input  logic                    in_tile_end,
	input  logic [ROWS*8*16-1:0]    in_serial,
	input  logic [COLS*8*16-1:0]    in_parallel,
	output logic                    unit_done,
	output logic                    done,
	output logic [ROWS*COLS*31-1:0] sums
);
	localparam int BEAT = 8;
	localparam int BEATS = `FPR_CHUNK / BEAT;
	localparam int AT = $clog2(BEATS);

	wire beat_valid, beat_ready, beat_chunk_end, beat_tile_end;
	wire [ROWS*BEAT*16-1:0] beat_serial;
	wire [COLS*BEAT*16-1:0] beat_parallel;

	fpr_beat #(.BITS((ROWS + COLS) * BEAT * 16 + 2)) beat (
		.clk(clk), .start(start), .in_valid(in_valid), .in_ready(in_ready),
		.in_data({in_serial, in_parallel, in_chunk_end, in_tile_end}),
		.valid(beat_valid), .ready(beat_ready),
		.data({beat_serial, beat_parallel, beat_chunk_end, beat_tile_end}));

	wire          put, put_half, get, get_half, get_last, get_tile_end;
	wire [AT-1:0] put_at, get_at;
	wire [ROWS*BEAT*14-1:0] serial;
	wire [COLS*BEAT*14-1:0] parallel;
	wire [COLS*BEAT*10-1:0] thrice;

	fpr_chunk_feed #(.BEATS(BEATS)) feed (
		.clk(clk), .start(start), .in_valid(beat_valid), .in_ready(beat_ready),
		.in_chunk_end(beat_chunk_end), .in_tile_end(beat_tile_end),
		.put(put), .put_half(put_half), .put_at(put_at), .room(1'b1),
		.get(get), .get_half(get_half), .get_at(get_at), .get_last(get_last),
		.get_tile_end(get_tile_end));
	for (genvar r = 0; r < ROWS; r++) begin : row_line
		wire [7:0] most;

		fpr_chunk_line #(.BEAT(BEAT), .BEATS(BEATS)) line (
			.clk(clk), .put(put), .put_half(put_half), .put_at(put_at),
			.values(beat_serial[r*BEAT*16 +: BEAT*16]), .get_half(get_half),
			.get_at(get_at), .most(most), .operands(serial[r*BEAT*14 +: BEAT*14]));
	end
	for (genvar c = 0; c < COLS; c++) begin : column_line
		wire [7:0] most;

		fpr_chunk_line #(.BEAT(BEAT), .BEATS(BEATS)) line (
			.clk(clk), .put(put), .put_half(put_half), .put_at(put_at),
			.values(beat_parallel[c*BEAT*16 +: BEAT*16]), .get_half(get_half),
			.get_at(get_at), .most(most), .operands(parallel[c*BEAT*14 +: BEAT*14]));
		for (genvar i = 0; i < BEAT; i++) begin : value
			wire [7:0] m = parallel[14*(BEAT*c+i) +: 8];

			assign thrice[10*(BEAT*c+i) +: 10] = {2'd0, m} + {1'b0, m, 1'b0};
		end
	end

	// operands | products | pairs | sum
	logic [3:0] step, step_first, step_last;
	logic       over;

	always_ff @(posedge clk) begin
		step <= start ? '0 : {step[2:0], get};
		step_first <= {step_first[2:0], get_at == '0};
		step_last <= {step_last[2:0], get_last};
		over <= !start && (over || (get_last && get_tile_end));
	end
	for (genvar r = 0; r < ROWS; r++) begin : row
		for (genvar c = 0; c < COLS; c++) begin : column
			fpr_dense_chunk_pe #(.LANES(BEAT)) pe (
				.clk(clk), .serial(serial[r*BEAT*14 +: BEAT*14]),
				.parallel(parallel[c*BEAT*14 +: BEAT*14]),
				.thrice(thrice[c*BEAT*10 +: BEAT*10]), .add(step[2]),
				.first(step_first[2]), .sum(sums[31*(COLS*r+c) +: 31]));
		end
	end
	assign unit_done = step[3] && step_last[3];
	assign done = over && step == '0;
endmodule
