// SPDX-License-Identifier: MIT

/*
 * What the columns want of a product's serial value: how many of them have an
 * effectual operand for it, and the least distance among these. Terms that not
 * even the nearest one keeps are never issued.
 */
module fpr_chunk_need #(
	parameter int COLS = 8
) (
	input  logic [COLS*14-1:0]        operands, // one product's, of fpr_chunk_line
	output logic [4:0]                nearest,  // 31 without any
	output logic [$clog2(COLS+1)-1:0] users
);
	logic [COLS*5-1:0] nearness;
	logic [COLS-1:0]   effectual;
	wire  [4:0]        nearness_most;

	for (genvar c = 0; c < COLS; c++) begin : column
		assign nearness[5*c +: 5] = ~operands[14*c + 9 +: 5];
		assign effectual[c] = operands[14*c + 7];
	end
	fpr_max #(.N(COLS), .BITS(5)) least (.x(nearness), .most(nearness_most));
	fpr_ones #(.N(COLS)) count (.x(effectual), .ones(users));
	assign nearest = ~nearness_most;
endmodule
