/* SPDX-License-Identifier: MIT */

#include "p3.h"

#include "hls.h"

#define STEP (1ull << FPR_P3_ARRIVAL_BITS) /* one priority */

void fpr_p3_clear(struct fpr_p3_queue queue[1], uint32_t counters)
{
	HLS_LOOP(SLOT)
	for (uint32_t i = 0; i < FPR_P3_ENTRIES; i++) {
		HLS_OPT(PIPELINE II = 1)
		queue[0].key[i] = FPR_P3_KEY_FREE;
	}
	queue[0].arrivals = 0;
	queue[0].pending = 0;
	queue[0].current = FPR_P3_NONE;
	if (counters == 0u)
		return;
	HLS_LOOP(CLASS)
	for (uint32_t c = 0; c < FPR_CLASSES; c++) {
		HLS_OPT(PIPELINE II = 1)
		queue[0].bytes[c] = 0;
		queue[0].slices[c] = 0;
		queue[0].preemptions[c] = 0;
	}
}

uint32_t fpr_p3_push(struct fpr_p3_queue queue[1], uint32_t priority, uint64_t bytes)
{
	uint32_t slot = FPR_P3_NONE;

	HLS_LOOP(FIND)
	for (uint32_t i = 0; i < FPR_P3_ENTRIES; i++) {
		HLS_OPT(PIPELINE II = 1)
		slot = slot == FPR_P3_NONE && queue[0].key[i] == FPR_P3_KEY_FREE ? i : slot;
	}
	if (slot == FPR_P3_NONE)
		return slot;
	queue[0].key[slot] =
		((uint64_t)priority << FPR_P3_ARRIVAL_BITS) | (queue[0].arrivals & (STEP - 1u));
	queue[0].left[slot] = bytes;
	queue[0].done[slot] = 0;
	queue[0].waited[slot] = 0;
	queue[0].class[slot] = (uint8_t)FPR_P3_CLASS(priority);
	queue[0].arrivals++;
	queue[0].pending++;
	return slot;
}

static uint32_t most_urgent(const struct fpr_p3_queue queue[1])
{
	uint64_t best = FPR_P3_KEY_FREE;
	uint32_t slot = FPR_P3_NONE;

	HLS_LOOP(COMPARE)
	for (uint32_t i = 0; i < FPR_P3_ENTRIES; i++) {
		HLS_OPT(PIPELINE II = 1)
		uint32_t better = queue[0].key[i] < best;

		slot = better ? i : slot;
		best = better ? queue[0].key[i] : best;
	}
	return slot;
}

/* Everyone but @served has waited for one slice more. */
static void age(struct fpr_p3_queue queue[1], uint32_t served, uint32_t ageing)
{
	HLS_LOOP(AGE)
	for (uint32_t i = 0; i < FPR_P3_ENTRIES; i++) {
		HLS_OPT(PIPELINE II = 1)
		uint64_t key = queue[0].key[i];
		uint32_t waits = i != served && key != FPR_P3_KEY_FREE;
		uint32_t waited = queue[0].waited[i] + waits;
		/* A setting lowered meanwhile must not have to wait for a wrap. */
		uint32_t due = waits && waited >= ageing;

		queue[0].key[i] = due && key >= STEP ? key - STEP : key;
		queue[0].waited[i] = due ? 0u : waited;
	}
}

void fpr_p3_serve(struct fpr_p3_queue queue[1], uint64_t limit, uint32_t ageing,
		  struct fpr_p3_slice slice[1])
{
	uint32_t slot = most_urgent(queue);
	uint32_t before = queue[0].current;

	slice[0].slot = slot;
	slice[0].offset = 0;
	slice[0].bytes = 0;
	if (slot == FPR_P3_NONE)
		return;
	slice[0].offset = queue[0].done[slot];
	slice[0].bytes = queue[0].left[slot] < limit ? queue[0].left[slot] : limit;
	if (before != FPR_P3_NONE && before != slot)
		queue[0].preemptions[queue[0].class[before]]++;
	queue[0].slices[queue[0].class[slot]]++;
	queue[0].current = slot;
	if (ageing != 0u)
		age(queue, slot, ageing);
}

uint32_t fpr_p3_end(struct fpr_p3_queue queue[1], const struct fpr_p3_slice slice[1],
		    uint32_t failed)
{
	uint32_t slot = slice[0].slot;
	uint32_t over;

	if (failed == 0u) {
		queue[0].done[slot] += slice[0].bytes;
		queue[0].left[slot] -= slice[0].bytes;
		queue[0].bytes[queue[0].class[slot]] += slice[0].bytes;
	}
	over = failed != 0u || queue[0].left[slot] == 0u;
	if (over) {
		queue[0].key[slot] = FPR_P3_KEY_FREE;
		queue[0].current = FPR_P3_NONE;
		queue[0].pending--;
	}
	return over;
}
