/* SPDX-License-Identifier: MIT */

/*
 * PCI errors, as the kernel's aer_inject makes the port report them, while a
 * neighbour works. Needs aer_inject loaded.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "neighbour.h"

/* What /dev/aer_inject takes. */
struct injection {
	uint8_t bus, dev, fn;
	uint32_t uncorrectable, correctable;
	uint32_t header[4];
	uint32_t domain;
};

/* Bits of the two status registers; which uncorrectable ones are fatal is the reset value. */
#define BAD_TLP 0x00000040
#define COMPLETION_TIMEOUT 0x00004000 /* not fatal */
#define UNSUPPORTED_REQUEST 0x00100000 /* not fatal */
#define MALFORMED_TLP 0x00040000 /* fatal */

static int inject(uint32_t correctable, uint32_t uncorrectable)
{
	struct injection injection = {.correctable = correctable, .uncorrectable = uncorrectable};
	unsigned int domain, bus, dev, fn;
	int fd, ret = 0;

	if (sscanf(strrchr(board_sysfs(), '/') + 1, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		return -EINVAL;
	injection.domain = domain;
	injection.bus = (uint8_t)bus;
	injection.dev = (uint8_t)dev;
	injection.fn = (uint8_t)fn;
	fd = open("/dev/aer_inject", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, &injection, sizeof(injection)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Line "TOTAL_... N" of one of the board's AER counters. */
static long long total(const char *kind)
{
	char path[400], text[4096];
	const char *line;

	snprintf(path, sizeof(path), "%s/aer_dev_%s", board_sysfs(), kind);
	if (read_text(path, text, sizeof(text)))
		return -1;
	line = strstr(text, "TOTAL_");
	return line ? strtoll(strchr(line, ' '), NULL, 10) : -1;
}

static long long resets(void)
{
	return read_number(board_sysfs(), "resets");
}

static bool reported(const char *kind, long long count)
{
	for (int i = 0; i < 200 && total(kind) < count; i++)
		sleep_ms(50);
	return total(kind) == count;
}

/* The port takes the next error only after it has dealt with this one, and says so. */
static bool recovered(int log)
{
	char line[1024];

	for (int i = 0; i < 600; i++) {
		ssize_t length = read(log, line, sizeof(line) - 1);

		if (length <= 0) {
			sleep_ms(50);
			continue;
		}
		line[length] = 0;
		if (strstr(line, "AER: device recovery"))
			return strstr(line, "successful") != NULL;
	}
	return false;
}

static bool reset_by(long long count)
{
	for (int i = 0; i < 400 && resets() < count; i++)
		sleep_ms(50);
	return resets() == count;
}

static void uncorrectable(struct neighbour *neighbour, const char *kind, uint32_t bits)
{
	long long before = resets(), seen = strcmp(kind, "fatal") ? total(kind) : -1;
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	lseek(log, 0, SEEK_END);
	printf("-- %s %#x\n", kind, bits);
	fflush(stdout);
	CHECK(inject(0, bits) == 0);
	/* A link that is down is not asked what is wrong. */
	CHECK(seen < 0 || reported(kind, seen + 1));
	CHECK(recovered(log));
	close(log);
	CHECK(reset_by(before + 1));
	CHECK(neighbour_fine(neighbour));
}

/* What sysfs offers, which resets the function as a fatal error does. */
static void function_reset(struct neighbour *neighbour)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/reset", board_sysfs());
	for (int i = 0; i < 3; i++) {
		puts("-- reset of the function");
		CHECK(write_text(path, "1") == 0);
		CHECK(neighbour_fine(neighbour));
	}
}

static bool pattern_kept(const struct bo *bo)
{
	for (uint32_t i = 0; i < bo->size / 4; i++)
		if (((uint32_t *)bo->map)[i] != i * 2654435761u)
			return false;
	return true;
}

int main(void)
{
	struct neighbour neighbour;
	long long before, seen;
	int fd = open_board();
	struct bo bo;

	if (!CHECK(fd >= 0) || !CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 1 << 20, &bo) == 0))
		return report("aer");
	for (uint32_t i = 0; i < bo.size / 4; i++)
		((uint32_t *)bo.map)[i] = i * 2654435761u;
	neighbour_start(&neighbour);
	CHECK(neighbour_fine(&neighbour));
	before = resets();
	seen = total("correctable");
	puts("-- correctable");
	CHECK(inject(BAD_TLP, 0) == 0);
	CHECK(reported("correctable", seen + 1));
	CHECK(neighbour_fine(&neighbour) && resets() == before);
	uncorrectable(&neighbour, "nonfatal", COMPLETION_TIMEOUT);
	uncorrectable(&neighbour, "nonfatal", UNSUPPORTED_REQUEST);
	uncorrectable(&neighbour, "fatal", MALFORMED_TLP);
	uncorrectable(&neighbour, "fatal", MALFORMED_TLP);
	function_reset(&neighbour);
	CHECK(neighbour_end(&neighbour));
	CHECK(pattern_kept(&bo));
	close(fd);
	return report("aer");
}
