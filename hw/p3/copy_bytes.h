/* SPDX-License-Identifier: MIT */
#ifndef FPR_P3_COPY_BYTES_H
#define FPR_P3_COPY_BYTES_H

#include <string.h>

#include "copy.h"

/**
 * fpr_copy_bytes() - a piece through the datapath, for memories that are this process's
 * @from: address of its first byte
 * @source: where that byte is
 * @to: address where it goes
 * @dest: where that is
 * @bytes: its length; neither address may wrap within it
 *
 * Beats begin before the piece and end behind it; nothing is touched there.
 */
static inline void fpr_copy_bytes(uint64_t from, const uint8_t *source, uint64_t to, uint8_t *dest,
				  uint64_t bytes)
{
	uint8_t in[FPR_BEAT] = {0}, out[FPR_BEAT];
	struct fpr_copy copy;

	fpr_copy_start(&copy, from, to, bytes);
	while (copy.left) {
		const uint64_t at = copy.to, done = bytes - copy.left;
		uint64_t strobes;

		if (copy.reads) {
			uint64_t skip = copy.from < from ? from - copy.from : 0;
			uint64_t read = copy.from + skip - from, room = FPR_BEAT - skip;

			memcpy(in + skip, source + read, bytes - read < room ? bytes - read : room);
		}
		strobes = fpr_copy_beat(&copy, in, out);
		if (strobes == UINT64_MAX)
			memcpy(dest + done, out, FPR_BEAT);
		else
			for (uint32_t i = 0; i < FPR_BEAT; i++)
				if (strobes >> i & 1)
					dest[at + i - to] = out[i];
	}
}

#endif
