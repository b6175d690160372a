/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem() */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "system.h"
#include "unpack.h"

#define MODULES "/lib/modules"

/* The oldest kernel that the driver's configure knows to work. */
#define KERNEL_MAJOR 6
#define KERNEL_MINOR 12

/* ---- the module's file ------------------------------------------------------ */

static const char *const folders[] = {"updates/dkms", "updates", "extra",
				      "kernel/drivers/accel/fpr", NULL};
static const char *const endings[] = {"", ".xz", ".zst", ".gz", NULL};

static int find_file(const char *release, char *path, size_t size)
{
	for (const char *const *folder = folders; *folder; folder++)
		for (const char *const *ending = endings; *ending; ending++) {
			snprintf(path, size, MODULES "/%s/%s/fpr.ko%s", release, *folder, *ending);
			if (system_exists("%s", path))
				return 1;
		}
	*path = 0;
	return 0;
}

void module_find(struct doctor *doctor)
{
	system_read(doctor->release, sizeof(doctor->release), "/proc/sys/kernel/osrelease");
	doctor->is_loaded = system_exists("/sys/module/fpr");
	find_file(doctor->release, doctor->module, sizeof(doctor->module));
	doctor->has_headers = system_exists(MODULES "/%s/build/Makefile", doctor->release);
}

/* The value of "KEY=" in what a module says of itself. */
static void modinfo(const char *path, const char *key, char *value, size_t size)
{
	size_t bytes;
	char *text = unpack_file(path, &bytes), *at;

	*value = 0;
	if (!text)
		return;
	at = memmem(text, bytes, key, strlen(key));
	if (at)
		snprintf(value, size, "%s", at + strlen(key));
	free(text);
}

/* Return: 1, 0, or -1: it cannot be read. */
static int is_signed(const char *path)
{
	static const char mark[] = "~Module signature appended~\n";
	const size_t size = sizeof(mark) - 1;
	size_t bytes;
	char *text = unpack_file(path, &bytes);
	int found = -1;

	if (text)
		found = bytes > size && !memcmp(text + bytes - size, mark, size);

	free(text);
	return found;
}

/* ---- which kernel ------------------------------------------------------------ */

static void look_kernel(struct doctor *d, struct finding *f)
{
	unsigned int major, minor;

	if (sscanf(d->release, "%u.%u", &major, &minor) != 2) {
		wrong(f, RESULT_SKIPPED, "/proc/sys/kernel/osrelease names no version");
		return;
	}
	seen(f, "%s", d->release);
	if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
		return;
	wrong(f, RESULT_FAILED, "the driver needs Linux %d.%d or newer, this is %s", KERNEL_MAJOR,
	      KERNEL_MINOR, d->release);
	remedy(f, "boot a newer kernel; on Debian 12 linux-image-amd64 of bookworm-backports");
}

/* Two groups: what the module needs, and what some commands do. */
static const char *const needed[] = {"CONFIG_MODULES",	 "CONFIG_DRM_ACCEL",
				     "CONFIG_DRM_SCHED", "CONFIG_DRM_GEM_SHMEM_HELPER",
				     "CONFIG_DRM_EXEC",	 NULL};
static const char *const useful[] = {"CONFIG_DEBUG_FS", "CONFIG_DEV_COREDUMP", "CONFIG_PCIEAER",
				     "CONFIG_HWMON", NULL};

static int is_set(const char *config, const char *symbol)
{
	const size_t size = strlen(symbol);

	for (; config; config = strchr(config, '\n')) {
		config += *config == '\n';
		if (!strncmp(config, symbol, size) && config[size] == '=')
			return 1;
	}
	return 0;
}

/* Those of @symbols that are not set, with blanks between. */
static void list_missing(const char *config, const char *const *symbols, char *text, size_t size)
{
	size_t used = 0;

	*text = 0;
	for (; *symbols; symbols++)
		if (!is_set(config, *symbols) && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "",
						 *symbols);
}

/* The running kernel's own word, then what was packaged with it. */
static char *load_config(const char *release, char *path, size_t size)
{
	static const struct {
		const char *before, *after;
	} places[] = {
		{"/boot/config-", ""}, {MODULES "/", "/config"}, {MODULES "/", "/build/.config"}};
	size_t bytes;
	char *text;

	snprintf(path, size, "/proc/config.gz");
	text = unpack_file(path, &bytes);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !text; i++) {
		snprintf(path, size, "%s%s%s", places[i].before, release, places[i].after);
		text = unpack_file(path, &bytes);
	}
	return text;
}

static void look_config(struct doctor *d, struct finding *f)
{
	char path[256], missing[200];
	char *config = load_config(d->release, path, sizeof(path));

	if (!config) {
		wrong(f, RESULT_SKIPPED, "neither /proc/config.gz nor /boot/config-%s", d->release);
		return;
	}
	seen(f, "%s", path);
	d->takes_no_modules = !is_set(config, "CONFIG_MODULES");
	list_missing(config, needed, missing, sizeof(missing));
	if (*missing) {
		wrong(f, RESULT_FAILED, "this kernel was built without %s", missing);
		remedy(f, "boot a kernel that has them, such as Debian's, or build one");
	} else {
		list_missing(config, useful, missing, sizeof(missing));
		if (*missing) {
			wrong(f, RESULT_NOTE, "without %s some of fprctl's commands show less",
			      missing);
			remedy(f, "none is needed to use a board");
		}
	}
	free(config);
}

/* ---- the module --------------------------------------------------------------- */

/* Releases that have the module. */
struct others {
	char names[200];
};

static int take_other(void *context, const char *release)
{
	struct others *others = context;
	const size_t used = strlen(others->names);
	char path[256];

	if (find_file(release, path, sizeof(path)))
		snprintf(others->names + used, sizeof(others->names) - used, "%s%s",
			 used ? ", " : "", release);
	return 0;
}

static void not_built(const struct doctor *d, struct finding *f)
{
	const char *first = d->has_headers ? "" : "see 'kernel headers', then: ";
	struct others others = {""};

	system_each(take_other, &others, MODULES);
	if (*others.names) {
		wrong(f, RESULT_FAILED, "fpr.ko was built for %s, not for the running %s",
		      others.names, d->release);
		remedy(f, "%sdkms install fpr/%s -k %s", first, FPR_VERSION, d->release);
	} else if (system_exists("/usr/src/fpr-" FPR_VERSION "/dkms.conf")) {
		wrong(f, RESULT_FAILED, "fpr.ko was not built; its source is in /usr/src/fpr-%s",
		      FPR_VERSION);
		remedy(f, "%sdkms install fpr/%s -k %s", first, FPR_VERSION, d->release);
	} else {
		wrong(f, RESULT_FAILED, "fpr.ko is nowhere below " MODULES);
		remedy(f,
		       "%smake driver-install in fpr's sources, dkms add fpr/%s && dkms install "
		       "fpr/%s",
		       first, FPR_VERSION, FPR_VERSION);
	}
}

/* Which file of /etc/modprobe.d keeps it from being loaded. */
static int take_blacklist(void *context, const char *name)
{
	char text[8192];

	if (system_read(text, sizeof(text), "/etc/modprobe.d/%s", name) <= 0 ||
	    (!strstr(text, "blacklist fpr\n") && !strstr(text, "install fpr /bin/") &&
	     strcmp(text, "blacklist fpr") != 0))
		return 0;
	snprintf(context, FPR_NAME_MAX, "%s", name);
	return 1;
}

static int is_for_this_kernel(const struct doctor *d, struct finding *f)
{
	char magic[200];

	modinfo(d->module, "vermagic=", magic, sizeof(magic));
	if (!*magic || !strncmp(magic, d->release, strlen(d->release)))
		return 1;
	magic[strcspn(magic, " ")] = 0;
	wrong(f, RESULT_FAILED, "%s was built for %s and does not load into the running %s",
	      d->module, magic, d->release);
	remedy(f, "build it again: dkms install --force fpr/%s -k %s", FPR_VERSION, d->release);
	return 0;
}

/* It is there and fits; why is it not in use? */
static void not_loaded(const struct doctor *d, struct finding *f)
{
	char name[FPR_NAME_MAX] = "", line[200];
	char *dependencies;
	size_t bytes;

	snprintf(line, sizeof(line), MODULES "/%s/modules.dep", d->release);
	dependencies = unpack_file(line, &bytes);
	if (system_each(take_blacklist, name, "/etc/modprobe.d") == 1) {
		wrong(f, RESULT_FAILED, "/etc/modprobe.d/%s keeps the module from being loaded",
		      name);
		remedy(f, "remove the line that names fpr there, then: modprobe fpr");
	} else if (dependencies && !strstr(dependencies, "/fpr.ko")) {
		wrong(f, RESULT_FAILED, "%s is not in modules.dep, so nothing finds it", d->module);
		remedy(f, "depmod -a && modprobe fpr");
	} else if (log_find(line, sizeof(line), "fpr: ", "ymbol") > 0) {
		wrong(f, RESULT_FAILED, "the kernel did not take it: %s", line);
		remedy(f, "build it again: dkms install --force fpr/%s -k %s", FPR_VERSION,
		       d->release);
	} else {
		wrong(f, RESULT_FAILED, "%s is there, but not loaded", d->module);
		remedy(f, "modprobe fpr; if that fails, dmesg says why");
	}
	free(dependencies);
}

static void look_module(struct doctor *d, struct finding *f)
{
	if (d->is_loaded) {
		seen(f, "loaded");
	} else if (d->takes_no_modules) {
		wrong(f, RESULT_FAILED, "this kernel takes no modules: it has no CONFIG_MODULES");
		remedy(f, "see 'kernel configuration'");
	} else if (!*d->module) {
		not_built(d, f);
	} else if (is_for_this_kernel(d, f)) {
		not_loaded(d, f);
	}
	/* udev loads it for a board. */
	if (!d->boards && f->result == RESULT_FAILED)
		f->result = RESULT_NOTE;
}

/* What a module is built with, here and by DKMS. */
static void look_headers(struct doctor *d, struct finding *f)
{
	const int is_needed = d->boards && !d->is_loaded && !*d->module;

	if (d->takes_no_modules) {
		wrong(f, RESULT_SKIPPED, "this kernel takes no modules");
		return;
	}
	if (d->has_headers) {
		seen(f, MODULES "/%s/build", d->release);
		return;
	}
	wrong(f, is_needed ? RESULT_FAILED : RESULT_NOTE,
	      "no headers of this kernel: " MODULES "/%s/build/Makefile is not there%s", d->release,
	      is_needed ? ", so the module cannot be built"
			: "; only building the module needs it");
	remedy(f, "apt install linux-headers-%s, or what your distribution calls it", d->release);
}

/* ---- signatures ---------------------------------------------------------------- */

#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* Attributes, 4 bytes, are in front of the value. Return: -1: no such variable. */
static int is_secure_boot(void)
{
	char text[8];

	return system_read(text, sizeof(text), SECURE_BOOT) == 5 ? text[4] == 1 : -1;
}

/* What makes the kernel refuse unsigned modules, or NULL. */
static const char *enforcer(void)
{
	char text[80];

	if (system_read(text, sizeof(text), "/sys/kernel/security/lockdown") > 0 &&
	    !strstr(text, "[none]"))
		return "the kernel is locked down";
	if (system_read(text, sizeof(text), "/sys/module/module/parameters/sig_enforce") > 0 &&
	    *text == 'Y')
		return "module.sig_enforce is set";
	return is_secure_boot() == 1 ? "Secure Boot is on" : NULL;
}

#define MOK "mokutil --import /var/lib/dkms/mok.pub, reboot, give the password to MokManager"

static void look_signature(struct doctor *d, struct finding *f)
{
	const char *why = enforcer();
	char line[200];
	int has_mark;

	seen(f, "Secure Boot %s",
	     is_secure_boot() < 0 ? "unknown (no EFI variables)"
	     : is_secure_boot()	  ? "on"
				  : "off");
	if (!why || d->is_loaded)
		return;
	has_mark = is_signed(d->module);
	if (!*d->module) {
		wrong(f, RESULT_SKIPPED, "no module that could be signed");
	} else if (!has_mark) {
		wrong(f, RESULT_FAILED, "%s, and %s is not signed", why, d->module);
		remedy(f, MOK "; then: dkms install --force fpr/%s", FPR_VERSION);
	} else if (log_find(line, sizeof(line), "is rejected", NULL) > 0 ||
		   log_find(line, sizeof(line), "unsigned module loading", NULL) > 0) {
		wrong(f, RESULT_FAILED, "%s, and the module's key is not known to the firmware: %s",
		      why, line);
		remedy(f, MOK);
	} else if (has_mark < 0) {
		wrong(f, RESULT_SKIPPED, "%s cannot be unpacked; modinfo %s shows its signer",
		      d->module, d->module);
	} else {
		wrong(f, RESULT_NOTE,
		      "%s; whether the module's key is known shows when it is loaded", why);
		remedy(f, "if modprobe says 'Key was rejected by service': " MOK);
	}
}

/* Other checks look for why a module or a board was refused. */
static void look_log(struct doctor *d, struct finding *f)
{
	char line[200];
	const int ret = log_find(line, sizeof(line), "fpr ", NULL);

	(void)d;
	if (ret < 0)
		wrong(f, RESULT_SKIPPED, "%s: run as root to see why something was refused",
		      ret == -ENOENT ? "there is no /dev/kmsg" : "it takes root to read");
	else
		seen(f, "%s%s", ret ? "last of fpr: " : "nothing of fpr", line);
}

const struct check kernel_checks[] = {
	{"kernel log", look_log},
	{"kernel", look_kernel},
	{"kernel configuration", look_config},
	{"kernel headers", look_headers},
	{"module", look_module},
	{"module signature", look_signature},
	{NULL, NULL},
};
