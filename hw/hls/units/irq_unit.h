/* SPDX-License-Identifier: MIT */
#ifndef FPR_IRQ_UNIT_H
#define FPR_IRQ_UNIT_H

#include <stdint.h>

/* What interrupt causes, inside, can be asked to do. */
#define IRQ_SET 0
#define IRQ_CLEAR 1
#define IRQ_MASK 2

/* @answer: messages that go out, causes that are set, the line. */
void irq_top(uint32_t command, uint32_t value, uint32_t answer[3]);

#endif
