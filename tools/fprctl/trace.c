/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fprctl.h"
#include "options.h"
#include "print.h"
#include "system.h"

/*
 * Events of fpr:* in an instance of their own, a buffer that nobody else's tracing shares.
 * It stays between the commands, until it is dropped.
 */

#define TRACEFS "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/fprctl"
#define FIELDS_MAX 16

static int refuse(const char *what, int error)
{
	if (error == -EACCES || error == -EPERM) {
		complain("trace: %s takes root, and a kernel that is not locked down", what);
		return EXIT_PERMISSION;
	}
	complain("trace: %s: %s", what, strerror(-error));
	return EXIT_FAILED;
}

/* Return: EXIT_OK when there is something to trace. */
static int look_around(void)
{
	char path[SYSTEM_PATH_MAX];

	system_path(path, TRACEFS "/events");
	if (access(path, F_OK) && errno == EACCES)
		return refuse("looking into " TRACEFS, -EACCES);
	if (!system_exists(TRACEFS "/events")) {
		complain("trace: no tracefs; as root: mount -t tracefs tracefs " TRACEFS);
		return EXIT_FAILED;
	}
	if (system_exists(TRACEFS "/events/fpr"))
		return EXIT_OK;
	complain("trace: no events of fpr: the module is not loaded; fprctl doctor says why");
	return EXIT_FAILED;
}

static int start(int json)
{
	char path[SYSTEM_PATH_MAX];
	int ret = look_around();

	(void)json;
	if (ret != EXIT_OK)
		return ret;
	system_path(path, INSTANCE);
	if (mkdir(path, 0700) && errno != EEXIST)
		return refuse("making " INSTANCE, -errno);
	/* Opening it to write empties the buffer. */
	ret = system_write("\n", INSTANCE "/trace");
	if (!ret)
		ret = system_write("1", INSTANCE "/events/fpr/enable");
	if (!ret)
		ret = system_write("1", INSTANCE "/tracing_on");
	return ret ? refuse("starting", ret) : EXIT_OK;
}

/* Return: EXIT_OK when something was started. */
static int look_inside(void)
{
	char path[SYSTEM_PATH_MAX];

	system_path(path, INSTANCE);
	if (!access(path, F_OK))
		return EXIT_OK;
	if (errno == EACCES)
		return refuse("looking into " TRACEFS, -EACCES);
	complain("trace: nothing was started; fprctl trace start does");
	return EXIT_FAILED;
}

static int stop(int json)
{
	int ret = look_inside();

	(void)json;
	if (ret != EXIT_OK)
		return ret;
	ret = system_write("0", INSTANCE "/tracing_on");
	/* The module may have been unloaded, and its events with it. */
	if (!ret && system_exists(INSTANCE "/events/fpr"))
		ret = system_write("0", INSTANCE "/events/fpr/enable");
	return ret ? refuse("stopping", ret) : EXIT_OK;
}

static int drop(int json)
{
	char path[SYSTEM_PATH_MAX];
	int ret = stop(json);

	if (ret != EXIT_OK)
		return ret;
	system_path(path, INSTANCE);
	return rmdir(path) ? refuse("removing " INSTANCE, -errno) : EXIT_OK;
}

/* ---- show --------------------------------------------------------------- */

/* "key=value key=value"; a value may hold blanks, a key may not. */
static void tell_fields(struct printer *printer, char *text)
{
	char *equal = strchr(text, '='), *key = text;

	print_begin_object(printer, "fields");
	while (equal) {
		char *next = strchr(equal + 1, '='), *cut;

		*equal = 0;
		if (next) {
			for (cut = next; cut > equal + 1 && *cut != ' '; cut--)
				;
			*cut = 0;
		}
		print_text(printer, key, equal + 1);
		key = next ? cut + 1 : NULL;
		equal = next;
	}
	print_end(printer);
}

/* "   COMMAND-PID   [CPU] FLAGS SECONDS: EVENT: FIELDS" */
static int tell_event(struct printer *printer, char *line)
{
	char *open = strstr(line, " ["), *dash = open, *colon, *name, *fields;
	unsigned int cpu;
	char flags[16];
	double seconds;

	if (!open || sscanf(open, " [%u] %15s %lf", &cpu, flags, &seconds) != 3)
		return -1;
	colon = strstr(open, ": ");
	fields = colon ? strstr(colon + 2, ": ") : NULL;
	if (!fields)
		return -1;
	name = colon + 2;
	*fields = 0;
	*open = 0;
	while (dash > line && *dash != '-')
		dash--;
	print_begin_object(printer, NULL);
	print_real(printer, "time_us", seconds * 1e6);
	print_text(printer, "event", name);
	print_number(printer, "cpu", cpu);
	print_number(printer, "pid", *dash == '-' ? strtoull(dash + 1, NULL, 10) : 0);
	*dash = 0;
	print_text(printer, "command", line + strspn(line, " "));
	tell_fields(printer, fields + 2);
	print_end(printer);
	return 0;
}

static void show_json(FILE *file)
{
	struct printer p, *printer = &p;
	size_t size = 0, events = 0, odd = 0;
	char *line = NULL;
	ssize_t n;

	print_start(printer, PRINT_JSON);
	print_begin_list(printer, "events");
	while ((n = getline(&line, &size, file)) > 0) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		if (tell_event(printer, line))
			odd++;
		else
			events++;
	}
	print_end(printer);
	print_number(printer, "count", events);
	print_number(printer, "not_understood", odd);
	print_finish(printer);
	free(line);
}

static int show(int json)
{
	char path[SYSTEM_PATH_MAX], text[4096];
	int ret = look_inside();
	FILE *file;
	size_t n;

	if (ret != EXIT_OK)
		return ret;
	system_path(path, INSTANCE "/trace");
	file = fopen(path, "re");
	if (!file)
		return refuse("reading", -errno);
	if (json)
		show_json(file);
	else
		while ((n = fread(text, 1, sizeof(text), file)) > 0)
			fwrite(text, 1, n, stdout);
	fclose(file);
	return EXIT_OK;
}

static const struct {
	const char *name;
	int (*run)(int json);
} actions[] = {{"start", start}, {"stop", stop}, {"show", show}, {"drop", drop}};

#define N_ACTIONS (sizeof(actions) / sizeof(actions[0]))

/* What is done tells nothing but that it is; JSON says that much. */
static int act(size_t i, int json)
{
	struct printer p, *printer = &p;
	const int code = actions[i].run(json);

	if (code != EXIT_OK || !json || actions[i].run == show)
		return code;
	print_start(printer, PRINT_JSON);
	print_text(printer, "done", actions[i].name);
	print_finish(printer);
	return code;
}

int trace_main(int argc, char **argv)
{
	const char *action = NULL;
	int json = 0;
	const struct option_row rows[] = {OPTION_ROW_JSON(&json), {0}};
	const struct options options = {.command = "trace",
					.summary =
						"Records what the driver does, by its tracepoints.",
					.rows = rows,
					.operand = "start|stop|show|drop",
					.operand_value = &action};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	for (size_t i = 0; i < N_ACTIONS; i++)
		if (!strcmp(actions[i].name, action))
			return act(i, json);
	complain("trace: '%s' is none of %s", action, options.operand);
	return EXIT_USAGE;
}
