/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "fpr_regs.h"
#include "registers.h"
#include "system.h"

/* Silicon is not meant to be warmer; the board itself has no limit of its own. */
#define HOT_MILLICELSIUS 95000

static int is_served(const struct doctor *d)
{
	return !strcmp(d->place.driver, "fpr");
}

static void not_served(struct finding *f)
{
	wrong(f, RESULT_SKIPPED, "the driver does not serve this board");
}

/* ---- who serves it ------------------------------------------------------------------ */

static void unserved(const struct doctor *d, struct finding *f)
{
	const char *address = d->place.address;
	char line[250], override[FPR_NAME_MAX];

	if (system_read(override, sizeof(override), PLACE_SYSFS "driver_override", address) > 0 &&
	    strcmp(override, "(null)") != 0 && strcmp(override, "fpr") != 0) {
		wrong(f, RESULT_FAILED, "driver_override keeps it for %s", override);
		remedy(f,
		       "echo >/sys/bus/pci/devices/%s/driver_override; echo %s "
		       ">/sys/bus/pci/drivers_probe",
		       address, address);
	} else if (!d->is_loaded) {
		wrong(f, RESULT_FAILED, "the module fpr is not loaded");
		remedy(f, "modprobe fpr; see 'module' above");
	} else if (log_find(line, sizeof(line), "fpr ", address) > 0) {
		wrong(f, RESULT_FAILED, "the driver refused it; the kernel's log: %s", line);
		remedy(f, "after the cause is gone: echo %s >/sys/bus/pci/drivers/fpr/bind",
		       address);
	} else {
		wrong(f, RESULT_FAILED,
		      "the module is loaded, but does not serve this board: it was "
		      "unbound, or the driver refused it");
		remedy(f, "echo %s >/sys/bus/pci/drivers/fpr/bind; dmesg says why if that fails",
		       address);
	}
}

static void look_driver(struct doctor *d, struct finding *f)
{
	const char *address = d->place.address, *driver = d->place.driver;

	if (!*driver) {
		unserved(d, f);
		return;
	}
	seen(f, "%s", driver);
	if (is_served(d))
		return;
	wrong(f, RESULT_FAILED, "%s serves it, not fpr", driver);
	remedy(f, "echo %s >/sys/bus/pci/drivers/%s/unbind; echo %s >/sys/bus/pci/drivers/fpr/bind",
	       address, driver, address);
}

/* ---- who may use it ------------------------------------------------------------------- */

/* Groups have names and members in /etc/group: "name:x:gid:user,user". */
struct group_line {
	char name[FPR_NAME_MAX], members[512];
};

static int find_group(unsigned int gid, struct group_line *group)
{
	char text[32768], *rest = text, *line;
	unsigned int id;

	system_read(text, sizeof(text), "/etc/group");
	while ((line = strsep(&rest, "\n"))) {
		group->members[0] = 0;
		if (sscanf(line, "%63[^:]:%*[^:]:%u:%511s", group->name, &id, group->members) >=
			    2 &&
		    id == gid)
			return 1;
	}
	snprintf(group->name, sizeof(group->name), "%u", gid);
	return 0;
}

static int is_member(const struct group_line *group, const char *user)
{
	const size_t size = strlen(user);

	for (const char *at = group->members; at && *at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, user, size) && (!at[size] || at[size] == ','))
			return 1;
	}
	return 0;
}

static void user_name(char name[FPR_NAME_MAX])
{
	const struct passwd *entry = getpwuid(geteuid());

	if (entry)
		snprintf(name, FPR_NAME_MAX, "%s", entry->pw_name);
	else
		snprintf(name, FPR_NAME_MAX, "%u", (unsigned int)geteuid());
}

static void forbidden(const struct stat *st, const struct group_line *group, struct finding *f)
{
	char user[FPR_NAME_MAX];

	user_name(user);
	if (!st->st_gid || (st->st_mode & 060) != 060) {
		wrong(f, RESULT_FAILED, "only root may open it: no udev rule gives it to a group");
		remedy(f, "install 60-fpr.rules (make driver-install), then: udevadm control "
			  "--reload; "
			  "udevadm trigger -s accel");
	} else if (is_member(group, user)) {
		wrong(f, RESULT_FAILED, "%s is of group %s, but this login is older than that",
		      user, group->name);
		remedy(f, "log out and in again, or: newgrp %s", group->name);
	} else {
		wrong(f, RESULT_FAILED, "%s is not of group %s, which may open it", user,
		      group->name);
		remedy(f, "usermod -aG %s %s; it counts from the next login on", group->name, user);
	}
}

static void look_node(struct doctor *d, struct finding *f)
{
	char path[SYSTEM_PATH_MAX];
	struct group_line group;
	struct stat st;

	if (!is_served(d)) {
		not_served(f);
		return;
	}
	system_path(path, "/dev/accel/%s", d->place.node);
	if (!*d->place.node || stat(path, &st)) {
		wrong(f, RESULT_FAILED,
		      "there is no /dev/accel/%s: no udev, or another /dev than the "
		      "kernel's (a container)",
		      *d->place.node ? d->place.node : "accelN");
		remedy(f, "start udev; into a container pass the device: --device /dev/accel/%s",
		       *d->place.node ? d->place.node : "accelN");
		return;
	}
	find_group(st.st_gid, &group);
	seen(f, "/dev/accel/%s, group %s, mode %04o", d->place.node, group.name,
	     (unsigned int)st.st_mode & 07777);
	if (access(path, R_OK | W_OK)) {
		forbidden(&st, &group, f);
	} else if (!geteuid() && (!st.st_gid || (st.st_mode & 060) != 060)) {
		wrong(f, RESULT_WARNING,
		      "nobody but root may open it: no udev rule gives it to a group");
		remedy(f, "install 60-fpr.rules (make driver-install), then: udevadm control "
			  "--reload; "
			  "udevadm trigger -s accel");
	}
}

/* ---- do the parts fit together? ----------------------------------------------------------- */

/* From the driver, or from the board where nobody serves it. Return: 0 when it is known. */
static int read_contract(const struct doctor *d, unsigned int *major, unsigned int *minor,
			 uint32_t *id)
{
	struct registers registers;
	char text[32];

	*id = FPR_ID;
	if (place_text(&d->place, "contract", text, sizeof(text)) > 0)
		return sscanf(text, "%u.%u", major, minor) == 2 ? 0 : -EINVAL;
	if (registers_open(&d->place, &registers))
		return -ENXIO;
	*id = registers_read(&registers, FPR_REG_ID);
	*major = registers_read(&registers, FPR_REG_VERSION) >> 16;
	*minor = registers_read(&registers, FPR_REG_VERSION) & 0xffff;
	registers_close(&registers);
	return 0;
}

static void look_contract(struct doctor *d, struct finding *f)
{
	unsigned int major, minor;
	uint32_t id;

	if (read_contract(d, &major, &minor, &id)) {
		wrong(f, RESULT_SKIPPED, "no driver tells it, and the registers cannot be read");
		return;
	}
	if (id == UINT32_MAX) {
		wrong(f, RESULT_FAILED, "its registers read all ones: the link is down");
		remedy(f, "reset the slot, or load the board's design again and reboot");
		return;
	}
	if (id != FPR_ID) {
		wrong(f, RESULT_FAILED,
		      "its identification register reads 0x%08x, not 0x%08x: another "
		      "design is loaded",
		      id, FPR_ID);
		remedy(f, "load fpr's design, then reboot or remove the function and rescan");
		return;
	}
	seen(f, "board %u.%u, this program %d.%d", major, minor, FPR_VERSION_MAJOR,
	     FPR_VERSION_MINOR);
	if (major == FPR_VERSION_MAJOR)
		return;
	wrong(f, RESULT_FAILED,
	      "the board keeps to contract %u.x, driver and tools of this version "
	      "to %d.x",
	      major, FPR_VERSION_MAJOR);
	remedy(f, "%s",
	       major > FPR_VERSION_MAJOR
		       ? "install driver and tools of a newer version, or load an older design"
		       : "load a newer design, or install driver and tools of an older version");
}

static void look_library(struct doctor *d, struct finding *f)
{
	struct fpr_device *device;
	struct fpr_device_info info;
	int ret;

	if (!is_served(d) || !*d->place.node) {
		not_served(f);
		return;
	}
	if (system_is_elsewhere()) {
		wrong(f, RESULT_SKIPPED, "the board is not of this machine");
		return;
	}
	ret = fpr_device_open(d->place.node, &device);
	if (ret == -EACCES) {
		wrong(f, RESULT_SKIPPED, "no permission; see 'device node'");
	} else if (ret) {
		wrong(f, RESULT_FAILED, "libfpr cannot open it: %s%s", strerror(-ret),
		      ret == -ENODEV
			      ? " (gone, or the driver's interface is not the one that it knows)"
			      : "");
		remedy(f, "see the findings above; driver and library are to be of one version");
	} else {
		ret = fpr_device_get_info(device, &info);
		seen(f, "libfpr " FPR_VERSION " opens it, design %s",
		     ret ? "unknown" : info.version);
		fpr_device_close(device);
	}
}

/* ---- how it does ------------------------------------------------------------------------------
 */

static void look_state(struct doctor *d, struct finding *f)
{
	char state[32], line[250];

	if (place_text(&d->place, "state", state, sizeof(state)) <= 0) {
		not_served(f);
		return;
	}
	seen(f, "%s", state);
	if (!strcmp(state, "wedged")) {
		if (log_find(line, sizeof(line), "resets do not help", d->place.address) <= 0)
			snprintf(line, sizeof(line), "resets did not help");
		wrong(f, RESULT_FAILED, "the driver gave it up, all work fails: %s", line);
		remedy(f,
		       "fprctl dump; then fprctl reset --device %s --level rebind; if that fails, "
		       "load its design again",
		       d->place.address);
	} else if (!strcmp(state, "gone")) {
		wrong(f, RESULT_FAILED,
		      "it does not answer any more: pulled, unpowered, or its link is "
		      "down");
		remedy(f,
		       "check seat and power; echo 1 >/sys/bus/pci/devices/%s/remove; echo 1 "
		       ">/sys/bus/pci/rescan",
		       d->place.address);
	} else if (!strcmp(state, "suspended")) {
		wrong(f, RESULT_NOTE, "it sleeps");
		remedy(f, "it wakes up with the machine");
	}
}

static int take_dump(void *context, const char *name)
{
	char device[FPR_NAME_MAX];

	system_link(device, sizeof(device), "/sys/class/devcoredump/%s/failing_device", name);
	return !strcmp(device, context);
}

static void look_resets(struct doctor *d, struct finding *f)
{
	char address[FPR_NAME_MAX];
	uint64_t resets;
	int has_dump;

	if (system_number(&resets, PLACE_SYSFS "resets", d->place.address)) {
		not_served(f);
		return;
	}
	snprintf(address, sizeof(address), "%s", d->place.address);
	has_dump = system_each(take_dump, address, "/sys/class/devcoredump") == 1;
	seen(f, "%llu%s", (unsigned long long)resets, has_dump ? ", a dump is there" : "");
	if (!resets && !has_dump)
		return;
	wrong(f, RESULT_NOTE, "the board hung or was reset since the driver came");
	remedy(f, "fprctl dump shows what it was at; dmesg | grep fpr says why");
}

static void look_interrupts(struct doctor *d, struct finding *f)
{
	uint64_t lost;

	if (system_number(&lost, PLACE_SYSFS "lost_interrupts", d->place.address)) {
		not_served(f);
		return;
	}
	seen(f, "%llu lost", (unsigned long long)lost);
	if (!lost)
		return;
	wrong(f, RESULT_WARNING,
	      "the driver's watchdog found work that had ended without an "
	      "interrupt: each took up to 250 ms longer");
	remedy(f, "try another kind: options fpr irq=msi (or intx) in /etc/modprobe.d/fpr.conf; "
		  "update the firmware; look for 'DMAR-IR' or 'remapping' in dmesg");
}

static void look_temperature(struct doctor *d, struct finding *f)
{
	int64_t millidegrees;

	if (place_temperature(&d->place, &millidegrees)) {
		wrong(f, RESULT_SKIPPED, "no sensor");
		return;
	}
	seen(f, "%.1f degrees Celsius", (double)millidegrees / 1000);
	if (millidegrees < HOT_MILLICELSIUS)
		return;
	wrong(f, RESULT_WARNING, "the board is hot");
	remedy(f, "check its fan, and the air through the machine");
}

const struct check driver_checks[] = {
	{"driver", look_driver},
	{"device node", look_node},
	{"contract", look_contract},
	{"state", look_state},
	{"resets", look_resets},
	{"interrupts", look_interrupts},
	{"temperature", look_temperature},
	{"library", look_library},
	{NULL, NULL},
};
