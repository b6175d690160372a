/* SPDX-License-Identifier: MIT */
/*
 * Can this CPU run every kernel of the engine? Tests compare those that it can;
 * this one is skipped where that is not all of them, so that it shows.
 */
#include <errno.h>
#include <stdio.h>

#include "board.h"

int main(void)
{
	int skip = 0;

	for (enum fpr_board_isa isa = FPR_ISA_PORTABLE; isa <= FPR_ISA_AVX512; isa++) {
		struct fpr_board_options options = {.isa = isa, .threads = 1};
		struct fpr_board *board;
		int ret = fpr_board_open(&options, &board);

		if (ret == -EOPNOTSUPP) {
			printf("this CPU lacks %s: its kernels are untested\n", fpr_isa_name(isa));
			skip = 1;
		} else if (ret) {
			printf("%s: board does not open: %d\n", fpr_isa_name(isa), ret);
			return 1;
		} else {
			fpr_board_close(board);
		}
	}
	return skip ? 77 : 0;
}
