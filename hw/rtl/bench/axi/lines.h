/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_LINES_H
#define FPR_BENCH_LINES_H

/* A store that has everything, made up until it is written; it refuses some lines (C++). */

#include <array>
#include <unordered_map>
#include <vector>

#include "memory.h"

struct axi_lines : axi_store {
	using line = std::array<uint32_t, AXI_BEAT / 4>;
	struct beat {
		uint64_t address, strobe;
		line data;
	};

	std::vector<beat> log; /* what was written, in its order */
	unsigned faults = 16; /* one line of so many is refused; 0: none */

	bool refuses(uint64_t address) const
	{
		return faults && mix(address / AXI_BEAT * 77) % faults == 0;
	}

	line &at(uint64_t address)
	{
		auto found = memory.find(address / AXI_BEAT);

		if (found == memory.end()) {
			line made;

			for (uint64_t i = 0; i < made.size(); i++)
				made[i] = mix(address / AXI_BEAT * made.size() + i);
			found = memory.emplace(address / AXI_BEAT, made).first;
		}
		return found->second;
	}

	bool read(uint64_t address, uint8_t *data) override
	{
		memcpy(data, at(address).data(), AXI_BEAT);
		return !refuses(address);
	}

	/* A refused line is written all the same, as may happen. */
	bool write(uint64_t address, const uint8_t *data, uint64_t strobes) override
	{
		beat now = {address, strobes, {}};

		memcpy(now.data.data(), data, AXI_BEAT);
		log.push_back(now);
		axi_put((uint8_t *)at(address).data(), data, strobes);
		return !refuses(address);
	}

      private:
	std::unordered_map<uint64_t, line> memory;

	static uint32_t mix(uint64_t x)
	{
		x = (x ^ x >> 31) * 0x7fb5d329728ea185;
		x = (x ^ x >> 27) * 0x81dadef4bc2dd44d;
		return (uint32_t)(x >> 32);
	}
};

#endif
