/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_MEMORY_H
#define FPR_BENCH_MEMORY_H

/*
 * Host and board memory of the bench, and what stands behind a port of either. Unlike that of
 * axi/memory.h a memory may have several ports, fails at single bytes, for reads or for writes,
 * and tells of each byte before it is written.
 */

#include <cstdint>
#include <cstring>
#include <vector>

#include "../axi/memory.h"

/* A piece of address space with some addresses that fail. */
struct memory_space {
	uint64_t base;
	std::vector<uint8_t> bytes;
	uint64_t bad_from, bad_to; /* no byte in between can be read ... */
	bool bad_writes; /* ... or rather written */
	void (*written)(uint64_t address); /* before each write */

	uint8_t *at(uint64_t address)
	{
		return bytes.data() + (address - base);
	}

	bool reaches(uint64_t address, uint64_t n, bool write) const
	{
		bool bad = write == bad_writes && address < bad_to && bad_from < address + n;

		return address >= base && address + n <= base + bytes.size() && !bad;
	}

	bool get(uint64_t address, uint8_t *to, uint64_t n)
	{
		if (!reaches(address, n, false))
			return false;
		memcpy(to, at(address), n);
		return true;
	}

	bool put(uint64_t address, const uint8_t *from, uint64_t n)
	{
		if (!reaches(address, n, true))
			return false;
		written(address);
		memcpy(at(address), from, n);
		return true;
	}
};

[[noreturn]] void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A burst under way. */
struct burst {
	uint64_t address;
	uint32_t left; /* beats, 0 for none */

	void begin(uint64_t first, uint8_t len)
	{
		if (first % 64 || len > 63 || first % 4096 + (len + 1) * 64 > 4096)
			fail("a burst of %u beats at %llx", len + 1, (unsigned long long)first);
		address = first;
		left = len + 1;
	}

	void next()
	{
		address += 64;
		left--;
	}
};

/*
 * The memory's side of a port. A cycle: inputs settle, edge(), the model's rising edge, drive().
 */
class memory_port
{
	axi_port port;
	memory_space &memory;
	burst reading = {}, writing = {};
	bool read_offered = false, answer_due = false, answer_offered = false, bad = false;
	struct {
		uint64_t araddr, awaddr;
		bool ar, aw, w;
	} waits = {}; /* what was not taken at the last edge must be there still */

	bool pauses() const
	{
		return pace && below(pace) == 0;
	}

	void keep_faith()
	{
		if ((waits.ar && !(port.arvalid && port.araddr == waits.araddr)) ||
		    (waits.aw && !(port.awvalid && port.awaddr == waits.awaddr)) ||
		    (waits.w && !port.wvalid))
			fail("a port takes back what it offered");
		waits = {port.araddr, port.awaddr, port.arvalid && !port.arready,
			 port.awvalid && !port.awready, port.wvalid && !port.wready};
	}

	void write_beat()
	{
		const uint8_t *data = (const uint8_t *)port.wdata;

		if (port.wlast != (writing.left == 1))
			fail("the last beat of a burst is another");
		bad |= !memory.reaches(writing.address, 64, true);
		for (uint32_t i = 0; i < 64 && !bad; i++)
			if (port.wstrb >> i & 1)
				memory.put(writing.address + i, data + i, 1);
		writing.next();
		answer_due = writing.left == 0;
	}

	void offer_read()
	{
		bool ok = memory.get(reading.address, (uint8_t *)port.rdata, 64);

		port.rresp = ok ? 0 : 2;
		port.rlast = reading.left == 1;
		read_offered = true;
	}

      public:
	uint32_t pace = 0; /* one cycle of so many is lost, 0: none */
	uint64_t beats = 0;

	memory_port(axi_port on, memory_space &behind) : port(on), memory(behind)
	{
	}

	void edge()
	{
		keep_faith();
		if (port.rvalid && port.rready) {
			reading.next();
			read_offered = false;
			beats++;
		}
		if (port.arvalid && port.arready)
			reading.begin(port.araddr, port.arlen);
		if (port.wvalid && port.wready) {
			write_beat();
			beats++;
		}
		if (port.awvalid && port.awready)
			writing.begin(port.awaddr, port.awlen);
		if (port.bvalid && port.bready)
			answer_due = answer_offered = bad = false;
	}

	void drive()
	{
		if (!read_offered && reading.left && !pauses())
			offer_read();
		answer_offered |= answer_due && !pauses();
		port.arready = !reading.left && !pauses();
		port.rvalid = read_offered;
		port.awready = !writing.left && !answer_due && !pauses();
		port.wready = writing.left && !pauses();
		port.bvalid = answer_offered;
		port.bresp = bad ? 2 : 0;
	}
};

#endif
