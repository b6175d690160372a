/* SPDX-License-Identifier: MIT */
#ifndef FPR_WALK_UNIT_H
#define FPR_WALK_UNIT_H

#include <stdint.h>

/* What a walk, its place inside, can be asked to do. */
#define WALK_START 0 /* value: table, entries, offset, alignment */
#define WALK_ENTRY 1 /* one of those it wants; value: its number, address, bytes, reserved */
#define WALK_SKIP 2 /* value: bytes */
#define WALK_STEP 3 /* value: most bytes; answer: as struct fpr_walk_step */

void walk_top(uint32_t command, const uint64_t value[4], uint64_t answer[4]);

#endif
