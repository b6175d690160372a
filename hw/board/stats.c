/* SPDX-License-Identifier: MIT */
#include "operand.h"
#include "board.h"

void fpr_operand_stats(const uint16_t *x, uint32_t rows, uint32_t cols, uint64_t ld,
		       struct fpr_operand_stats *stats)
{
	uint64_t zeros = 0, specials = 0, terms = 0;

	for (uint64_t r = 0; r < rows; r++) {
		const uint16_t *row = x + r * ld;

		for (uint32_t c = 0; c < cols; c++) {
			uint32_t zero = fpr_value_is_zero(row[c]);
			uint32_t special = fpr_value_is_special(row[c]);
			uint32_t naf = fpr_naf_mask(fpr_value_significand(row[c]));

			zeros += zero;
			specials += special;
			terms += (zero | special) ? 0 : (uint32_t)__builtin_popcount(naf);
		}
	}
	stats->values += (uint64_t)rows * cols;
	stats->zeros += zeros;
	stats->specials += specials;
	stats->terms += terms;
}
