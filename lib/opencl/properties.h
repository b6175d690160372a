/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_PROPERTIES_H
#define FPR_CL_PROPERTIES_H

/* Lists of pairs that end with a 0, kept to be told again. */

#include <stddef.h>

/**
 * fpr_cl_keep_properties() - copy a list
 * @list: NULL: there is none
 * @element: bytes of an element: 8, of a context 4 where pointers have as many
 * @kept: set to the copy, or NULL
 * @n: set to its elements, with the final 0
 * Return: 0 when memory is short
 */
int fpr_cl_keep_properties(const void *list, size_t element, void **kept, size_t *n);

#endif
