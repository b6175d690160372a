/* SPDX-License-Identifier: MIT */

#include "copy.h"

#include "hls.h"

#define WITHIN (FPR_BEAT - 1u)

void fpr_copy_start(struct fpr_copy copy[1], uint64_t from, uint64_t to, uint64_t bytes)
{
	uint32_t source = (uint32_t)from & WITHIN;
	uint32_t last = source + ((uint32_t)bytes & WITHIN) + WITHIN;

	copy[0].from = from - source;
	copy[0].first = (uint32_t)to & WITHIN;
	copy[0].to = to - copy[0].first;
	/* Beats with any of the piece's bytes; its length added to @from may wrap. */
	copy[0].reads = (bytes >> FPR_BEAT_ORDER) + (last >> FPR_BEAT_ORDER);
	copy[0].left = bytes;
	copy[0].turn = (copy[0].first - source) & WITHIN;
	copy[0].primes = copy[0].first < source;
}

static void take(const uint8_t in[FPR_BEAT], uint8_t out[FPR_BEAT])
{
	HLS_LOOP(BYTE)
	for (uint32_t i = 0; i < FPR_BEAT; i++) {
		HLS_OPT(UNROLL)
		out[i] = in[i];
	}
}

/* Each byte @by places up, those at the end to the start: a stage for each bit of @by. */
static void turn_up(const uint8_t in[FPR_BEAT], uint32_t by, uint8_t out[FPR_BEAT])
{
	uint8_t before[FPR_BEAT];

	take(in, out);
	HLS_LOOP(STAGE)
	for (uint32_t s = 0; s < FPR_BEAT_ORDER; s++) {
		HLS_OPT(UNROLL)
		uint32_t step = 1u << s;

		take(out, before);
		HLS_LOOP(MOVE)
		for (uint32_t i = 0; i < FPR_BEAT; i++) {
			HLS_OPT(UNROLL)
			out[i] = (by & step) != 0u ? before[(i - step) & WITHIN] : before[i];
		}
	}
}

uint64_t fpr_copy_beat(struct fpr_copy copy[1], const uint8_t in[FPR_BEAT], uint8_t out[FPR_BEAT])
{
	uint64_t room = FPR_BEAT - copy[0].first;
	uint64_t fits = copy[0].left < room ? copy[0].left : room;
	uint64_t bytes = copy[0].primes ? 0u : fits;
	uint64_t strobes = bytes == 0u ? 0u : (UINT64_MAX >> (FPR_BEAT - bytes)) << copy[0].first;
	uint8_t turned[FPR_BEAT];

	turn_up(in, copy[0].turn, turned);
	HLS_LOOP(MERGE)
	for (uint32_t i = 0; i < FPR_BEAT; i++) {
		HLS_OPT(UNROLL)
		out[i] = i < copy[0].turn ? copy[0].held[i] : turned[i];
		copy[0].held[i] = turned[i];
	}
	copy[0].from += copy[0].reads == 0u ? 0u : FPR_BEAT;
	copy[0].reads -= copy[0].reads == 0u ? 0u : 1u;
	copy[0].to += copy[0].primes ? 0u : FPR_BEAT;
	copy[0].first = copy[0].primes ? copy[0].first : 0u;
	copy[0].left -= bytes;
	copy[0].primes = 0;
	return strobes;
}
