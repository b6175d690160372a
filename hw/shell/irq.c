/* SPDX-License-Identifier: MIT */

#include "irq.h"

#define CAUSES ((1u << FPR_VECTORS) - 1u)

#if FPR_IRQ_BOARD != 1 << FPR_ENGINES
#error "causes are the engines, then the board"
#endif

uint32_t fpr_irq_set(struct fpr_irq irq[1], uint32_t cause)
{
	uint32_t bit = 1u << cause;
	uint32_t messages = bit & ~irq[0].status & irq[0].mask;

	irq[0].status |= bit;
	return messages;
}

uint32_t fpr_irq_mask(struct fpr_irq irq[1], uint32_t mask)
{
	uint32_t fresh = mask & CAUSES & ~irq[0].mask;

	irq[0].mask = mask & CAUSES;
	return irq[0].status & fresh;
}

void fpr_irq_clear(struct fpr_irq irq[1], uint32_t causes)
{
	irq[0].status &= ~causes;
}

uint32_t fpr_irq_level(const struct fpr_irq irq[1])
{
	return (irq[0].status & irq[0].mask) != 0u;
}
