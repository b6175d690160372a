/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_MEMORY_H
#define FPR_BENCH_MEMORY_H

/*
 * The memory behind a master's port of hw/rtl/top's AXI subset (C++), for all benches: it answers
 * late and in fits and starts, and says what the master does against the rules. What lies there and
 * what cannot be reached is a store's to say. Once a cycle: drive(), the model's eval(), sample(),
 * the clock's edge.
 */

#include <cstdint>
#include <cstring>
#include <string>

#include "random.h"

#define AXI_PAGE 4096u
#define AXI_BEAT 64u
#define AXI_BURST 64u /* beats, at most */

/* A master's signals; wide ones are words. */
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

/* What lies there; several ports may have the same. Addresses are multiples of a beat. */
struct axi_store {
	/* A burst begins. */
	virtual void begin(bool write, uint64_t address, uint32_t beats)
	{
		(void)write, (void)address, (void)beats;
	}

	/* A beat; false: it is refused. */
	virtual bool read(uint64_t address, uint8_t *data) = 0;
	virtual bool write(uint64_t address, const uint8_t *data, uint64_t strobes) = 0;
};

class axi_memory
{
      public:
	uint32_t stall = 0; /* of 16 chances to go on, so many are missed */
	bool data_first = false; /* half of all writes: the address is taken after a beat */
	uint64_t beats_read = 0, beats_written = 0;
	std::string wrong; /* which rule was broken first; empty: none */

	axi_memory(const char *of, axi_port at, axi_store &behind)
	    : name(of), port(at), store(behind)
	{
	}

	/* What the master sees until the next edge. */
	void drive()
	{
		port.arready = goes();
		if (reading && !offered && goes())
			offer_beat();
		port.rvalid = offered;
		port.awready = goes() && !(waits && !taken);
		port.wready = goes();
		if (addressed && ended && !answered && goes())
			answer();
		port.bvalid = answered;
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

	const char *name;
	axi_port port;
	axi_store &store;
	struct held ar = {}, aw = {}, w = {};
	bool reading = false, offered = false; /* a burst; its next beat */
	uint64_t read_at = 0;
	uint32_t read_left = 0; /* beats behind the next one */
	bool addressed = false, ended = false, answered = false; /* of a write */
	bool waits = false; /* its address does, for data */
	uint64_t write_at = 0;
	uint32_t write_beats = 0, taken = 0; /* announced; there */
	uint8_t data[AXI_BURST][AXI_BEAT];
	uint64_t strobes[AXI_BURST];

	bool goes() const
	{
		return below(16) >= stall;
	}

	void expect(bool good, const char *what)
	{
		if (!good && wrong.empty())
			wrong = std::string(name) + ": " + what;
	}

	void stable(struct held &h, bool valid, bool ready, uint64_t x, uint8_t y,
		    const uint32_t *words)
	{
		expect(!h.valid || (valid && x == h.x && y == h.y &&
				    !(words && memcmp(words, h.data, sizeof(h.data)))),
		       "what was offered has changed");
		h.valid = valid && !ready;
		h.x = x;
		h.y = y;
		if (words)
			memcpy(h.data, words, sizeof(h.data));
	}

	void begin(bool write, uint64_t at, uint32_t beats)
	{
		expect(at % AXI_BEAT == 0 && beats <= AXI_BURST &&
			       at % AXI_PAGE + beats * AXI_BEAT <= AXI_PAGE,
		       "a burst is not aligned, too long or goes beyond its page");
		store.begin(write, at, beats);
	}

	uint8_t response(bool good) const
	{
		return good ? 0 : 2 + (uint8_t)below(2);
	}

	void offer_beat()
	{
		port.rresp = response(store.read(read_at, (uint8_t *)port.rdata));
		port.rlast = read_left == 0;
		offered = true;
		beats_read++;
	}

	void sample_read()
	{
		expect(!port.arvalid || !reading, "a read beside one under way");
		if (port.rvalid && port.rready) {
			offered = false;
			reading = read_left-- != 0;
			read_at += AXI_BEAT;
		}
		if (port.arvalid && port.arready) {
			begin(false, port.araddr, port.arlen + 1u);
			reading = true;
			read_at = port.araddr;
			read_left = port.arlen;
		}
	}

	/* Data may come before its address. */
	void take_beat()
	{
		if (taken < AXI_BURST) {
			memcpy(data[taken], port.wdata, AXI_BEAT);
			strobes[taken++] = port.wstrb;
		}
		ended = port.wlast;
		beats_written++;
	}

	void sample_write()
	{
		expect(!port.awvalid || !addressed, "a write beside one under way");
		expect(!port.wvalid || !ended, "data behind the last beat");
		if (port.bvalid && port.bready) {
			addressed = ended = answered = false;
			taken = 0;
			waits = data_first && below(2);
		}
		if (port.wvalid && port.wready)
			take_beat();
		if (port.awvalid && port.awready) {
			begin(true, port.awaddr, port.awlen + 1u);
			addressed = true;
			write_at = port.awaddr;
			write_beats = port.awlen + 1u;
		}
		expect(!addressed || (ended ? taken == write_beats : taken < write_beats),
		       "the last beat is not where it should be");
	}

	/* Only now is it there: who does not wait for the answer may not rely on it. */
	void answer()
	{
		bool good = true;

		for (uint32_t i = 0; i < taken; i++)
			good &= store.write(write_at + i * AXI_BEAT, data[i], strobes[i]);
		port.bresp = response(good);
		answered = true;
	}
};

/* The bytes of a beat that have a strobe. */
static inline void axi_put(uint8_t *to, const uint8_t *data, uint64_t strobes)
{
	for (uint32_t i = 0; i < AXI_BEAT; i++)
		if (strobes >> i & 1)
			to[i] = data[i];
}

#endif
