// SPDX-License-Identifier: MIT

/*
 * What the command processor reads and writes in host memory itself, one thing at a time:
 *
 *   fetch   a descriptor of 64 or 256 bytes, at a multiple of its size, in one burst
 *   post    a completion of 32 bytes, at a multiple of 32: all but the phase, its last two
 *           bytes; when that has been answered, the phase
 *   result  RESULT bytes at a multiple of 8, word by word into beats, each a burst
 *
 * A start is a pulse while not `busy`. `done` is a pulse, `fault` stays until the next start: the
 * bus said no, and what was to follow has not been written.
 */
module fpr_shell_dma #(
	parameter int RESULT = 128
) (
	input  logic                clk,
	input  logic                reset,

	input  logic                fetch,
	input  logic                post,
	input  logic                result,
	input  logic [63:0]         address,
	input  logic                brief,      // a descriptor of 64 bytes
	input  logic [255:0]        completion, // with `post`
	input  logic [8*RESULT-1:0] words,      // of the result, until done
	output logic                busy,
	output logic                done,
	output logic                fault,
	output logic [2047:0]       descriptor,

	output logic [63:0]         host_araddr,
	output logic [7:0]          host_arlen,
	output logic                host_arvalid,
	input  logic                host_arready,
	input  logic [511:0]        host_rdata,
	input  logic [1:0]          host_rresp,
	input  logic                host_rlast,
	input  logic                host_rvalid,
	output logic                host_rready,
	output logic [63:0]         host_awaddr,
	output logic [7:0]          host_awlen,
	output logic                host_awvalid,
	input  logic                host_awready,
	output logic [511:0]        host_wdata,
	output logic [63:0]         host_wstrb,
	output logic                host_wlast,
	output logic                host_wvalid,
	input  logic                host_wready,
	input  logic [1:0]          host_bresp,
	input  logic                host_bvalid,
	output logic                host_bready
);
	localparam int WORD = $clog2(RESULT / 8);
	localparam logic [2:0] IDLE = 3'd0, ASK = 3'd1, READ = 3'd2, FILL = 3'd3, WRITE = 3'd4, END = 3'd5;

	logic [2:0]      state;
	logic [57:0]     line;    // of 64 bytes
	logic [1:0]      beat;
	logic            short;   // a descriptor of one beat
	logic            posting; // not a result
	logic            upper;   // the completion is in the line's second half
	logic            body;    // of the completion: its phase comes after
	logic            over;    // the result's last word is in the beat
	logic [WORD-1:0] word;    // of the result
	logic [2:0]      lane;    // where it goes
	logic [7:0]      lanes;   // that are filled

	wire last_lane = lane == '1;
	wire last_word = word == '1;

	always_ff @(posedge clk) begin
		case (state)
		IDLE: begin
			line <= address[63:6];
			lane <= address[5:3];
			upper <= address[5];
			lanes <= '0;
			beat <= '0;
			word <= '0;
			over <= 1'b0;
			short <= brief;
			posting <= post;
			body <= post;
			if (fetch || post || result)
				fault <= 1'b0;
			if (fetch)
				state <= ASK;
			if (post) begin
				host_wdata <= {completion, completion};
				lanes <= address[5] ? 8'hf0 : 8'h0f;
				host_awvalid <= 1'b1;
				host_wvalid <= 1'b1;
				state <= WRITE;
			end
			if (result)
				state <= FILL;
		end
		ASK:
			if (host_arready)
				state <= READ;
		READ:
			if (host_rvalid) begin
				descriptor[{beat, 9'd0} +: 512] <= host_rdata;
				beat <= beat + 2'd1;
				if (host_rresp != '0)
					fault <= 1'b1;
				if (host_rlast)
					state <= END;
			end
		FILL: begin
			host_wdata[{lane, 6'd0} +: 64] <= words[{word, 6'd0} +: 64];
			lanes[lane] <= 1'b1;
			lane <= lane + 3'd1;
			word <= word + WORD'(1);
			over <= last_word;
			if (last_lane || last_word) begin
				host_awvalid <= 1'b1;
				host_wvalid <= 1'b1;
				state <= WRITE;
			end
		end
		WRITE: begin
			if (host_awready)
				host_awvalid <= 1'b0;
			if (host_wready)
				host_wvalid <= 1'b0;
			if (host_bvalid && host_bready) begin
				if (host_bresp != '0) begin
					fault <= 1'b1;
					state <= END;
				end else if (body) begin
					body <= 1'b0;
					host_awvalid <= 1'b1;
					host_wvalid <= 1'b1;
				end else if (!posting && !over) begin
					line <= line + 58'd1;
					lanes <= '0;
					state <= FILL;
				end else begin
					state <= END;
				end
			end
		end
		default: // END
			state <= IDLE;
		endcase
		if (reset) begin
			state <= IDLE;
			host_awvalid <= 1'b0;
			host_wvalid <= 1'b0;
		end
	end

	wire [63:0] phase = upper ? 64'hc000_0000_0000_0000 : 64'h0000_0000_c000_0000;
	logic [63:0] filled;

	always_comb
		for (int i = 0; i < 8; i++)
			filled[8*i +: 8] = {8{lanes[i]}};

	assign busy = state != IDLE;
	assign done = state == END;
	assign host_araddr = {line, 6'd0};
	assign host_arlen = short ? 8'd0 : 8'd3;
	assign host_arvalid = state == ASK;
	assign host_rready = state == READ;
	assign host_awaddr = {line, 6'd0};
	assign host_awlen = 8'd0;
	assign host_wstrb = !posting ? filled : body ? filled & ~phase : phase;
	assign host_wlast = 1'b1;
	assign host_bready = state == WRITE && !host_awvalid && !host_wvalid;
endmodule
