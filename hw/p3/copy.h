/* SPDX-License-Identifier: MIT */
#ifndef FPR_P3_COPY_H
#define FPR_P3_COPY_H

#include <stdint.h>

/*
 * A copy of one contiguous piece, beat by beat: whole beats of the source come in, aligned
 * beats for the destination go out, with a strobe for each byte that is to be written. Only
 * the ends of a piece are partial beats, however source and destination are aligned.
 */

/* Bytes of a beat: what memory on either side takes at a time. */
#define FPR_BEAT_ORDER 6
#define FPR_BEAT (1u << FPR_BEAT_ORDER)

/**
 * struct fpr_copy - a piece under way
 * @from: address of the next beat of the source
 * @to: of the next one of the destination
 * @reads: beats still to come from the source
 * @left: bytes still to go to the destination
 * @first: where in its beat the next byte goes
 * @turn: how much further up in its beat a byte goes than it came from, modulo the beat
 * @primes: 1: a beat of the destination takes two of the source, and none has come yet
 * @held: the beat before, turned
 */
struct fpr_copy {
	uint64_t from;
	uint64_t to;
	uint64_t reads;
	uint64_t left;
	uint32_t first;
	uint32_t turn;
	uint32_t primes;
	uint8_t held[FPR_BEAT];
};

/**
 * fpr_copy_start() - begin with a piece
 * @copy: set
 * @from: address of its first byte
 * @to: address where that goes
 * @bytes: its length
 */
void fpr_copy_start(struct fpr_copy copy[1], uint64_t from, uint64_t to, uint64_t bytes);

/**
 * fpr_copy_beat() - one beat, until @copy.left is 0
 * @copy: the piece
 * @in: the beat at @copy.from; anything when @copy.reads is 0
 * @out: set: the beat for what @copy.to was before
 * Return: bit i: byte i of @out is to be written; the other bytes mean nothing
 */
uint64_t fpr_copy_beat(struct fpr_copy copy[1], const uint8_t in[FPR_BEAT], uint8_t out[FPR_BEAT]);

#endif
