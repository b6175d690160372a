/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_PAGES_H
#define FPR_BENCH_PAGES_H

/* A store that has some pages, by their number; others cannot be reached (C++). */

#include <array>
#include <map>

#include "memory.h"

struct axi_pages : std::map<uint64_t, std::array<uint8_t, AXI_PAGE>>, axi_store {
	uint64_t strobed = 0; /* bytes written and not refused */

	bool has(uint64_t address) const
	{
		return count(address / AXI_PAGE) != 0;
	}

	uint8_t &byte(uint64_t address)
	{
		return at(address / AXI_PAGE)[address % AXI_PAGE];
	}

	void begin(bool write, uint64_t address, uint32_t beats) override
	{
		if (!write)
			bad = address + below(beats) * AXI_BEAT;
	}

	/* Of a page that is not there one beat at least is refused. */
	bool read(uint64_t address, uint8_t *data) override
	{
		if (has(address)) {
			memcpy(data, &byte(address), AXI_BEAT);
			return true;
		}
		for (uint32_t i = 0; i < AXI_BEAT; i++)
			data[i] = (uint8_t)below(256);
		return address != bad && below(4);
	}

	bool write(uint64_t address, const uint8_t *data, uint64_t strobes) override
	{
		if (!has(address))
			return false;
		axi_put(&byte(address), data, strobes);
		strobed += (uint64_t)__builtin_popcountll(strobes);
		return true;
	}

      private:
	uint64_t bad = 0;
};

#endif
