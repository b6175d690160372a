/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_AXI_MEMORY_H
#define FPR_RTL_AXI_MEMORY_H

/*
 * A memory behind the AXI subset of hw/rtl/top (C++), for benches: it answers late and in
 * fits and starts, refuses what lies outside its pages, and complains of a master that
 * breaks the rules. Once a cycle: drive(), the model's eval(), sample(), the clock's edge.
 */

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>

#define AXI_PAGE 4096u
#define AXI_BEAT 64u

/* The benches' random numbers: the same ones every time. */
static uint64_t axi_state = 88172645463325252u;

static inline uint64_t random64()
{
	axi_state ^= axi_state << 13;
	axi_state ^= axi_state >> 7;
	axi_state ^= axi_state << 17;
	return axi_state * 2685821657736338717u;
}

static inline uint32_t below(uint32_t n)
{
	return (uint32_t)(random64() >> 32) % n;
}

/* Pages by their number; others cannot be reached. */
struct pages : std::map<uint64_t, std::array<uint8_t, AXI_PAGE>> {
	bool has(uint64_t address) const
	{
		return count(address / AXI_PAGE) != 0;
	}

	uint8_t &byte(uint64_t address)
	{
		return at(address / AXI_PAGE)[address % AXI_PAGE];
	}
};

/* The signals of a master; wide ones are words. */
struct axi_port {
	uint64_t &araddr;
	uint8_t &arlen, &arvalid, &arready;
	uint32_t *rdata;
	uint8_t &rresp, &rlast, &rvalid, &rready;
	uint64_t &awaddr;
	uint8_t &awlen, &awvalid, &awready;
	uint32_t *wdata;
	uint64_t &wstrb;
	uint8_t &wlast, &wvalid, &wready, &bresp, &bvalid, &bready;
};

#define AXI_PORT(top, p)                                                                      \
	{                                                                                     \
		(top).p##araddr, (top).p##arlen, (top).p##arvalid, (top).p##arready,          \
			&(top).p##rdata[0], (top).p##rresp, (top).p##rlast, (top).p##rvalid,  \
			(top).p##rready, (top).p##awaddr, (top).p##awlen, (top).p##awvalid,   \
			(top).p##awready, &(top).p##wdata[0], (top).p##wstrb, (top).p##wlast, \
			(top).p##wvalid, (top).p##wready, (top).p##bresp, (top).p##bvalid,    \
			(top).p##bready                                                       \
	}

struct axi_memory {
	const char *name;
	axi_port port;
	struct pages pages;
	uint32_t stall = 0; /* of 16 chances to go on, so many are missed */
	uint64_t strobed = 0; /* bytes written and not refused */
	unsigned complaints = 0;

	axi_memory(const char *of, axi_port at) : name(of), port(at)
	{
	}

	/* What the master sees until the next edge. */
	void drive()
	{
		port.arready = goes();
		port.rvalid = rvalid = rvalid || (reading && goes());
		if (rvalid)
			show();
		port.awready = goes();
		port.wready = goes();
		port.bvalid = bvalid = bvalid || (answering && goes());
		port.bresp = bresp;
	}

	/* What the master shows, before the edge. */
	void sample()
	{
		stable(ar, port.arvalid, port.arready, port.araddr, port.arlen, nullptr);
		stable(aw, port.awvalid, port.awready, port.awaddr, port.awlen, nullptr);
		stable(w, port.wvalid, port.wready, port.wstrb, port.wlast, port.wdata);
		sample_read();
		sample_write();
	}

      private:
	struct held {
		bool valid;
		uint64_t x;
		uint8_t y;
		uint32_t data[AXI_BEAT / 4];
	};

	struct held ar = {}, aw = {}, w = {};
	bool reading = false, rvalid = false, shown = false, writing = false, answering = false,
	     bvalid = false;
	uint8_t bresp = 0; /* of the write under way; not 0: it is refused */
	uint64_t read_at = 0, write_at = 0, burst_bytes = 0;
	uint32_t read_left = 0, write_left = 0, bad_beat = 0;

	bool goes() const
	{
		return below(16) >= stall;
	}

	void complain(const char *what)
	{
		printf("%s: %s\n", name, what);
		complaints++;
	}

	void stable(struct held &h, bool valid, bool ready, uint64_t x, uint8_t y,
		    const uint32_t *data)
	{
		if (h.valid && (!valid || x != h.x || y != h.y ||
				(data && memcmp(data, h.data, sizeof(h.data)) != 0)))
			complain("what was offered has changed");
		h.valid = valid && !ready;
		h.x = x;
		h.y = y;
		if (data)
			memcpy(h.data, data, sizeof(h.data));
	}

	void check_burst(uint64_t at, uint32_t beats)
	{
		if (at % AXI_BEAT || beats > 64 || at % AXI_PAGE + beats * AXI_BEAT > AXI_PAGE)
			complain("a burst is not aligned, too long or goes beyond its page");
	}

	/* The beat on offer, chosen once; of a page that is not there one at least is refused. */
	void show()
	{
		bool bad = !pages.has(read_at) && (read_left == bad_beat || below(4) == 0);

		if (shown)
			return;
		shown = true;
		port.rlast = read_left == 0;
		port.rresp = bad ? 2 + (uint8_t)below(2) : 0;
		for (uint32_t i = 0; i < AXI_BEAT; i++)
			((uint8_t *)port.rdata)[i] =
				pages.has(read_at) ? pages.byte(read_at + i) : (uint8_t)below(256);
	}

	void sample_read()
	{
		bool end = rvalid && port.rready && read_left == 0;

		if (port.arvalid && reading)
			complain("a second read");
		if (rvalid && port.rready) {
			read_at += AXI_BEAT;
			read_left--;
			rvalid = shown = false;
		}
		reading = reading && !end;
		if (port.arvalid && port.arready) {
			check_burst(port.araddr, port.arlen + 1u);
			reading = true;
			read_at = port.araddr;
			read_left = port.arlen;
			bad_beat = below(port.arlen + 1u);
		}
	}

	void write_beat()
	{
		const uint8_t *data = (const uint8_t *)port.wdata;

		if (port.wlast != (write_left == 0))
			complain("the last beat is not where it should be");
		for (uint32_t i = 0; i < AXI_BEAT; i++) {
			if (!(port.wstrb >> i & 1))
				continue;
			burst_bytes++;
			if (!bresp)
				pages.byte(write_at + i) = data[i];
		}
		write_at += AXI_BEAT;
		answering = write_left == 0;
		writing = !answering;
		write_left--;
	}

	void sample_write()
	{
		if (bvalid && port.bready) {
			strobed += bresp ? 0 : burst_bytes;
			bvalid = answering = false;
		}
		if (port.wvalid && port.wready) {
			if (writing)
				write_beat();
			else
				complain("a beat before its address");
		}
		if (!port.awvalid || !port.awready)
			return;
		if (writing || answering)
			complain("a second write");
		check_burst(port.awaddr, port.awlen + 1u);
		writing = true;
		write_at = port.awaddr;
		write_left = port.awlen;
		bresp = pages.has(write_at) ? 0 : 2 + (uint8_t)below(2);
		burst_bytes = 0;
	}
};

#endif
