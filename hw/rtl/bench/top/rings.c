/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "rings.h"

#define ENTRY sizeof(struct fpr_completion)
#define PHASE_AT offsetof(struct fpr_completion, phase)
#define ENGINE_BYTES (FPR_REG_ENGINE(1) - FPR_REG_ENGINE(0))

static void enable(struct ring *ring)
{
	ring->enabled = 1;
	ring->tail = ring->under_way = ring->slot = 0;
	ring->phase = 1;
}

static void control(struct ring *ring, uint32_t value)
{
	if ((value & FPR_ENG_CTRL_RESET) || (ring->enabled && !(value & FPR_ENG_CTRL_ENABLE)))
		ring->enabled = ring->under_way = 0;
	else if ((value & FPR_ENG_CTRL_ENABLE) && !ring->enabled)
		enable(ring);
}

static void written(struct ring *ring, uint32_t at, uint32_t value)
{
	if (at == FPR_ENG_CQ_LO)
		ring->cq = (ring->cq & ~0xffffffffull) | value;
	else if (at == FPR_ENG_CQ_HI)
		ring->cq = (uint32_t)ring->cq | (uint64_t)value << 32;
	else if (at == FPR_ENG_SQ_ORDER)
		ring->sq_order = value;
	else if (at == FPR_ENG_CQ_ORDER)
		ring->cq_order = value;
	else if (at == FPR_ENG_CTRL)
		control(ring, value);
}

void rings_written(struct rings *rings, uint32_t offset, uint32_t value)
{
	if (offset == FPR_REG_CTRL && (value & FPR_CTRL_RESET))
		memset(rings, 0, sizeof(*rings));
	for (unsigned int e = 0; e < FPR_ENGINES; e++) {
		struct ring *ring = &rings->engine[e];

		if (offset >= FPR_REG_ENGINE(e) && offset < FPR_REG_ENGINE(e + 1))
			written(ring, offset - FPR_REG_ENGINE(e), value);
		if (offset == FPR_REG_SQ_TAIL(e) && ring->enabled) {
			ring->under_way += (value - ring->tail) & ((1u << ring->sq_order) - 1);
			ring->tail = value;
		}
	}
}

unsigned int rings_find(const struct rings *rings, uint64_t address)
{
	unsigned int e = 0;

	while (e < FPR_ENGINES &&
	       !(rings->engine[e].enabled && address >= rings->engine[e].cq &&
		 address < rings->engine[e].cq + (ENTRY << rings->engine[e].cq_order)))
		e++;
	return e;
}

static enum posted post(struct ring *ring, uint64_t address, const void *from, uint32_t bytes,
			struct fpr_completion *completion)
{
	uint64_t slot = ring->cq + ENTRY * ring->slot;

	if (address < slot || address + bytes > slot + ENTRY)
		return POSTED_WRONG;
	memcpy(ring->entry + (address - slot), from, bytes);
	if (address + bytes <= slot + PHASE_AT)
		return POSTED_PART;
	memcpy(completion, ring->entry, ENTRY);
	if (completion->phase != ring->phase || !ring->under_way)
		return POSTED_WRONG;
	ring->slot = (ring->slot + 1) & ((1u << ring->cq_order) - 1);
	ring->phase ^= ring->slot == 0;
	ring->under_way--;
	memset(ring->entry, 0, sizeof(ring->entry));
	return POSTED_ENTRY;
}

enum posted rings_post(struct rings *rings, uint64_t address, const void *from, uint32_t bytes,
		       unsigned int *engine, struct fpr_completion *completion)
{
	*engine = rings_find(rings, address);
	if (*engine == FPR_ENGINES)
		return POSTED_ELSEWHERE;
	return post(&rings->engine[*engine], address, from, bytes, completion);
}

int rings_rest(const struct rings *rings)
{
	for (unsigned int e = 0; e < FPR_ENGINES; e++)
		if (rings->engine[e].under_way)
			return 0;
	return 1;
}
