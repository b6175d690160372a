/* SPDX-License-Identifier: MIT */

#include "words.h"

#include "hls.h"

static uint32_t low(uint64_t word)
{
	return (uint32_t)word;
}

static uint32_t high(uint64_t word)
{
	return (uint32_t)(word >> 32);
}

static uint8_t byte(uint64_t word, uint32_t i)
{
	return (uint8_t)(word >> (8u * i));
}

static struct fpr_ref ref_of(uint64_t address, uint64_t bytes, uint64_t list)
{
	struct fpr_ref ref;

	ref.address = address;
	ref.bytes = bytes;
	ref.sg_entries = low(list);
	ref.sg_offset = high(list);
	return ref;
}

void fpr_words_to_mac(const uint64_t words[FPR_MAC_WORDS], struct fpr_mac_desc desc[1])
{
	desc[0].opcode = byte(words[0], 0);
	desc[0].flags = byte(words[0], 1);
	desc[0].reserved0 = (fpr_le16)(words[0] >> 16);
	desc[0].cookie = high(words[0]);
	desc[0].fence = words[1];
	desc[0].result = words[2];
	desc[0].reserved1 = words[3];
	desc[0].a = ref_of(words[4], words[5], words[6]);
	desc[0].b = ref_of(words[7], words[8], words[9]);
	desc[0].c = ref_of(words[10], words[11], words[12]);
	desc[0].m = low(words[13]);
	desc[0].n = high(words[13]);
	desc[0].k = low(words[14]);
	desc[0].batch = high(words[14]);
	desc[0].lda = low(words[15]);
	desc[0].ldb = high(words[15]);
	desc[0].ldc = low(words[16]);
	desc[0].reserved2 = high(words[16]);
	desc[0].stride_a = words[17];
	desc[0].stride_b = words[18];
	desc[0].stride_c = words[19];
	desc[0].kind = byte(words[20], 0);
	desc[0].serial = byte(words[20], 1);
	desc[0].t = byte(words[20], 2);
	desc[0].out = byte(words[20], 3);
	desc[0].trans_a = byte(words[20], 4);
	desc[0].trans_b = byte(words[20], 5);
	desc[0].accumulate = byte(words[20], 6);
	desc[0].reserved3 = byte(words[20], 7);
	HLS_LOOP(RESERVED)
	for (uint32_t i = 21; i < FPR_MAC_WORDS; i++)
		desc[0].reserved4[i - 21u] = words[i];
}

void fpr_words_to_xfer(const uint64_t words[FPR_XFER_WORDS], struct fpr_xfer_desc desc[1])
{
	desc[0].opcode = byte(words[0], 0);
	desc[0].op = byte(words[0], 1);
	desc[0].priority = (fpr_le16)(words[0] >> 16);
	desc[0].cookie = high(words[0]);
	desc[0].fence = words[1];
	desc[0].host = ref_of(words[2], words[3], words[4]);
	desc[0].board = words[5];
	desc[0].to_host = byte(words[6], 0);
	HLS_LOOP(RESERVED)
	for (uint32_t i = 1; i < 8u; i++)
		desc[0].reserved0[i - 1u] = byte(words[6], i);
	desc[0].reserved1 = words[7];
}

void fpr_words_of_completion(const struct fpr_completion entry[1],
			     uint64_t words[FPR_COMPLETION_WORDS])
{
	words[0] = entry[0].fence;
	words[1] = entry[0].time;
	words[2] = entry[0].cookie | ((uint64_t)entry[0].sq_head << 32);
	words[3] = entry[0].cycles | ((uint64_t)entry[0].status << 32) |
		   ((uint64_t)entry[0].phase << 48);
}
