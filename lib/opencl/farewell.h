/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_FAREWELL_H
#define FPR_CL_FAREWELL_H

/* The application's functions that are called when an object goes. */

#include "objects.h"

typedef void (*farewell_function)(void *object, void *data);

/* Return: CL_SUCCESS or CL_OUT_OF_HOST_MEMORY. */
cl_int fpr_cl_add_farewell(struct farewell **list, farewell_function function, void *data);

/* Calls all, the last first, and frees the list. */
void fpr_cl_say_farewell(void *object, struct farewell *list);

#endif
