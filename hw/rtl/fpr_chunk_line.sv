// SPDX-License-Identifier: MIT

/*
 * The pre-pass of `chunk` over one vector of a tile, a row's or a column's. A
 * chunk comes in beats; while it is kept, its largest exponent is found (numerics:
 * emax). Then the beats leave again, aligned to it: each value an operand
 *
 *   {distance to the largest exponent [5], sign, significand [8]}
 *
 * with significand 0 and distance 31 when the value is zero or special, and
 * distances from 31 on as 31: nothing of such a value can be kept. Two chunks are
 * held, so that one comes in while the other leaves.
 */
module fpr_chunk_line #(
	parameter int BEAT = 16, // values in a beat
	parameter int BEATS = 4  // beats in a chunk
) (
	input  logic                     clk,
	input  logic                     put,
	input  logic                     put_half,
	input  logic [$clog2(BEATS)-1:0] put_at,
	input  logic [BEAT*16-1:0]       values,
	input  logic                     get_half,
	input  logic [$clog2(BEATS)-1:0] get_at,
	output logic [7:0]               most,    // exponent field, 0 without any
	output logic [BEAT*14-1:0]       operands // both a cycle after get_
);
	logic [BEAT*16-1:0] held [0:2*BEATS-1];
	logic [15:0]        most_held;
	logic [BEAT*8-1:0]  fields;
	wire  [7:0]         most_here;
	wire  [7:0]         most_before = put_at == '0 ? '0 : most_held[8*put_half +: 8];
	wire  [BEAT*16-1:0] leaving = held[{get_half, get_at}];
	wire  [7:0]         most_leaving = most_held[8*get_half +: 8];

	for (genvar i = 0; i < BEAT; i++) begin : value
		wire [15:0] came = values[16*i +: 16];
		wire [15:0] left = leaving[16*i +: 16];
		wire        effectual = left[14:7] != '0 && left[14:7] != 8'hff;
		wire [7:0]  below = most_leaving - left[14:7];
		wire [4:0]  distance = !effectual || below > 8'd31 ? 5'd31 : below[4:0];

		assign fields[8*i +: 8] = came[14:7] == 8'hff ? '0 : came[14:7];
		always_ff @(posedge clk)
			operands[14*i +: 14] <= {distance, left[15], effectual,
						 effectual ? left[6:0] : 7'd0};
	end

	fpr_max #(.N(BEAT), .BITS(8)) largest (.x(fields), .most(most_here));

	always_ff @(posedge clk) begin
		if (put) begin
			held[{put_half, put_at}] <= values;
			most_held[8*put_half +: 8] <= most_here > most_before ? most_here : most_before;
		end
		most <= most_leaving;
	end
endmodule
