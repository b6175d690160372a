// SPDX-License-Identifier: MIT
//
// The joining of AXI masters and the registers' door. Three masters read and write bursts at
// random places; each must get what is its own and wait for no more than one burst of each
// of the others. A host reads and writes registers with random stalls.
#include <cstdio>

#include "Vtile.h"
#include "lines.h"
#include "mistake.h"

static const unsigned masters = 3;
static const unsigned bursts = 300; // of each master and kind
static const unsigned accesses = 900;

static Vtile top;
static axi_lines store;
static axi_memory slave("slave", AXI_PORT(top, out_), store);
static bool failed;

static void complain(const char *what)
{
	if (!failed)
		printf("%s\n", what);
	failed = true;
}

static void put64(uint32_t *words, unsigned i, uint64_t value)
{
	memcpy(words + 2 * i, &value, 8);
}

static void put_bit(uint8_t &bits, unsigned i, bool value)
{
	bits = (uint8_t)((bits & ~(1u << i)) | (uint32_t)value << i);
}

static void put_len(uint32_t &lens, unsigned i, uint32_t len)
{
	lens = (lens & ~(0xffu << 8 * i)) | len << 8 * i;
}

// A burst's first line and its length, which stay in their page and in the master's own memory.
static void place(unsigned master, uint64_t base, uint64_t &address, uint32_t &len)
{
	uint64_t first = below(64);

	len = below(3) ? below(4) : below(64);
	if (len > 63 - first)
		len = (uint32_t)(63 - first);
	address = base + ((uint64_t)master << 40) + below(8) * 4096 + first * 64;
}

// How often others were let in while one waits.
struct turns {
	unsigned waited[masters] = {};

	void step(unsigned valid, unsigned ready)
	{
		for (unsigned i = 0; i < masters; i++) {
			if (valid & ready & ~(1u << i))
				waited[i] += valid >> i & 1;
			if (valid & ready & 1u << i)
				waited[i] = 0;
			if (waited[i] >= masters)
				complain("a master waits for more than one burst of each other");
		}
	}
};

struct reader {
	unsigned id = 0, done = 0;
	bool asking = false, reading = false;
	uint64_t address = 0;
	uint32_t left = 0;

	void beat(const uint32_t *data, uint32_t resp, bool last)
	{
		if (memcmp(data, store.at(address).data(), 64))
			complain("a master reads what is not its own");
		if ((resp != 0) != store.refuses(address))
			complain("a response goes to somebody else");
		if (last != (left == 0))
			complain("a burst ends too soon or too late");
		address += 64;
		reading = left-- != 0;
		done += !reading;
	}

	void step()
	{
		bool valid = top.in_rvalid >> id & 1;

		if (valid && !reading)
			complain("data without a read");
		if (asking && top.in_arready >> id & 1) {
			asking = false;
			reading = true;
		}
		if (valid && top.in_rready >> id & 1)
			beat(&top.in_rdata[16 * id], top.in_rresp >> 2 * id & 3,
			     top.in_rlast >> id & 1);
	}

	void drive()
	{
		if (!asking && !reading && done < bursts && !below(4)) {
			place(id, 0, address, left);
			put64(&top.in_araddr[0], id, address);
			put_len(top.in_arlen, id, left);
			asking = true;
		}
		put_bit(top.in_arvalid, id, asking);
		put_bit(top.in_rready, id, below(3));
	}
};

struct writer {
	unsigned id = 0, done = 0;
	bool asking = false, offered = false, waiting = false;
	bool fault = false;
	uint64_t address = 0;
	uint32_t len = 0, left = 0; // beats to write
	std::unordered_map<uint64_t, axi_lines::line> memory;

	void start()
	{
		place(id, 1ull << 50, address, len);
		left = len + 1;
		fault = false;
		for (uint32_t i = 0; i <= len; i++) {
			fault = fault || store.refuses(address + 64 * i);
			memory.emplace(address + 64 * i, store.at(address + 64 * i));
		}
		put64(&top.in_awaddr[0], id, address);
		put_len(top.in_awlen, id, len);
		asking = waiting = true;
	}

	void offer()
	{
		axi_lines::line &line = memory[address + 64 * (len + 1 - left)];
		uint64_t strobe = random64();
		uint32_t *data = &top.in_wdata[16 * id];

		for (unsigned i = 0; i < 16; i++)
			data[i] = random32();
		for (unsigned i = 0; i < 64; i++)
			if (strobe >> i & 1)
				((uint8_t *)line.data())[i] = ((uint8_t *)data)[i];
		put64(&top.in_wstrb[0], id, strobe);
		put_bit(top.in_wlast, id, left == 1);
		offered = true;
	}

	void step()
	{
		if (asking && top.in_awready >> id & 1)
			asking = false;
		if (offered && top.in_wready >> id & 1) {
			offered = false;
			left--;
		}
		if (!(top.in_bvalid >> id & 1))
			return;
		if (!waiting || asking || left)
			complain("an answer without a write");
		if (((top.in_bresp >> 2 * id & 3) != 0) != fault)
			complain("a response goes to somebody else");
		if (top.in_bready >> id & 1) {
			waiting = false;
			done++;
		}
	}

	void drive()
	{
		if (!waiting && done < bursts && !below(4))
			start();
		if (left && !offered && below(3))
			offer();
		put_bit(top.in_awvalid, id, asking);
		put_bit(top.in_wvalid, id, offered);
		put_bit(top.in_bready, id, below(3));
	}

	void compare() const
	{
		for (const auto &line : memory)
			if (line.second != store.at(line.first))
				complain("what was written is not there");
	}
};

// A host at the registers: one access after the other, and what the register bus must show.
struct host {
	unsigned done = 0;
	bool busy = false, write = false, address = false, data = false, shown = false;
	uint32_t strobes = 0, answer = 0;

	void start()
	{
		busy = true;
		shown = false;
		write = below(2);
		address = true;
		data = write;
		strobes = below(4) ? 15 : below(15);
		top.s_awaddr = top.s_araddr = (uint16_t)(below(16384) * 4);
		top.s_wdata = random32();
		top.s_wstrb = (uint8_t)strobes;
	}

	void end(uint32_t resp)
	{
		if (!busy || address || data || resp)
			complain("a wrong answer at the registers");
		if (shown != (!write || strobes == 15))
			complain("an access that is none, or one that is lost");
		if (!write && top.s_rdata != answer)
			complain("a register reads as another one");
		busy = false;
		done++;
	}

	void bus()
	{
		if (top.access_write != write || top.access_at != top.s_awaddr ||
		    (write && top.access_value != top.s_wdata) || shown)
			complain("an access that the host has not made");
		if (top.access_done) {
			shown = true;
			answer = top.access_answer;
		}
	}

	void step()
	{
		if (top.access_valid)
			bus();
		if (write ? top.s_awvalid && top.s_awready : top.s_arvalid && top.s_arready)
			address = false;
		if (top.s_wvalid && top.s_wready)
			data = false;
		if (top.s_bvalid && top.s_bready)
			end(top.s_bresp);
		if (top.s_rvalid && top.s_rready)
			end(top.s_rresp);
	}

	// Before the edge: a host may see `ready` or not, as the bus may be done or not.
	void drive()
	{
		if (!busy && done < accesses && !below(3))
			start();
		top.s_awvalid = busy && write && address && (top.s_awvalid || below(2));
		top.s_wvalid = busy && write && data && (top.s_wvalid || below(2));
		top.s_arvalid = busy && !write && address && (top.s_arvalid || below(2));
		top.s_bready = below(2) != 0;
		top.s_rready = below(2) != 0;
		top.access_done = top.access_valid && !below(4);
		top.access_answer = random32();
	}
};

// A read that came while a write is offered would have to wait for it.
static void passes(const host &h)
{
	if (!h.busy || !h.write)
		return;
	top.s_arvalid = 1;
	top.eval();
	if ((top.s_awvalid || top.s_wvalid) && top.s_arready)
		complain("a read passes a write");
	top.s_arvalid = 0;
	top.eval();
}

static bool over(const reader *readers, const writer *writers, const host &h)
{
	unsigned done = h.done == accesses;

	for (unsigned i = 0; i < masters; i++)
		done += (readers[i].done == bursts) + (writers[i].done == bursts);
	return done == 2 * masters + 1;
}

static unsigned run()
{
	reader readers[masters];
	writer writers[masters];
	turns reads, writes;
	host h;
	unsigned cycle;

	for (unsigned i = 0; i < masters; i++)
		readers[i].id = writers[i].id = i;
	for (cycle = 0; cycle < 200000 && !failed && !over(readers, writers, h); cycle++) {
		top.clk = 0;
		top.eval();
		for (unsigned i = 0; i < masters; i++) {
			readers[i].drive();
			writers[i].drive();
		}
		h.drive();
		slave.drive();
		top.eval();
		passes(h);
		reads.step(top.in_arvalid, top.in_arready);
		writes.step(top.in_awvalid, top.in_awready);
		for (unsigned i = 0; i < masters; i++) {
			readers[i].step();
			writers[i].step();
		}
		h.step();
		slave.sample();
		if (!slave.wrong.empty())
			complain(slave.wrong.c_str());
		top.clk = 1;
		top.eval();
	}
	if (!over(readers, writers, h))
		complain("it does not end");
	for (unsigned i = 0; i < masters; i++)
		writers[i].compare();
	return cycle;
}

int main()
{
	unsigned cycles;

	make_mistake(top);
	slave.stall = 10;
	slave.data_first = true;
	top.eval();
	top.reset = 1;
	for (unsigned i = 0; i < 4; i++) {
		top.clk = i & 1;
		top.eval();
	}
	top.reset = 0;
	cycles = run();
	if (failed)
		return 1;
	printf("%u bursts of each master there and back, %u accesses, in %u cycles\n", bursts,
	       accesses, cycles);
	return 0;
}
