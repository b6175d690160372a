/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_API_H
#define FPR_CL_API_H

/*
 * Every entry point that has a type of its own, called fpr_clXxx here: functions called
 * clXxx would be taken for the loader's. The list declares them and fills the dispatch table.
 */

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_0_APIS
#define CL_USE_DEPRECATED_OPENCL_1_1_APIS
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#define CL_USE_DEPRECATED_OPENCL_2_0_APIS
#define CL_USE_DEPRECATED_OPENCL_2_1_APIS
#define CL_USE_DEPRECATED_OPENCL_2_2_APIS
#include <CL/cl_icd.h>

/* clang-format off */
#define FPR_CL_ENTRIES(X) \
	X(clGetPlatformIDs) X(clGetPlatformInfo) X(clGetDeviceIDs) X(clGetDeviceInfo) \
	X(clCreateSubDevices) X(clRetainDevice) X(clReleaseDevice) \
	X(clCreateSubDevicesEXT) X(clRetainDeviceEXT) X(clReleaseDeviceEXT) \
	X(clGetDeviceAndHostTimer) X(clGetHostTimer) \
	X(clCreateContext) X(clCreateContextFromType) X(clRetainContext) X(clReleaseContext) \
	X(clGetContextInfo) X(clSetContextDestructorCallback) \
	X(clCreateCommandQueue) X(clCreateCommandQueueWithProperties) X(clRetainCommandQueue) \
	X(clReleaseCommandQueue) X(clGetCommandQueueInfo) X(clSetCommandQueueProperty) \
	X(clSetDefaultDeviceCommandQueue) X(clFlush) X(clFinish) \
	X(clCreateBuffer) X(clCreateBufferWithProperties) X(clCreateSubBuffer) \
	X(clRetainMemObject) X(clReleaseMemObject) X(clGetMemObjectInfo) \
	X(clSetMemObjectDestructorCallback) \
	X(clCreateImage) X(clCreateImageWithProperties) X(clCreateImage2D) X(clCreateImage3D) \
	X(clGetSupportedImageFormats) X(clGetImageInfo) X(clCreatePipe) X(clGetPipeInfo) \
	X(clCreateSampler) X(clCreateSamplerWithProperties) X(clRetainSampler) \
	X(clReleaseSampler) X(clGetSamplerInfo) X(clSVMAlloc) X(clSVMFree) \
	X(clCreateProgramWithSource) X(clCreateProgramWithBinary) X(clCreateProgramWithIL) \
	X(clCreateProgramWithBuiltInKernels) X(clRetainProgram) X(clReleaseProgram) \
	X(clBuildProgram) X(clCompileProgram) X(clLinkProgram) X(clUnloadCompiler) \
	X(clUnloadPlatformCompiler) X(clGetProgramInfo) X(clGetProgramBuildInfo) \
	X(clSetProgramReleaseCallback) X(clSetProgramSpecializationConstant) \
	X(clCreateKernel) X(clCreateKernelsInProgram) X(clCloneKernel) X(clRetainKernel) \
	X(clReleaseKernel) X(clSetKernelArg) X(clSetKernelArgSVMPointer) \
	X(clSetKernelExecInfo) X(clGetKernelInfo) X(clGetKernelArgInfo) \
	X(clGetKernelWorkGroupInfo) X(clGetKernelSubGroupInfo) X(clGetKernelSubGroupInfoKHR) \
	X(clCreateUserEvent) X(clSetUserEventStatus) X(clWaitForEvents) X(clGetEventInfo) \
	X(clRetainEvent) X(clReleaseEvent) X(clSetEventCallback) X(clGetEventProfilingInfo) \
	X(clEnqueueReadBuffer) X(clEnqueueWriteBuffer) X(clEnqueueReadBufferRect) \
	X(clEnqueueWriteBufferRect) X(clEnqueueCopyBuffer) X(clEnqueueCopyBufferRect) \
	X(clEnqueueFillBuffer) X(clEnqueueMapBuffer) X(clEnqueueUnmapMemObject) \
	X(clEnqueueMigrateMemObjects) X(clEnqueueNDRangeKernel) X(clEnqueueTask) \
	X(clEnqueueNativeKernel) X(clEnqueueMarker) X(clEnqueueMarkerWithWaitList) \
	X(clEnqueueBarrier) X(clEnqueueBarrierWithWaitList) X(clEnqueueWaitForEvents) \
	X(clEnqueueReadImage) X(clEnqueueWriteImage) X(clEnqueueCopyImage) \
	X(clEnqueueCopyImageToBuffer) X(clEnqueueCopyBufferToImage) X(clEnqueueFillImage) \
	X(clEnqueueMapImage) X(clEnqueueSVMFree) X(clEnqueueSVMMemcpy) X(clEnqueueSVMMemFill) \
	X(clEnqueueSVMMap) X(clEnqueueSVMUnmap) X(clEnqueueSVMMigrateMem) \
	X(clGetExtensionFunctionAddress) X(clGetExtensionFunctionAddressForPlatform) \
	X(clCreateFromGLBuffer) X(clCreateFromGLTexture) X(clCreateFromGLTexture2D) \
	X(clCreateFromGLTexture3D) X(clCreateFromGLRenderbuffer) X(clGetGLObjectInfo) \
	X(clGetGLTextureInfo) X(clEnqueueAcquireGLObjects) X(clEnqueueReleaseGLObjects) \
	X(clGetGLContextInfoKHR) X(clCreateEventFromGLsyncKHR) X(clCreateFromEGLImageKHR) \
	X(clEnqueueAcquireEGLObjectsKHR) X(clEnqueueReleaseEGLObjectsKHR) \
	X(clCreateEventFromEGLSyncKHR)

/* The functions of Direct3D, which has no headers here. */
#define FPR_CL_FOREIGN(X) \
	X(clGetDeviceIDsFromD3D10KHR) X(clCreateFromD3D10BufferKHR) \
	X(clCreateFromD3D10Texture2DKHR) X(clCreateFromD3D10Texture3DKHR) \
	X(clEnqueueAcquireD3D10ObjectsKHR) X(clEnqueueReleaseD3D10ObjectsKHR) \
	X(clGetDeviceIDsFromD3D11KHR) X(clCreateFromD3D11BufferKHR) \
	X(clCreateFromD3D11Texture2DKHR) X(clCreateFromD3D11Texture3DKHR) \
	X(clCreateFromDX9MediaSurfaceKHR) X(clEnqueueAcquireD3D11ObjectsKHR) \
	X(clEnqueueReleaseD3D11ObjectsKHR) X(clGetDeviceIDsFromDX9MediaAdapterKHR) \
	X(clEnqueueAcquireDX9MediaSurfacesKHR) X(clEnqueueReleaseDX9MediaSurfacesKHR)
/* clang-format on */

#define FPR_CL_DECLARE(name) __typeof__(*(cl_api_##name)0) fpr_##name;
FPR_CL_ENTRIES(FPR_CL_DECLARE)
#undef FPR_CL_DECLARE

/* Of the extension cl_fpr_event_result: see cl_fpr.h. */
struct fpr_gemm_result;
cl_int CL_API_CALL fpr_clGetEventResult(cl_event event, struct fpr_gemm_result *result);

/* What every object of ours begins with. */
extern const cl_icd_dispatch fpr_cl_dispatch;

#endif
