/* SPDX-License-Identifier: MIT */
#ifndef FPR_COPY_UNIT_H
#define FPR_COPY_UNIT_H

#include <stdint.h>

#include "copy.h"

/* What a copy, its piece inside, can be asked to do. */
#define COPY_START 0 /* piece: from, to, bytes */
#define COPY_BEAT 1 /* @in to @out; answer: strobes, and where @out goes */

/* @answer also tells where the next beat of the source is, beats to read and bytes to write. */
void copy_top(uint32_t command, const uint64_t piece[3], const uint8_t in[FPR_BEAT],
	      uint8_t out[FPR_BEAT], uint64_t answer[5]);

#endif
