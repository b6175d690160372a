/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fpr_desc.h"
#include "fpr_regs.h"
#include "fprctl.h"
#include "options.h"
#include "print.h"
#include "registers.h"
#include "system.h"

/*
 * What the driver saves of a board before it resets it: lines of "key: value", those of an
 * engine and of the job indented below a line of their own.
 */

#define DUMPS "/sys/class/devcoredump"
#define DUMP_MAX 65536
#define SECTION_MAX 32

static const char *const opcode_names[] = {"nop", "gemm", "xfer"};

/* What the command line asked for. */
struct request {
	const char *file, *device;
	int clear, json;
};

struct dumps {
	const struct request *request;
	struct printer printer;
	struct place place;
	unsigned int shown, denied, damaged;
};

/* ---- one dump ----------------------------------------------------------- */

static void tell_number(struct printer *printer, const char *key, const char *value)
{
	char *end;
	const unsigned long long number = strtoull(value, &end, 0);

	if (end != value && !*end)
		print_number(printer, key, number);
	else
		print_text(printer, key, value);
}

static const char *name_of(const char *const *names, size_t n, const char *value)
{
	const unsigned long i = strtoul(value, NULL, 0);

	return i < n && names[i] ? names[i] : value;
}

static void tell_status(struct printer *printer, const struct bit *bits, const char *value)
{
	char text[64];

	bits_text(bits, (uint32_t)strtoul(value, NULL, 0), text, sizeof(text));
	print_text(printer, "status", text);
}

static void tell_contract(struct printer *printer, const char *value)
{
	const unsigned long contract = strtoul(value, NULL, 0);
	char text[32];

	snprintf(text, sizeof(text), "%lu.%lu", contract >> 16, contract & 0xffff);
	print_text(printer, "contract", text);
}

/* @section: "" for the board, engineN, oldest_job */
static void tell(struct printer *printer, const char *section, const char *key, const char *value)
{
	if (!strcmp(key, "status"))
		tell_status(printer, *section ? engine_status_bits : board_status_bits, value);
	else if (!strcmp(key, "contract"))
		tell_contract(printer, value);
	else if (!strcmp(key, "opcode"))
		print_text(printer, key, name_of(opcode_names, 3, value));
	else if (!strcmp(key, "kind"))
		print_text(printer, key, name_of(kind_names, FPR_KINDS, value));
	else if (!strcmp(key, "serial"))
		print_text(printer, key, name_of(serial_names, 2, value));
	else if (!strcmp(key, "out"))
		print_text(printer, key, name_of(out_names, 2, value));
	else if (!strcmp(key, "reason") || !strcmp(key, "driver") || !strcmp(key, "trans") ||
		 !strcmp(key, "build"))
		print_text(printer, key, value);
	else
		tell_number(printer, key, value);
}

/* Engines go by name. */
static const char *section_name(const char *key)
{
	unsigned int engine;

	if (sscanf(key, "engine%u", &engine) != 1 || engine >= FPR_ENGINES)
		return key;
	return engine == FPR_ENGINE_MAC ? "mac" : "transfer";
}

/* Return: the line's value, with its key ended; NULL: it is none. */
static char *split(char *line)
{
	char *colon = strchr(line, ':');

	if (!colon)
		return NULL;
	*colon++ = 0;
	return colon + strspn(colon, " ");
}

static void decode_line(struct printer *printer, char section[SECTION_MAX], char *line)
{
	const int inside = line[0] == ' ';
	char *key = line + strspn(line, " "), *value = split(key);

	if (!value)
		return;
	if (!inside && *section) {
		print_end(printer);
		*section = 0;
	}
	if (*value) {
		tell(printer, section, key, value);
		return;
	}
	snprintf(section, SECTION_MAX, "%s", key);
	print_begin_object(printer, section_name(key));
}

static void decode(struct printer *printer, char *text)
{
	char section[SECTION_MAX] = "", *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		decode_line(printer, section, line);
	if (*section)
		print_end(printer);
}

static int is_dump(const char *text)
{
	return !strncmp(text, "driver: fpr\n", 12) && strstr(text, "\nreason: ") &&
	       strstr(text, "\nengine0:\n");
}

/* ---- those that the kernel keeps ----------------------------------------- */

static void show(struct dumps *dumps, const char *name, const char *address, char *text)
{
	/* For the eye each is a paragraph, which an entry of a list is not. */
	print_begin_object(&dumps->printer, dumps->request->json ? NULL : name);
	print_text(&dumps->printer, "dump", name);
	if (address)
		print_text(&dumps->printer, "pci_address", address);
	decode(&dumps->printer, text);
	print_end(&dumps->printer);
	dumps->shown++;
}

static int take(void *context, const char *name)
{
	struct dumps *dumps = context;
	char text[DUMP_MAX], device[FPR_NAME_MAX], driver[FPR_NAME_MAX];
	int n;

	system_link(device, sizeof(device), DUMPS "/%s/failing_device", name);
	if (dumps->request->device && strcmp(device, dumps->place.address) != 0)
		return 0;
	system_link(driver, sizeof(driver), DUMPS "/%s/failing_device/driver", name);
	n = system_read(text, sizeof(text), DUMPS "/%s/data", name);
	if (n == -EACCES || n == -EPERM) {
		/* Another driver's is none of ours to complain about. */
		dumps->denied += !*driver || !strcmp(driver, "fpr");
		return 0;
	}
	if (n <= 0 || strncmp(text, "driver: fpr\n", 12))
		return 0;
	if (is_dump(text))
		show(dumps, name, device, text);
	else
		dumps->damaged++;
	if (dumps->request->clear && system_write("1", DUMPS "/%s/data", name))
		dumps->denied++;
	return 0;
}

static int show_kept(struct dumps *dumps)
{
	int ret = EXIT_OK;

	if (dumps->request->device)
		ret = place_find(dumps->request->device, &dumps->place);
	if (ret != EXIT_OK)
		return ret;
	print_start(&dumps->printer, dumps->request->json);
	print_begin_list(&dumps->printer, "dumps");
	system_each(take, dumps, DUMPS);
	print_end(&dumps->printer);
	print_number(&dumps->printer, "shown", dumps->shown);
	print_number(&dumps->printer, "unreadable", dumps->denied + dumps->damaged);
	print_finish(&dumps->printer);
	if (!dumps->request->json && !dumps->shown && !dumps->denied && !dumps->damaged)
		puts("(none is kept: no board has hung lately)");
	if (dumps->damaged)
		complain("%u dumps of the driver make no sense", dumps->damaged);
	if (dumps->denied)
		complain("%u dumps could not be read or removed: that takes root", dumps->denied);
	return dumps->denied ? EXIT_PERMISSION : dumps->damaged ? EXIT_FAILED : EXIT_OK;
}

static int read_dump(const char *path, char text[DUMP_MAX])
{
	ssize_t n = -1;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		n = read(fd, text, DUMP_MAX - 1);
		close(fd);
	}
	if (n < 0) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_USAGE;
	}
	text[n] = 0;
	if (is_dump(text))
		return EXIT_OK;
	complain("%s: no dump of a board, or damaged", path);
	return EXIT_USAGE;
}

static int show_file(struct dumps *dumps)
{
	char text[DUMP_MAX];
	int ret = read_dump(dumps->request->file, text);

	if (ret != EXIT_OK)
		return ret;
	print_start(&dumps->printer, dumps->request->json);
	print_begin_list(&dumps->printer, "dumps");
	show(dumps, dumps->request->file, NULL, text);
	print_end(&dumps->printer);
	print_number(&dumps->printer, "shown", dumps->shown);
	print_number(&dumps->printer, "unreadable", 0);
	print_finish(&dumps->printer);
	return EXIT_OK;
}

int dump_main(int argc, char **argv)
{
	struct request r = {NULL, NULL, 0, 0};
	struct dumps dumps = {.request = &r};
	const struct option_row rows[] = {
		OPTION_ROW_BOARD(&r.device),
		{.name = "file",
		 .is_word = 1,
		 .argument = "FILE",
		 .type = OPTION_TEXT,
		 .value = &r.file,
		 .help = "one that was copied from the kernel's directory"},
		{.name = "clear",
		 .is_word = 1,
		 .type = OPTION_FLAG,
		 .value = &r.clear,
		 .help = "have the kernel forget those that were shown"},
		OPTION_ROW_JSON(&r.json),
		{0},
	};
	const struct options options = {.command = "dump",
					.summary = "Shows what boards were doing when they hung.",
					.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	if (r.file && (r.device || r.clear)) {
		complain("dump: --device and --clear are for dumps that the kernel keeps, not for "
			 "--file");
		return EXIT_USAGE;
	}
	return r.file ? show_file(&dumps) : show_kept(&dumps);
}
