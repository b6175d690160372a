/* SPDX-License-Identifier: MIT */
#ifndef FPR_BOARD_RTL_H
#define FPR_BOARD_RTL_H

/*
 * The array in RTL is a shared object of its own, for it is C++ and takes Verilator to
 * build: hw/rtl/model. It is loaded when a board is to have it, and stays.
 */

#include <stdint.h>

#include "fpr_gemm.h"
#include "fpr_geometry.h"

struct fpr_board_watch;

#define FPR_RTL_LIBRARY "libfpr_rtl.so.1"

/* What both sides must have been compiled with. */
#define FPR_RTL_MADE_FOR                                                                          \
	{                                                                                         \
		sizeof(struct fpr_gemm), sizeof(struct fpr_gemm_counters), FPR_KINDS, FPR_ROWS,   \
			FPR_COLS, FPR_LANES, FPR_WINDOW, FPR_RUN_AHEAD, FPR_SET_FLOOR, FPR_PANEL, \
			FPR_MEM_BYTES_PER_CYCLE                                                   \
	}

/**
 * struct fpr_rtl - what the object holds, under the name `fpr_rtl`
 * @made_for: FPR_RTL_MADE_FOR
 * @gemm: as fpr_array_gemm(), one call at a time; -ECANCELED when @watch said so
 */
struct fpr_rtl {
	uint32_t made_for[11];
	int (*gemm)(const struct fpr_gemm *job, const uint16_t a[], const uint16_t b[],
		    uint16_t c[], struct fpr_gemm_counters *counters,
		    struct fpr_board_watch *watch);
};

/**
 * fpr_rtl_load() - the array in RTL
 * @rtl: set on success
 * Return: 0; -ELIBACC: the object is not where the loader looks; -ELIBBAD: it is
 *	of another build
 */
int fpr_rtl_load(const struct fpr_rtl **rtl);

#endif
