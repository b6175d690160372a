/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "shell.h"

#define PIECE 4096 /* bytes made hexadecimal at a time */

struct fpr_recorder {
	FILE *file;
	char *path;
	pthread_mutex_t lock; /* a line at a time */
	int error;
};

int fpr_recorder_open(const char *path, struct fpr_recorder **out)
{
	struct fpr_recorder *recorder = calloc(1, sizeof(*recorder));
	int err;

	if (!recorder)
		return -ENOMEM;
	recorder->path = strdup(path);
	recorder->file = recorder->path ? fopen(path, "we") : NULL;
	if (!recorder->file) {
		err = -errno;
		free(recorder->path);
		free(recorder);
		return err;
	}
	/* Lines, so that all of them are there however the process ends. */
	setvbuf(recorder->file, NULL, _IOLBF, 1 << 16);
	pthread_mutex_init(&recorder->lock, NULL);
	*out = recorder;
	return 0;
}

/* ---- with the lock held ------------------------------------------------- */

static void fail(struct fpr_recorder *recorder)
{
	recorder->error = -errno;
	fprintf(stderr, "fpr-board: %s: %s; the recording ends here\n", recorder->path,
		strerror(errno));
}

static void put(struct fpr_recorder *recorder, const char *format, ...)
{
	va_list arguments;

	if (recorder->error)
		return;
	va_start(arguments, format);
	if (vfprintf(recorder->file, format, arguments) < 0)
		fail(recorder);
	va_end(arguments);
}

static void put_hex(struct fpr_recorder *recorder, const uint8_t *data, size_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * PIECE];

	for (size_t n; bytes; data += n, bytes -= n) {
		n = bytes < PIECE ? bytes : PIECE;
		for (size_t i = 0; i < n; i++) {
			text[2 * i] = digits[data[i] >> 4];
			text[2 * i + 1] = digits[data[i] & 15];
		}
		if (!recorder->error && fwrite(text, 2, n, recorder->file) != n)
			fail(recorder);
	}
}

/* ---- lines -------------------------------------------------------------- */

void fpr_recorder_begin(struct fpr_recorder *recorder, const struct fpr_shell_config *config)
{
	if (!recorder)
		return;
	pthread_mutex_lock(&recorder->lock);
	put(recorder, "fpr-board 1 memory=%" PRIu64 " clock_khz=%u build=%u temperature=%d\n",
	    config->memory_bytes, config->clock_khz, config->build, config->temperature);
	pthread_mutex_unlock(&recorder->lock);
}

void fpr_recorder_note(struct fpr_recorder *recorder, enum fpr_recorded what, uint64_t first,
		       uint64_t second)
{
	if (!recorder)
		return;
	pthread_mutex_lock(&recorder->lock);
	if (what == FPR_RECORDED_RESET)
		put(recorder, "%c\n", what);
	else if (what == FPR_RECORDED_MESSAGE || what == FPR_RECORDED_LEVEL)
		put(recorder, "%c %" PRIx64 "\n", what, first);
	else
		put(recorder, "%c %" PRIx64 " %" PRIx64 "\n", what, first, second);
	pthread_mutex_unlock(&recorder->lock);
}

void fpr_recorder_data(struct fpr_recorder *recorder, enum fpr_recorded what, uint64_t address,
		       const void *data, size_t bytes)
{
	if (!recorder)
		return;
	pthread_mutex_lock(&recorder->lock);
	put(recorder, "%c %" PRIx64 " %zx ", what, address, bytes);
	put_hex(recorder, data, bytes);
	put(recorder, "\n");
	pthread_mutex_unlock(&recorder->lock);
}

/* ---- the end ------------------------------------------------------------ */

int fpr_recorder_error(struct fpr_recorder *recorder)
{
	int error;

	if (!recorder)
		return 0;
	pthread_mutex_lock(&recorder->lock);
	error = recorder->error;
	pthread_mutex_unlock(&recorder->lock);
	return error;
}

int fpr_recorder_close(struct fpr_recorder *recorder)
{
	int error;

	if (!recorder)
		return 0;
	if (fclose(recorder->file) && !recorder->error)
		fail(recorder);
	error = recorder->error;
	pthread_mutex_destroy(&recorder->lock);
	free(recorder->path);
	free(recorder);
	return error;
}
