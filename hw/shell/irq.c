/* SPDX-License-Identifier: MIT */
#include "engine.h"

#define CAUSES ((1u << FPR_VECTORS) - 1)

static_assert(FPR_IRQ_BOARD == 1u << FPR_ENGINES, "causes are the engines, then the board");

static void update_level(struct fpr_shell *shell)
{
	shell->config.ops->level(shell->config.ctx, (shell->irq_status & shell->irq_mask) != 0);
}

/* A lost interrupt is lost as a message and as an edge of the line. */
static void fire(struct fpr_shell *shell, unsigned int cause)
{
	if (shell->faults.drop_interrupts) {
		shell->faults.drop_interrupts--;
		shell->stats.interrupts_dropped++;
		return;
	}
	shell->stats.interrupts++;
	shell->config.ops->interrupt(shell->config.ctx, cause);
	update_level(shell);
}

void fpr_irq_set(struct fpr_shell *shell, unsigned int cause)
{
	uint32_t bit = 1u << cause;
	uint32_t before = shell->irq_status;

	shell->irq_status |= bit;
	if (!(before & bit) && (shell->irq_mask & bit))
		fire(shell, cause);
}

void fpr_irq_clear(struct fpr_shell *shell, uint32_t causes)
{
	shell->irq_status &= ~causes;
	update_level(shell);
}

void fpr_irq_mask(struct fpr_shell *shell, uint32_t mask)
{
	uint32_t fresh = mask & CAUSES & ~shell->irq_mask;

	shell->irq_mask = mask & CAUSES;
	for (unsigned int cause = 0; cause < FPR_VECTORS; cause++)
		if (shell->irq_status & fresh & (1u << cause))
			fire(shell, cause);
	update_level(shell);
}
