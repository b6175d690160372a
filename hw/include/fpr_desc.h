/* SPDX-License-Identifier: MIT */
#ifndef FPR_DESC_H
#define FPR_DESC_H

/*
 * What lies in the rings: descriptors, completions and scatter lists, all
 * little-endian. As in NVMe, the host writes descriptors at the tail and rings
 * the doorbell; the board writes completions whose phase bit flips at each turn of
 * the ring (1 in the first turn after enabling), then interrupts. A completion
 * ring that is full holds the engine back until its head doorbell moves.
 */

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/types.h>
typedef __le16 fpr_le16;
typedef __le32 fpr_le32;
typedef __le64 fpr_le64;
typedef __u8 fpr_u8;
#else
#include <assert.h>
#include <stdint.h>
typedef uint16_t fpr_le16;
typedef uint32_t fpr_le32;
typedef uint64_t fpr_le64;
typedef uint8_t fpr_u8;
#endif

/**
 * struct fpr_sg - one piece of host memory
 * @address: bus address
 * @bytes: its length, not 0
 * @reserved: 0
 */
struct fpr_sg {
	fpr_le64 address;
	fpr_le32 bytes;
	fpr_le32 reserved;
};

/**
 * struct fpr_ref - memory that a descriptor names
 * @address: with @sg_entries 0: offset in board memory; else the bus address of
 *	a table of struct fpr_sg, 16-byte aligned
 * @bytes: length of what is named
 * @sg_entries: entries of the table; they must cover @sg_offset + @bytes
 * @sg_offset: bytes of the list to skip first
 */
struct fpr_ref {
	fpr_le64 address;
	fpr_le64 bytes;
	fpr_le32 sg_entries;
	fpr_le32 sg_offset;
};

enum fpr_opcode {
	FPR_OP_NOP = 0, /* completes; fence only */
	FPR_OP_GEMM = 1, /* MAC engine */
	FPR_OP_XFER = 2, /* transfer engine */
};

/**
 * struct fpr_mac_desc - an entry of the MAC engine's ring
 * @opcode: FPR_OP_GEMM or FPR_OP_NOP
 * @flags: FPR_MAC_*
 * @cookie: returned in the completion
 * @fence: returned in the completion
 * @result: bus address where a struct fpr_mac_result goes before the completion,
 *	8-byte aligned; 0 for none
 * @a: A
 * @b: B
 * @c: C, in and out
 * @m: and what follows: as in struct fpr_gemm; @serial is A or B
 */
struct fpr_mac_desc {
	fpr_u8 opcode, flags;
	fpr_le16 reserved0;
	fpr_le32 cookie;
	fpr_le64 fence;
	fpr_le64 result;
	fpr_le64 reserved1;
	struct fpr_ref a, b, c;
	fpr_le32 m, n, k, batch;
	fpr_le32 lda, ldb, ldc;
	fpr_le32 reserved2;
	fpr_le64 stride_a, stride_b, stride_c;
	fpr_u8 kind, serial, t, out;
	fpr_u8 trans_a, trans_b, accumulate, reserved3;
	fpr_le64 reserved4[11];
};

/* Values only; the result's counters are 0. */
#define FPR_MAC_NO_COUNTERS 0x01
/* Not run, FPR_ERR_CHAIN, unless the descriptor before it in the ring completed with FPR_OK. */
#define FPR_MAC_CHAINED 0x02

/* Words of struct fpr_gemm_counters, in its order. */
#define FPR_MAC_COUNTERS 16

/**
 * struct fpr_mac_result - what a job cost
 * @counters: struct fpr_gemm_counters
 */
struct fpr_mac_result {
	fpr_le64 counters[FPR_MAC_COUNTERS];
};

enum fpr_xfer_op {
	FPR_XFER_COPY = 0,
	FPR_XFER_ADD_F32 = 1, /* host fp32 added to board fp32 */
	FPR_XFER_ADD_BF16 = 2, /* host bf16 added to board bf16 */
	FPR_XFER_ADD_BF16_F32 = 3, /* host bf16 added to board fp32; @bytes counts host bytes */
};

/* Slices, scatter entries, @sg_offset and board address of an accumulate are multiples of this. */
#define FPR_XFER_ADD_ALIGN 64

/**
 * struct fpr_xfer_desc - an entry of the transfer engine's ring
 * @opcode: FPR_OP_XFER or FPR_OP_NOP
 * @op: enum fpr_xfer_op; accumulates are host to board only
 * @priority: 0 is most urgent; ties are served in order of arrival
 * @cookie: returned in the completion
 * @fence: returned in the completion
 * @host: a scatter list; @host.bytes is the transfer's length, not 0
 * @board: offset in board memory
 * @to_host: 1: board to host (C2H); 0: host to board (H2C)
 */
struct fpr_xfer_desc {
	fpr_u8 opcode, op;
	fpr_le16 priority;
	fpr_le32 cookie;
	fpr_le64 fence;
	struct fpr_ref host;
	fpr_le64 board;
	fpr_u8 to_host, reserved0[7];
	fpr_le64 reserved1;
};

enum fpr_status {
	FPR_OK = 0,
	FPR_ERR_OPCODE = 1, /* not an opcode of this engine */
	FPR_ERR_RESERVED = 2, /* a reserved field is not 0 */
	FPR_ERR_SHAPE = 3, /* shape or option out of range */
	FPR_ERR_BOUNDS = 4, /* outside board memory, or longer than its list */
	FPR_ERR_ALIGN = 5, /* address or length not aligned */
	FPR_ERR_OVERLAP = 6, /* C over A or B */
	FPR_ERR_DMA = 7, /* host memory could not be reached */
	FPR_ERR_MEMORY = 8, /* the board ran out of working memory */
	FPR_ERR_INTERNAL = 9, /* fault of the board itself, or injected */
	FPR_ERR_CHAIN = 10, /* FPR_MAC_CHAINED, and the one before failed */
};

/**
 * struct fpr_completion - an entry of a completion ring
 * @fence: of the descriptor
 * @cookie: of the descriptor
 * @status: enum fpr_status
 * @phase: bit 0; written last
 * @sq_head: descriptors fetched so far, modulo ring size
 * @cycles: MAC: cycles.total, cut to 32 bits; 0 for others
 * @time: FPR_REG_TIME when it was done
 */
struct fpr_completion {
	fpr_le64 fence;
	fpr_le64 time;
	fpr_le32 cookie;
	fpr_le32 sq_head;
	fpr_le32 cycles;
	fpr_le16 status;
	fpr_le16 phase;
};

/* Synthesis reads this as C99, which has no such thing. */
#if defined(__KERNEL__) || __STDC_VERSION__ >= 201112L
static_assert(sizeof(struct fpr_sg) == 16, "board layout");
static_assert(sizeof(struct fpr_ref) == 24, "board layout");
static_assert(sizeof(struct fpr_mac_desc) == 256, "board layout");
static_assert(sizeof(struct fpr_mac_result) == 128, "board layout");
static_assert(sizeof(struct fpr_xfer_desc) == 64, "board layout");
static_assert(sizeof(struct fpr_completion) == 32, "board layout");
#endif

#endif
