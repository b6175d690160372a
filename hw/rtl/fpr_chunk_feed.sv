// SPDX-License-Identifier: MIT

/*
 * The course of the pre-pass of `chunk`: beats come in to one half of each line's
 * store and leave from the other, a chunk at a time, one beat a cycle both ways.
 * A chunk leaves once it is complete and a slot is free for it.
 */
module fpr_chunk_feed #(
	parameter int BEATS = 4
) (
	input  logic                     clk,
	input  logic                     start,
	input  logic                     in_valid,
	output logic                     in_ready,
	input  logic                     in_chunk_end, // the chunk's last beat
	input  logic                     in_tile_end,  // and the tile's
	output logic                     put,
	output logic                     put_half,
	output logic [$clog2(BEATS)-1:0] put_at,
	input  logic                     room,
	output logic                     get,
	output logic                     get_half,
	output logic [$clog2(BEATS)-1:0] get_at,
	output logic                     get_last,     // the chunk's last beat
	output logic                     get_tile_end
);
	localparam int AT = $clog2(BEATS);

	logic [1:0]      full, ends_tile;
	logic [2*AT-1:0] last_at;

	assign in_ready = !full[put_half];
	assign put = in_valid && in_ready;
	assign get = full[get_half] && (room || get_at != '0);
	assign get_last = get && get_at == last_at[AT*get_half +: AT];
	assign get_tile_end = ends_tile[get_half];

	always_ff @(posedge clk) begin
		if (put)
			put_at <= in_chunk_end ? '0 : put_at + AT'(1);
		if (put && in_chunk_end) begin
			put_half <= !put_half;
			full[put_half] <= 1'b1;
			ends_tile[put_half] <= in_tile_end;
			last_at[AT*put_half +: AT] <= put_at;
		end
		if (get)
			get_at <= get_last ? '0 : get_at + AT'(1);
		if (get_last) begin
			get_half <= !get_half;
			full[get_half] <= 1'b0;
		end
		if (start) begin
			full <= '0;
			put_half <= 1'b0;
			put_at <= '0;
			get_half <= 1'b0;
			get_at <= '0;
		end
	end
endmodule
