/* SPDX-License-Identifier: MIT */
#include "stride.h"

#include <stdlib.h>

unsigned int test_stride(void)
{
	const char *text = getenv("FPR_TEST_STRIDE");
	const int stride = text ? atoi(text) : 1;

	return stride > 1 ? (unsigned int)stride : 1;
}
