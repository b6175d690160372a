/* SPDX-License-Identifier: MIT */
#ifndef FPR_TRACE_FORMAT_H
#define FPR_TRACE_FORMAT_H

/* The bytes of a trace file, as fpr-trace(5) describes them. */

#include <stddef.h>
#include <stdint.h>

#include "fpr_trace.h"

#define TRACE_MAGIC "FPRTRACE"
#define TRACE_VERSION 1

/* Both the file and each section start with 12 bytes and a CRC-32 of them. */
#define TRACE_HEAD_BYTES 16
#define TRACE_CRC_BYTES 4

#define TRACE_TAG_GEMM 0x4d4d4547u /* "GEMM" */
#define TRACE_TAG_END 0x2e444e45u /* "END." */
#define TRACE_END_BYTES 8

#define TRACE_HAS_COUNTERS (1u << 0)

/* deflate cannot shrink further than this; what claims to is refused unread. */
#define TRACE_MAX_RATIO 1032

enum trace_part { TRACE_A, TRACE_B, TRACE_C_IN, TRACE_C_OUT, TRACE_PARTS };

/* @stored equals @raw for plain bytes, and is less for a zlib stream. */
struct trace_size {
	uint64_t raw, stored;
};

/* What precedes the name and the parts in a record's body. */
struct trace_fields {
	uint32_t name_bytes, flags;
	struct fpr_gemm gemm;
	struct fpr_trace_geometry geometry;
	struct fpr_gemm_counters counters;
	struct trace_size size[TRACE_PARTS];
};

#define TRACE_FIELDS_BYTES 296

void trace_put32(uint8_t *at, uint32_t value);
void trace_put64(uint8_t *at, uint64_t value);
uint32_t trace_get32(const uint8_t *at);
uint64_t trace_get64(const uint8_t *at);

/* The CRC-32 of zlib, for any length; start with 0. */
uint32_t trace_crc(uint32_t crc, const void *data, size_t size);

/* Adds or compares the CRC of a head's first 12 bytes. */
void trace_seal_head(uint8_t head[TRACE_HEAD_BYTES]);
int trace_head_is_sound(const uint8_t head[TRACE_HEAD_BYTES]);

void trace_encode(const struct trace_fields *fields, uint8_t bytes[TRACE_FIELDS_BYTES]);
void trace_decode(const uint8_t bytes[TRACE_FIELDS_BYTES], struct trace_fields *fields);

/* Fills in each part's raw size from the shape. Return: 0, or -EINVAL for a bad one. */
int trace_raw_sizes(const struct fpr_gemm *gemm, struct trace_size size[TRACE_PARTS]);

/* Is it UTF-8 that a terminal may be shown? */
int trace_name_is_clean(const char *name, size_t size);

#endif
