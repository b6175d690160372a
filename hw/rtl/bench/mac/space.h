/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_SPACE_H
#define FPR_BENCH_SPACE_H

/*
 * A store that is one piece of address space, of which some bytes may fail, for reads or for
 * writes; it tells of each burst that is to write (C++).
 */

#include <vector>

#include "memory.h"

struct memory_space : axi_store {
	const uint64_t base;
	std::vector<uint8_t> bytes;
	uint64_t bad_from = 0, bad_to = 0; /* no byte in between can be read ... */
	bool bad_writes = false; /* ... or rather written */
	void (*written)(uint64_t address) = nullptr; /* before each burst */

	explicit memory_space(uint64_t from) : base(from)
	{
	}

	void begin(bool write, uint64_t address, uint32_t beats) override
	{
		(void)beats;
		if (write)
			written(address);
	}

	bool read(uint64_t address, uint8_t *data) override
	{
		if (!reaches(address, false))
			return false;
		memcpy(data, &bytes[address - base], AXI_BEAT);
		return true;
	}

	bool write(uint64_t address, const uint8_t *data, uint64_t strobes) override
	{
		if (!reaches(address, true))
			return false;
		axi_put(&bytes[address - base], data, strobes);
		return true;
	}

      private:
	bool reaches(uint64_t address, bool write) const
	{
		bool bad = write == bad_writes && address < bad_to && bad_from < address + AXI_BEAT;

		return address >= base && address + AXI_BEAT <= base + bytes.size() && !bad;
	}
};

#endif
