/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_REGISTERS_H
#define FPR_CTL_REGISTERS_H

#include <stddef.h>
#include <stdint.h>

#include "places.h"

/**
 * struct bit - a bit of a register
 * @mask: which
 * @name: as fpr_regs.h calls it, in lower case
 */
struct bit {
	uint32_t mask;
	const char *name;
};

/* Each ends with an entry without a name. */
extern const struct bit caps_bits[], board_status_bits[], engine_status_bits[], irq_bits[];

/* Names of the bits set in @value, with blanks between; "none". */
void bits_text(const struct bit *bits, uint32_t value, char *text, size_t size);

/**
 * struct register_row - a register of BAR 0
 * @name: as fpr_regs.h calls it, without FPR_
 * @offset: in BAR 0, of the first of several
 * @count: how many there are, one behind another by @stride
 * @stride: bytes
 * @is_wide: 64 bits, low half first
 * @bits: what its bits mean, or NULL
 */
struct register_row {
	const char *name;
	uint32_t offset, count, stride;
	int is_wide;
	const struct bit *bits;
};

/* Ends with an entry without a name. */
extern const struct register_row register_rows[];

/* An open BAR 0, to be read only: a file of the driver's in debugfs, or mapped. */
struct registers {
	int fd;
	const volatile uint32_t *at;
};

/**
 * registers_open() - a board's registers in this process
 * @place: the board
 * @registers: registers_close() gives them back
 * Return: 0; -EACCES: the user may not; -EPERM: the kernel is locked down; -EINVAL: it keeps
 *	them to the driver, whose file in debugfs is not to be had; -ENXIO: the function does not
 *	answer to memory accesses; or else
 */
int registers_open(const struct place *place, struct registers *registers);
void registers_close(struct registers *registers);

/* All ones of a board that is gone. */
uint32_t registers_read(const struct registers *registers, uint32_t offset);

/* Both halves, of one moment; @offset: the low one's. */
uint64_t registers_read_wide(const struct registers *registers, uint32_t offset);

#endif
