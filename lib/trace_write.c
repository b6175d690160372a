/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "trace_format.h"

/* Room for a dot, a number and the suffix of a temporary name. */
#define SUFFIX_MAX 16
#define TEMPORARIES 1000

/* Operands are half noise, so that more effort only costs time. */
#define COMPRESSION_LEVEL 1

/**
 * struct fpr_trace_writer - a trace being written
 * @file: the temporary file
 * @path: where it goes in the end
 * @temporary: where it is now
 * @records: appended so far
 * @status: the first error, after which nothing more is written
 */
struct fpr_trace_writer {
	FILE *file;
	char *path, *temporary;
	uint64_t records;
	int status;
};

static void put(struct fpr_trace_writer *writer, const void *data, size_t size)
{
	if (writer->status || !size)
		return;
	errno = 0;
	if (fwrite(data, 1, size, writer->file) != size)
		writer->status = errno ? -errno : -EIO;
}

static void put_file_head(struct fpr_trace_writer *writer)
{
	uint8_t head[TRACE_HEAD_BYTES];

	memcpy(head, TRACE_MAGIC, sizeof(TRACE_MAGIC) - 1);
	trace_put32(head + 8, TRACE_VERSION);
	trace_seal_head(head);
	put(writer, head, sizeof(head));
}

static void put_section_head(struct fpr_trace_writer *writer, uint32_t tag, uint64_t length)
{
	uint8_t head[TRACE_HEAD_BYTES];

	trace_put32(head, tag);
	trace_put64(head + 4, length);
	trace_seal_head(head);
	put(writer, head, sizeof(head));
}

static void put_crc(struct fpr_trace_writer *writer, uint32_t crc)
{
	uint8_t bytes[TRACE_CRC_BYTES];

	trace_put32(bytes, crc);
	put(writer, bytes, sizeof(bytes));
}

/* mkstemp() would hide the file from others; this leaves that to the umask. */
static int open_temporary(struct fpr_trace_writer *writer)
{
	const size_t room = strlen(writer->path) + SUFFIX_MAX;
	int fd = -1;

	for (unsigned int i = 0; i < TEMPORARIES; i++) {
		snprintf(writer->temporary, room, "%s.%u.tmp", writer->path, i);
		fd = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (fd < 0)
		return -errno;
	writer->file = fdopen(fd, "wb");
	if (writer->file)
		return 0;
	close(fd);
	unlink(writer->temporary);
	return -ENOMEM;
}

static void free_writer(struct fpr_trace_writer *writer)
{
	free(writer->temporary);
	free(writer->path);
	free(writer);
}

int fpr_trace_create(const char *path, struct fpr_trace_writer **writer)
{
	struct fpr_trace_writer *w;
	struct stat there;
	int ret = -ENOMEM;

	if (!path || !*path || !writer)
		return -EINVAL;
	/* Putting a file in the place of a device would be no trace's right. */
	if (!stat(path, &there) && !S_ISREG(there.st_mode))
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->path = strdup(path);
	w->temporary = malloc(strlen(path) + SUFFIX_MAX);
	if (w->path && w->temporary)
		ret = open_temporary(w);
	if (ret) {
		free_writer(w);
		return ret;
	}
	put_file_head(w);
	*writer = w;
	return 0;
}

/* A part as it will be stored: plain, or compressed into @memory. */
struct part {
	const void *bytes;
	void *memory;
};

/* Plain when compressing gains nothing. */
static int pack(const void *bytes, struct trace_size *size, struct part *part)
{
	uLongf packed = compressBound((uLong)size->raw);
	int status;

	part->bytes = bytes;
	part->memory = NULL;
	size->stored = size->raw;
	if (!size->raw)
		return 0;
	part->memory = malloc(packed);
	if (!part->memory)
		return -ENOMEM;
	status = compress2(part->memory, &packed, bytes, (uLong)size->raw, COMPRESSION_LEVEL);
	if (status != Z_OK)
		return -ENOMEM;
	if (packed < size->raw) {
		size->stored = packed;
		part->bytes = part->memory;
	}
	return 0;
}

static void put_record(struct fpr_trace_writer *writer, const struct trace_fields *fields,
		       const char *name, const struct part parts[TRACE_PARTS])
{
	uint64_t length = TRACE_FIELDS_BYTES + fields->name_bytes;
	uint8_t bytes[TRACE_FIELDS_BYTES];
	uint32_t crc;

	for (unsigned int i = 0; i < TRACE_PARTS; i++)
		length += fields->size[i].stored;
	put_section_head(writer, TRACE_TAG_GEMM, length);
	trace_encode(fields, bytes);
	crc = trace_crc(0, bytes, sizeof(bytes));
	put(writer, bytes, sizeof(bytes));
	crc = trace_crc(crc, name, fields->name_bytes);
	put(writer, name, fields->name_bytes);
	for (unsigned int i = 0; i < TRACE_PARTS; i++) {
		crc = trace_crc(crc, parts[i].bytes, fields->size[i].stored);
		put(writer, parts[i].bytes, fields->size[i].stored);
	}
	put_crc(writer, crc);
	writer->records++;
}

static void set_counters(struct trace_fields *fields, const struct fpr_gemm_counters *counters)
{
	fields->flags = TRACE_HAS_COUNTERS;
	fields->counters = *counters;
	fields->geometry = (struct fpr_trace_geometry){
		.rows = FPR_ROWS,
		.cols = FPR_COLS,
		.lanes = FPR_LANES,
		.window = FPR_WINDOW,
		.run_ahead = FPR_RUN_AHEAD,
		.set_floor = FPR_SET_FLOOR,
		.panel = FPR_PANEL,
		.mem_bytes_per_cycle = FPR_MEM_BYTES_PER_CYCLE,
	};
}

int fpr_trace_append(struct fpr_trace_writer *writer, const char *name, const struct fpr_gemm *gemm,
		     const void *a, const void *b, const void *c_in, const void *c_out,
		     const struct fpr_gemm_counters *counters)
{
	const void *const bytes[TRACE_PARTS] = {a, b, c_in, c_out};
	struct part parts[TRACE_PARTS] = {{NULL, NULL}};
	struct trace_fields fields = {0};
	size_t name_bytes;

	if (!writer || !name || !gemm)
		return -EINVAL;
	name_bytes = strnlen(name, FPR_TRACE_NAME_MAX + 1);
	if (name_bytes > FPR_TRACE_NAME_MAX || !trace_name_is_clean(name, name_bytes))
		return -EINVAL;
	if (trace_raw_sizes(gemm, fields.size))
		return -EINVAL;
	for (unsigned int i = 0; i < TRACE_PARTS; i++)
		if (fields.size[i].raw && !bytes[i])
			return -EINVAL;
	fields.name_bytes = (uint32_t)name_bytes;
	fields.gemm = *gemm;
	if (counters)
		set_counters(&fields, counters);
	for (unsigned int i = 0; i < TRACE_PARTS && !writer->status; i++)
		writer->status = pack(bytes[i], &fields.size[i], &parts[i]);
	if (!writer->status)
		put_record(writer, &fields, name, parts);
	for (unsigned int i = 0; i < TRACE_PARTS; i++)
		free(parts[i].memory);
	return writer->status;
}

static void put_end(struct fpr_trace_writer *writer)
{
	uint8_t count[TRACE_END_BYTES];

	trace_put64(count, writer->records);
	put_section_head(writer, TRACE_TAG_END, sizeof(count));
	put(writer, count, sizeof(count));
	put_crc(writer, trace_crc(0, count, sizeof(count)));
}

int fpr_trace_finish(struct fpr_trace_writer *writer)
{
	int ret;

	if (!writer)
		return -EINVAL;
	put_end(writer);
	if (!writer->status && (fflush(writer->file) || fsync(fileno(writer->file))))
		writer->status = -errno;
	if (fclose(writer->file) && !writer->status)
		writer->status = -errno;
	if (!writer->status && rename(writer->temporary, writer->path))
		writer->status = -errno;
	ret = writer->status;
	if (ret)
		unlink(writer->temporary);
	free_writer(writer);
	return ret;
}

void fpr_trace_abort(struct fpr_trace_writer *writer)
{
	if (!writer)
		return;
	fclose(writer->file);
	unlink(writer->temporary);
	free_writer(writer);
}
