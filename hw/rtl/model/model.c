/* SPDX-License-Identifier: MIT */
/* The array of hw/array with the RTL's tiles linked in: libfpr_rtl.so. */
#include "model.h"

#include <errno.h>
#include <stddef.h>

#include "board.h"
#include "gemm.h"
#include "rtl.h"
#include "tile.h"

static struct fpr_board_watch *watch; /* of the job at hand, or NULL */

int fpr_rtl_stopped(void)
{
	return watch && __atomic_load_n(&watch->stop, __ATOMIC_RELAXED);
}

void fpr_rtl_tile_done(void)
{
	if (watch)
		__atomic_fetch_add(&watch->tiles, 1, __ATOMIC_RELAXED);
}

/* The RTL's tile sees to infinities and NaNs itself. */
void fpr_tile_specials(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		       const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n)
{
	(void)tile;
	(void)s;
	(void)p;
	(void)n;
}

static int gemm(const struct fpr_gemm *job, const uint16_t a[], const uint16_t b[], uint16_t c[],
		struct fpr_gemm_counters *counters, struct fpr_board_watch *watched)
{
	watch = watched;
	if (fpr_rtl_stopped())
		return -ECANCELED;
	fpr_array_gemm(job, a, b, c, counters);
	return fpr_rtl_stopped() ? -ECANCELED : 0;
}

const struct fpr_rtl fpr_rtl = {.made_for = FPR_RTL_MADE_FOR, .gemm = gemm};
