/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_DRIVE_H
#define FPR_RTL_DRIVE_H

/*
 * A tile of the RTL as Verilator makes it (C++), driven cycle by cycle. The bench and
 * the model of a board both drive it so.
 */

#include <cstddef>
#include <cstdint>

#include "fpr_geometry.h"

template <class Top> struct fpr_drive {
	/* Products of every row and column that go in at once. */
	static constexpr uint32_t beat = sizeof(Top::in_serial) / sizeof(uint16_t) / FPR_ROWS;

	Top top;
	uint64_t now = 0; /* cycles since the start of this tile */
	bool unit_done = false; /* of the last cycle */

	/* One cycle, in which a beat is offered or not. Return: it has been taken. */
	bool cycle(bool offer)
	{
		bool taken;

		top.clk = 0;
		top.in_valid = offer;
		top.eval();
		taken = offer && top.in_ready;
		unit_done = top.unit_done;
		top.clk = 1;
		top.eval();
		now++;
		return taken;
	}

	void start(uint32_t t, const uint32_t (*c_in)[FPR_COLS])
	{
		top.t = t;
		for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS; i++)
			top.c_in[i] = c_in[i / FPR_COLS][i % FPR_COLS];
		top.start = 1;
		cycle(false);
		top.start = 0;
		now = 0;
	}

	/*
	 * The beat to offer: products from @first on, zeros from @n on. The last of the @n ends
	 * its chunk; whether it ends the tile is the caller's to say.
	 */
	template <size_t K>
	void put(const uint16_t (*s)[K], const uint16_t (*p)[K], uint32_t first, uint32_t n)
	{
		for (uint32_t i = 0; i < beat; i++) {
			bool here = first + i < n;

			for (uint32_t r = 0; r < FPR_ROWS; r++)
				put_value(top.in_serial, r * beat + i, here ? s[r][first + i] : 0);
			for (uint32_t c = 0; c < FPR_COLS; c++)
				put_value(top.in_parallel, c * beat + i,
					  here ? p[c][first + i] : 0);
		}
		top.in_chunk_end = first + beat >= n || (first + beat) % FPR_CHUNK == 0;
	}

      private:
	template <class Port> static void put_value(Port &port, uint32_t at, uint16_t x)
	{
		uint32_t word = port[at / 2], shift = at % 2 * 16;

		port[at / 2] = (word & ~(0xffffu << shift)) | (uint32_t)x << shift;
	}
};

#endif
