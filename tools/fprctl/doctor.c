/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "fprctl.h"
#include "options.h"
#include "system.h"

#define LOG_RECORD_MAX 8192

#define FORMAT(text, format)                                      \
	do {                                                      \
		va_list arguments;                                \
                                                                  \
		va_start(arguments, format);                      \
		vsnprintf(text, sizeof(text), format, arguments); \
		va_end(arguments);                                \
	} while (0)

void seen(struct finding *f, const char *format, ...)
{
	FORMAT(f->detail, format);
}

void wrong(struct finding *f, enum result result, const char *format, ...)
{
	f->result = result;
	FORMAT(f->problem, format);
}

void remedy(struct finding *f, const char *format, ...)
{
	FORMAT(f->remedy, format);
}

/* ---- the kernel's log ------------------------------------------------------ */

/* A record has its level, number and time in front of a semicolon. */
static void take_lines(char *text, const char *first, const char *second, char *line, size_t size)
{
	char *rest = text, *one;

	while ((one = strsep(&rest, "\n"))) {
		const char *message = strchr(one, ';');

		if (strstr(one, first) && (!second || strstr(one, second)))
			snprintf(line, size, "%s", message ? message + 1 : one);
	}
}

int log_find(char *line, size_t size, const char *first, const char *second)
{
	char path[SYSTEM_PATH_MAX], text[LOG_RECORD_MAX];
	ssize_t n;
	int fd;

	*line = 0;
	system_path(path, "/dev/kmsg");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	/* A record at a time; EPIPE: some were overwritten meanwhile. */
	while ((n = read(fd, text, sizeof(text) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		text[n > 0 ? n : 0] = 0;
		take_lines(text, first, second, line, size);
	}
	close(fd);
	return *line != 0;
}

/* ---- the command ----------------------------------------------------------- */

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void run(struct doctor *doctor, const struct check *checks)
{
	for (; checks->name; checks++) {
		struct finding f = {.result = RESULT_PASSED};
		struct verdict v = {.name = checks->name, .board = or_null(doctor->place.address)};

		checks->look(doctor, &f);
		v.result = f.result;
		v.detail = or_null(f.detail);
		v.problem = or_null(f.problem);
		v.remedy = or_null(f.remedy);
		verdict(&doctor->tally, &v);
	}
}

static int examine(struct doctor *doctor, const struct place *places, size_t n, const char *device)
{
	int ok;

	print_start(&doctor->tally.printer, doctor->tally.is_json);
	print_number(&doctor->tally.printer, "boards", n);
	print_begin_list(&doctor->tally.printer, "findings");
	run(doctor, kernel_checks);
	run(doctor, machine_checks);
	for (size_t i = 0; i < n; i++) {
		if (device && !place_is(&places[i], device))
			continue;
		doctor->place = places[i];
		run(doctor, bus_checks);
		run(doctor, driver_checks);
	}
	print_end(&doctor->tally.printer);
	ok = verdict_summary(&doctor->tally);
	print_finish(&doctor->tally.printer);
	return ok ? EXIT_OK : EXIT_FAILED;
}

int doctor_main(int argc, char **argv)
{
	struct place places[PLACES_MAX], place;
	struct doctor doctor = {.boards = 0};
	const char *device = NULL;
	const struct option_row rows[] = {
		OPTION_ROW_BOARD(&device),
		OPTION_ROW_JSON(&doctor.tally.is_json),
		{0},
	};
	const struct options options = {
		.command = "doctor",
		.summary = "Says why boards do not work, and what helps; changes nothing.",
		.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	if (device) {
		ret = place_find(device, &place);
		if (ret != EXIT_OK)
			return ret;
	}
	doctor.boards = places_list(places);
	module_find(&doctor);
	return examine(&doctor, places, doctor.boards, device);
}
