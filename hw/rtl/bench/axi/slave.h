/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_SLAVE_H
#define FPR_RTL_SLAVE_H

/*
 * Memory behind an AXI port of hw/rtl/top's subset, as C++ beside a Verilated master: it stalls
 * at random, refuses lines that it is told to refuse, and says what the master does wrong.
 */

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <vector>

struct axi_pins {
	uint64_t araddr, awaddr, wstrb;
	uint32_t arlen, awlen, wdata[16];
	bool arvalid, rready, awvalid, wvalid, wlast, bready;
	/* The slave's. */
	uint32_t rresp, bresp, rdata[16];
	bool arready, rvalid, rlast, awready, wready, bvalid;
};

/* What the master of @top with this prefix says, and what it is told. */
#define AXI_LISTEN(pins, top, prefix)                              \
	do {                                                       \
		(pins).araddr = (top).prefix##araddr;              \
		(pins).arlen = (top).prefix##arlen;                \
		(pins).arvalid = (top).prefix##arvalid;            \
		(pins).rready = (top).prefix##rready;              \
		(pins).awaddr = (top).prefix##awaddr;              \
		(pins).awlen = (top).prefix##awlen;                \
		(pins).awvalid = (top).prefix##awvalid;            \
		memcpy((pins).wdata, &(top).prefix##wdata[0], 64); \
		(pins).wstrb = (top).prefix##wstrb;                \
		(pins).wlast = (top).prefix##wlast;                \
		(pins).wvalid = (top).prefix##wvalid;              \
		(pins).bready = (top).prefix##bready;              \
	} while (0)

#define AXI_SPEAK(pins, top, prefix)                               \
	do {                                                       \
		(top).prefix##arready = (pins).arready;            \
		memcpy(&(top).prefix##rdata[0], (pins).rdata, 64); \
		(top).prefix##rresp = (pins).rresp;                \
		(top).prefix##rlast = (pins).rlast;                \
		(top).prefix##rvalid = (pins).rvalid;              \
		(top).prefix##awready = (pins).awready;            \
		(top).prefix##wready = (pins).wready;              \
		(top).prefix##bresp = (pins).bresp;                \
		(top).prefix##bvalid = (pins).bvalid;              \
	} while (0)

class axi_slave
{
      public:
	using line = std::array<uint32_t, 16>;
	struct write {
		uint64_t address, strobe;
		line data;
	};

	axi_pins pins = {};
	std::vector<write> log; /* beats in their order */
	const char *wrong = nullptr;
	unsigned stall = 3; /* one cycle of so many goes on */
	bool frozen = false; /* none does */
	unsigned faults = 16; /* one line of so many is refused; 0: none */

	bool refuses(uint64_t address) const
	{
		return faults && mix(address / 64 * 77) % faults == 0;
	}

	/* What a line holds; what has not been written is made up. */
	line &at(uint64_t address)
	{
		auto found = memory.find(address / 64);

		if (found == memory.end()) {
			line made;

			for (uint64_t i = 0; i < 16; i++)
				made[i] = mix(address / 64 * 16 + i);
			found = memory.emplace(address / 64, made).first;
		}
		return found->second;
	}

	/* A cycle in which the pins were as they are; they change to those of the next. */
	void step()
	{
		const axi_pins now = pins;

		stable();
		reads();
		writes();
		before = now;
	}

      private:
	std::unordered_map<uint64_t, line> memory;
	axi_pins before = {};
	bool reading = false, addressed = false, ended = false, answering = false;
	uint64_t read_at = 0, write_at = 0;
	uint32_t read_left = 0, write_beats = 0;
	bool write_fault = false;
	std::vector<write> beats;

	static uint32_t mix(uint64_t x)
	{
		x = (x ^ x >> 31) * 0x7fb5d329728ea185;
		x = (x ^ x >> 27) * 0x81dadef4bc2dd44d;
		return (uint32_t)(x >> 32);
	}

	bool chance() const
	{
		return !frozen && (unsigned)rand() % stall == 0;
	}

	void expect(bool good, const char *what)
	{
		if (!good && !wrong)
			wrong = what;
	}

	/* What is offered stays until it is taken. */
	void stable()
	{
		if (before.arvalid && !before.arready)
			expect(pins.arvalid && pins.araddr == before.araddr &&
				       pins.arlen == before.arlen,
			       "a read's address changes before it is taken");
		if (before.awvalid && !before.awready)
			expect(pins.awvalid && pins.awaddr == before.awaddr &&
				       pins.awlen == before.awlen,
			       "a write's address changes before it is taken");
		if (before.wvalid && !before.wready)
			expect(pins.wvalid && pins.wstrb == before.wstrb &&
				       pins.wlast == before.wlast &&
				       !memcmp(pins.wdata, before.wdata, 64),
			       "a beat changes before it is taken");
	}

	void burst(uint64_t address, uint32_t len)
	{
		expect(address % 64 == 0 && len < 64 && address % 4096 + 64ull * (len + 1) <= 4096,
		       "a burst that the subset does not have");
	}

	void reads()
	{
		bool taken = pins.rvalid && pins.rready;

		if (pins.arvalid && pins.arready) {
			expect(!reading, "a read before the last one has ended");
			burst(pins.araddr, pins.arlen);
			reading = true;
			read_at = pins.araddr;
			read_left = pins.arlen + 1;
		}
		if (taken) {
			read_at += 64;
			reading = --read_left != 0;
			pins.rvalid = false;
		}
		if (reading && !pins.rvalid && chance()) {
			pins.rvalid = true;
			memcpy(pins.rdata, at(read_at).data(), 64);
			pins.rresp = refuses(read_at) ? 2 : 0;
			pins.rlast = read_left == 1;
		}
		pins.arready = chance();
	}

	void writes()
	{
		if (pins.bvalid && pins.bready)
			pins.bvalid = answering = false;
		if (pins.awvalid && pins.awready) {
			expect(!addressed && !answering, "a write before the last one is answered");
			burst(pins.awaddr, pins.awlen);
			addressed = true;
			write_at = pins.awaddr;
			write_beats = pins.awlen + 1;
		}
		if (pins.wvalid && pins.wready) {
			write beat = {0, pins.wstrb, {}};

			expect(!ended && !answering, "data before the last write is answered");
			memcpy(beat.data.data(), pins.wdata, 64);
			beats.push_back(beat);
			ended = pins.wlast;
		}
		if (addressed && ended)
			apply();
		if (answering && !pins.bvalid && chance()) {
			pins.bvalid = true;
			pins.bresp = write_fault ? 2 : 0;
		}
		pins.awready = chance();
		pins.wready = chance();
	}

	void apply()
	{
		expect(beats.size() == write_beats, "a write of other length than it said");
		write_fault = false;
		for (write &beat : beats) {
			line &to = at(write_at);

			beat.address = write_at;
			for (unsigned i = 0; i < 64; i++)
				if (beat.strobe >> i & 1)
					((uint8_t *)to.data())[i] =
						((uint8_t *)beat.data.data())[i];
			write_fault = write_fault || refuses(write_at);
			log.push_back(beat);
			write_at += 64;
		}
		beats.clear();
		addressed = ended = false;
		answering = true;
	}
};

#endif
