/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api.h"
#include "objects.h"

/* Of a Direct3D function; called without a type, so nothing but an error can come of it. */
static cl_int foreign(void)
{
	return CL_INVALID_OPERATION;
}

#define ENTRY(name) .name = fpr_##name,
#define FOREIGN(name) .name = (void *)foreign,

/* A loader calls an empty entry without looking, so there is none. */
const cl_icd_dispatch fpr_cl_dispatch = {FPR_CL_ENTRIES(ENTRY) FPR_CL_FOREIGN(FOREIGN)};

#define ONE(name) +1
_Static_assert((FPR_CL_ENTRIES(ONE) FPR_CL_FOREIGN(ONE)) * sizeof(void *) ==
		       sizeof(cl_icd_dispatch),
	       "an entry is empty");

/* ---- what the loader looks for by name ---------------------------------- */

static const struct {
	const char *name;
	void *function;
} extensions[] = {
	{"clIcdGetPlatformIDsKHR", (void *)fpr_clGetPlatformIDs},
	{"clGetPlatformInfo", (void *)fpr_clGetPlatformInfo},
	{"clGetEventResultFPR", (void *)fpr_clGetEventResult},
};

void *CL_API_CALL fpr_clGetExtensionFunctionAddress(const char *name)
{
	for (size_t i = 0; name && i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (!strcmp(extensions[i].name, name))
			return extensions[i].function;
	return NULL;
}

void *CL_API_CALL fpr_clGetExtensionFunctionAddressForPlatform(cl_platform_id platform,
							       const char *name)
{
	return fpr_cl_is(platform, KIND_PLATFORM) ? fpr_clGetExtensionFunctionAddress(name) : NULL;
}

/* The only symbols of the library: see libfpr_opencl.map. */
void *CL_API_CALL clGetExtensionFunctionAddress(const char *name)
{
	return fpr_clGetExtensionFunctionAddress(name);
}

cl_int CL_API_CALL clGetPlatformInfo(cl_platform_id platform, cl_platform_info param, size_t size,
				     void *value, size_t *ret)
{
	return fpr_clGetPlatformInfo(platform, param, size, value, ret);
}

cl_int CL_API_CALL clIcdGetPlatformIDsKHR(cl_uint n, cl_platform_id *platforms, cl_uint *ret)
{
	return fpr_clGetPlatformIDs(n, platforms, ret);
}
