/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_CHECKS_H
#define FPR_CTL_CHECKS_H

#include "board.h"
#include "verdict.h"

/* What selftest asks of memory, DMA and interrupts; each gives one verdict. */

/* A march test over board memory: all that is free, or a few MiB. */
void check_march(struct board *board, int full, struct tally *tally);

/* Bytes arrive, in each pattern, at each alignment and size, and none beside them change. */
void check_integrity(struct board *board, int full, struct tally *tally);

/* Completions bring interrupts; how soon is told, and not judged. */
void check_interrupts(struct board *board, int full, struct tally *tally);

#endif
