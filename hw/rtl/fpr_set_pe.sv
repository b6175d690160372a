// SPDX-License-Identifier: MIT

/*
 * A PE of `set`. In its first cycle on a set it aligns (fpr_set_open) and already
 * issues; in its row's last one it rounds. From accumulator to accumulator is one
 * step, since the next set needs it in the next cycle.
 */
module fpr_set_pe #(
	parameter int SET = 8,
	parameter int WINDOW = 3,
	parameter int SLOTS = 4
) (
	input  logic                     clk,
	input  logic                     start,
	input  logic [3:0]               t,
	input  logic                     put,
	input  logic [$clog2(SLOTS)-1:0] put_slot,
	input  logic [SET*17-1:0]        put_parallel,
	input  logic [SET*27-1:0]        serial, // the row's set
	input  logic [$clog2(SLOTS)-1:0] slot,
	input  logic                     active,
	input  logic                     first,  // the row's first cycle on the set
	input  logic                     finish, // its last
	input  logic                     ends_chunk,
	output logic                     busy,   // has terms to issue in this cycle
	output logic                     dry,    // and none after it
	output logic [SET-1:0]           issued,
	output logic [SET-1:0]           outside,
	output logic [SET*9-1:0]         beyond, // with `first`
	output logic                     negative,
	output logic [12:0]              mag,
	output logic signed [10:0]       exponent
);
	logic [SET*17-1:0]  held [0:SLOTS-1];
	logic [SET*9-1:0]   terms;
	logic [SET*5-1:0]   reach;
	logic signed [28:0] sum;
	logic signed [10:0] unit;
	logic               effectual, anew; // the accumulator counts as 0

	wire [SET*17-1:0]   parallel = held[slot];
	wire                effectual_opened;
	wire signed [10:0]  unit_opened;
	wire signed [28:0]  sum_opened, sum_now;
	wire [SET*9-1:0]    terms_opened, terms_left;
	wire [SET*5-1:0]    reach_opened;
	logic [SET*9-1:0]   digit_negative;
	logic [SET-1:0]     product_negative;
	logic [SET*8-1:0]   significand;

	always_comb
		for (int i = 0; i < SET; i++) begin
			digit_negative[9*i +: 9] = serial[27*i+9 +: 9];
			product_negative[i] = serial[27*i+26] ^ parallel[17*i+8];
			significand[8*i +: 8] = parallel[17*i +: 8];
		end

	fpr_set_open #(.SET(SET)) open (
		.t(t), .serial(serial), .parallel(parallel), .acc_negative(negative),
		.acc_mag(anew ? '0 : mag), .acc_exponent(exponent), .effectual(effectual_opened),
		.unit(unit_opened), .sum(sum_opened), .terms(terms_opened), .reach(reach_opened),
		.beyond(beyond));

	wire [SET*9-1:0] terms_here = first ? terms_opened : terms;

	fpr_set_step #(.SET(SET), .WINDOW(WINDOW)) step (
		.terms(terms_here), .reach(first ? reach_opened : reach),
		.digit_negative(digit_negative), .product_negative(product_negative),
		.mag(significand), .sum(first ? sum_opened : sum), .terms_left(terms_left),
		.sum_now(sum_now), .issued(issued), .outside(outside));
	assign busy = terms_here != '0;
	assign dry = terms_left == '0;

	wire               negative_now;
	wire [12:0]        mag_now;
	wire signed [10:0] exponent_now;

	fpr_acc_round #(.BITS(29)) round (
		.sum(sum_now), .unit(first ? unit_opened : unit), .negative(negative_now),
		.mag(mag_now), .exponent(exponent_now));

	always_ff @(posedge clk) begin
		if (put)
			held[put_slot] <= put_parallel;
		if (active) begin
			terms <= terms_left;
			sum <= sum_now;
			if (first) begin
				reach <= reach_opened;
				unit <= unit_opened;
				effectual <= effectual_opened;
			end
		end
		if (finish) begin
			if (first ? effectual_opened : effectual) begin
				negative <= negative_now;
				mag <= mag_now;
				exponent <= exponent_now;
			end else if (anew) begin
				mag <= '0;
			end
			anew <= ends_chunk;
		end
		if (start) begin
			mag <= '0;
			anew <= 1'b1;
		end
	end
endmodule
