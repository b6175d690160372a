/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_WORDS_H
#define FPR_SHELL_WORDS_H

#include <stdint.h>

#include "fpr_desc.h"

/* Descriptors and completions as the words of 64 bits that a bus brings; nothing is cast. */

#define FPR_MAC_WORDS 32
#define FPR_XFER_WORDS 8
#define FPR_COMPLETION_WORDS 4

void fpr_words_to_mac(const uint64_t words[FPR_MAC_WORDS], struct fpr_mac_desc desc[1]);
void fpr_words_to_xfer(const uint64_t words[FPR_XFER_WORDS], struct fpr_xfer_desc desc[1]);
void fpr_words_of_completion(const struct fpr_completion entry[1],
			     uint64_t words[FPR_COMPLETION_WORDS]);

#endif
