/* SPDX-License-Identifier: MIT */

#include "tile.h"

#include "hls.h"
#include "special.h"

/* The masks of up to FPR_CHUNK products of every line. */
static void note_lines(const uint16_t x[FPR_LINES][FPR_PANEL], uint32_t first, uint32_t n,
		       struct fpr_special masks[FPR_LINES])
{
	HLS_LOOP(LINE)
	for (uint32_t l = 0; l < FPR_LINES; l++) {
		HLS_OPT(UNROLL)
		masks[l].zero = 0;
		masks[l].inf = 0;
		masks[l].nan = 0;
		masks[l].sign = 0;
		HLS_LOOP(PRODUCT)
		for (uint32_t i = 0; i < FPR_CHUNK; i++) {
			HLS_OPT(PIPELINE II = 1)
			if (first + i < n)
				fpr_special_note(&masks[l], x[l][first + i], i);
		}
	}
}

void fpr_tile_specials(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		       const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n)
{
	struct fpr_special row[FPR_LINES], col[FPR_LINES];

	HLS_LOOP(CHUNK)
	for (uint32_t first = 0; first < FPR_PANEL; first += FPR_CHUNK) {
		if (first >= n)
			break;
		note_lines(s, first, n, row);
		note_lines(p, first, n, col);
		HLS_LOOP(ROW)
		for (uint32_t r = 0; r < FPR_ROWS; r++) {
			HLS_LOOP(COLUMN)
			for (uint32_t c = 0; c < FPR_COLS; c++) {
				HLS_OPT(UNROLL)
				tile[0].special[r][c] |=
					(uint8_t)fpr_special_products(&row[r], &col[c]);
			}
		}
	}
}
