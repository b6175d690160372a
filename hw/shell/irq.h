/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_IRQ_H
#define FPR_SHELL_IRQ_H

#include <stdint.h>

#include "fpr_regs.h"

/* The cause of the board; those of engines are their numbers. */
#define FPR_CAUSE_BOARD FPR_ENGINES

/**
 * struct fpr_irq - interrupt causes
 * @status: bit i: cause i is set
 * @mask: bit i: it is enabled
 */
struct fpr_irq {
	uint32_t status, mask;
};

/* A cause becomes set; the mask changes. Return: a bit for each message that is to go out now. */
uint32_t fpr_irq_set(struct fpr_irq irq[1], uint32_t cause);
uint32_t fpr_irq_mask(struct fpr_irq irq[1], uint32_t mask);

/* Causes become clear. */
void fpr_irq_clear(struct fpr_irq irq[1], uint32_t causes);

/* What a line would show: 1 while an enabled cause is set. */
uint32_t fpr_irq_level(const struct fpr_irq irq[1]);

#endif
