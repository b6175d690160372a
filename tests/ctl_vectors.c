/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../tools/fprctl/vector_table.c"
#include "../tools/fprctl/vectors.c"
#include "golden/golden.h"

/* fprctl's known answers are those of the golden model. */
static void known_answers_are_exact(void **state)
{
	struct vector_operands *operands = malloc(sizeof(*operands));

	(void)state;
	assert_non_null(operands);
	assert_true(vector_count > 10);
	for (size_t i = 0; i < vector_count; i++) {
		const struct vector *vector = &vector_table[i];
		const int narrow = vector->gemm.out == FPR_OUT_BF16;
		struct fpr_gemm_counters counters = {0};

		vector_fill(vector, operands);
		assert_int_equal(
			golden_gemm(&vector->gemm, operands->a, operands->b,
				    narrow ? (void *)operands->c_bf16 : (void *)operands->c_f32,
				    &counters),
			0);
		for (uint32_t j = 0; j < vector->gemm.m * vector->gemm.n; j++)
			assert_int_equal(narrow ? operands->c_bf16[j] : operands->c_f32[j],
					 vector->c[j]);
		assert_memory_equal(&counters, &vector->counters, sizeof(counters));
	}
	free(operands);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(known_answers_are_exact)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
