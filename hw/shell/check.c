/* SPDX-License-Identifier: MIT */

#include "check.h"

#include "add.h"
#include "hls.h"
#include "shape.h"

/* Descriptors are read where they lie, so this must be a little-endian machine. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error rings are little-endian
#endif

static uint32_t is_multiple(uint64_t x, uint32_t of)
{
	return (x & (of - 1u)) == 0u;
}

/* Does [@offset, @offset + @bytes) lie inside @size? */
static uint32_t inside(uint64_t offset, uint64_t bytes, uint64_t size)
{
	return offset <= size && bytes <= size - offset;
}

/* ---- references --------------------------------------------------------- */

static enum fpr_status check_ref_reserved(const struct fpr_ref ref[1])
{
	return ref[0].sg_entries == 0u && ref[0].sg_offset != 0u ? FPR_ERR_RESERVED : FPR_OK;
}

static enum fpr_status check_ref_align(const struct fpr_ref ref[1], uint32_t element)
{
	uint32_t list = ref[0].sg_entries != 0u;
	uint32_t ok = is_multiple(ref[0].address, list ? FPR_SG_ALIGN : element) &&
		      is_multiple(ref[0].sg_offset, element);

	return ok ? FPR_OK : FPR_ERR_ALIGN;
}

/* @need: bytes the job touches */
static enum fpr_status check_ref_bounds(const struct fpr_ref ref[1], uint64_t need, uint64_t memory)
{
	uint32_t ok = ref[0].bytes >= need;

	if (ref[0].sg_entries == 0u)
		ok = ok && inside(ref[0].address, ref[0].bytes, memory);
	else
		ok = ok && ref[0].sg_entries <= FPR_SG_ENTRIES &&
		     inside(ref[0].address, ref[0].sg_entries * (uint64_t)sizeof(struct fpr_sg),
			    UINT64_MAX);
	return ok ? FPR_OK : FPR_ERR_BOUNDS;
}

static enum fpr_status first_wrong(enum fpr_status x, enum fpr_status y)
{
	return x != FPR_OK ? x : y;
}

/* ---- MAC ---------------------------------------------------------------- */

static uint32_t is_zero(const uint64_t words[], uint32_t n)
{
	uint64_t any = 0;

	HLS_LOOP(WORD)
	for (uint32_t i = 0; i < n; i++)
		any |= words[i];
	return any == 0u;
}

static uint32_t ref_is_zero(const struct fpr_ref ref[1])
{
	return (ref[0].address | ref[0].bytes | ref[0].sg_entries | ref[0].sg_offset) == 0u;
}

static enum fpr_status check_mac_reserved(const struct fpr_mac_desc d[1])
{
	uint32_t ok = (d[0].flags & ~(FPR_MAC_NO_COUNTERS | FPR_MAC_CHAINED)) == 0 &&
		      d[0].reserved0 == 0u && d[0].reserved1 == 0u && d[0].reserved2 == 0u &&
		      d[0].reserved3 == 0u &&
		      is_zero(d[0].reserved4, sizeof(d[0].reserved4) / sizeof(d[0].reserved4[0]));

	return ok ? FPR_OK : FPR_ERR_RESERVED;
}

static enum fpr_status check_mac_nop(const struct fpr_mac_desc d[1])
{
	uint32_t ok =
		(d[0].flags & ~FPR_MAC_CHAINED) == 0 && d[0].result == 0u && ref_is_zero(&d[0].a) &&
		ref_is_zero(&d[0].b) && ref_is_zero(&d[0].c) &&
		(d[0].m | d[0].n | d[0].k | d[0].batch | d[0].lda | d[0].ldb | d[0].ldc) == 0u &&
		(d[0].stride_a | d[0].stride_b | d[0].stride_c) == 0u &&
		(d[0].kind | d[0].serial | d[0].t | d[0].out | d[0].trans_a | d[0].trans_b |
		 d[0].accumulate) == 0;

	return ok ? FPR_OK : FPR_ERR_RESERVED;
}

static void decode_gemm(const struct fpr_mac_desc d[1], struct fpr_gemm g[1])
{
	g[0].m = d[0].m;
	g[0].n = d[0].n;
	g[0].k = d[0].k;
	g[0].batch = d[0].batch;
	g[0].lda = d[0].lda;
	g[0].ldb = d[0].ldb;
	g[0].ldc = d[0].ldc;
	g[0].reserved = 0;
	g[0].stride_a = d[0].stride_a;
	g[0].stride_b = d[0].stride_b;
	g[0].stride_c = d[0].stride_c;
	g[0].kind = d[0].kind;
	g[0].serial = d[0].serial;
	g[0].t = d[0].t;
	g[0].out = d[0].out;
	g[0].trans_a = d[0].trans_a;
	g[0].trans_b = d[0].trans_b;
	g[0].accumulate = d[0].accumulate;
	g[0].reserved1 = 0;
}

static enum fpr_status check_mac_shape(const struct fpr_mac_desc d[1], struct fpr_mac_job job[1])
{
	struct fpr_gemm gemm[1];
	struct fpr_gemm_extent extent[1];

	decode_gemm(d, gemm);
	job[0].gemm = gemm[0];
	if (fpr_shape_fits(gemm) == 0u || fpr_shape_extent(gemm, extent) == 0u)
		return FPR_ERR_SHAPE;
	job[0].a = extent[0].a;
	job[0].b = extent[0].b;
	job[0].c = extent[0].c;
	return FPR_OK;
}

static enum fpr_status check_mac_align(const struct fpr_mac_desc d[1])
{
	uint32_t element = d[0].out == FPR_OUT_F32 ? 4u : 2u;
	enum fpr_status status = is_multiple(d[0].result, 8u) ? FPR_OK : FPR_ERR_ALIGN;

	status = first_wrong(status, check_ref_align(&d[0].a, 2u));
	status = first_wrong(status, check_ref_align(&d[0].b, 2u));
	return first_wrong(status, check_ref_align(&d[0].c, element));
}

static enum fpr_status check_mac_bounds(const struct fpr_mac_desc d[1],
					const struct fpr_mac_job job[1], uint64_t memory)
{
	enum fpr_status status = check_ref_bounds(&d[0].a, job[0].a, memory);

	status = first_wrong(status, check_ref_bounds(&d[0].b, job[0].b, memory));
	return first_wrong(status, check_ref_bounds(&d[0].c, job[0].c, memory));
}

/* Operands from host memory are copied before C is written, so only board memory counts. */
static uint32_t overlaps(const struct fpr_ref x[1], uint64_t x_bytes, const struct fpr_ref y[1],
			 uint64_t y_bytes)
{
	return x[0].sg_entries == 0u && y[0].sg_entries == 0u && x_bytes != 0u && y_bytes != 0u &&
	       x[0].address < y[0].address + y_bytes && y[0].address < x[0].address + x_bytes;
}

static enum fpr_status check_mac_overlap(const struct fpr_mac_desc d[1],
					 const struct fpr_mac_job job[1])
{
	uint32_t over = overlaps(&d[0].c, job[0].c, &d[0].a, job[0].a) ||
			overlaps(&d[0].c, job[0].c, &d[0].b, job[0].b);

	return over ? FPR_ERR_OVERLAP : FPR_OK;
}

enum fpr_status fpr_check_mac(const struct fpr_mac_desc desc[1], uint64_t memory,
			      struct fpr_mac_job job[1])
{
	enum fpr_status status;

	if (desc[0].opcode != FPR_OP_GEMM && desc[0].opcode != FPR_OP_NOP)
		return FPR_ERR_OPCODE;
	status = check_mac_reserved(desc);
	if (desc[0].opcode == FPR_OP_NOP)
		return first_wrong(status, check_mac_nop(desc));
	status = first_wrong(status, check_ref_reserved(&desc[0].a));
	status = first_wrong(status, check_ref_reserved(&desc[0].b));
	status = first_wrong(status, check_ref_reserved(&desc[0].c));
	if (status == FPR_OK)
		status = check_mac_shape(desc, job);
	if (status == FPR_OK)
		status = check_mac_bounds(desc, job, memory);
	if (status == FPR_OK)
		status = check_mac_align(desc);
	return status == FPR_OK ? check_mac_overlap(desc, job) : status;
}

/* ---- transfers ---------------------------------------------------------- */

static enum fpr_status check_xfer_reserved(const struct fpr_xfer_desc d[1])
{
	uint32_t any = 0;

	HLS_LOOP(BYTE)
	for (uint32_t i = 0; i < sizeof(d[0].reserved0); i++)
		any |= d[0].reserved0[i];
	return any == 0u && d[0].reserved1 == 0u ? FPR_OK : FPR_ERR_RESERVED;
}

static enum fpr_status check_xfer_nop(const struct fpr_xfer_desc d[1])
{
	uint32_t ok = d[0].op == 0u && d[0].priority == 0u && ref_is_zero(&d[0].host) &&
		      d[0].board == 0u && d[0].to_host == 0u;

	return ok ? FPR_OK : FPR_ERR_RESERVED;
}

static enum fpr_status check_xfer_shape(const struct fpr_xfer_desc d[1])
{
	uint32_t ok = d[0].op <= FPR_XFER_ADD_BF16_F32 && d[0].to_host <= 1u &&
		      (d[0].op == FPR_XFER_COPY || d[0].to_host == 0u) && d[0].host.bytes != 0u &&
		      d[0].host.sg_entries != 0u;

	return ok ? FPR_OK : FPR_ERR_SHAPE;
}

static enum fpr_status check_xfer_bounds(const struct fpr_xfer_desc d[1], uint64_t memory)
{
	/* Twice the length must not wrap. */
	if (d[0].host.bytes > memory ||
	    !inside(d[0].board, d[0].host.bytes * fpr_add_widens(d[0].op), memory))
		return FPR_ERR_BOUNDS;
	return check_ref_bounds(&d[0].host, d[0].host.bytes, memory);
}

static enum fpr_status check_xfer_align(const struct fpr_xfer_desc d[1])
{
	uint32_t unit = d[0].op == FPR_XFER_COPY ? 1u : FPR_XFER_ADD_ALIGN;

	if (!is_multiple(d[0].board, unit) || !is_multiple(d[0].host.bytes, unit))
		return FPR_ERR_ALIGN;
	return check_ref_align(&d[0].host, unit);
}

enum fpr_status fpr_check_xfer(const struct fpr_xfer_desc desc[1], uint64_t memory)
{
	enum fpr_status status;

	if (desc[0].opcode != FPR_OP_XFER && desc[0].opcode != FPR_OP_NOP)
		return FPR_ERR_OPCODE;
	status = check_xfer_reserved(desc);
	if (desc[0].opcode == FPR_OP_NOP)
		return first_wrong(status, check_xfer_nop(desc));
	status = first_wrong(status, check_xfer_shape(desc));
	status = first_wrong(status, check_xfer_bounds(desc, memory));
	return first_wrong(status, check_xfer_align(desc));
}
