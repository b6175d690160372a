/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "objects.h"

void fpr_cl_init(struct object *object, enum kind kind, void (*destroy)(struct object *object))
{
	object->dispatch = &fpr_cl_dispatch;
	object->kind = kind;
	object->refs = 1;
	object->holds = 1;
	object->destroy = destroy;
}

int fpr_cl_is(const void *handle, enum kind kind)
{
	const struct object *object = handle;

	return object && object->dispatch == &fpr_cl_dispatch && object->kind == kind &&
	       __atomic_load_n(&object->refs, __ATOMIC_RELAXED);
}

cl_int fpr_cl_retain(void *handle, enum kind kind, cl_int error)
{
	if (!fpr_cl_is(handle, kind))
		return error;
	__atomic_add_fetch(&((struct object *)handle)->refs, 1, __ATOMIC_RELAXED);
	return CL_SUCCESS;
}

int fpr_cl_unref(struct object *object)
{
	return !__atomic_sub_fetch(&object->refs, 1, __ATOMIC_ACQ_REL);
}

void fpr_cl_hold(void *object)
{
	__atomic_add_fetch(&((struct object *)object)->holds, 1, __ATOMIC_RELAXED);
}

void fpr_cl_drop(void *handle)
{
	struct object *object = handle;

	if (!object || __atomic_sub_fetch(&object->holds, 1, __ATOMIC_ACQ_REL))
		return;
	object->destroy(object);
}

cl_int fpr_cl_give(const struct answer *answer, const void *data, size_t bytes)
{
	if (answer->value && answer->size < bytes)
		return CL_INVALID_VALUE;
	if (answer->value && bytes)
		memcpy(answer->value, data, bytes);
	if (answer->ret)
		*answer->ret = bytes;
	return CL_SUCCESS;
}

cl_int fpr_cl_give_text(const struct answer *answer, const char *text)
{
	return fpr_cl_give(answer, text, strlen(text) + 1);
}

void *fpr_cl_fail(cl_int *error, cl_int code)
{
	if (error)
		*error = code;
	return NULL;
}

cl_int fpr_cl_error(int errno_code)
{
	switch (errno_code) {
	case 0:
		return CL_SUCCESS;
	case -ENOMEM:
		return CL_OUT_OF_HOST_MEMORY;
	case -ENOSPC:
		return CL_MEM_OBJECT_ALLOCATION_FAILURE;
	case -ENODEV:
		return CL_DEVICE_NOT_AVAILABLE;
	default:
		return CL_OUT_OF_RESOURCES;
	}
}
