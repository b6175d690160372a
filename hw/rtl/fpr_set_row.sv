// SPDX-License-Identifier: MIT

/*
 * A row of `set` (timing contract: set): its PEs start a set together, and the row
 * finishes it when the slowest one has, after FLOOR cycles at least.
 */
module fpr_set_row #(
	parameter int COLS = 8,
	parameter int SET = 8,
	parameter int WINDOW = 3,
	parameter int FLOOR = 2,
	parameter int SLOTS = 4,
	parameter int TURNS = 8
) (
	input  logic                     clk,
	input  logic                     start,
	input  logic [3:0]               t,
	input  logic [COLS*32-1:0]       c_in,
	input  logic                     put,
	input  logic [$clog2(SLOTS)-1:0] put_slot,
	input  logic                     put_chunk_end,
	input  logic [SET*17-1:0]        put_serial,
	input  logic [COLS*SET*17-1:0]   put_parallel,
	input  logic                     active,
	output logic                     finish,
	output logic                     quiet,
	output logic [COLS*32-1:0]       out,
	// For the counters: lanes of this row's PEs that did what.
	output logic [15:0]              issued,
	output logic [15:0]              beyond, // terms
	output logic [15:0]              outside,
	output logic [15:0]              no_term,
	output logic [15:0]              inter_pe,
	output logic [15:0]              at_floor
);
	localparam int SLOT = $clog2(SLOTS);
	localparam int COUNT = $clog2(FLOOR + 1);

	// The serial values of the sets held, recoded on the way in.
	logic [SET*27-1:0] held [0:SLOTS-1];
	logic [SLOTS-1:0]  ends_chunk;
	logic [SET*27-1:0] recoded;

	for (genvar i = 0; i < SET; i++) begin : value
		wire [16:0] x = put_serial[17*i +: 17];
		wire [8:0]  terms, negative;

		fpr_naf recode (.m(x[7:0]), .terms(terms), .negative(negative));
		assign recoded[27*i +: 27] = {x[8], x[16:9], negative, terms};
	end

	logic [SLOT-1:0]  slot;
	logic [COUNT-1:0] elapsed; // up to FLOOR
	logic             ended;
	wire              first = elapsed == '0;
	wire [COLS-1:0]   dry;

	assign finish = active && &dry && elapsed + COUNT'(1) >= COUNT'(FLOOR);
	always_ff @(posedge clk) begin
		if (put) begin
			held[put_slot] <= recoded;
			ends_chunk[put_slot] <= put_chunk_end;
		end
		if (active && elapsed != COUNT'(FLOOR))
			elapsed <= elapsed + COUNT'(1);
		if (finish) begin
			elapsed <= '0;
			slot <= slot + SLOT'(1);
		end
		ended <= finish && ends_chunk[slot] && !start;
		if (start) begin
			elapsed <= '0;
			slot <= '0;
		end
	end

	wire [COLS-1:0]       busy, negative;
	wire [COLS*SET-1:0]   goes, waits;
	wire [COLS*SET*9-1:0] missed;
	wire [COLS*13-1:0] mag;
	wire [COLS*11-1:0] exponent;
	wire               outputs_busy;

	for (genvar c = 0; c < COLS; c++) begin : column
		fpr_set_pe #(.SET(SET), .WINDOW(WINDOW), .SLOTS(SLOTS)) pe (
			.clk(clk), .start(start), .t(t), .put(put), .put_slot(put_slot),
			.put_parallel(put_parallel[c*SET*17 +: SET*17]), .serial(held[slot]),
			.slot(slot), .active(active), .first(first), .finish(finish),
			.ends_chunk(ends_chunk[slot]), .busy(busy[c]), .dry(dry[c]),
			.issued(goes[c*SET +: SET]), .outside(waits[c*SET +: SET]),
			.beyond(missed[c*SET*9 +: SET*9]),
			.negative(negative[c]), .mag(mag[13*c +: 13]),
			.exponent(exponent[11*c +: 11]));
	end

	fpr_acc_outputs #(.COLS(COLS), .TURNS(TURNS)) outputs (
		.clk(clk), .start(start), .c_in(c_in), .ended(ended), .negative(negative),
		.mag(mag), .exponent(exponent), .busy(outputs_busy), .out(out));
	assign quiet = !ended && !outputs_busy;

	wire [15:0] pes_busy = 16'($countones(busy));
	wire [15:0] lanes_go = 16'($countones(goes));
	wire [15:0] lanes_wait = 16'($countones(waits));
	wire [15:0] lanes_off = (16'(COLS) - pes_busy) * 16'(SET);

	always_ff @(posedge clk) begin
		issued <= active ? lanes_go : '0;
		beyond <= active && first ? 16'($countones(missed)) : '0;
		outside <= active ? lanes_wait : '0;
		no_term <= active ? pes_busy * 16'(SET) - lanes_go - lanes_wait : '0;
		inter_pe <= active && pes_busy != '0 ? lanes_off : '0;
		at_floor <= active && pes_busy == '0 ? lanes_off : '0;
	end
endmodule
