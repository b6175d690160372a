/* SPDX-License-Identifier: MIT */
#ifndef FPR_TOP_BUS_H
#define FPR_TOP_BUS_H

/*
 * The other sides of fpr_top's ports (C++): memories that answer late and in fits and starts, and
 * complain of a master that breaks the rules of hw/rtl/top; hosts that access registers and board
 * memory. Once a cycle: drive(), the model's eval(), sample(), the clock's edge.
 */

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

#define BUS_PAGE 4096u
#define BUS_BEAT 64u
#define BUS_BURST 64u /* beats, at most */

/* Chances; the same ones for the same seed. */
class chances
{
      public:
	chances(uint64_t seed, unsigned stall) : state(seed * 2 + 1), stall(stall)
	{
	}

	uint32_t below(uint32_t n)
	{
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		return (uint32_t)(state * 2685821657736338717u >> 32) % n;
	}

	/* Of 16 chances to go on, @stall are missed. */
	bool go()
	{
		return below(16) >= stall;
	}

      private:
	uint64_t state;
	unsigned stall;
};

/* A port of the AXI subset; wide signals are words. */
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

/* ---- memory behind a master --------------------------------------------- */

/* Whoever offers something keeps to it until it is taken. */
class offer
{
      public:
	bool broken(bool valid, bool ready, uint64_t x, uint64_t y, const uint32_t *data)
	{
		bool bad = held && (!valid || x != was_x || y != was_y ||
				    (data && memcmp(data, was, BUS_BEAT) != 0));

		held = valid && !ready;
		was_x = x;
		was_y = y;
		if (data)
			memcpy(was, data, BUS_BEAT);
		return bad;
	}

      private:
	bool held = false;
	uint64_t was_x = 0, was_y = 0;
	uint32_t was[BUS_BEAT / 4];
};

class bus_memory
{
      public:
	std::function<void(uint64_t, void *, uint32_t)> read;
	std::function<void(uint64_t, const void *, uint32_t)> write; /* a run of bytes */
	std::function<void(const std::string &)> complain;
	uint64_t beats_read = 0, beats_written = 0;

	bus_memory(const char *name, axi_port port, chances &chance)
	    : name(name), port(port), chance(chance)
	{
	}

	void drive()
	{
		port.arready = !reading && chance.go();
		if (reading && !port.rvalid && chance.go())
			show();
		port.awready = !writing && !answering && chance.go();
		port.wready = writing && chance.go();
		if (answering && !port.bvalid && chance.go())
			answer();
	}

	void sample()
	{
		if (ar.broken(port.arvalid, port.arready, port.araddr, port.arlen, nullptr) ||
		    aw.broken(port.awvalid, port.awready, port.awaddr, port.awlen, nullptr) ||
		    w.broken(port.wvalid, port.wready, port.wstrb, port.wlast, port.wdata))
			say("what was offered has changed");
		if ((port.arvalid && reading) || (port.awvalid && (writing || answering)))
			say("a second burst beside one under way");
		r_next = port.rvalid && port.rready;
		ar_next = port.arvalid && port.arready;
		aw_next = port.awvalid && port.awready;
		b_next = port.bvalid && port.bready;
		if (port.wvalid && port.wready)
			take_beat();
	}

	/* After the edge: what was taken is offered no more. */
	void step()
	{
		if (r_next)
			port.rvalid = 0, reading = read_left-- != 0, read_at += BUS_BEAT;
		if (ar_next)
			begin(port.araddr, port.arlen, read_at, read_left, reading);
		if (b_next)
			port.bvalid = 0, answering = false;
		if (aw_next) {
			begin(port.awaddr, port.awlen, write_at, write_left, writing);
			taken = 0;
		}
	}

      private:
	const char *name;
	axi_port port;
	chances &chance;
	offer ar, aw, w;
	bool reading = false, writing = false, answering = false;
	bool r_next = false, ar_next = false, aw_next = false, b_next = false;
	uint64_t read_at = 0, write_at = 0;
	uint32_t read_left = 0, write_left = 0, taken = 0;
	uint8_t data[BUS_BURST][BUS_BEAT];
	uint64_t strobes[BUS_BURST];

	void say(const char *what)
	{
		complain(std::string(name) + ": " + what);
	}

	void begin(uint64_t address, uint32_t len, uint64_t &at, uint32_t &left, bool &busy)
	{
		if (address % BUS_BEAT || len >= BUS_BURST ||
		    address % BUS_PAGE + (len + 1) * BUS_BEAT > BUS_PAGE)
			say("a burst is not aligned, too long or goes beyond its page");
		at = address;
		left = len % BUS_BURST;
		busy = true;
	}

	void show()
	{
		read(read_at, port.rdata, BUS_BEAT);
		port.rvalid = 1;
		port.rlast = read_left == 0;
		port.rresp = 0;
		beats_read++;
	}

	void take_beat()
	{
		memcpy(data[taken], port.wdata, BUS_BEAT);
		strobes[taken++] = port.wstrb;
		if ((port.wlast != 0) != (write_left == 0))
			say("the last beat is not where it should be");
		answering = write_left == 0;
		writing = !answering;
		write_left--;
		beats_written++;
	}

	/* Only now is it there: who does not wait for the answer may not rely on it. */
	void answer()
	{
		for (uint32_t i = 0; i < taken; i++) {
			for (uint32_t from = 0, to; from < BUS_BEAT; from = to + 1) {
				for (to = from; to < BUS_BEAT && (strobes[i] >> to & 1); to++)
					;
				if (to > from)
					write(write_at + i * BUS_BEAT + from, data[i] + from,
					      to - from);
			}
		}
		port.bvalid = 1;
		port.bresp = 0;
	}
};

#endif
