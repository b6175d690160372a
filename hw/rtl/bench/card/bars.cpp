// SPDX-License-Identifier: MIT
//
// The card's BARs: a PCIe core's AXI master, at random, before registers and memory. Each word
// must reach its register or its bytes of memory, and reads bring what is there.
#include <cstdio>

#include "Vtile.h"
#include "lines.h"

static const unsigned rounds = 400; // of reads, and of writes
static const uint64_t REGISTERS = 1ull << 40;

static Vtile top;
static axi_lines store;
static axi_memory memory("memory", AXI_PORT(top, bar2_), store);
static uint32_t registers[16384];
static bool failed;

static void expect(bool good, const char *what)
{
	if (!good && !failed)
		printf("%s\n", what);
	failed = failed || !good;
}

// Where the next access goes: a register, some bytes of a line, or lines.
struct target {
	uint64_t address = 0;
	uint32_t len = 0, id = 0;
	bool of_register = false;

	void choose(uint64_t half)
	{
		uint64_t line = below(64);

		of_register = below(2);
		id = below(16);
		len = 0;
		address = half + below(16) * 4096 + line * 64;
		if (of_register)
			address = REGISTERS + (half ? 0x8000 : 0) + below(8192) * 4;
		else if (below(2))
			address += below(16) * 4;
		else
			len = below(64 - (uint32_t)line);
	}
};

// Writes go to the upper half of registers and memory, reads to the lower one.
struct writer {
	target now;
	unsigned done = 0;
	bool busy = false, asking = false, offered = false;
	uint32_t left = 0;
	axi_lines::line line = {};

	void offer()
	{
		uint64_t at = now.address / 64 * 64 + 64 * (now.len + 1 - left);
		unsigned lane = now.address / 4 % 16;
		uint64_t strobe = now.of_register ? 15ull << 4 * lane
				  : now.len	  ? ~0ull
						  : ~0ull << 4 * lane;

		for (uint32_t &word : line)
			word = random32();
		memcpy(&top.m_axib_wdata[0], line.data(), 64);
		top.m_axib_wstrb = strobe;
		top.m_axib_wlast = left == 1;
		if (now.of_register)
			registers[now.address % 65536 / 4] = line[lane];
		for (unsigned i = 0; i < 64 && !now.of_register; i++)
			if (strobe >> i & 1)
				((uint8_t *)expected[at].data())[i] = ((uint8_t *)line.data())[i];
		offered = true;
	}

	void drive()
	{
		if (!busy && done < rounds && !below(4)) {
			now.choose(65536);
			busy = asking = true;
			left = now.len + 1;
			for (uint64_t i = 0; i <= now.len && !now.of_register; i++)
				expected.emplace(now.address / 64 * 64 + 64 * i,
						 store.at(now.address + 64 * i));
		}
		top.m_axib_awaddr = now.address;
		top.m_axib_awlen = (uint8_t)now.len;
		top.m_axib_awid = (uint8_t)now.id;
		top.m_axib_awvalid = asking;
		if (left && !offered && below(2))
			offer();
		top.m_axib_wvalid = offered;
		top.m_axib_bready = below(2) != 0;
	}

	void step()
	{
		if (top.m_axib_awvalid && top.m_axib_awready)
			asking = false;
		if (offered && top.m_axib_wready) {
			offered = false;
			left--;
		}
		if (!top.m_axib_bvalid || !top.m_axib_bready)
			return;
		expect(busy && !asking && !left, "an answer without a write");
		expect(top.m_axib_bid == now.id, "an answer of another write");
		busy = false;
		done++;
	}

	std::unordered_map<uint64_t, axi_lines::line> expected;
};

struct reader {
	target now;
	unsigned done = 0;
	bool busy = false, asking = false;
	uint32_t beat = 0;

	void drive()
	{
		if (!busy && done < rounds && !below(4)) {
			now.choose(0);
			busy = asking = true;
			beat = 0;
		}
		top.m_axib_araddr = now.address;
		top.m_axib_arlen = (uint8_t)now.len;
		top.m_axib_arid = (uint8_t)now.id;
		top.m_axib_arvalid = asking;
		top.m_axib_rready = below(2) != 0;
	}

	void step()
	{
		if (top.m_axib_arvalid && top.m_axib_arready)
			asking = false;
		if (!top.m_axib_rvalid || !top.m_axib_rready)
			return;
		expect(busy && !asking && top.m_axib_rid == now.id, "an answer of another read");
		expect(top.m_axib_rlast == (beat == now.len), "a read of another length");
		if (now.of_register)
			expect(top.m_axib_rdata[now.address / 4 % 16] ==
				       registers[now.address % 65536 / 4],
			       "another register is read");
		else
			expect(!memcmp(&top.m_axib_rdata[0],
				       store.at(now.address + 64 * beat).data(), 64),
			       "other memory is read");
		busy = beat++ != now.len;
		done += !busy;
	}
};

// Registers at AXI4-Lite, as slow as they like.
struct lite {
	bool written = false, read = false;

	void drive()
	{
		top.s_bvalid = written;
		top.s_rvalid = read;
		top.s_awready = top.s_awvalid && top.s_wvalid && !written && !below(3);
		top.s_wready = top.s_awready;
		top.s_arready = top.s_arvalid && !read && !below(3);
	}

	void step()
	{
		if (top.s_bvalid && top.s_bready)
			written = false;
		if (top.s_rvalid && top.s_rready)
			read = false;
		if (top.s_awready) {
			expect(top.s_awaddr >= 0x8000 && top.s_wstrb == 15 &&
				       registers[top.s_awaddr / 4] == top.s_wdata,
			       "another register is written");
			written = true;
		}
		if (top.s_arready) {
			top.s_rdata = registers[top.s_araddr / 4];
			read = true;
		}
	}
};

static void run(writer &w, reader &r)
{
	lite l;

	for (unsigned cycle = 0; cycle < 400000 && !failed && w.done + r.done < 2 * rounds;
	     cycle++) {
		top.clk = 0;
		top.eval();
		w.drive();
		r.drive();
		memory.drive();
		top.eval();
		l.drive();
		top.eval();
		w.step();
		r.step();
		l.step();
		memory.sample();
		expect(memory.wrong.empty(), memory.wrong.c_str());
		top.clk = 1;
		top.eval();
	}
	expect(w.done + r.done == 2 * rounds, "it does not end");
	for (const auto &line : w.expected)
		expect(line.second == store.at(line.first), "what was written is not there");
}

int main()
{
	writer w;
	reader r;

	memory.stall = 10;
	store.faults = 0;
	for (uint32_t &reg : registers)
		reg = random32();
	top.eval();
	top.reset = 1;
	for (unsigned i = 0; i < 4; i++) {
		top.clk = i & 1;
		top.eval();
	}
	top.reset = 0;
	run(w, r);
	if (failed)
		return 1;
	printf("%u reads and %u writes of registers and memory\n", rounds, rounds);
	return 0;
}
