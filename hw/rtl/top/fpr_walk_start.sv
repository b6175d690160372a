// SPDX-License-Identifier: MIT

/*
 * The place at which a walk begins, in the form in which fpr_walk keeps it: before the
 * first entry of the list, with what is to be skipped first still to be skipped.
 */
module fpr_walk_start #(
	parameter int WALK = 257
) (
	input  logic [63:0]     table_address,
	input  logic [31:0]     table_entries,
	input  logic [31:0]     table_offset,
	input  logic            align64,
	output logic [WALK-1:0] place
);
	// align64, skip, at, left, next entry, entries from there on
	assign place = {align64, 32'd0, table_offset, 64'd0, 32'd0, table_address, table_entries};
endmodule
