/* SPDX-License-Identifier: MIT */
#ifndef FPR_P3_WALK_H
#define FPR_P3_WALK_H

#include <stdint.h>

#include "fpr_desc.h"

/*
 * Along a scatter list: which contiguous bytes of host memory come next. The walk touches no
 * bus; it says which entries it wants, and whoever drives it puts them into @fetched.
 */

/* Entries fetched at a time. */
#define FPR_WALK_FETCH 16

/* Bytes of an entry. */
#define FPR_WALK_ENTRY 16

/**
 * struct fpr_walk - a place in a scatter list
 * @table: bus address of the next entry to fetch
 * @unfetched: entries behind it
 * @align: what each entry must be aligned to
 * @skip: bytes to pass over before the next byte
 * @at: bus address of the byte after the last piece
 * @left: bytes left of the present entry
 * @next: the next of the fetched entries
 * @n: how many were fetched
 * @fetched: entries fetched ahead
 *
 * Entries are fetched as the walk gets there: a list of any length takes this
 * much room, and a list that the host changes meanwhile is checked as read.
 */
struct fpr_walk {
	uint64_t table;
	uint32_t unfetched;
	uint32_t align;
	uint64_t skip;
	uint64_t at;
	uint64_t left;
	uint32_t next, n;
	struct fpr_sg fetched[FPR_WALK_FETCH];
};

/* What a step of the walk comes to. */
#define FPR_WALK_PIECE 0 /* here are bytes */
#define FPR_WALK_PASSED 1 /* an entry was passed over: step again */
#define FPR_WALK_WANTS 2 /* read entries into @fetched, then step again */
#define FPR_WALK_FAILED 3 /* the list is bad; every further step says so, too */

/**
 * struct fpr_walk_step - one step
 * @what: FPR_WALK_*
 * @status: what is wrong with the list; else FPR_OK
 * @address: bus address of the piece, or of the entries wanted
 * @bytes: their length, not 0
 */
struct fpr_walk_step {
	uint32_t what;
	uint32_t status;
	uint64_t address;
	uint64_t bytes;
};

/**
 * fpr_walk_check() - is an entry fit to be walked?
 * @entry: as fetched
 * @align: what its address and length must be multiples of; a power of two
 * Return: FPR_OK or what is wrong: an entry is not empty and ends below 2^64
 */
uint32_t fpr_walk_check(const struct fpr_sg entry[1], uint32_t align);

/**
 * fpr_walk_start() - stand at the first byte of what a reference names
 * @walk: set; nothing is wanted yet
 * @ref: a reference with a list, its table below 2^64
 * @align: what each entry must be aligned to; a power of two
 */
void fpr_walk_start(struct fpr_walk walk[1], const struct fpr_ref ref[1], uint32_t align);

/* Passes over @bytes; whether the list has them shows with the next piece. */
void fpr_walk_skip(struct fpr_walk walk[1], uint64_t bytes);

/**
 * fpr_walk_step() - the next contiguous piece, or what it takes to find it
 * @walk: moved past the piece
 * @most: longest piece wanted, not 0
 * @step: set
 *
 * A piece never goes beyond its entry or @most, and when offset, skips and @most are
 * multiples of the alignment, so are its address and length. A step looks at one entry at most.
 */
void fpr_walk_step(struct fpr_walk walk[1], uint64_t most, struct fpr_walk_step step[1]);

#endif
