// never run on hardware
// SPDX-License-Identifier: MIT

/*
 * What Vitis HLS makes of hw/shell/shell_top.c (hls.tcl), under the names that hw/rtl/top has for its
 * ports. The C also reads what it has answered, so the answer is a memory here.
 */
module fpr_shell_core (
	input  logic        clk,
	input  logic        reset,
	input  logic        start,
	output logic        done,
	output logic        ready,
	output logic        idle,
	input  logic [31:0] what,
	input  logic [31:0] at,
	input  logic [63:0] value,
	input  logic [63:0] now,
	input  logic [31:0] rooms,
	input  logic [63:0] tiles,
	input  logic [31:0] temperature,
	input  logic [63:0] memory,
	input  logic [31:0] clock_khz,
	input  logic [31:0] build,
	output logic [4:0]  entry_address,
	output logic        entry_ce,
	input  logic [63:0] entry_q,
	output logic [3:0]  answer_address,
	output logic        answer_ce,
	output logic        answer_we,
	output logic [63:0] answer_d
);
	logic [63:0] words [0:15];
	logic [63:0] answer_q;

	always_ff @(posedge clk)
		if (answer_ce) begin
			if (answer_we)
				words[answer_address] <= answer_d;
			answer_q <= words[answer_address];
		end

	fpr_shell_top made(.ap_clk(clk), .ap_rst(reset), .ap_start(start), .ap_done(done),
		.ap_ready(ready), .ap_idle(idle), .what, .at, .value_r(value), .now, .rooms, .tiles,
		.temperature, .memory, .clock_khz, .build, .entry_r_address0(entry_address),
		.entry_r_ce0(entry_ce), .entry_r_q0(entry_q), .answer_address0(answer_address),
		.answer_ce0(answer_ce), .answer_we0(answer_we), .answer_d0(answer_d),
		.answer_q0(answer_q));
endmodule
