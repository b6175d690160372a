// SPDX-License-Identifier: MIT

/* What the side path of specials needs to know of a bfloat16 value. */
module fpr_class (
	input  logic [15:0] x,
	output logic [2:0]  class_of // sign; 0 zero, 1 finite, 2 infinity, 3 NaN
);
	assign class_of[2] = x[15];
	assign class_of[1] = x[14:7] == 8'hff;
	assign class_of[0] = x[14:7] == 8'hff ? x[6:0] != '0 : x[14:7] != '0;
endmodule
