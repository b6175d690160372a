// SPDX-License-Identifier: MIT

/*
 * Values from the host added to those of board memory, as hw/p3/add.c: eight sums a cycle,
 * so fp32 takes two cycles for a beat and bf16 four. A beat is worked off from its lower end.
 */
module fpr_accumulate (
	input  logic         clk,
	input  logic         reset,
	input  logic         start,
	input  logic [1:0]   op,     // FPR_XFER_ADD_*
	input  logic         upper,  // bf16 into fp32: begin with the upper half of the host's beat
	input  logic [5:0]   len,    // beats of board memory - 1
	output logic         next,   // show these beats in the next cycle
	output logic [5:0]   host_index, board_index,
	input  logic [511:0] host, board,
	output logic         out_valid,
	input  logic         out_ready,
	output logic [511:0] out
);
	localparam int LANES = 8;
	localparam logic [1:0] ADD_BF16 = 2'd2, WIDEN = 2'd3;

	logic [6:0]   half;    // of the host's beats, the next one
	logic [6:0]   left;    // beats to begin
	logic         shows;   // the operands shown are those of the next beat
	logic         sums;    // a beat is being summed
	logic [1:0]   turns;   // of its eights, those behind this one
	logic [511:0] x, y;    // board, host: what is left of the beat
	logic         added, added_last;
	logic         out_of_bf16;

	wire bf16 = op == ADD_BF16;
	wire widens = op == WIDEN;
	wire ends = !sums || turns == '0;
	wire begins = ends && shows && left != '0;

	assign out_of_bf16 = bf16 || widens;

	wire [32*LANES-1:0] sum;
	wire [16*LANES-1:0] sum_bf16;

	for (genvar i = 0; i < LANES; i++) begin : lane
		wire [31:0] x_i = bf16 ? {x[16*i +: 16], 16'd0} : x[32*i +: 32];
		wire [31:0] y_i = out_of_bf16 ? {y[16*i +: 16], 16'd0} : y[32*i +: 32];
		wire        decided, negative;
		wire [31:0] fixed, rounded;
		wire [30:0] mag;
		wire signed [9:0] unit;
		logic       decided_r, negative_r;
		logic [31:0] fixed_r;
		logic [30:0] mag_r;
		logic signed [9:0] unit_r;

		fpr_fp32_align align (.x(x_i), .y(y_i), .decided, .fixed, .negative, .mag, .unit);
		fpr_fp32_round round (.negative(negative_r), .mag(mag_r), .unit(unit_r), .fp32(rounded));

		always_ff @(posedge clk)
			if (next) begin
				decided_r <= decided;
				fixed_r <= fixed;
				negative_r <= negative;
				mag_r <= mag;
				unit_r <= unit;
			end

		wire [31:0] s = decided_r ? fixed_r : rounded;
		wire        nan = s[30:0] > 31'h7f800000;
		// The carry runs on into the exponent, and from the largest one into infinity.
		wire [31:0] up = s + 32'h7fff + 32'(s[16]);

		assign sum[32*i +: 32] = s;
		assign sum_bf16[16*i +: 16] = nan ? 16'h7fc0 : up[31:16];
	end

	always_ff @(posedge clk) begin
		if (next) begin
			shows <= !begins;
			if (begins) begin
				x <= board;
				y <= half[0] ? {256'd0, host[511:256]} : host;
				half <= half + (widens ? 7'd1 : 7'd2);
				left <= left - 7'd1;
				turns <= bf16 ? 2'd3 : 2'd1;
			end else begin
				x <= bf16 ? x >> 16 * LANES : x >> 32 * LANES;
				y <= out_of_bf16 ? y >> 16 * LANES : y >> 32 * LANES;
				turns <= turns - 2'd1;
			end
			sums <= begins || !ends;
			added <= sums;
			added_last <= sums && turns == '0;
			out_valid <= added_last;
			if (added)
				out <= bf16 ? {sum_bf16, out[511:16*LANES]} : {sum, out[511:32*LANES]};
			if (begins)
				board_index <= board_index + 6'd1;
		end
		if (start) begin
			half <= {6'd0, widens && upper};
			board_index <= '0;
			left <= 7'(len) + 7'd1;
			shows <= 1'b0;
		end
		if (reset || start) begin
			sums <= 1'b0;
			added <= 1'b0;
			added_last <= 1'b0;
			out_valid <= 1'b0;
		end
		if (reset)
			left <= '0;
	end

	assign next = !out_valid || out_ready;
	assign host_index = half[6:1];
endmodule
