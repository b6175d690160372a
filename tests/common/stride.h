/* SPDX-License-Identifier: MIT */
#ifndef FPR_STRIDE_H
#define FPR_STRIDE_H

/**
 * test_stride() - of long rows of cases, every how manieth is to be tried
 *
 * FPR_TEST_STRIDE, for slow machinery under the test: valgrind, a guest, a sanitizer.
 *
 * Return: at least 1
 */
unsigned int test_stride(void);

#endif
