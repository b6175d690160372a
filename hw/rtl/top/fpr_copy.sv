// SPDX-License-Identifier: MIT

/*
 * A contiguous piece of at most a page, as hw/p3/copy.c: beats of the source are turned to
 * where their bytes go, two of them are merged where a beat of the destination takes both,
 * and strobes name the piece's bytes alone. A beat a cycle: show | turn | merge.
 */
module fpr_copy (
	input  logic         clk,
	input  logic         reset,
	input  logic         start,
	input  logic [5:0]   from,  // where in its beat the first byte is
	input  logic [5:0]   to,    // and where it goes
	input  logic [12:0]  bytes, // 1..4096, within a page of the destination
	output logic         next,  // show beat `index` of the source in the next cycle
	output logic [5:0]   index,
	input  logic [511:0] beat,
	output logic         out_valid,
	input  logic         out_ready,
	output logic [511:0] out,
	output logic [63:0]  strobe
);
	logic [5:0]   turn;      // how much further up a byte goes
	logic [5:0]   first, last; // where the destination begins in its first beat, ends in its last
	logic         primes;    // a beat of the destination takes two of the source
	logic [6:0]   shown, steps;
	logic         seen, seen_first, seen_last, seen_primes;
	logic         out_first, out_last;
	logic [511:0] rotated, turned, earlier; // `earlier` is the beat before, turned
	wire  [63:0]  is_earlier = ~({64{1'b1}} << turn);

	wire [12:0] ends = 13'(to) + bytes - 13'd1;

	// Bytes that leave a beat at its upper end come in at the lower one.
	always_comb begin
		rotated = beat;
		for (int s = 0; s < 6; s++)
			if (turn[s])
				rotated = (rotated << (8 << s)) | (rotated >> (512 - (8 << s)));
	end

	for (genvar i = 0; i < 64; i++) begin : byte_of
		assign out[8*i +: 8] = is_earlier[i] ? earlier[8*i +: 8] : turned[8*i +: 8];
	end

	always_ff @(posedge clk) begin
		if (next) begin
			seen <= shown != steps;
			seen_primes <= primes && shown == '0;
			seen_first <= shown == 7'(primes);
			seen_last <= shown + 7'd1 == steps;
			if (shown != steps)
				shown <= shown + 7'd1;

			out_valid <= seen && !seen_primes;
			out_first <= seen_first;
			out_last <= seen_last;
			turned <= rotated;
			earlier <= turned;
		end
		if (start) begin
			turn <= to - from;
			first <= to;
			last <= ends[5:0];
			primes <= to < from;
			shown <= '0;
			steps <= 7'(ends[11:6]) + 7'd1 + 7'(to < from);
		end
		if (start || reset) begin
			seen <= 1'b0;
			out_valid <= 1'b0;
		end
		if (reset) begin
			shown <= '0;
			steps <= '0;
		end
	end

	assign next = !out_valid || out_ready;
	assign index = shown[5:0];
	assign strobe = (out_first ? {64{1'b1}} << first : '1) &
			(out_last ? {64{1'b1}} >> (6'd63 - last) : '1);
endmodule
