// SPDX-License-Identifier: MIT

/* The highest of a value's pending terms. */
module fpr_highest (
	input  logic [8:0] terms,
	output logic [3:0] p // 0 without a term
);
	always_comb begin
		p = '0;
		for (int i = 0; i < 9; i++)
			if (terms[i])
				p = 4'(i);
	end
endmodule
