/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "system.h"

#define VENDORS "/etc/OpenCL/vendors"

/* Where the linker looks; of other machines, for what it would do there. */
static const char *const libraries[] = {
	"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib",
	"/lib/x86_64-linux-gnu",     NULL};

static int is_there(const char *library, char *why, size_t size)
{
	void *handle;

	snprintf(why, size, "there is no such file");
	if (*library == '/' && !system_exists("%s", library))
		return 0;
	if (!system_is_elsewhere()) {
		handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
		if (!handle)
			snprintf(why, size, "%s", dlerror());
		else
			dlclose(handle);
		return handle != NULL;
	}
	for (const char *const *folder = libraries; *folder && *library != '/'; folder++)
		if (system_exists("%s/%s", *folder, library))
			return 1;
	return *library == '/';
}

/* The loader takes a library's name from the first line of each file there. */
void look_opencl(struct doctor *doctor, struct finding *f)
{
	char library[256], why[200];

	(void)doctor;
	if (system_read(library, sizeof(library), VENDORS "/fpr.icd") <= 0) {
		wrong(f, RESULT_NOTE, "no " VENDORS "/fpr.icd: OpenCL programs do not see boards");
		remedy(f, "apt install fpr-opencl-icd, or as root in fpr's sources: make "
			  "install-libraries install-opencl; libfpr and fprctl need none");
		return;
	}
	library[strcspn(library, " \t\r\n")] = 0;
	seen(f, "%s", library);
	if (is_there(library, why, sizeof(why)))
		return;
	wrong(f, RESULT_WARNING, VENDORS "/fpr.icd names %s, which does not load: %s", library,
	      why);
	remedy(f, "as root in fpr's sources: make install-libraries install-opencl && ldconfig; "
		  "or correct the name");
}
