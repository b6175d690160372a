/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpr_regs.h"
#include "registers.h"
#include "system.h"

#define COMMAND_OFFSET 4
#define COMMAND_MEMORY 0x2

const struct bit caps_bits[] = {
	{FPR_CAPS_AGEING, "ageing"},
	{FPR_CAPS_THERMAL, "thermal"},
	{FPR_CAPS_CHAIN, "chain"},
	{FPR_CAPS_RECORDS, "records"},
	{0, NULL},
};

const struct bit board_status_bits[] = {
	{FPR_STATUS_READY, "ready"},
	{FPR_STATUS_FATAL, "fatal"},
	{0, NULL},
};

const struct bit engine_status_bits[] = {
	{FPR_ENG_STATUS_READY, "ready"},
	{FPR_ENG_STATUS_ENABLED, "enabled"},
	{FPR_ENG_STATUS_BUSY, "busy"},
	{FPR_ENG_STATUS_ERROR, "error"},
	{0, NULL},
};

const struct bit irq_bits[] = {
	{1u << FPR_ENGINE_MAC, "mac"},
	{1u << FPR_ENGINE_XFER, "transfer"},
	{FPR_IRQ_BOARD, "board"},
	{0, NULL},
};

#define ONE(name)                                    \
	{                                            \
#name, FPR_REG_##name, 1, 0, 0, NULL \
	}
#define WIDE(name)                                        \
	{                                                 \
#name, FPR_REG_##name##_LO, 1, 0, 1, NULL \
	}
#define BITS(name, bits)                             \
	{                                            \
#name, FPR_REG_##name, 1, 0, 0, bits \
	}
#define ENGINE_STRIDE (FPR_REG_ENGINE(1) - FPR_REG_ENGINE(0))
#define ENGINE(name, bits)                                                                       \
	{                                                                                        \
		"ENG_" #name, FPR_REG_ENGINE(0) + FPR_ENG_##name, FPR_ENGINES, ENGINE_STRIDE, 0, \
			bits                                                                     \
	}
#define ENGINE_WIDE(name)                                                                          \
	{                                                                                          \
		"ENG_" #name, FPR_REG_ENGINE(0) + FPR_ENG_##name##_LO, FPR_ENGINES, ENGINE_STRIDE, \
			1, NULL                                                                    \
	}
#define CLASS(name)                                                                    \
	{                                                                              \
		"CLASS_" #name, FPR_REG_CLASS(0) + FPR_CLASS_##name##_LO, FPR_CLASSES, \
			FPR_REG_CLASS(1) - FPR_REG_CLASS(0), 1, NULL                   \
	}

/* clang-format off */
const struct register_row register_rows[] = {
	ONE(ID), ONE(VERSION), ONE(BUILD), BITS(CAPS, caps_bits), ONE(GEOMETRY), ONE(CLOCK_KHZ),
	WIDE(MEMORY), ONE(XFER_ENTRIES), ONE(RING_ORDER), ONE(SG_ENTRIES), ONE(VECTORS),
	ONE(CTRL), BITS(STATUS, board_status_bits), ONE(HEARTBEAT), ONE(TEMPERATURE), WIDE(TIME),
	BITS(IRQ_STATUS, irq_bits), BITS(IRQ_MASK, irq_bits), ONE(SLICE), ONE(AGEING),
	CLASS(H2C_BYTES), CLASS(C2H_BYTES), CLASS(SLICES), CLASS(PREEMPTIONS),
	ENGINE_WIDE(SQ), ENGINE_WIDE(CQ), ENGINE(SQ_ORDER, NULL), ENGINE(CQ_ORDER, NULL),
	ENGINE(CTRL, NULL), ENGINE(STATUS, engine_status_bits), ENGINE(SQ_HEAD, NULL),
	ENGINE_WIDE(JOBS), ENGINE_WIDE(PROGRESS), ENGINE_WIDE(BUSY_NS), ENGINE_WIDE(IDLE_NS),
	ENGINE_WIDE(STALL_NS), ENGINE_WIDE(CYCLES), ENGINE_WIDE(ISSUED), ENGINE_WIDE(SKIPPED_ZERO),
	ENGINE_WIDE(SKIPPED_OOB), ENGINE(RECORD, NULL), ENGINE(RECORD_STATE, NULL),
	ENGINE_WIDE(RECORD_FENCE), ENGINE_WIDE(RECORD_BYTES),
	{"SQ_TAIL", FPR_REG_SQ_TAIL(0), FPR_ENGINES, FPR_REG_SQ_TAIL(1) - FPR_REG_SQ_TAIL(0), 0, NULL},
	{"CQ_HEAD", FPR_REG_CQ_HEAD(0), FPR_ENGINES, FPR_REG_CQ_HEAD(1) - FPR_REG_CQ_HEAD(0), 0, NULL},
	{NULL, 0, 0, 0, 0, NULL},
};
/* clang-format on */

void bits_text(const struct bit *bits, uint32_t value, char *text, size_t size)
{
	size_t used = 0;

	snprintf(text, size, "none");
	for (; bits->name; bits++)
		if (value & bits->mask && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "",
						 bits->name);
}

/* A function whose memory is not decoded reads all ones, or worse. */
static int is_decoding(const struct place *place)
{
	unsigned char config[COMMAND_OFFSET + 2];
	char path[SYSTEM_PATH_MAX];
	ssize_t n;
	int fd;

	system_path(path, PLACE_SYSFS "config", place->address);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, config, sizeof(config));
	close(fd);
	return n == sizeof(config) && config[COMMAND_OFFSET] & COMMAND_MEMORY;
}

/* Through the driver, which a kernel that keeps them to it does not mind. */
static int open_debugfs(const struct place *place)
{
	char name[FPR_NAME_MAX], path[SYSTEM_PATH_MAX];

	if (place_debugfs(place, name))
		return -1;
	system_path(path, PLACE_DEBUGFS "registers", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int map_function(const struct place *place, const volatile uint32_t **at)
{
	char path[SYSTEM_PATH_MAX];
	struct stat st;
	void *map;
	int fd, ret = 0;

	system_path(path, PLACE_SYSFS "resource%d", place->address, FPR_BAR_REGS);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_size < FPR_BAR_REGS_BYTES || !is_decoding(place)) {
		close(fd);
		return -ENXIO;
	}
	map = mmap(NULL, FPR_BAR_REGS_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		ret = -errno;
	close(fd);
	*at = map;
	return ret;
}

int registers_open(const struct place *place, struct registers *registers)
{
	registers->at = NULL;
	registers->fd = open_debugfs(place);
	return registers->fd < 0 ? map_function(place, &registers->at) : 0;
}

void registers_close(struct registers *registers)
{
	union {
		const volatile uint32_t *read_only;
		void *any;
	} at = {registers->at};

	if (registers->fd < 0)
		munmap(at.any, FPR_BAR_REGS_BYTES);
	else
		close(registers->fd);
}

/* Of a board that has gone, all ones, as the bus would have it. */
static uint64_t read_pair(const struct registers *registers, uint32_t offset)
{
	uint64_t pair;

	return pread(registers->fd, &pair, sizeof(pair), offset) == sizeof(pair) ? pair
										 : UINT64_MAX;
}

uint32_t registers_read(const struct registers *registers, uint32_t offset)
{
	if (registers->fd < 0)
		return registers->at[offset / 4];
	return (uint32_t)(read_pair(registers, offset & ~7u) >> (offset & 4) * 8);
}

uint64_t registers_read_wide(const struct registers *registers, uint32_t offset)
{
	uint64_t low;

	if (registers->fd >= 0)
		return read_pair(registers, offset);
	/* Reading the low half holds the high half. */
	low = registers->at[offset / 4];
	return low | (uint64_t)registers->at[offset / 4 + 1] << 32;
}
