// SPDX-License-Identifier: MIT

/*
 * The lanes of a `set` PE in one cycle (timing contract: set). The base is the most
 * significant pending term; lanes whose term lies at most WINDOW below it issue.
 * Their significands meet shifted by what lies within the window only, and the sum
 * is shifted once.
 */
module fpr_set_step #(
	parameter int SET = 8,
	parameter int WINDOW = 3
) (
	input  logic [SET*9-1:0]   terms,
	input  logic [SET*5-1:0]   reach,
	input  logic [SET*9-1:0]   digit_negative,
	input  logic [SET-1:0]     product_negative,
	input  logic [SET*8-1:0]   mag,
	input  logic signed [28:0] sum,
	output logic [SET*9-1:0]   terms_left,
	output logic signed [28:0] sum_now,
	output logic [SET-1:0]     issued,
	output logic [SET-1:0]     outside // pending, but not within the window
);
	localparam int BITS = 8 + WINDOW + $clog2(SET) + 1;

	logic [SET*5-1:0]        shift; // with a bias of 8; 0 without a term
	wire  [4:0]              base;
	logic [SET*BITS-1:0]     value;
	logic signed [BITS-1:0]  window_sum;

	fpr_max #(.N(SET), .BITS(5)) highest (.x(shift), .most(base));

	for (genvar i = 0; i < SET; i++) begin : lane
		wire [8:0]  pending = terms[9*i +: 9];
		wire [8:0]  signs = digit_negative[9*i +: 9];
		wire [3:0]  p;

		fpr_highest first (.terms(pending), .p(p));

		wire [4:0] mine = reach[5*i +: 5] + {1'b0, p};
		wire [4:0] below = base - mine;
		wire       go = pending != '0 && below <= 5'(WINDOW);
		wire       minus = signs[p] ^ product_negative[i];
		wire [BITS-1:0] moved = go ? BITS'({mag[8*i +: 8], {WINDOW{1'b0}}}) >> below : '0;

		assign shift[5*i +: 5] = pending != '0 ? mine : '0;
		assign issued[i] = go;
		assign outside[i] = pending != '0 && !go;
		assign terms_left[9*i +: 9] = pending & ~({8'd0, go} << p);
		assign value[BITS*i +: BITS] = minus ? -moved : moved;
	end

	always_comb begin
		window_sum = '0;
		for (int i = 0; i < SET; i++)
			window_sum = window_sum + $signed(value[BITS*i +: BITS]);
	end

	// Bits shifted out are zeros: no kept term lies below the unit.
	wire signed [28+WINDOW:0] wide = (29+WINDOW)'(window_sum);
	wire [4:0] up = base < 5'd8 ? '0 : base - 5'd8;
	wire signed [28+WINDOW:0] placed = wide <<< up;

	assign sum_now = sum + $signed(placed[28+WINDOW:WINDOW]);
endmodule
