/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "properties.h"

int fpr_cl_keep_properties(const void *list, size_t element, void **kept, size_t *n)
{
	const uint64_t *pairs = list;
	size_t count = 0;

	*kept = NULL;
	*n = 0;
	if (!list || element != sizeof(*pairs))
		return !list;
	while (pairs[count])
		count += 2;
	*kept = malloc((count + 1) * element);
	if (!*kept)
		return 0;
	memcpy(*kept, list, (count + 1) * element);
	*n = count + 1;
	return 1;
}
