// SPDX-License-Identifier: MIT

/*
 * Several AXI masters at one port, in turn, a burst each. Reads and writes know nothing of
 * each other. Of each at most one burst is under way, so responses need no names.
 */
module fpr_axi_join #(
	parameter int MASTERS = 3
) (
	input  logic                   clk,
	input  logic                   reset,

	input  logic [64*MASTERS-1:0]  in_araddr,
	input  logic [8*MASTERS-1:0]   in_arlen,
	input  logic [MASTERS-1:0]     in_arvalid,
	output logic [MASTERS-1:0]     in_arready,
	output logic [512*MASTERS-1:0] in_rdata,
	output logic [2*MASTERS-1:0]   in_rresp,
	output logic [MASTERS-1:0]     in_rlast,
	output logic [MASTERS-1:0]     in_rvalid,
	input  logic [MASTERS-1:0]     in_rready,
	input  logic [64*MASTERS-1:0]  in_awaddr,
	input  logic [8*MASTERS-1:0]   in_awlen,
	input  logic [MASTERS-1:0]     in_awvalid,
	output logic [MASTERS-1:0]     in_awready,
	input  logic [512*MASTERS-1:0] in_wdata,
	input  logic [64*MASTERS-1:0]  in_wstrb,
	input  logic [MASTERS-1:0]     in_wlast,
	input  logic [MASTERS-1:0]     in_wvalid,
	output logic [MASTERS-1:0]     in_wready,
	output logic [2*MASTERS-1:0]   in_bresp,
	output logic [MASTERS-1:0]     in_bvalid,
	input  logic [MASTERS-1:0]     in_bready,

	output logic [63:0]            out_araddr,
	output logic [7:0]             out_arlen,
	output logic                   out_arvalid,
	input  logic                   out_arready,
	input  logic [511:0]           out_rdata,
	input  logic [1:0]             out_rresp,
	input  logic                   out_rlast,
	input  logic                   out_rvalid,
	output logic                   out_rready,
	output logic [63:0]            out_awaddr,
	output logic [7:0]             out_awlen,
	output logic                   out_awvalid,
	input  logic                   out_awready,
	output logic [511:0]           out_wdata,
	output logic [63:0]            out_wstrb,
	output logic                   out_wlast,
	output logic                   out_wvalid,
	input  logic                   out_wready,
	input  logic [1:0]             out_bresp,
	input  logic                   out_bvalid,
	output logic                   out_bready
);
	localparam logic [MASTERS-1:0] FIRST = MASTERS'(1);

	/* ---- whose burst is under way: one-hot, 0 when none is ---- */

	logic [MASTERS-1:0] reader, read_last, read_pick;
	logic               asked; // its address has been taken
	logic [MASTERS-1:0] writer, write_last, write_pick;
	logic               addressed, written; // its address, its last beat has

	fpr_round_robin #(.N(MASTERS)) read_turn(.want(in_arvalid), .last(read_last), .pick(read_pick));
	fpr_round_robin #(.N(MASTERS)) write_turn(.want(in_awvalid), .last(write_last), .pick(write_pick));

	always_ff @(posedge clk) begin
		if (reader == '0) begin
			reader <= read_pick;
			asked <= 1'b0;
			if (read_pick != '0)
				read_last <= read_pick;
		end else begin
			if (out_arvalid && out_arready)
				asked <= 1'b1;
			if (out_rvalid && out_rready && out_rlast)
				reader <= '0;
		end

		if (writer == '0) begin
			writer <= write_pick;
			addressed <= 1'b0;
			written <= 1'b0;
			if (write_pick != '0)
				write_last <= write_pick;
		end else begin
			if (out_awvalid && out_awready)
				addressed <= 1'b1;
			if (out_wvalid && out_wready && out_wlast)
				written <= 1'b1;
			if (out_bvalid && out_bready)
				writer <= '0;
		end

		if (reset) begin
			reader <= '0;
			read_last <= FIRST;
			writer <= '0;
			write_last <= FIRST;
		end
	end

	/* ---- from the one to the port; who waits for data before the address gets it ---- */

	always_comb begin
		out_araddr = '0;
		out_arlen = '0;
		out_awaddr = '0;
		out_awlen = '0;
		out_wdata = '0;
		out_wstrb = '0;
		for (int i = 0; i < MASTERS; i++) begin
			out_araddr |= in_araddr[64*i +: 64] & {64{reader[i]}};
			out_arlen |= in_arlen[8*i +: 8] & {8{reader[i]}};
			out_awaddr |= in_awaddr[64*i +: 64] & {64{writer[i]}};
			out_awlen |= in_awlen[8*i +: 8] & {8{writer[i]}};
			out_wdata |= in_wdata[512*i +: 512] & {512{writer[i]}};
			out_wstrb |= in_wstrb[64*i +: 64] & {64{writer[i]}};
		end
	end

	wire [MASTERS-1:0] asking = asked ? '0 : reader;
	wire [MASTERS-1:0] reading = asked ? reader : '0;
	wire [MASTERS-1:0] addressing = addressed ? '0 : writer;
	wire [MASTERS-1:0] writing = written ? '0 : writer;
	wire [MASTERS-1:0] waiting = addressed && written ? writer : '0;

	assign out_arvalid = (in_arvalid & asking) != '0;
	assign out_rready = (in_rready & reading) != '0;
	assign out_awvalid = (in_awvalid & addressing) != '0;
	assign out_wvalid = (in_wvalid & writing) != '0;
	assign out_wlast = (in_wlast & writing) != '0;
	assign out_bready = (in_bready & waiting) != '0;

	/* ---- from the port to the one ---- */

	assign in_arready = asking & {MASTERS{out_arready}};
	assign in_rdata = {MASTERS{out_rdata}};
	assign in_rresp = {MASTERS{out_rresp}};
	assign in_rlast = {MASTERS{out_rlast}};
	assign in_rvalid = reading & {MASTERS{out_rvalid}};
	assign in_awready = addressing & {MASTERS{out_awready}};
	assign in_wready = writing & {MASTERS{out_wready}};
	assign in_bresp = {MASTERS{out_bresp}};
	assign in_bvalid = waiting & {MASTERS{out_bvalid}};
endmodule
