/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_JOB_H
#define FPR_BENCH_JOB_H

/* Made-up jobs, their operands' places, and what is to become of memory. */

#include <cstdint>
#include <vector>

extern "C" {
#include "fpr_desc.h"
#include "shape.h"
}

static constexpr uint64_t HOST = 0x1234560000, HOST_BYTES = 1 << 19, BOARD_BYTES = 1 << 18;

/* Says what is wrong, and ends the bench. */
[[noreturn]] void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What of memory a job may see: host memory from HOST on, board memory without the rest. */
struct world {
	std::vector<uint8_t> host, board;
};

/* An operand: in board memory, or along a scatter list. */
struct place {
	struct fpr_ref ref;
	uint64_t bytes; /* extent */
	std::vector<struct fpr_sg> list;

	/* Byte @n of the operand. */
	uint8_t *byte(struct world &w, uint64_t n) const;
	std::vector<uint16_t> read(struct world &w) const;
};

struct job {
	struct fpr_gemm gemm;
	struct fpr_mac_desc desc;
	struct place a, b, c;
};

/* What a job is to look like; the rest is made up. */
struct wish {
	uint32_t kind;
	bool host_a, host_b, host_c;
	uint32_t least_k;
};

/* A job with its lists and operands in @w, which is new but for them. */
struct job make_job(struct world &w, const struct wish &wish);

/* The same for a shape that is given. */
struct job place_job(struct world &w, const struct fpr_gemm &gemm, const struct wish &wish);

/* Work a job out in @w, by the HLS C. */
void run_job(struct world &w, const struct job &job, struct fpr_gemm_counters *counters);

/* Have C's rows in @to as they are in @from. */
void copy_rows(struct world &to, struct world &from, const struct job &job);

/* How many tiles a job takes. */
uint64_t tiles_of(const struct fpr_gemm &gemm);

#endif
