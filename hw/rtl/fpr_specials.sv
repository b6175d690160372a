// SPDX-License-Identifier: MIT

/* The side path of a whole tile: beats pass by, outputs are corrected at its end. */
module fpr_specials #(
	parameter int ROWS = 8,
	parameter int COLS = 8,
	parameter int BEAT = 8
) (
	input  logic                    clk,
	input  logic                    start,
	input  logic                    valid,
	input  logic [ROWS*BEAT*16-1:0] serial,
	input  logic [COLS*BEAT*16-1:0] parallel,
	input  logic [ROWS*COLS*32-1:0] c_in,
	input  logic [ROWS*COLS*32-1:0] out,
	output logic [ROWS*COLS*32-1:0] result
);
	logic                   seen_valid;
	logic [ROWS*BEAT*3-1:0] serial_class;
	logic [COLS*BEAT*3-1:0] parallel_class;

	always_ff @(posedge clk)
		seen_valid <= valid && !start;
	for (genvar i = 0; i < ROWS * BEAT; i++) begin : serial_value
		wire [2:0] here;

		fpr_class look (.x(serial[16*i +: 16]), .class_of(here));
		always_ff @(posedge clk)
			serial_class[3*i +: 3] <= here;
	end
	for (genvar i = 0; i < COLS * BEAT; i++) begin : parallel_value
		wire [2:0] here;

		fpr_class look (.x(parallel[16*i +: 16]), .class_of(here));
		always_ff @(posedge clk)
			parallel_class[3*i +: 3] <= here;
	end
	for (genvar r = 0; r < ROWS; r++) begin : row
		for (genvar c = 0; c < COLS; c++) begin : pe
			wire [2:0] seen;

			fpr_special #(.BEAT(BEAT)) special (
				.clk(clk), .start(start), .valid(seen_valid),
				.serial(serial_class[r*BEAT*3 +: BEAT*3]),
				.parallel(parallel_class[c*BEAT*3 +: BEAT*3]), .seen(seen));
			fpr_special_result choose (
				.seen(seen), .c_in(c_in[32*(r*COLS + c) +: 32]),
				.sum(out[32*(r*COLS + c) +: 32]),
				.result(result[32*(r*COLS + c) +: 32]));
		end
	end
endmodule
