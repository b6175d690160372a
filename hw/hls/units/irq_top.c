/* SPDX-License-Identifier: MIT */

#include "irq.h"

#include "hls.h"
#include "irq_unit.h"

static struct fpr_irq irq[1];

void irq_top(uint32_t command, uint32_t value, uint32_t answer[3])
{
	HLS_CONTROL(mode = s_axilite port = return )

	answer[0] = 0;
	if (command == IRQ_SET)
		answer[0] = fpr_irq_set(irq, value % FPR_VECTORS);
	else if (command == IRQ_CLEAR)
		fpr_irq_clear(irq, value);
	else
		answer[0] = fpr_irq_mask(irq, value);
	answer[1] = irq[0].status;
	answer[2] = fpr_irq_level(irq);
}
