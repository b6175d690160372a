/* SPDX-License-Identifier: MIT */

/*
 * libFuzzer target: clang -fsanitize=fuzzer,address with the library's sources.
 * Checksums are made right first, or nothing behind them would be reached.
 */

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "fpr_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void seal(uint8_t *at, size_t size)
{
	const uint32_t crc = (uint32_t)crc32(0, at, (uInt)size);

	memcpy(at + size, &crc, sizeof(crc));
}

static void repair(uint8_t *bytes, size_t size)
{
	size_t at = 16;

	if (size < at)
		return;
	seal(bytes, 12);
	while (size - at >= 20) {
		uint64_t length;

		memcpy(&length, bytes + at + 4, sizeof(length));
		seal(bytes + at, 12);
		if (length > size - at - 20)
			return;
		seal(bytes + at + 16, length);
		at += 20 + length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader;
	uint8_t *copy = malloc(size + 1);
	int fd = memfd_create("trace", 0);
	char path[64];

	if (!copy || fd < 0)
		abort();
	memcpy(copy, data, size);
	repair(copy, size);
	if (write(fd, copy, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!fpr_trace_open(path, &reader)) {
		while (fpr_trace_next(reader, &record) == 1)
			;
		fpr_trace_close(reader);
	}
	close(fd);
	free(copy);
	return 0;
}
