/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clients.h"
#include "fprctl.h"
#include "options.h"
#include "print.h"
#include "system.h"

#define COUNT_MAX 1000000000
#define INTERVAL_MAX_MS 86400000

/* What the command line asked for. */
struct request {
	const char *device;
	uint64_t count, interval_ms;
	int json, given_count;
};

/* Between two looks; an engine's time per time, in percent of all it can do. */
struct usage {
	uint64_t busy_ns[FPR_ENGINES];
	double percent[FPR_ENGINES];
};

static const struct client *find(const struct clients *clients, const struct client *client)
{
	for (size_t i = 0; i < clients->n; i++)
		if (clients->list[i].id == client->id &&
		    !strcmp(clients->list[i].address, client->address))
			return &clients->list[i];
	return NULL;
}

/* Work is counted as it ends, so what ran long may end all at once: 100 is the most. */
static void add_usage(struct usage *usage, const struct client *client, const struct clients *was,
		      const struct clients *is)
{
	const struct client *before = find(was, client);
	const uint64_t span = is->when_ns - was->when_ns;

	for (int e = 0; e < FPR_ENGINES; e++) {
		const uint64_t since = before ? before->busy_ns[e] : 0;

		if (client->busy_ns[e] > since)
			usage->busy_ns[e] += client->busy_ns[e] - since;
		usage->percent[e] = (double)usage->busy_ns[e] * 100 /
				    ((double)(span ? span : 1) * (double)client->capacity[e]);
		if (usage->percent[e] > 100)
			usage->percent[e] = 100;
	}
}

static int is_meant(const struct request *r, const struct place *place)
{
	return !r->device || place_is(place, r->device);
}

/* ---- JSON -------------------------------------------------------------- */

static void tell_usage(struct printer *printer, const struct usage *usage)
{
	char key[64];

	for (int e = 0; e < FPR_ENGINES; e++) {
		snprintf(key, sizeof(key), "%s_percent", engine_names[e]);
		print_real(printer, key, usage->percent[e]);
		snprintf(key, sizeof(key), "%s_busy_ns", engine_names[e]);
		print_number(printer, key, usage->busy_ns[e]);
	}
}

/* ---- either ------------------------------------------------------------ */

struct look {
	const struct request *request;
	const struct clients *was, *is;
	struct printer printer;
};

static void report_board(struct look *look, const struct place *place)
{
	struct usage usage = {{0}, {0}};
	uint64_t bytes = 0, room = 0, files = 0;
	int64_t millidegrees;
	char state[32];
	const int warm = !place_temperature(place, &millidegrees);

	for (size_t i = 0; i < look->is->n; i++) {
		if (strcmp(look->is->list[i].address, place->address) != 0)
			continue;
		add_usage(&usage, &look->is->list[i], look->was, look->is);
		bytes += look->is->list[i].bytes[REGION_BOARD];
		files++;
	}
	system_number(&room, PLACE_SYSFS "memory_bytes", place->address);
	if (place_text(place, "state", state, sizeof(state)) <= 0)
		snprintf(state, sizeof(state), "no driver");
	if (!look->request->json) {
		printf("%-14s %5.1f %9.1f %8llu %8llu ", place->address,
		       usage.percent[FPR_ENGINE_MAC], usage.percent[FPR_ENGINE_XFER],
		       (unsigned long long)bytes >> 20, (unsigned long long)room >> 20);
		if (warm)
			printf("%5.1f  %s\n", (double)millidegrees / 1000, state);
		else
			printf("%5s  %s\n", "-", state);
		return;
	}
	print_begin_object(&look->printer, NULL);
	print_text(&look->printer, "pci_address", place->address);
	print_text(&look->printer, "state", state);
	tell_usage(&look->printer, &usage);
	print_number(&look->printer, "memory_used_bytes", bytes);
	print_number(&look->printer, "memory_bytes", room);
	print_number(&look->printer, "files", files);
	if (warm)
		print_signed(&look->printer, "temperature_millicelsius", millidegrees);
	print_end(&look->printer);
}

static void report_client(struct look *look, const struct client *client)
{
	struct usage usage = {{0}, {0}};

	add_usage(&usage, client, look->was, look->is);
	if (!look->request->json) {
		printf("%7d %-16.16s %-14s %5.1f %9.1f %8llu %8llu\n", client->pid, client->command,
		       client->address, usage.percent[FPR_ENGINE_MAC],
		       usage.percent[FPR_ENGINE_XFER],
		       (unsigned long long)client->bytes[REGION_BOARD] >> 20,
		       (unsigned long long)client->bytes[REGION_HOST] >> 20);
		return;
	}
	print_begin_object(&look->printer, NULL);
	print_number(&look->printer, "pid", (uint64_t)client->pid);
	print_text(&look->printer, "command", client->command);
	print_text(&look->printer, "pci_address", client->address);
	print_number(&look->printer, "client_id", client->id);
	tell_usage(&look->printer, &usage);
	print_number(&look->printer, "board_bytes", client->bytes[REGION_BOARD]);
	print_number(&look->printer, "host_bytes", client->bytes[REGION_HOST]);
	print_end(&look->printer);
}

static void report_boards(struct look *look, const struct place *places, size_t n)
{
	if (look->request->json)
		print_begin_list(&look->printer, "boards");
	else
		printf("%-14s %5s %9s %8s %8s %5s  %s\n", "board", "mac%", "transfer%", "used MiB",
		       "of MiB", "deg C", "state");
	for (size_t i = 0; i < n; i++)
		if (is_meant(look->request, &places[i]))
			report_board(look, &places[i]);
	if (!n && !look->request->json)
		puts("(no board on the PCI bus; fprctl doctor says more)");
	if (look->request->json)
		print_end(&look->printer);
}

static void report_clients(struct look *look, const struct place *places, size_t n)
{
	if (look->request->json)
		print_begin_list(&look->printer, "processes");
	else
		printf("\n%7s %-16s %-14s %5s %9s %8s %8s\n", "pid", "command", "board", "mac%",
		       "transfer%", "here MiB", "host MiB");
	for (size_t c = 0; c < look->is->n; c++)
		for (size_t i = 0; i < n; i++)
			if (!strcmp(look->is->list[c].address, places[i].address) &&
			    is_meant(look->request, &places[i]))
				report_client(look, &look->is->list[c]);
	if (look->request->json)
		print_end(&look->printer);
	else if (look->is->hidden)
		printf("(%u processes of others not looked into: that takes root)\n",
		       look->is->hidden);
}

/* A terminal shows the last look only, other output one below another. */
static void begin(struct look *look)
{
	static int looks;

	if (look->request->json) {
		print_start(&look->printer, PRINT_JSON_LINE);
		print_number(&look->printer, "interval_ns", look->is->when_ns - look->was->when_ns);
		print_number(&look->printer, "hidden_processes", look->is->hidden);
	} else if (isatty(STDOUT_FILENO)) {
		fputs("\033[H\033[J", stdout);
	} else if (looks++) {
		putchar('\n');
	}
}

static int report(const struct request *r, const struct clients *was, const struct clients *is)
{
	struct look look = {.request = r, .was = was, .is = is};
	struct place places[PLACES_MAX];
	const size_t n = places_list(places);

	begin(&look);
	report_boards(&look, places, n);
	report_clients(&look, places, n);
	if (r->json)
		print_finish(&look.printer);
	return flush_output();
}

static void wait_ms(uint64_t ms)
{
	struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static int watch(const struct request *r)
{
	struct clients was, is;
	int code = EXIT_OK, ret = clients_read(&was);

	for (uint64_t i = 0; !ret && code == EXIT_OK && (!r->given_count || i < r->count); i++) {
		wait_ms(r->interval_ms);
		ret = clients_read(&is);
		if (!ret)
			code = report(r, &was, &is);
		clients_free(&was);
		was = is;
	}
	clients_free(&was);
	if (ret)
		complain("cannot look at processes: %s", strerror(-ret));
	return ret ? EXIT_FAILED : code;
}

int top_main(int argc, char **argv)
{
	struct request r = {.interval_ms = 1000};
	struct place place;
	const struct option_row rows[] = {
		OPTION_ROW_BOARD(&r.device),
		{"n", 0, "N", "looks, then end; default without end", OPTION_NUMBER, &r.count,
		 COUNT_MAX, NULL, &r.given_count},
		{"d", 0, "SECONDS", "between looks; default 1", OPTION_SECONDS, &r.interval_ms,
		 INTERVAL_MAX_MS, NULL, NULL},
		OPTION_ROW_JSON(&r.json),
		{0},
	};
	const struct options options = {
		.command = "top", .summary = "Shows who uses which engine how much.", .rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	if (r.device) {
		ret = place_find(r.device, &place);
		if (ret != EXIT_OK)
			return ret;
	}
	return watch(&r);
}
