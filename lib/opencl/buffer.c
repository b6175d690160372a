/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "farewell.h"
#include "memory.h"
#include "properties.h"

static void destroy_mem(struct object *object)
{
	cl_mem mem = (cl_mem)object;
	struct mapping *next;

	fpr_cl_kernels_forget(mem);
	/* The host's memory belongs to the application again when it is called. */
	if (!mem->parent)
		fpr_buffer_destroy(mem->buffer);
	fpr_cl_say_farewell(mem, mem->farewells);
	for (struct mapping *mapping = mem->mappings; mapping; mapping = next) {
		next = mapping->next;
		free(mapping);
	}
	mem->object.kind = 0;
	free(mem->properties);
	fpr_cl_drop(mem->parent);
	fpr_cl_drop(mem->context);
	free(mem);
}

static cl_mem new_mem(cl_context context, cl_mem_flags flags, size_t size)
{
	cl_mem mem = calloc(1, sizeof(*mem));

	if (!mem)
		return NULL;
	fpr_cl_init(&mem->object, KIND_MEM, destroy_mem);
	fpr_cl_hold(context);
	mem->context = context;
	mem->flags = flags;
	mem->size = size;
	return mem;
}

/* ---- flags ------------------------------------------------------------------ */

#define KERNEL_ACCESS (CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY | CL_MEM_READ_ONLY)
#define HOST_ACCESS (CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS)
#define HOST_POINTER (CL_MEM_USE_HOST_PTR | CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR)

static int more_than_one(cl_mem_flags flags)
{
	return (flags & (flags - 1)) != 0;
}

static cl_int check_flags(cl_mem_flags flags)
{
	if (flags & ~(cl_mem_flags)(KERNEL_ACCESS | HOST_ACCESS | HOST_POINTER))
		return CL_INVALID_VALUE;
	if (more_than_one(flags & KERNEL_ACCESS) || more_than_one(flags & HOST_ACCESS))
		return CL_INVALID_VALUE;
	if (flags & CL_MEM_USE_HOST_PTR && flags & (CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR))
		return CL_INVALID_VALUE;
	return CL_SUCCESS;
}

/* The largest of any board, though all lies on the first: that one's memory may then be short. */
static cl_int check_size(cl_context context, size_t size)
{
	for (cl_uint i = 0; size && i < context->n_devices; i++)
		if (size <= fpr_cl_max_alloc(context->boards[i].device))
			return CL_SUCCESS;
	return CL_INVALID_BUFFER_SIZE;
}

/* ---- buffers ----------------------------------------------------------------- */

/* Memory for a buffer; in the host's when the host wants to see it often. */
static int allocate(cl_mem mem)
{
	struct fpr_device *device = mem->context->boards[0].handle;
	void *bytes;
	int ret;

	mem->on_board = !(mem->flags & (CL_MEM_USE_HOST_PTR | CL_MEM_ALLOC_HOST_PTR));
	ret = fpr_buffer_create(device, mem->size, mem->on_board ? FPR_BUFFER_BOARD : 0,
				&mem->buffer);
	if (ret)
		return ret;
	ret = fpr_buffer_map(mem->buffer, &bytes);
	mem->bytes = bytes;
	return ret;
}

static cl_mem create(cl_context context, cl_mem_flags flags, size_t size, void *host, cl_int *error)
{
	cl_mem mem = new_mem(context, flags, size);

	if (!mem)
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	if (allocate(mem)) {
		fpr_cl_drop(mem);
		return fpr_cl_fail(error, CL_MEM_OBJECT_ALLOCATION_FAILURE);
	}
	if (host)
		memcpy(mem->bytes, host, size);
	__sync_synchronize();
	if (flags & CL_MEM_USE_HOST_PTR)
		mem->host = host;
	fpr_cl_fail(error, CL_SUCCESS);
	return mem;
}

static cl_mem create_checked(cl_context context, cl_mem_flags flags, size_t size, void *host,
			     cl_int *error)
{
	const int wants_host = (flags & (CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR)) != 0;
	cl_int code;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	if (!(flags & KERNEL_ACCESS))
		flags |= CL_MEM_READ_WRITE;
	code = check_flags(flags);
	if (!code)
		code = check_size(context, size);
	if (!code && wants_host != (host != NULL))
		code = CL_INVALID_HOST_PTR;
	return code ? fpr_cl_fail(error, code) : create(context, flags, size, host, error);
}

cl_mem CL_API_CALL fpr_clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size,
				      void *host, cl_int *error)
{
	return create_checked(context, flags, size, host, error);
}

/* There are no properties to ask for yet. */
cl_mem CL_API_CALL fpr_clCreateBufferWithProperties(cl_context context,
						    const cl_mem_properties *properties,
						    cl_mem_flags flags, size_t size, void *host,
						    cl_int *error)
{
	cl_mem mem;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	if (properties && *properties)
		return fpr_cl_fail(error, CL_INVALID_PROPERTY);
	mem = create_checked(context, flags, size, host, error);
	if (mem && !fpr_cl_keep_properties(properties, sizeof(*properties),
					   (void **)&mem->properties, &mem->n_properties)) {
		fpr_cl_drop(mem);
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	}
	return mem;
}

/* ---- parts --------------------------------------------------------------------- */

/* What the application did not say is as in the parent; what it said must not be more. */
static cl_int part_flags(cl_mem_flags parent, cl_mem_flags *flags)
{
	const cl_mem_flags kernel = parent & KERNEL_ACCESS, host = parent & HOST_ACCESS;
	const cl_int code = check_flags(*flags);

	if (code || *flags & HOST_POINTER)
		return CL_INVALID_VALUE;
	if ((kernel == CL_MEM_WRITE_ONLY && *flags & (CL_MEM_READ_WRITE | CL_MEM_READ_ONLY)) ||
	    (kernel == CL_MEM_READ_ONLY && *flags & (CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY)))
		return CL_INVALID_VALUE;
	if ((host == CL_MEM_HOST_WRITE_ONLY && *flags & CL_MEM_HOST_READ_ONLY) ||
	    (host == CL_MEM_HOST_READ_ONLY && *flags & CL_MEM_HOST_WRITE_ONLY) ||
	    (host == CL_MEM_HOST_NO_ACCESS &&
	     *flags & (CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_WRITE_ONLY)))
		return CL_INVALID_VALUE;
	if (!(*flags & KERNEL_ACCESS))
		*flags |= kernel;
	if (!(*flags & HOST_ACCESS))
		*flags |= host;
	*flags |= parent & HOST_POINTER;
	return CL_SUCCESS;
}

static cl_int check_region(cl_mem parent, const cl_buffer_region *region)
{
	if (!region)
		return CL_INVALID_VALUE;
	if (!region->size)
		return CL_INVALID_BUFFER_SIZE;
	if (!fpr_cl_in_buffer(parent, region->origin, region->size))
		return CL_INVALID_VALUE;
	/* The same for every board. */
	return region->origin % FPR_CL_ALIGN ? CL_MISALIGNED_SUB_BUFFER_OFFSET : CL_SUCCESS;
}

cl_mem CL_API_CALL fpr_clCreateSubBuffer(cl_mem parent, cl_mem_flags flags,
					 cl_buffer_create_type type, const void *info,
					 cl_int *error)
{
	const cl_buffer_region *region = info;
	cl_int code;
	cl_mem mem;

	if (!fpr_cl_is(parent, KIND_MEM) || parent->parent)
		return fpr_cl_fail(error, CL_INVALID_MEM_OBJECT);
	code = part_flags(parent->flags, &flags);
	if (!code && type != CL_BUFFER_CREATE_TYPE_REGION)
		code = CL_INVALID_VALUE;
	if (!code)
		code = check_region(parent, region);
	if (code)
		return fpr_cl_fail(error, code);
	mem = new_mem(parent->context, flags, region->size);
	if (!mem)
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	fpr_cl_hold(parent);
	mem->parent = parent;
	mem->offset = region->origin;
	mem->buffer = parent->buffer;
	mem->bytes = parent->bytes + region->origin;
	mem->on_board = parent->on_board;
	mem->host = parent->host ? (char *)parent->host + region->origin : NULL;
	fpr_cl_fail(error, CL_SUCCESS);
	return mem;
}

/* ---- the rest -------------------------------------------------------------------- */

cl_int CL_API_CALL fpr_clRetainMemObject(cl_mem mem)
{
	return fpr_cl_retain(mem, KIND_MEM, CL_INVALID_MEM_OBJECT);
}

cl_int CL_API_CALL fpr_clReleaseMemObject(cl_mem mem)
{
	if (!fpr_cl_is(mem, KIND_MEM))
		return CL_INVALID_MEM_OBJECT;
	if (fpr_cl_unref(&mem->object))
		fpr_cl_drop(mem);
	return CL_SUCCESS;
}

static cl_uint mappings_of(cl_mem mem)
{
	cl_uint n;

	fpr_cl_lock(mem->context);
	n = mem->n_mappings;
	fpr_cl_unlock(mem->context);
	return n;
}

cl_int CL_API_CALL fpr_clGetMemObjectInfo(cl_mem mem, cl_mem_info param, size_t size, void *value,
					  size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(mem, KIND_MEM))
		return CL_INVALID_MEM_OBJECT;
	switch (param) {
	case CL_MEM_TYPE:
		FPR_CL_GIVE(&answer, cl_mem_object_type, CL_MEM_OBJECT_BUFFER);
	case CL_MEM_FLAGS:
		FPR_CL_GIVE(&answer, cl_mem_flags, mem->flags);
	case CL_MEM_SIZE:
		FPR_CL_GIVE(&answer, size_t, mem->size);
	case CL_MEM_HOST_PTR:
		FPR_CL_GIVE(&answer, void *, mem->host);
	case CL_MEM_MAP_COUNT:
		FPR_CL_GIVE(&answer, cl_uint, mappings_of(mem));
	case CL_MEM_REFERENCE_COUNT:
		FPR_CL_GIVE(&answer, cl_uint, mem->object.refs);
	case CL_MEM_CONTEXT:
		FPR_CL_GIVE(&answer, cl_context, mem->context);
	case CL_MEM_ASSOCIATED_MEMOBJECT:
		FPR_CL_GIVE(&answer, cl_mem, mem->parent);
	case CL_MEM_OFFSET:
		FPR_CL_GIVE(&answer, size_t, mem->offset);
	case CL_MEM_USES_SVM_POINTER:
		FPR_CL_GIVE(&answer, cl_bool, CL_FALSE);
	case CL_MEM_PROPERTIES:
		return fpr_cl_give(&answer, mem->properties,
				   mem->n_properties * sizeof(*mem->properties));
	default:
		return CL_INVALID_VALUE;
	}
}

cl_int CL_API_CALL fpr_clSetMemObjectDestructorCallback(cl_mem mem,
							void(CL_CALLBACK *function)(cl_mem, void *),
							void *data)
{
	cl_int error;

	if (!fpr_cl_is(mem, KIND_MEM))
		return CL_INVALID_MEM_OBJECT;
	if (!function)
		return CL_INVALID_VALUE;
	fpr_cl_lock(mem->context);
	error = fpr_cl_add_farewell(&mem->farewells, (farewell_function)function, data);
	fpr_cl_unlock(mem->context);
	return error;
}
