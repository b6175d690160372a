// SPDX-License-Identifier: MIT

/*
 * The registers' door: an AXI4-Lite slave, one access at a time. An access is shown on the
 * register bus until `access_done`, which comes with the answer of a read.
 *
 * A read never passes a write that has been offered before it, as the host relies on that. A
 * write that lacks a byte is no register's and has no effect. Every answer is OKAY.
 */
module fpr_axi_lite (
	input  logic        clk,
	input  logic        reset,

	input  logic [15:0] s_awaddr,
	input  logic        s_awvalid,
	output logic        s_awready,
	input  logic [31:0] s_wdata,
	input  logic [3:0]  s_wstrb,
	input  logic        s_wvalid,
	output logic        s_wready,
	output logic [1:0]  s_bresp,
	output logic        s_bvalid,
	input  logic        s_bready,
	input  logic [15:0] s_araddr,
	input  logic        s_arvalid,
	output logic        s_arready,
	output logic [31:0] s_rdata,
	output logic [1:0]  s_rresp,
	output logic        s_rvalid,
	input  logic        s_rready,

	output logic        access_valid,
	output logic        access_write,
	output logic [15:0] access_at,
	output logic [31:0] access_value,
	input  logic        access_done,
	input  logic [31:0] access_answer
);
	localparam logic [1:0] IDLE = 2'd0, ACCESS = 2'd1, ANSWER = 2'd2;

	logic [1:0] state;

	wire write = s_awvalid && s_wvalid;
	wire read = s_arvalid && !s_awvalid && !s_wvalid;

	always_ff @(posedge clk) begin
		case (state)
		IDLE: begin
			access_write <= write;
			access_at <= {write ? s_awaddr[15:2] : s_araddr[15:2], 2'd0};
			access_value <= s_wdata;
			if (write)
				state <= s_wstrb == '1 ? ACCESS : ANSWER;
			else if (read)
				state <= ACCESS;
		end
		ACCESS:
			if (access_done) begin
				s_rdata <= access_answer;
				state <= ANSWER;
			end
		default: // ANSWER
			if (access_write ? s_bready : s_rready)
				state <= IDLE;
		endcase
		if (reset)
			state <= IDLE;
	end

	assign s_awready = state == IDLE && write;
	assign s_wready = s_awready;
	assign s_arready = state == IDLE && read;
	assign access_valid = state == ACCESS;
	assign s_bvalid = state == ANSWER && access_write;
	assign s_rvalid = state == ANSWER && !access_write;
	assign s_bresp = 2'd0;
	assign s_rresp = 2'd0;
endmodule
