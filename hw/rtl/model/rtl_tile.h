/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_TILE_H
#define FPR_RTL_TILE_H

/*
 * The RTL's tile where the HLS C has one: fed panel by panel, then run dry. Its own
 * cycles are what the memory model's clock counts.
 */

#include "drive.h"
#include "fpr_gemm.h"
#include "model.h"

extern "C" {
#include "tile.h"
}

template <class Top, uint32_t KIND> class fpr_rtl_tile
{
	static constexpr uint32_t unit = FPR_KIND_UNIT(KIND);

	fpr_drive<Top> drive;
	bool holds = false; /* a beat, until it is known whether it is the tile's last */

	bool cycle(struct fpr_tile *tile, bool offer)
	{
		uint64_t before = drive.top.cycles;
		bool taken = drive.cycle(offer);

		if (drive.top.cycles == before)
			return taken; /* filling or draining, which is not counted */
		for (uint32_t r = 0; r < FPR_ROWS && drive.unit_done; r++)
			fpr_schedule_finish(tile->schedule, r);
		fpr_schedule_tick(tile->schedule);
		return taken;
	}

	void hand_over(struct fpr_tile *tile)
	{
		while (holds)
			holds = !cycle(tile, true);
	}

	void run_dry(struct fpr_tile *tile)
	{
		drive.top.in_tile_end = 1;
		hand_over(tile);
		drive.top.in_tile_end = 0;
		while (!drive.top.done)
			cycle(tile, false);
	}

	void count(struct fpr_tile *tile) const
	{
		tile->count[FPR_COUNT_ISSUED] += drive.top.terms_issued;
		tile->count[FPR_COUNT_USEFUL] += drive.top.terms_issued;
		tile->count[FPR_COUNT_OOB] += drive.top.terms_beyond;
		tile->count[FPR_COUNT_NO_TERM] += drive.top.lanes_no_term;
		tile->count[FPR_COUNT_SHIFT_RANGE] += drive.top.lanes_shift_range;
		tile->count[FPR_COUNT_INTER_PE] += drive.top.lanes_inter_pe;
		tile->count[FPR_COUNT_FLOOR] += drive.top.lanes_floor;
		tile->count[FPR_COUNT_INTER_ROW] += drive.top.lanes_inter_row;
	}

      public:
	/* Never freed: a job may still be running when the program ends. */
	static fpr_rtl_tile &only()
	{
		static auto *tile = new fpr_rtl_tile;

		return *tile;
	}

	void feed(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		  const uint16_t (*p)[FPR_PANEL], uint32_t n)
	{
		if (fpr_rtl_stopped())
			return;
		if (tile->schedule->fed == 0)
			drive.start(tile->t, tile->out);
		for (uint32_t first = 0; first < n; first += drive.beat) {
			hand_over(tile);
			drive.put(s, p, first, n);
			holds = true;
			if (first % unit == 0)
				fpr_schedule_fed(tile->schedule);
		}
		/* The RTL takes in more than the HLS C does; the next step must find room. */
		while (tile->schedule->pending == FPR_STEPS)
			cycle(tile, false);
	}

	/* A tile that was stopped is run dry as well: the next one has to find it empty. */
	void drain(struct fpr_tile *tile)
	{
		if (holds)
			run_dry(tile);
		if (fpr_rtl_stopped()) {
			tile->schedule->pending = 0;
			return;
		}
		for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS; i++)
			tile->out[i / FPR_COLS][i % FPR_COLS] = drive.top.result[i];
		count(tile);
		fpr_rtl_tile_done();
	}
};

#endif
