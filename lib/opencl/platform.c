/* SPDX-License-Identifier: MIT */
#include "devices.h"
#include "objects.h"

struct _cl_platform_id fpr_cl_platform = {
	.object = {&fpr_cl_dispatch, NULL, KIND_PLATFORM, 1, 1, NULL},
};

cl_int CL_API_CALL fpr_clGetPlatformIDs(cl_uint n, cl_platform_id *platforms, cl_uint *ret)
{
	if ((!n && platforms) || (!platforms && !ret))
		return CL_INVALID_VALUE;
	if (platforms)
		platforms[0] = &fpr_cl_platform;
	if (ret)
		*ret = 1;
	return CL_SUCCESS;
}

static const cl_name_version extensions[] = {
	{CL_MAKE_VERSION(1, 0, 0), "cl_khr_icd"},
	{CL_MAKE_VERSION(1, 0, 0), "cl_khr_priority_hints"},
	{CL_MAKE_VERSION(1, 0, 0), "cl_khr_device_uuid"},
	{CL_MAKE_VERSION(0, 1, 0), "cl_fpr_event_result"},
};

cl_int CL_API_CALL fpr_clGetPlatformInfo(cl_platform_id platform, cl_platform_info param,
					 size_t size, void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(platform, KIND_PLATFORM))
		return CL_INVALID_PLATFORM;
	switch (param) {
	case CL_PLATFORM_PROFILE:
		return fpr_cl_give_text(&answer, FPR_CL_PROFILE);
	case CL_PLATFORM_VERSION:
		return fpr_cl_give_text(&answer, FPR_CL_VERSION);
	case CL_PLATFORM_NUMERIC_VERSION:
		FPR_CL_GIVE(&answer, cl_version, CL_MAKE_VERSION(3, 0, 0));
	case CL_PLATFORM_NAME:
		return fpr_cl_give_text(&answer, "fpr");
	case CL_PLATFORM_VENDOR:
		return fpr_cl_give_text(&answer, FPR_CL_VENDOR);
	case CL_PLATFORM_EXTENSIONS:
		return fpr_cl_give_text(&answer, "cl_khr_icd cl_khr_priority_hints "
						 "cl_khr_device_uuid cl_fpr_event_result");
	case CL_PLATFORM_EXTENSIONS_WITH_VERSION:
		return fpr_cl_give(&answer, extensions, sizeof(extensions));
	case CL_PLATFORM_HOST_TIMER_RESOLUTION:
		FPR_CL_GIVE(&answer, cl_ulong, FPR_CL_TIMER_NS);
	case CL_PLATFORM_ICD_SUFFIX_KHR:
		return fpr_cl_give_text(&answer, "FPR");
	default:
		return CL_INVALID_VALUE;
	}
}
