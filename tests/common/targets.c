/* SPDX-License-Identifier: MIT */
#include "targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "board.h"

static int board_gemm(void *context, const struct fpr_gemm *job, const uint16_t *a,
		      const uint16_t *b, void *c, struct fpr_gemm_counters *counters)
{
	return fpr_board_gemm(context, job, a, b, c, counters);
}

static void add_board(struct targets *targets, enum fpr_board_isa isa, unsigned int threads)
{
	struct fpr_board_options options = {
		.model = FPR_BOARD_FAST,
		.isa = isa,
		.threads = threads,
	};
	struct target *target = &targets->list[targets->n];
	int ret = fpr_board_open(&options, &target->board);

	if (ret == -EOPNOTSUPP) {
		printf("%s: not on this CPU, skipped\n", fpr_isa_name(isa));
		return;
	}
	if (ret) {
		printf("%s: board does not open: %d\n", fpr_isa_name(isa), ret);
		abort();
	}
	snprintf(target->name, sizeof(target->name), "%s, %u thread%s",
		 fpr_isa_name(fpr_board_isa(target->board)), threads, threads > 1 ? "s" : "");
	target->gemm = board_gemm;
	target->context = target->board;
	targets->n++;
}

void targets_open(struct targets *targets)
{
	*targets = (struct targets){
		.n = 1,
		.list = {{.name = "HLS C", .gemm = case_hls}},
	};
	for (unsigned int threads = 1; threads <= 2; threads++)
		for (enum fpr_board_isa isa = FPR_ISA_PORTABLE; isa <= FPR_ISA_AVX512; isa++)
			add_board(targets, isa, threads);
}

void targets_close(struct targets *targets)
{
	for (size_t i = 1; i < targets->n; i++)
		fpr_board_close(targets->list[i].board);
}

unsigned int targets_differ(const struct targets *targets, size_t first, const struct test_case *tc,
			    const struct case_result *want, int what)
{
	unsigned int differ = 0;

	for (size_t i = first; i < targets->n; i++) {
		const struct target *target = &targets->list[i];
		struct case_result got;

		case_run(tc, target->gemm, target->context, &got);
		differ += !case_same(tc, want, &got, what, target->name);
		case_result_free(&got);
	}
	return differ;
}
