/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "farewell.h"

cl_int fpr_cl_add_farewell(struct farewell **list, farewell_function function, void *data)
{
	struct farewell *farewell = malloc(sizeof(*farewell));

	if (!farewell)
		return CL_OUT_OF_HOST_MEMORY;
	*farewell = (struct farewell){*list, function, data};
	*list = farewell;
	return CL_SUCCESS;
}

void fpr_cl_say_farewell(void *object, struct farewell *list)
{
	struct farewell *next;

	for (; list; list = next) {
		next = list->next;
		list->function(object, list->data);
		free(list);
	}
}
