/* SPDX-License-Identifier: MIT */
#include "rtl.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int fpr_rtl_load(const struct fpr_rtl **out)
{
	static const uint32_t made_for[] = FPR_RTL_MADE_FOR;
	void *library = dlopen(FPR_RTL_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const struct fpr_rtl *rtl;

	if (!library)
		return -ELIBACC;
	rtl = dlsym(library, "fpr_rtl");
	if (!rtl || memcmp(rtl->made_for, made_for, sizeof(made_for))) {
		dlclose(library);
		return -ELIBBAD;
	}
	*out = rtl;
	return 0;
}
