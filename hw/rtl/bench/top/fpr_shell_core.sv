// SPDX-License-Identifier: MIT

/*
 * Stands for what an HLS tool makes of hw/shell/shell_top.c, with the same ports: that C, called
 * once an event. It reads all entries first, and writes its last word as it is done. What the C
 * remembers outlives a reset.
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
	import "DPI-C" function void fpr_shell_core_event(input bit [31:0] what, input bit [31:0] at,
		input bit [63:0] value, input bit [63:0] now, input bit [31:0] rooms,
		input bit [63:0] tiles, input bit [31:0] temperature, input bit [63:0] memory,
		input bit [31:0] clock_khz, input bit [31:0] build, input bit [2047:0] entry,
		output bit [895:0] answer);

	localparam logic [1:0] IDLE = 2'd0, READ = 2'd1, CALL = 2'd2, WRITE = 2'd3;

	logic [1:0]    state;
	logic [5:0]    count;
	logic          reading;
	logic [2047:0] entry;
	bit [895:0]    answer;

	always_ff @(posedge clk) begin
		count <= count + 6'd1;
		reading <= entry_ce;
		if (reading)
			entry <= {entry_q, entry[2047:64]};
		case (state)
		IDLE: begin
			count <= '0;
			if (start)
				state <= READ;
		end
		READ:
			if (count == 6'd32)
				state <= CALL;
		CALL: begin
			fpr_shell_core_event(what, at, value, now, rooms, tiles, temperature, memory,
				clock_khz, build, entry, answer);
			count <= '0;
			state <= WRITE;
		end
		default: // WRITE
			if (done)
				state <= IDLE;
		endcase
		if (reset)
			state <= IDLE;
	end

	assign done = state == WRITE && count == 6'd13;
	assign ready = done;
	assign idle = state == IDLE;
	assign entry_address = count[4:0];
	assign entry_ce = state == READ && !count[5];
	assign answer_address = count[3:0];
	assign answer_ce = state == WRITE;
	assign answer_we = answer_ce;
	assign answer_d = answer[{count[3:0], 6'd0} +: 64];
endmodule
