/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "board.h"
#include "clients.h"
#include "fpr_regs.h"
#include "fprctl.h"
#include "integers.h"
#include "options.h"
#include "print.h"
#include "system.h"

/* Longer than the driver itself waits for a board. */
#define WAIT_MS 30000
#define LOOK_MS 50

#define DRIVERS "/sys/bus/pci/drivers/fpr"

enum level { AUTO, FULL, FUNCTION, REBIND };

static const char *const level_names[] = {"auto", "full", "flr", "rebind", NULL};

/* What the command line asked for, and the board. */
struct request {
	const char *device;
	int level, force, json;
	struct place place;
};

static int refuse(const struct request *r, const char *what, int error)
{
	if (error == -EACCES || error == -EPERM) {
		complain("reset: %s of %s takes root, and a kernel that is not locked down", what,
			 r->place.address);
		return EXIT_PERMISSION;
	}
	complain("reset: %s of %s: %s", what, r->place.address, strerror(-error));
	return EXIT_FAILED;
}

static int is_in_state(const struct request *r, const char *state)
{
	char text[32];

	return place_text(&r->place, "state", text, sizeof(text)) > 0 && !strcmp(text, state);
}

/* ---- may it be? ---------------------------------------------------------- */

static int refuse_busy(const struct request *r, const struct clients *clients)
{
	unsigned int others = 0;
	const struct client *first = NULL;

	for (size_t i = 0; i < clients->n; i++) {
		if (strcmp(clients->list[i].address, r->place.address) != 0)
			continue;
		first = first ? first : &clients->list[i];
		others++;
	}
	if (!others)
		return EXIT_OK;
	complain("reset: %s is in use by %s (%d)%s; end it, or give --force", r->place.address,
		 first->command, first->pid, others > 1 ? " and others" : "");
	return EXIT_BUSY;
}

static int check_users(const struct request *r)
{
	struct clients clients;
	int ret = clients_read(&clients);

	if (ret)
		complain("reset: cannot see who uses the board: %s", strerror(-ret));
	ret = ret ? EXIT_FAILED : r->force ? EXIT_OK : refuse_busy(r, &clients);
	clients_free(&clients);
	return ret;
}

/* ---- how ------------------------------------------------------------------ */

static uint64_t resets(const struct request *r)
{
	uint64_t n = 0;

	system_number(&n, PLACE_SYSFS "resets", r->place.address);
	return n;
}

static void wait_a_little(void)
{
	const struct timespec little = {0, LOOK_MS * 1000000};

	nanosleep(&little, NULL);
}

/* The driver resets when its queue comes to it. */
static int run_full(const struct request *r)
{
	const uint64_t before = resets(r);
	char debugfs[FPR_NAME_MAX];
	int ret;

	if (place_debugfs(&r->place, debugfs)) {
		complain("reset: no debugfs of %s; as root: mount -t debugfs debugfs "
			 "/sys/kernel/debug, or use --level flr",
			 r->place.address);
		return EXIT_FAILED;
	}
	ret = system_write("1", PLACE_DEBUGFS "reset", debugfs);
	if (ret)
		return refuse(r, "a full reset", ret);
	for (int waited = 0; resets(r) == before && waited < WAIT_MS; waited += LOOK_MS)
		wait_a_little();
	if (resets(r) != before)
		return EXIT_OK;
	complain("reset: the driver has not reset %s within %d s", r->place.address,
		 WAIT_MS / 1000);
	return EXIT_FAILED;
}

static int run_function(const struct request *r)
{
	int ret = system_write("1", PLACE_SYSFS "reset", r->place.address);

	return ret ? refuse(r, "a reset of the function", ret) : EXIT_OK;
}

static int run_rebind(const struct request *r)
{
	int ret = 0;

	if (*r->place.driver)
		ret = system_write(r->place.address, DRIVERS "/unbind");
	if (!ret)
		ret = system_write(r->place.address, DRIVERS "/bind");
	return ret ? refuse(r, "unbinding and binding", ret) : EXIT_OK;
}

/* The least that helps, with what the kernel offers. */
static enum level choose(const struct request *r)
{
	char debugfs[FPR_NAME_MAX];

	if (r->level != AUTO)
		return (enum level)r->level;
	if (is_in_state(r, "wedged") || !*r->place.driver)
		return REBIND;
	return place_debugfs(&r->place, debugfs) ? FUNCTION : FULL;
}

/* ---- does it work again? --------------------------------------------------- */

/* Return: what is wrong, or NULL. */
static const char *try_products(const char *device)
{
	static const struct integer_shape shape = {9, 7, 65, 2};
	struct board board;
	const char *problem;
	uint64_t done = 0;

	if (board_open(device, &board) != EXIT_OK)
		return "it cannot be opened";
	problem =
		check_integer_shape(&board, &shape, (enum fpr_kind)board.info.default_kind, &done);
	board_close(&board);
	return problem;
}

/* What is found may have another node than before. */
static const char *verify(const struct request *r, char state[32])
{
	struct place place = r->place;

	snprintf(state, 32, "none");
	for (int waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
		if (place_lookup(r->place.address, &place) && *place.node &&
		    !strcmp(place.driver, "fpr"))
			break;
		wait_a_little();
	}
	if (!*place.node)
		return "no driver serves it";
	place_text(&place, "state", state, 32);
	if (strcmp(state, "running") != 0)
		return "it does not run";
	return try_products(place.node);
}

static int report(const struct request *r, enum level level, uint64_t before)
{
	struct printer p, *printer = &p;
	char state[32];
	const char *problem = verify(r, state);
	const uint64_t after = resets(r);

	print_start(printer, r->json);
	print_text(printer, "pci_address", r->place.address);
	print_text(printer, "level", level_names[level]);
	print_text(printer, "state", state);
	print_number(printer, "resets_before", before);
	print_number(printer, "resets_after", after);
	if (problem)
		print_text(printer, "problem", problem);
	print_flag(printer, "ok", !problem);
	print_finish(printer);
	if (!problem)
		return EXIT_OK;
	complain("reset: %s was reset (%s), but %s (state: %s); fprctl doctor says more%s",
		 r->place.address, level_names[level], problem, state,
		 level == REBIND ? "" : ", or try --level rebind");
	return EXIT_FAILED;
}

static int run(const struct request *r)
{
	static int (*const how[])(const struct request *) = {
		[FULL] = run_full, [FUNCTION] = run_function, [REBIND] = run_rebind};
	const uint64_t before = resets(r);
	const enum level level = choose(r);
	int ret = EXIT_OK;

	if (*r->place.driver && strcmp(r->place.driver, "fpr") != 0) {
		complain("reset: %s is served by %s; fprctl doctor says what to do",
			 r->place.address, r->place.driver);
		return EXIT_FAILED;
	}
	if (level == FULL && is_in_state(r, "wedged")) {
		complain("reset: %s is wedged, where a full reset does nothing; use --level rebind",
			 r->place.address);
		return EXIT_FAILED;
	}
	ret = check_users(r);
	if (ret == EXIT_OK)
		ret = how[level](r);
	return ret == EXIT_OK ? report(r, level, before) : ret;
}

int reset_main(int argc, char **argv)
{
	struct request r = {.level = AUTO};
	const struct option_row rows[] = {
		OPTION_ROW_BOARD(&r.device),
		{.name = "level",
		 .is_word = 1,
		 .argument = "LEVEL",
		 .type = OPTION_CHOICE,
		 .value = &r.level,
		 .choices = level_names,
		 .help = "how"},
		{.name = "force",
		 .is_word = 1,
		 .type = OPTION_FLAG,
		 .value = &r.force,
		 .help = "also while others use it: their work may fail"},
		OPTION_ROW_JSON(&r.json),
		{0},
	};
	const struct options options = {.command = "reset",
					.summary = "Resets a board, then runs a product on it.",
					.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = place_find(r.device, &r.place);
	return ret == EXIT_OK ? run(&r) : ret;
}
