// SPDX-License-Identifier: MIT

/*
 * A row of `chunk`: one serial vector, its lanes, COLS PEs that see its terms, and
 * their outputs. How long the row takes for a chunk is known before it begins: the
 * most terms that any lane has to issue, at least the beats in which the chunk came
 * (timing contract; where loading has a time of its own, at least one). So control counts down and the data follows it:
 *
 *   count | fetch | issue | align | pairs | sum, and at a chunk's end | copy | output
 *                         ^ terms
 */
module fpr_chunk_row #(
	parameter int COLS = 8,
	parameter int LANES = 8,
	parameter int DEPTH = 8, // values a lane has in a chunk
	parameter int SLOTS = 4, // chunks held
	parameter int LOAD = 2, // values that a lane takes in at once
	parameter int CHUNK_NUMBER = 3 // bits of a chunk's number; its low ones are its slot
) (
	input  logic                                clk,
	input  logic                                start,
	input  logic [3:0]                          t,
	input  logic [COLS*32-1:0]                  c_in,
	// The pre-pass: a beat of aligned values, and a cycle later what the columns want of it.
	input  logic                                get,
	input  logic                                get_last,
	input  logic [$clog2(DEPTH/LOAD)-1:0]       get_at,
	input  logic [CHUNK_NUMBER-1:0]             get_chunk,
	input  logic [LOAD*LANES*14-1:0]            serial,
	input  logic [7:0]                          serial_most,
	input  logic [COLS*8-1:0]                   parallel_most,
	input  logic [LOAD*LANES*5-1:0]             nearest,
	input  logic [LOAD*LANES*$clog2(COLS+1)-1:0] users,
	input  logic [COLS*LOAD*LANES*14-1:0]       parallel, // as late as nearest and users
	output logic                                prepared, // the chunk is, from the next cycle on
	// Issue.
	input  logic                                active,
	output logic                                finish,
	output logic                                quiet, // nothing under way
	output logic [COLS*32-1:0]                  out,
	// For the counters: lanes of this row's PEs that did what, each at its own step.
	output logic [15:0]                         issued,
	output logic [15:0]                         beyond, // with terms dropped in the pre-pass
	output logic [15:0]                         broadcast, // issued by the row, kept or not
	output logic [15:0]                         no_term,
	output logic [15:0]                         at_floor
);
	localparam int BEAT = LOAD * LANES;
	localparam int AT = $clog2(DEPTH / LOAD);
	localparam int SLOT = $clog2(SLOTS);
	localparam int PLACE = $clog2(DEPTH);
	localparam int COST = $clog2(5 * DEPTH + 1); // cycles of a chunk
	localparam int USERS = $clog2(COLS + 1);
	// With LOAD 1 two chunks may end in neighbouring cycles; a third begins no sooner than 6 later.
	localparam int TURNS = LOAD == 2 ? DEPTH / 2 : 4;

	// The pre-pass, in step with `nearest` and `users`, then one step on.
	logic                    want_get, want_last, put, put_last, total_last;
	logic [AT-1:0]           want_at, put_at;
	logic [CHUNK_NUMBER-1:0] want_chunk, put_chunk, total_chunk;
	logic [BEAT*14-1:0]      want_serial;
	logic [BEAT*23-1:0]      put_entries;
	logic [BEAT*3-1:0]       put_costs, put_beyond;
	logic [BEAT*USERS-1:0]   put_users;
	logic [LANES*COST-1:0]   lane_cost;
	logic [AT:0]             total_beats;

	always_ff @(posedge clk) begin
		want_get <= get && !start;
		want_last <= get_last && !start;
		want_at <= get_at;
		want_chunk <= get_chunk;
		want_serial <= serial;
		put <= want_get && !start;
		put_last <= want_last && !start;
		put_at <= want_at;
		put_chunk <= want_chunk;
		put_users <= users;
		total_last <= put_last && !start;
		total_chunk <= put_chunk;
		total_beats <= LOAD == 2 ? (AT+1)'(put_at) + (AT+1)'(1) : (AT+1)'(1);
	end

	for (genvar i = 0; i < BEAT; i++) begin : value
		wire [22:0] entry;
		wire [2:0]  cost, missed;

		fpr_chunk_serial cut (.operand(want_serial[14*i +: 14]),
				      .wanted(users[USERS*i +: USERS] != '0),
				      .nearest(nearest[5*i +: 5]), .t(t), .entry(entry), .cost(cost),
				      .beyond(missed));
		always_ff @(posedge clk) begin
			put_entries[23*i +: 23] <= entry;
			put_costs[3*i +: 3] <= cost;
			put_beyond[3*i +: 3] <= missed;
		end
	end

	// A chunk's cycles.
	logic [COST-1:0] cycles [0:SLOTS-1];
	wire  [COST-1:0] longest;

	for (genvar l = 0; l < LANES; l++) begin : sum_up
		logic [COST-1:0] so_far;

		always_comb begin
			so_far = put_at == '0 ? '0 : lane_cost[COST*l +: COST];
			for (int b = 0; b < LOAD; b++)
				so_far = so_far + COST'(put_costs[3*(LANES*b+l) +: 3]);
		end
		always_ff @(posedge clk)
			if (put)
				lane_cost[COST*l +: COST] <= so_far;
	end
	fpr_max #(.N(LANES), .BITS(COST)) longest_lane (.x(lane_cost), .most(longest));
	always_ff @(posedge clk)
		if (total_last)
			cycles[total_chunk[SLOT-1:0]] <=
				longest > COST'(total_beats) ? longest : COST'(total_beats);
	assign prepared = total_last;

	// count: cycles of the row's chunk.
	logic                    fresh;
	logic [CHUNK_NUMBER-1:0] chunk;
	logic [COST-1:0]         left;
	wire  [COST-1:0]         need = fresh ? cycles[chunk[SLOT-1:0]] : left;

	assign finish = active && need == COST'(1);
	always_ff @(posedge clk) begin
		if (active) begin
			left <= need - COST'(1);
			fresh <= finish;
			chunk <= chunk + CHUNK_NUMBER'(finish);
		end
		if (start) begin
			fresh <= 1'b1;
			chunk <= '0;
		end
	end

	// fetch, issue: lanes go on; then their terms are broadcast.
	logic                   fetch, fetch_first, fetch_last, issuing, issue_first, issue_last;
	logic [SLOT-1:0]        fetch_slot, issue_slot, term_slot;
	logic [LANES-1:0]       lane_present, lane_negative, present, term, term_negative;
	logic [LANES*5-1:0]     lane_reach, term_reach;
	logic [LANES*PLACE-1:0] lane_place, term_place;
	logic [3:0]             step, step_first, step_last; // terms, align, pairs, sum

	always_ff @(posedge clk) begin
		fetch <= active && !start;
		fetch_first <= fresh;
		fetch_last <= finish;
		fetch_slot <= chunk[SLOT-1:0];
		issuing <= fetch && !start;
		issue_first <= fetch_first;
		issue_last <= fetch_last;
		issue_slot <= fetch_slot;
		term <= present;
		term_negative <= lane_negative;
		term_reach <= lane_reach;
		term_place <= lane_place;
		term_slot <= issue_slot;
		step <= start ? '0 : {step[2:0], issuing};
		step_first <= {step_first[2:0], issue_first};
		step_last <= {step_last[2:0], issue_last && issuing};
	end
	assign present = lane_present & {LANES{issuing}};

	for (genvar l = 0; l < LANES; l++) begin : lane
		wire [LOAD*23-1:0] mine;

		for (genvar b = 0; b < LOAD; b++) begin : came
			assign mine[23*b +: 23] = put_entries[23*(LANES*b+l) +: 23];
		end
		fpr_chunk_lane #(.DEPTH(DEPTH), .SLOTS(SLOTS), .LOAD(LOAD)) queue (
			.clk(clk), .put(put), .put_slot(put_chunk[SLOT-1:0]), .put_at(put_at),
			.put_entries(mine),
			.step(fetch), .first(fetch_first), .slot(fetch_slot),
			.present(lane_present[l]), .negative(lane_negative[l]),
			.reach(lane_reach[5*l +: 5]), .place(lane_place[PLACE*l +: PLACE]));
	end

	// align, pairs, sum: the PEs.
	wire [COLS*31-1:0]    sums;
	wire [COLS*LANES-1:0] kept, missed;

	for (genvar c = 0; c < COLS; c++) begin : pe
		fpr_chunk_pe #(.LANES(LANES), .DEPTH(DEPTH), .SLOTS(SLOTS), .LOAD(LOAD)) pe (
			.clk(clk), .put(want_get), .put_slot(want_chunk[SLOT-1:0]), .put_at(want_at),
			.put_operands(parallel[c*BEAT*14 +: BEAT*14]),
			.present(term), .negative(term_negative), .reach(term_reach),
			.place(term_place), .slot(term_slot),
			.add(step[2]), .first(step_first[2]),
			.kept(kept[LANES*c +: LANES]), .beyond(missed[LANES*c +: LANES]),
			.sum(sums[31*c +: 31]));
	end

	// copy, output.
	wire outputs_busy;

	fpr_chunk_outputs #(.COLS(COLS), .TURNS(TURNS), .CHUNK_NUMBER(CHUNK_NUMBER)) outputs (
		.clk(clk), .start(start), .t(t), .c_in(c_in), .get(get), .get_chunk(get_chunk),
		.serial_most(serial_most), .parallel_most(parallel_most), .ended(step_last[3]),
		.sums(sums), .busy(outputs_busy), .out(out));

	// What the lanes did. Terms that are never issued are missed by every column that has a use.
	logic [15:0] never;
	wire  [15:0] lanes_busy = 16'($countones(present));

	always_comb begin
		never = '0;
		for (int i = 0; i < BEAT; i++)
			if (put)
				never = never + 16'(put_beyond[3*i +: 3]) *
						16'(put_users[USERS*i +: USERS]);
	end
	always_ff @(posedge clk) begin
		issued <= 16'($countones(kept));
		beyond <= 16'($countones(missed)) + never;
		broadcast <= lanes_busy * 16'(COLS);
		no_term <= lanes_busy != '0 ? (16'(LANES) - lanes_busy) * 16'(COLS) : '0;
		at_floor <= issuing && lanes_busy == '0 ? 16'(LANES * COLS) : '0;
	end
	assign quiet = !fetch && !issuing && step == '0 && !outputs_busy;
endmodule
