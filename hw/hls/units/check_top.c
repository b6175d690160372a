/* SPDX-License-Identifier: MIT */

#include "check.h"

#include "fpr_regs.h"
#include "hls.h"
#include "check_unit.h"
#include "words.h"

static void check_mac(uint64_t memory, const uint64_t words[FPR_EVENT_WORDS], uint64_t answer[4])
{
	struct fpr_mac_desc desc[1];
	struct fpr_mac_job job[1];

	fpr_words_to_mac(words, desc);
	answer[0] = fpr_check_mac(desc, memory, job);
	if (answer[0] == FPR_OK && desc[0].opcode == FPR_OP_GEMM) {
		answer[1] = job[0].a;
		answer[2] = job[0].b;
		answer[3] = job[0].c;
	}
}

static void check_xfer(uint64_t memory, const uint64_t words[FPR_EVENT_WORDS], uint64_t answer[4])
{
	struct fpr_xfer_desc desc[1];

	fpr_words_to_xfer(words, desc);
	answer[0] = fpr_check_xfer(desc, memory);
}

void check_top(uint32_t engine, uint64_t memory, const uint64_t words[FPR_EVENT_WORDS],
	       uint64_t answer[4])
{
	HLS_CONTROL(mode = s_axilite port = return )

	answer[1] = 0;
	answer[2] = 0;
	answer[3] = 0;
	if (engine == FPR_ENGINE_MAC)
		check_mac(memory, words, answer);
	else
		check_xfer(memory, words, answer);
}
