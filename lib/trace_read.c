/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "trace_format.h"

/* A size is believed no further than this beyond what has really been read. */
#define TRUST_BYTES (1u << 20)

/**
 * struct fpr_trace_reader - a trace being read
 * @file: the file
 * @records: read so far
 * @bytes: read so far
 * @status: 1 while there may be more, then what fpr_trace_next() keeps returning
 * @crc: of the section's body so far
 * @name: of the last record
 * @parts: of the last record; NULL when empty
 */
struct fpr_trace_reader {
	FILE *file;
	uint64_t records, bytes;
	int status;
	uint32_t crc;
	char name[FPR_TRACE_NAME_MAX + 1];
	void *parts[TRACE_PARTS];
};

/* Return: 0, -ENODATA at the end of the file, or a read error. */
static int get(struct fpr_trace_reader *reader, void *data, size_t size)
{
	errno = 0;
	if (fread(data, 1, size, reader->file) != size) {
		if (feof(reader->file))
			return -ENODATA;
		return errno ? -errno : -EIO;
	}
	reader->crc = trace_crc(reader->crc, data, size);
	reader->bytes += size;
	return 0;
}

/* @have: bytes of it that were read before */
static int get_head(struct fpr_trace_reader *reader, uint8_t head[TRACE_HEAD_BYTES], size_t have)
{
	int ret = get(reader, head + have, TRACE_HEAD_BYTES - have);

	if (ret)
		return ret;
	reader->crc = 0;
	return trace_head_is_sound(head) ? 0 : -EBADMSG;
}

/* Compares with the CRC of all that was read since the section's head. */
static int check_crc(struct fpr_trace_reader *reader)
{
	const uint32_t crc = reader->crc;
	uint8_t bytes[TRACE_CRC_BYTES];
	int ret = get(reader, bytes, sizeof(bytes));

	if (ret)
		return ret;
	return trace_get32(bytes) == crc ? 0 : -EBADMSG;
}

static int check_file_head(struct fpr_trace_reader *reader)
{
	static const char magic[] = TRACE_MAGIC;
	uint8_t head[TRACE_HEAD_BYTES];
	size_t have = 0;
	int ret = 0;

	/* Byte by byte: what is short and begins otherwise is no trace that was cut off. */
	for (; have < sizeof(magic) - 1 && !ret; have++) {
		ret = get(reader, head + have, 1);
		if (!ret && head[have] != magic[have])
			return -EBADMSG;
	}
	if (!ret)
		ret = get_head(reader, head, have);
	if (ret)
		return ret;
	return trace_get32(head + 8) == TRACE_VERSION ? 0 : -EPROTONOSUPPORT;
}

int fpr_trace_open(const char *path, struct fpr_trace_reader **reader)
{
	struct fpr_trace_reader *r;
	int ret;

	if (!path || !reader)
		return -EINVAL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->status = 1;
	r->file = fopen(path, "rbe");
	ret = r->file ? check_file_head(r) : -errno;
	if (ret) {
		fpr_trace_close(r);
		return ret;
	}
	*reader = r;
	return 0;
}

static void free_parts(struct fpr_trace_reader *reader)
{
	for (unsigned int i = 0; i < TRACE_PARTS; i++) {
		free(reader->parts[i]);
		reader->parts[i] = NULL;
	}
}

void fpr_trace_close(struct fpr_trace_reader *reader)
{
	if (!reader)
		return;
	free_parts(reader);
	if (reader->file)
		fclose(reader->file);
	free(reader);
}

/* Memory grows with what arrives, so that a false size costs its writer bytes too. */
static int get_bytes(struct fpr_trace_reader *reader, uint64_t size, void **bytes)
{
	uint64_t have = 0;

	*bytes = NULL;
	while (have < size) {
		uint64_t room = have + (have > TRUST_BYTES ? have : TRUST_BYTES);
		void *grown;
		int ret;

		if (room > size)
			room = size;
		grown = realloc(*bytes, room);
		if (!grown)
			return -ENOMEM;
		*bytes = grown;
		ret = get(reader, (char *)grown + have, room - have);
		if (ret)
			return ret;
		have = room;
	}
	return 0;
}

static int check_sizes(const struct trace_fields *fields, uint64_t length)
{
	struct trace_size size[TRACE_PARTS];

	if (trace_raw_sizes(&fields->gemm, size))
		return -EBADMSG;
	if (fields->name_bytes > FPR_TRACE_NAME_MAX || fields->flags & ~TRACE_HAS_COUNTERS)
		return -EBADMSG;
	length -= TRACE_FIELDS_BYTES;
	if (length < fields->name_bytes)
		return -EBADMSG;
	length -= fields->name_bytes;
	for (unsigned int i = 0; i < TRACE_PARTS; i++) {
		const struct trace_size *s = &fields->size[i];

		if (s->raw != size[i].raw || s->stored > s->raw || s->stored > length ||
		    s->raw / TRACE_MAX_RATIO > s->stored)
			return -EBADMSG;
		length -= s->stored;
	}
	return length ? -EBADMSG : 0;
}

static int get_name(struct fpr_trace_reader *reader, uint32_t size)
{
	int ret = get(reader, reader->name, size);

	if (ret)
		return ret;
	reader->name[size] = 0;
	return trace_name_is_clean(reader->name, size) ? 0 : -EBADMSG;
}

static int unpack(void **bytes, const struct trace_size *size)
{
	uLongf raw = (uLongf)size->raw;
	void *plain;
	int status;

	if (size->stored == size->raw)
		return 0;
	plain = malloc(raw);
	if (!plain)
		return -ENOMEM;
	status = uncompress(plain, &raw, *bytes, (uLong)size->stored);
	free(*bytes);
	*bytes = plain;
	if (status == Z_MEM_ERROR)
		return -ENOMEM;
	return status == Z_OK && raw == size->raw ? 0 : -EBADMSG;
}

static int get_record(struct fpr_trace_reader *reader, uint64_t length, struct trace_fields *fields)
{
	uint8_t bytes[TRACE_FIELDS_BYTES];
	int ret;

	if (length < sizeof(bytes))
		return -EBADMSG;
	ret = get(reader, bytes, sizeof(bytes));
	if (ret)
		return ret;
	trace_decode(bytes, fields);
	ret = check_sizes(fields, length);
	if (!ret)
		ret = get_name(reader, fields->name_bytes);
	for (unsigned int i = 0; i < TRACE_PARTS && !ret; i++)
		ret = get_bytes(reader, fields->size[i].stored, &reader->parts[i]);
	if (!ret)
		ret = check_crc(reader);
	for (unsigned int i = 0; i < TRACE_PARTS && !ret; i++)
		ret = unpack(&reader->parts[i], &fields->size[i]);
	if (!ret)
		reader->records++;
	return ret ? ret : 1;
}

/* Return: 0 when the file ends here and holds as many records as it says. */
static int get_end(struct fpr_trace_reader *reader, uint64_t length)
{
	uint8_t count[TRACE_END_BYTES];
	int ret;

	if (length != sizeof(count))
		return -EBADMSG;
	ret = get(reader, count, sizeof(count));
	if (!ret)
		ret = check_crc(reader);
	if (ret)
		return ret;
	if (trace_get64(count) != reader->records)
		return -EBADMSG;
	ret = get(reader, count, 1);
	return !ret ? -EBADMSG : ret == -ENODATA ? 0 : ret;
}

static int get_section(struct fpr_trace_reader *reader, struct trace_fields *fields)
{
	uint8_t head[TRACE_HEAD_BYTES];
	int ret = get_head(reader, head, 0);

	if (ret)
		return ret;
	switch (trace_get32(head)) {
	case TRACE_TAG_GEMM:
		return get_record(reader, trace_get64(head + 4), fields);
	case TRACE_TAG_END:
		return get_end(reader, trace_get64(head + 4));
	default:
		return -EBADMSG;
	}
}

int fpr_trace_next(struct fpr_trace_reader *reader, struct fpr_trace_record *record)
{
	struct trace_fields fields;

	if (!reader || !record)
		return -EINVAL;
	free_parts(reader);
	if (reader->status == 1)
		reader->status = get_section(reader, &fields);
	if (reader->status != 1)
		return reader->status;
	*record = (struct fpr_trace_record){
		.name = reader->name,
		.gemm = fields.gemm,
		.has_counters = fields.flags & TRACE_HAS_COUNTERS,
		.geometry = fields.geometry,
		.counters = fields.counters,
		.a = reader->parts[TRACE_A],
		.b = reader->parts[TRACE_B],
		.c_in = reader->parts[TRACE_C_IN],
		.c_out = reader->parts[TRACE_C_OUT],
		.a_bytes = fields.size[TRACE_A].raw,
		.b_bytes = fields.size[TRACE_B].raw,
		.c_bytes = fields.size[TRACE_C_OUT].raw,
	};
	return 1;
}

uint64_t fpr_trace_position(const struct fpr_trace_reader *reader)
{
	return reader ? reader->bytes : 0;
}
