/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_CHECK_H
#define FPR_SHELL_CHECK_H

#include <stdint.h>

#include "fpr_desc.h"
#include "fpr_gemm.h"

/*
 * Is a descriptor fit to run? Pure functions of the descriptor: every field is
 * looked at before anything is touched. Only scatter lists are left for the
 * walk along them (walk.h), as they lie elsewhere.
 */

/* What a list's table must be aligned to. */
#define FPR_SG_ALIGN 16

/* Most entries of one scatter list: 1 GiB of single pages. */
#define FPR_SG_ENTRIES (1u << 18)

/**
 * struct fpr_mac_job - a descriptor that passed
 * @gemm: the job
 * @bytes: extents of A, B and C
 */
struct fpr_mac_job {
	struct fpr_gemm gemm;
	uint64_t a, b, c;
};

/**
 * fpr_check_mac() - check an entry of the MAC engine's ring
 * @desc: as fetched
 * @memory: bytes of board memory
 * @job: set when the result is FPR_OK and @desc is no NOP
 * Return: FPR_OK or the first thing wrong, in the order of enum fpr_status
 */
enum fpr_status fpr_check_mac(const struct fpr_mac_desc desc[1], uint64_t memory,
			      struct fpr_mac_job job[1]);

/* The same for the transfer engine's ring. */
enum fpr_status fpr_check_xfer(const struct fpr_xfer_desc desc[1], uint64_t memory);

#endif
