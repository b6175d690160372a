/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "board.h"
#include "trace_format.h"

void trace_put32(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

void trace_put64(uint8_t *at, uint64_t value)
{
	trace_put32(at, (uint32_t)value);
	trace_put32(at + 4, (uint32_t)(value >> 32));
}

uint32_t trace_get32(const uint8_t *at)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < 4; i++)
		value |= (uint32_t)at[i] << (8 * i);
	return value;
}

uint64_t trace_get64(const uint8_t *at)
{
	return trace_get32(at) | (uint64_t)trace_get32(at + 4) << 32;
}

uint32_t trace_crc(uint32_t crc, const void *data, size_t size)
{
	return size ? (uint32_t)crc32_z(crc, data, size) : crc;
}

void trace_seal_head(uint8_t head[TRACE_HEAD_BYTES])
{
	const size_t body = TRACE_HEAD_BYTES - TRACE_CRC_BYTES;

	trace_put32(head + body, trace_crc(0, head, body));
}

int trace_head_is_sound(const uint8_t head[TRACE_HEAD_BYTES])
{
	const size_t body = TRACE_HEAD_BYTES - TRACE_CRC_BYTES;

	return trace_get32(head + body) == trace_crc(0, head, body);
}

/* One walk over the fields serves both directions, so that they cannot differ. */
struct cursor {
	uint8_t *at;
	int store;
};

static void field8(struct cursor *cursor, uint8_t *value)
{
	if (cursor->store)
		*cursor->at = *value;
	else
		*value = *cursor->at;
	cursor->at++;
}

static void field32(struct cursor *cursor, uint32_t *value)
{
	if (cursor->store)
		trace_put32(cursor->at, *value);
	else
		*value = trace_get32(cursor->at);
	cursor->at += 4;
}

static void field64(struct cursor *cursor, uint64_t *value)
{
	if (cursor->store)
		trace_put64(cursor->at, *value);
	else
		*value = trace_get64(cursor->at);
	cursor->at += 8;
}

static void walk_gemm(struct cursor *cursor, struct fpr_gemm *gemm)
{
	uint32_t *const words[] = {&gemm->m,   &gemm->n,   &gemm->k,   &gemm->batch,
				   &gemm->lda, &gemm->ldb, &gemm->ldc, &gemm->reserved};
	uint64_t *const strides[] = {&gemm->stride_a, &gemm->stride_b, &gemm->stride_c};
	uint8_t *const options[] = {&gemm->kind,       &gemm->serial,	&gemm->t,
				    &gemm->out,	       &gemm->trans_a,	&gemm->trans_b,
				    &gemm->accumulate, &gemm->reserved1};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		field32(cursor, words[i]);
	for (size_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++)
		field64(cursor, strides[i]);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		field8(cursor, options[i]);
}

static void walk_geometry(struct cursor *cursor, struct fpr_trace_geometry *g)
{
	uint32_t *const words[] = {
		&g->rows,      &g->cols,      &g->lanes, &g->window,
		&g->run_ahead, &g->set_floor, &g->panel, &g->mem_bytes_per_cycle};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		field32(cursor, words[i]);
}

static void walk_counters(struct cursor *cursor, struct fpr_gemm_counters *c)
{
	uint64_t *const words[] = {
		&c->cycles_total,	&c->cycles_compute,	&c->cycles_memory_stall,
		&c->terms_issued,	&c->terms_skipped_zero, &c->terms_skipped_oob,
		&c->lanes_useful,	&c->lanes_no_term,	&c->lanes_shift_range,
		&c->lanes_inter_pe,	&c->lanes_floor,	&c->lanes_inter_row,
		&c->bytes_operands_raw, &c->bytes_operands,	&c->bytes_c_read,
		&c->bytes_c_written,
	};

	_Static_assert(sizeof(words) / sizeof(words[0]) ==
			       sizeof(struct fpr_gemm_counters) / sizeof(uint64_t),
		       "a counter is missing");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		field64(cursor, words[i]);
}

static void walk(struct cursor *cursor, struct trace_fields *fields)
{
	field32(cursor, &fields->name_bytes);
	field32(cursor, &fields->flags);
	walk_gemm(cursor, &fields->gemm);
	walk_geometry(cursor, &fields->geometry);
	walk_counters(cursor, &fields->counters);
	for (unsigned int i = 0; i < TRACE_PARTS; i++) {
		field64(cursor, &fields->size[i].raw);
		field64(cursor, &fields->size[i].stored);
	}
}

void trace_encode(const struct trace_fields *fields, uint8_t bytes[TRACE_FIELDS_BYTES])
{
	struct trace_fields copy = *fields;
	struct cursor cursor = {bytes, 1};

	walk(&cursor, &copy);
}

void trace_decode(const uint8_t bytes[TRACE_FIELDS_BYTES], struct trace_fields *fields)
{
	uint8_t copy[TRACE_FIELDS_BYTES];
	struct cursor cursor = {copy, 0};

	memcpy(copy, bytes, sizeof(copy));
	memset(fields, 0, sizeof(*fields));
	walk(&cursor, fields);
}

int trace_raw_sizes(const struct fpr_gemm *gemm, struct trace_size size[TRACE_PARTS])
{
	struct fpr_gemm_extent extent;

	if (fpr_gemm_check(gemm) || fpr_gemm_extent(gemm, &extent))
		return -EINVAL;
	size[TRACE_A].raw = extent.a;
	size[TRACE_B].raw = extent.b;
	size[TRACE_C_IN].raw = gemm->accumulate ? extent.c : 0;
	size[TRACE_C_OUT].raw = extent.c;
	return 0;
}

/* Return: bytes of the character that starts with @lead, 0 when none does. */
static size_t utf8_bytes(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc0 || lead > 0xf7)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Return: bytes of the character at @s, 0 when it is not UTF-8. */
static size_t decode_utf8(const uint8_t *s, size_t size, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const size_t n = utf8_bytes(s[0]);
	uint32_t c = n > 1 ? s[0] & (0x7fu >> n) : s[0];

	if (!n || n > size)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	*character = c;
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

int trace_name_is_clean(const char *name, size_t size)
{
	const uint8_t *s = (const uint8_t *)name;

	while (size) {
		uint32_t c = 0;
		size_t n = decode_utf8(s, size, &c);

		if (!n || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return 0;
		s += n;
		size -= n;
	}
	return 1;
}
