/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "properties.h"

int fpr_cl_keep_properties(const void *list, size_t element, void **kept, size_t *n)
{
	static const uint64_t end;
	const char *at = list;
	size_t count = 1;

	*kept = NULL;
	*n = 0;
	if (!list)
		return 1;
	for (; memcmp(at, &end, element) != 0; at += 2 * element)
		count += 2;
	*kept = malloc(count * element);
	if (!*kept)
		return 0;
	memcpy(*kept, list, count * element);
	*n = count;
	return 1;
}
