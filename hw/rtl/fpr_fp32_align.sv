// SPDX-License-Identifier: MIT

/*
 * The first half of an fp32 sum (numerics: chunk to output): operands aligned and
 * added, exactly but for a sticky bit. fpr_fp32_round is the second half, unless
 * `decided` says that the sum is `fixed`: a NaN, an infinity or an exact zero.
 */
module fpr_fp32_align (
	input  logic [31:0]       x,
	input  logic [31:0]       y,
	output logic              decided,
	output logic [31:0]       fixed,
	output logic              negative,
	output logic [30:0]       mag,
	output logic signed [9:0] unit
);
	localparam logic [31:0] NAN = 32'h7fc00000;
	localparam int GUARD = 6; // bits below the larger one's last

	wire swap = y[30:0] > x[30:0];
	wire [31:0] big = swap ? y : x;
	wire [31:0] little = swap ? x : y;
	wire [23:0] big_mag = big[30:23] == '0 ? '0 : {1'b1, big[22:0]};
	wire [23:0] little_mag = little[30:23] == '0 ? '0 : {1'b1, little[22:0]};
	wire [7:0]  distance = big[30:23] - little[30:23];

	wire [29:0] whole = {little_mag, {GUARD{1'b0}}};
	wire [29:0] shifted = distance > 8'd30 ? '0 : whole >> distance[4:0];
	wire [29:0] lost = distance > 8'd30 ? whole : whole & ~({30{1'b1}} << distance[4:0]);
	wire [30:0] aligned = {1'b0, shifted[29:1], shifted[0] || lost != '0};
	wire [30:0] base = {1'b0, big_mag, {GUARD{1'b0}}};

	wire inf_x = x[30:0] == 31'h7f800000;
	wire inf_y = y[30:0] == 31'h7f800000;
	wire nan = x[30:0] > 31'h7f800000 || y[30:0] > 31'h7f800000 || (inf_x && inf_y && x != y);

	assign mag = x[31] != y[31] ? base - aligned : base + aligned;
	assign negative = big[31];
	assign unit = $signed({2'b00, big[30:23]}) - 10'sd156; // 127 + 23 + GUARD
	assign decided = nan || inf_x || inf_y || mag == '0;

	always_comb begin
		fixed = {x[31] && y[31], 31'd0};
		if (inf_y)
			fixed = y;
		if (inf_x)
			fixed = x;
		if (nan)
			fixed = NAN;
	end
endmodule
