/* SPDX-License-Identifier: MIT */
#include "objects.h"

/*
 * What a board cannot offer: images, samplers, pipes, shared virtual memory, and the objects
 * of graphics libraries. Each function says so in the specification's words, after it has looked at
 * the handle that it works on. Only context, queue or object are looked at, so the others have no
 * use here.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static cl_int of_context(cl_context context)
{
	return fpr_cl_is(context, KIND_CONTEXT) ? CL_INVALID_OPERATION : CL_INVALID_CONTEXT;
}

static cl_int of_queue(cl_command_queue queue)
{
	return fpr_cl_is(queue, KIND_QUEUE) ? CL_INVALID_OPERATION : CL_INVALID_COMMAND_QUEUE;
}

/* ---- images -------------------------------------------------------------------- */

cl_mem CL_API_CALL fpr_clCreateImage(cl_context context, cl_mem_flags flags,
				     const cl_image_format *format, const cl_image_desc *desc,
				     void *host, cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

cl_mem CL_API_CALL fpr_clCreateImageWithProperties(
	cl_context context, const cl_mem_properties *properties, cl_mem_flags flags,
	const cl_image_format *format, const cl_image_desc *desc, void *host, cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

cl_mem CL_API_CALL fpr_clCreateImage2D(cl_context context, cl_mem_flags flags,
				       const cl_image_format *format, size_t width, size_t height,
				       size_t row_pitch, void *host, cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

cl_mem CL_API_CALL fpr_clCreateImage3D(cl_context context, cl_mem_flags flags,
				       const cl_image_format *format, size_t width, size_t height,
				       size_t depth, size_t row_pitch, size_t slice_pitch,
				       void *host, cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

static int is_image(cl_mem_object_type type)
{
	return type >= CL_MEM_OBJECT_IMAGE2D && type <= CL_MEM_OBJECT_IMAGE1D_BUFFER;
}

/* There are none. */
cl_int CL_API_CALL fpr_clGetSupportedImageFormats(cl_context context, cl_mem_flags flags,
						  cl_mem_object_type type, cl_uint n,
						  cl_image_format *formats, cl_uint *ret)
{
	const cl_mem_flags known =
		CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY | CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR |
		CL_MEM_ALLOC_HOST_PTR | CL_MEM_COPY_HOST_PTR | CL_MEM_HOST_WRITE_ONLY |
		CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS | CL_MEM_KERNEL_READ_AND_WRITE;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return CL_INVALID_CONTEXT;
	if (flags & ~known || !is_image(type) || (!n && formats))
		return CL_INVALID_VALUE;
	if (ret)
		*ret = 0;
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clGetImageInfo(cl_mem image, cl_image_info param, size_t size, void *value,
				      size_t *ret)
{
	return CL_INVALID_MEM_OBJECT;
}

cl_int CL_API_CALL fpr_clEnqueueReadImage(cl_command_queue queue, cl_mem image, cl_bool blocking,
					  const size_t *origin, const size_t *region,
					  size_t row_pitch, size_t slice_pitch, void *to, cl_uint n,
					  const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueWriteImage(cl_command_queue queue, cl_mem image, cl_bool blocking,
					   const size_t *origin, const size_t *region,
					   size_t row_pitch, size_t slice_pitch, const void *from,
					   cl_uint n, const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueCopyImage(cl_command_queue queue, cl_mem from, cl_mem to,
					  const size_t *from_origin, const size_t *to_origin,
					  const size_t *region, cl_uint n, const cl_event *waits,
					  cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueCopyImageToBuffer(cl_command_queue queue, cl_mem from, cl_mem to,
						  const size_t *origin, const size_t *region,
						  size_t offset, cl_uint n, const cl_event *waits,
						  cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueCopyBufferToImage(cl_command_queue queue, cl_mem from, cl_mem to,
						  size_t offset, const size_t *origin,
						  const size_t *region, cl_uint n,
						  const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueFillImage(cl_command_queue queue, cl_mem image, const void *color,
					  const size_t origin[3], const size_t region[3], cl_uint n,
					  const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

void *CL_API_CALL fpr_clEnqueueMapImage(cl_command_queue queue, cl_mem image, cl_bool blocking,
					cl_map_flags flags, const size_t *origin,
					const size_t *region, size_t *row_pitch,
					size_t *slice_pitch, cl_uint n, const cl_event *waits,
					cl_event *event, cl_int *error)
{
	return fpr_cl_fail(error, of_queue(queue));
}

/* ---- samplers, pipes ------------------------------------------------------------- */

cl_sampler CL_API_CALL fpr_clCreateSampler(cl_context context, cl_bool normalized,
					   cl_addressing_mode addressing, cl_filter_mode filter,
					   cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

cl_sampler CL_API_CALL fpr_clCreateSamplerWithProperties(cl_context context,
							 const cl_sampler_properties *properties,
							 cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

cl_int CL_API_CALL fpr_clRetainSampler(cl_sampler sampler)
{
	return CL_INVALID_SAMPLER;
}

cl_int CL_API_CALL fpr_clReleaseSampler(cl_sampler sampler)
{
	return CL_INVALID_SAMPLER;
}

cl_int CL_API_CALL fpr_clGetSamplerInfo(cl_sampler sampler, cl_sampler_info param, size_t size,
					void *value, size_t *ret)
{
	return CL_INVALID_SAMPLER;
}

cl_mem CL_API_CALL fpr_clCreatePipe(cl_context context, cl_mem_flags flags, cl_uint packet_size,
				    cl_uint packets, const cl_pipe_properties *properties,
				    cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

cl_int CL_API_CALL fpr_clGetPipeInfo(cl_mem pipe, cl_pipe_info param, size_t size, void *value,
				     size_t *ret)
{
	return CL_INVALID_MEM_OBJECT;
}

/* ---- shared virtual memory ---------------------------------------------------------- */

void *CL_API_CALL fpr_clSVMAlloc(cl_context context, cl_svm_mem_flags flags, size_t size,
				 cl_uint alignment)
{
	return NULL;
}

/* NULL is all that can be given back. */
void CL_API_CALL fpr_clSVMFree(cl_context context, void *pointer)
{
}

cl_int CL_API_CALL fpr_clEnqueueSVMFree(cl_command_queue queue, cl_uint n, void **pointers,
					void(CL_CALLBACK *function)(cl_command_queue, cl_uint,
								    void **, void *),
					void *data, cl_uint n_waits, const cl_event *waits,
					cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueSVMMemcpy(cl_command_queue queue, cl_bool blocking, void *to,
					  const void *from, size_t size, cl_uint n,
					  const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueSVMMemFill(cl_command_queue queue, void *to, const void *pattern,
					   size_t pattern_size, size_t size, cl_uint n,
					   const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueSVMMap(cl_command_queue queue, cl_bool blocking, cl_map_flags flags,
				       void *pointer, size_t size, cl_uint n, const cl_event *waits,
				       cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueSVMUnmap(cl_command_queue queue, void *pointer, cl_uint n,
					 const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueSVMMigrateMem(cl_command_queue queue, cl_uint n_pointers,
					      const void **pointers, const size_t *sizes,
					      cl_mem_migration_flags flags, cl_uint n,
					      const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

/* ---- OpenGL, EGL ---------------------------------------------------------------------- */

/* No context is made from one of OpenGL. */
static cl_int of_gl(cl_command_queue queue)
{
	return fpr_cl_is(queue, KIND_QUEUE) ? CL_INVALID_CONTEXT : CL_INVALID_COMMAND_QUEUE;
}

cl_mem CL_API_CALL fpr_clCreateFromGLBuffer(cl_context context, cl_mem_flags flags,
					    cl_GLuint buffer, int *error)
{
	return fpr_cl_fail(error, CL_INVALID_CONTEXT);
}

cl_mem CL_API_CALL fpr_clCreateFromGLTexture(cl_context context, cl_mem_flags flags,
					     cl_GLenum target, cl_GLint level, cl_GLuint texture,
					     cl_int *error)
{
	return fpr_cl_fail(error, CL_INVALID_CONTEXT);
}

cl_mem CL_API_CALL fpr_clCreateFromGLTexture2D(cl_context context, cl_mem_flags flags,
					       cl_GLenum target, cl_GLint level, cl_GLuint texture,
					       cl_int *error)
{
	return fpr_cl_fail(error, CL_INVALID_CONTEXT);
}

cl_mem CL_API_CALL fpr_clCreateFromGLTexture3D(cl_context context, cl_mem_flags flags,
					       cl_GLenum target, cl_GLint level, cl_GLuint texture,
					       cl_int *error)
{
	return fpr_cl_fail(error, CL_INVALID_CONTEXT);
}

cl_mem CL_API_CALL fpr_clCreateFromGLRenderbuffer(cl_context context, cl_mem_flags flags,
						  cl_GLuint buffer, cl_int *error)
{
	return fpr_cl_fail(error, CL_INVALID_CONTEXT);
}

static cl_int of_foreign(cl_mem mem)
{
	return fpr_cl_is(mem, KIND_MEM) ? CL_INVALID_GL_OBJECT : CL_INVALID_MEM_OBJECT;
}

cl_int CL_API_CALL fpr_clGetGLObjectInfo(cl_mem mem, cl_gl_object_type *type, cl_GLuint *name)
{
	return of_foreign(mem);
}

cl_int CL_API_CALL fpr_clGetGLTextureInfo(cl_mem mem, cl_gl_texture_info param, size_t size,
					  void *value, size_t *ret)
{
	return of_foreign(mem);
}

cl_int CL_API_CALL fpr_clEnqueueAcquireGLObjects(cl_command_queue queue, cl_uint n_mems,
						 const cl_mem *mems, cl_uint n,
						 const cl_event *waits, cl_event *event)
{
	return of_gl(queue);
}

cl_int CL_API_CALL fpr_clEnqueueReleaseGLObjects(cl_command_queue queue, cl_uint n_mems,
						 const cl_mem *mems, cl_uint n,
						 const cl_event *waits, cl_event *event)
{
	return of_gl(queue);
}

cl_int CL_API_CALL fpr_clGetGLContextInfoKHR(const cl_context_properties *properties,
					     cl_gl_context_info param, size_t size, void *value,
					     size_t *ret)
{
	return CL_INVALID_GL_SHAREGROUP_REFERENCE_KHR;
}

cl_event CL_API_CALL fpr_clCreateEventFromGLsyncKHR(cl_context context, cl_GLsync sync,
						    cl_int *error)
{
	return fpr_cl_fail(error, CL_INVALID_CONTEXT);
}

cl_mem CL_API_CALL fpr_clCreateFromEGLImageKHR(cl_context context, CLeglDisplayKHR display,
					       CLeglImageKHR image, cl_mem_flags flags,
					       const cl_egl_image_properties_khr *properties,
					       cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}

cl_int CL_API_CALL fpr_clEnqueueAcquireEGLObjectsKHR(cl_command_queue queue, cl_uint n_mems,
						     const cl_mem *mems, cl_uint n,
						     const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_int CL_API_CALL fpr_clEnqueueReleaseEGLObjectsKHR(cl_command_queue queue, cl_uint n_mems,
						     const cl_mem *mems, cl_uint n,
						     const cl_event *waits, cl_event *event)
{
	return of_queue(queue);
}

cl_event CL_API_CALL fpr_clCreateEventFromEGLSyncKHR(cl_context context, CLeglSyncKHR sync,
						     CLeglDisplayKHR display, cl_int *error)
{
	return fpr_cl_fail(error, of_context(context));
}
