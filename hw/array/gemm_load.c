/* SPDX-License-Identifier: MIT */

#include "gemm_load.h"

#include "bdc.h"
#include "hls.h"
#include "transpose.h"

#define GROUP_ROWS (FPR_BDC_GROUP / FPR_BLOCK)
#define GROUPS (FPR_BLOCK / GROUP_ROWS)

/* Blocks a panel is high. */
#define BLOCKS ((FPR_LINES + FPR_BLOCK - 1) / FPR_BLOCK)

/* How many of @want elements from @at on lie before @end. */
static uint32_t present(uint32_t at, uint32_t end, uint32_t want)
{
	uint32_t left = at < end ? end - at : 0u;

	return left < want ? left : want;
}

/*
 * One group: the values that exist, packed and unpacked again, into its rows
 * of the block; the others are 0.
 */
static void load_group(const uint16_t x[], uint64_t at, uint32_t ld, uint32_t rows, uint32_t cols,
		       uint16_t block[FPR_BLOCK][FPR_BLOCK], uint32_t first,
		       struct fpr_load bytes[1])
{
	uint16_t values[FPR_BDC_GROUP], back[FPR_BDC_GROUP];
	uint8_t packed[FPR_BDC_BYTES];
	uint32_t n = rows * cols;

	HLS_LOOP(READ)
	for (uint32_t r = 0; r < GROUP_ROWS; r++) {
		HLS_LOOP(BURST)
		for (uint32_t c = 0; c < FPR_BLOCK; c++) {
			HLS_OPT(PIPELINE II = 1)
			if (r < rows && c < cols)
				values[r * cols + c] = x[at + (uint64_t)r * ld + c];
		}
	}
	HLS_LOOP(PAD)
	for (uint32_t i = 0; i < FPR_BDC_GROUP; i++) {
		HLS_OPT(UNROLL)
		values[i] = i < n ? values[i] : 0;
	}
	bytes[0].raw += 2u * n;
	bytes[0].packed += fpr_bdc_encode(values, n, packed);
	fpr_bdc_decode(packed, n, back);
	HLS_LOOP(PLACE)
	for (uint32_t r = 0; r < GROUP_ROWS; r++) {
		HLS_LOOP(VALUE)
		for (uint32_t c = 0; c < FPR_BLOCK; c++) {
			HLS_OPT(UNROLL)
			block[first + r][c] = r < rows && c < cols ? back[r * cols + c] : 0;
		}
	}
}

/*
 * One block, corner at stored (@row, @col), without the groups that hold none
 * of the stored rows @from..@to - 1.
 */
static void load_block(const struct fpr_operand op[1], const uint16_t x[], uint64_t base,
		       uint32_t row, uint32_t col, uint32_t from, uint32_t to,
		       uint16_t block[FPR_BLOCK][FPR_BLOCK], struct fpr_load bytes[1])
{
	uint32_t stored_rows = op[0].turned != 0u ? op[0].k : op[0].lines;
	uint32_t stored_cols = op[0].turned != 0u ? op[0].lines : op[0].k;
	uint32_t cols = present(col, stored_cols, FPR_BLOCK);

	HLS_LOOP(GROUP)
	for (uint32_t g = 0; g < GROUPS; g++) {
		uint32_t at = row + g * GROUP_ROWS;
		uint32_t wanted = at < to && at + GROUP_ROWS > from;
		uint32_t rows = wanted ? present(at, stored_rows, GROUP_ROWS) : 0u;

		load_group(x, base + (uint64_t)at * op[0].ld + col, op[0].ld, rows, cols, block,
			   g * GROUP_ROWS, bytes);
	}
}

/* Writes the part of a block that belongs to the panel. */
static void fill(const uint16_t block[FPR_BLOCK][FPR_BLOCK], uint32_t line, uint32_t line0,
		 uint32_t height, uint32_t at, uint16_t pad[FPR_LINES][FPR_PANEL])
{
	HLS_LOOP(LINE)
	for (uint32_t l = 0; l < FPR_BLOCK; l++) {
		HLS_OPT(PIPELINE II = 1)
		if (line + l < line0 || line + l >= line0 + height)
			continue;
		HLS_LOOP(ALONG)
		for (uint32_t i = 0; i < FPR_BLOCK; i++) {
			HLS_OPT(UNROLL)
			pad[line + l - line0][at + i] = block[l][i];
		}
	}
}

void fpr_load_panel(const struct fpr_operand op[1], const uint16_t x[], uint32_t batch,
		    uint32_t line0, uint32_t k0, uint16_t pad[FPR_LINES][FPR_PANEL],
		    struct fpr_load bytes[1])
{
	uint32_t top = line0 / FPR_BLOCK * FPR_BLOCK;
	uint64_t base = batch * op[0].stride;
	uint16_t stored[FPR_BLOCK][FPR_BLOCK], turned[FPR_BLOCK][FPR_BLOCK];

	HLS_LOOP(ALONG_K)
	for (uint32_t at = 0; at < FPR_PANEL; at += FPR_BLOCK) {
		uint32_t k = k0 + at;

		if (k >= op[0].k)
			break;
		HLS_LOOP(ACROSS)
		for (uint32_t b = 0; b < BLOCKS; b++) {
			uint32_t line = top + b * FPR_BLOCK;

			if (line >= line0 + op[0].height)
				break;
			if (op[0].turned != 0u)
				load_block(op, x, base, k, line, k, k + FPR_BLOCK, stored, bytes);
			else
				load_block(op, x, base, line, k, line0, line0 + op[0].height,
					   stored, bytes);
			fpr_transpose(stored, op[0].turned, turned);
			fill(turned, line, line0, op[0].height, at, pad);
		}
	}
}
