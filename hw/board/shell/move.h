/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_MOVE_H
#define FPR_SHELL_MOVE_H

#include <stdint.h>

struct fpr_shell;

/*
 * A contiguous piece between host memory, at bus address @address, and the board's: at once by
 * the bus, or through hw/p3's datapath where config.beats asks for it. The same bytes, and 0 or
 * negative when the host's are out of reach.
 */
int fpr_move_in(struct fpr_shell *shell, uint64_t address, uint8_t *to, uint64_t bytes);
int fpr_move_out(struct fpr_shell *shell, uint64_t address, const uint8_t *from, uint64_t bytes);

#endif
