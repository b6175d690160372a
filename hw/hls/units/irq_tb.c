/* SPDX-License-Identifier: MIT */

#include "fpr_regs.h"
#include "tb.h"
#include "irq_unit.h"

/* Causes one by one: a message goes out when set and enabled comes to be true of one. */
static uint32_t set[FPR_VECTORS], enabled[FPR_VECTORS];

static void change(uint32_t command, uint32_t value, uint32_t answer[3])
{
	tb_calls++;
	irq_top(command, value, answer);
	for (uint32_t i = 0; i < FPR_VECTORS; i++) {
		if (command == IRQ_SET)
			set[i] |= i == value % FPR_VECTORS;
		else if (command == IRQ_CLEAR)
			set[i] &= !(value >> i & 1u);
		else
			enabled[i] = value >> i & 1u;
	}
}

int main(void)
{
	while (tb_calls < TB_CALLS && tb_calls < 20000) {
		uint32_t answer[3], messages = 0, status = 0, level = 0, before = 0;

		for (uint32_t i = 0; i < FPR_VECTORS; i++)
			before |= (set[i] && enabled[i]) << i;
		change(tb_random() % 3, tb_random(), answer);
		for (uint32_t i = 0; i < FPR_VECTORS; i++) {
			status |= set[i] << i;
			messages |= (set[i] && enabled[i] && !(before >> i & 1u)) << i;
			level |= set[i] && enabled[i];
		}
		tb_expect(answer[0] == messages, "messages");
		tb_expect(answer[1] == status, "causes");
		tb_expect(answer[2] == level, "the line");
	}
	return tb_done();
}
