/* SPDX-License-Identifier: MIT */
#ifndef FPR_GEMM_LOAD_H
#define FPR_GEMM_LOAD_H

#include <stdint.h>

#include "tile.h"

/**
 * struct fpr_operand - the serial or the parallel matrix, k along its rows
 * @lines: its rows
 * @k: its columns
 * @ld: elements between two stored rows
 * @stride: elements between two batch entries
 * @turned: 1 when k runs along the stored columns, so that blocks are turned
 * @height: lines of a panel: FPR_ROWS or FPR_COLS
 */
struct fpr_operand {
	uint32_t lines, k, ld;
	uint64_t stride;
	uint32_t turned, height;
};

/**
 * struct fpr_load - bytes of operand traffic
 * @raw: uncompressed
 * @packed: as compressed groups
 */
struct fpr_load {
	uint64_t raw, packed;
};

/**
 * fpr_load_panel() - bring one panel of an operand into a scratchpad half
 * @op: the operand
 * @x: its first element in memory, of batch entry 0
 * @batch: batch entry
 * @line0: first line of the panel, a multiple of @op->height
 * @k0: first k, a multiple of FPR_PANEL
 * @pad: filled; what lies outside the matrix reads 0, up to a whole block along k
 * @bytes: added to
 *
 * Every group goes through the exponent codec, every block through the
 * transposer.
 */
void fpr_load_panel(const struct fpr_operand op[1], const uint16_t x[], uint32_t batch,
		    uint32_t line0, uint32_t k0, uint16_t pad[FPR_LINES][FPR_PANEL],
		    struct fpr_load bytes[1]);

#endif
