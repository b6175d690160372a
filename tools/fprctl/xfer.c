/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "fprctl.h"
#include "moves.h"
#include "options.h"
#include "output.h"
#include "print.h"

#define SIZE_MAX_BYTES (1ull << 40)
#define COUNT_MAX 65536

enum { TO_BOARD, TO_HOST, BOTH };

static const char *const direction_names[] = {"to-board", "to-host", "both", NULL};
static const char *const op_names[] = {"copy", "f32", "bf16", "bf16-f32", NULL};

/* What the command line asked for. */
struct request {
	const char *device, *in, *onto, *out;
	uint64_t size, count, priority;
	int direction, add, json;
	int given_size, given_count, given_direction, given_add;
};

static int parse(int argc, char **argv, struct request *r)
{
	const struct option_row rows[] = {
		OPTION_ROW_DEVICE(&r->device),
		{"size", 1, "BYTES", "measure with transfers of this many bytes", OPTION_NUMBER,
		 &r->size, SIZE_MAX_BYTES, NULL, &r->given_size},
		{"count", 1, "N", "how many, in each direction; default 16", OPTION_NUMBER,
		 &r->count, COUNT_MAX, NULL, &r->given_count},
		{"direction", 1, "WHERE", "where they go", OPTION_CHOICE, &r->direction, 0,
		 direction_names, &r->given_direction},
		{"in", 1, "FILE", "send this file to the board ...", OPTION_TEXT, &r->in, 0, NULL,
		 NULL},
		{"add", 1, "TYPE", "... adding it there, as this type, to ...", OPTION_CHOICE,
		 &r->add, 0, op_names, &r->given_add},
		{"onto", 1, "FILE", "... this one, sent before", OPTION_TEXT, &r->onto, 0, NULL,
		 NULL},
		{"out", 1, "FILE", "where it comes back to", OPTION_TEXT, &r->out, 0, NULL, NULL},
		{"priority", 1, "N", "0, most urgent, to 65535; default 32768", OPTION_NUMBER,
		 &r->priority, UINT16_MAX, NULL, NULL},
		OPTION_ROW_JSON(&r->json),
		{0},
	};
	const struct options options = {
		.command = "xfer",
		.summary = "Moves bytes to a board and back, files or to measure how fast.",
		.rows = rows,
	};

	return options_parse(&options, argc, argv);
}

static int wrong(const char *what)
{
	complain("xfer: %s; see fprctl xfer --help", what);
	return EXIT_USAGE;
}

static int check(const struct request *r)
{
	if (!r->in == !r->given_size)
		return wrong("either --in or --size is needed");
	if (r->in && (r->given_count || r->given_direction))
		return wrong("--count and --direction belong to --size");
	if (!r->in && (r->out || r->onto || r->given_add))
		return wrong("--out, --add and --onto belong to --in");
	if (r->in && !r->out)
		return wrong("--out is missing");
	if (!r->onto != (r->add == FPR_TRANSFER_COPY))
		return wrong("--add and --onto belong together");
	if (!r->in && (!r->size || !r->count))
		return wrong("nothing to measure");
	return EXIT_OK;
}

/* Return: EXIT_OK, or EXIT_FAILED after a complaint. */
static int succeeded(const struct board *board, int ret)
{
	if (!ret)
		return EXIT_OK;
	complain("xfer: %s", board_failure(board, ret));
	return EXIT_FAILED;
}

/* ---- files -------------------------------------------------------------- */

static int size_of(const char *path, uint64_t *bytes)
{
	struct stat st;

	if (stat(path, &st)) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_USAGE;
	}
	*bytes = (uint64_t)st.st_size;
	if (*bytes)
		return file_check(path, *bytes);
	complain("%s: empty, or not a regular file", path);
	return EXIT_USAGE;
}

/* Bytes of --in, and of what comes back. */
struct sizes {
	uint64_t in, out;
};

static int measure_files(const struct request *r, struct sizes *sizes)
{
	int code = size_of(r->in, &sizes->in);

	if (code != EXIT_OK)
		return code;
	sizes->out = r->add == FPR_TRANSFER_ADD_BF16_F32 ? 2 * sizes->in : sizes->in;
	if (r->add != FPR_TRANSFER_COPY && sizes->in % FPR_TRANSFER_ADD_ALIGN) {
		complain("%s: %llu bytes, no multiple of %d", r->in, (unsigned long long)sizes->in,
			 FPR_TRANSFER_ADD_ALIGN);
		return EXIT_USAGE;
	}
	return r->onto ? file_check(r->onto, sizes->out) : EXIT_OK;
}

static void report_files(const struct request *r, const struct board *board,
			 const struct sizes *sizes, const struct fpr_transfer_result *result)
{
	struct printer p, *printer = &p;

	print_start(printer, r->json);
	print_text(printer, "device", board->info.name);
	print_text(printer, "op", op_names[r->add]);
	print_number(printer, "priority", r->priority);
	print_number(printer, "bytes", sizes->in);
	print_number(printer, "ns", result->ended_ns - result->started_ns);
	print_finish(printer);
}

/* The base goes to the board if there is one, the file after it, and the sum comes back. */
static int run_files(const struct request *r, struct board *board, const struct sizes *sizes,
		     struct memory *host, struct memory *there, struct fpr_transfer_result *result)
{
	struct fpr_transfer_job base = move_job(FPR_TO_BOARD, host, there, 0, sizes->out);
	struct fpr_transfer_job job = move_job(FPR_TO_BOARD, host, there, 0, sizes->in);
	struct fpr_transfer_job back = move_job(FPR_TO_HOST, host, there, 0, sizes->out);
	int code = EXIT_OK;

	base.priority = back.priority = job.priority = (uint16_t)r->priority;
	job.op = (uint8_t)r->add;
	if (r->onto) {
		code = file_read(r->onto, host->bytes, sizes->out);
		if (code == EXIT_OK)
			code = succeeded(board, moves_run(board, &base, 1, NULL));
	}
	if (code == EXIT_OK)
		code = file_read(r->in, host->bytes, sizes->in);
	if (code == EXIT_OK)
		code = succeeded(board, moves_run(board, &job, 1, result));
	return code == EXIT_OK ? succeeded(board, moves_run(board, &back, 1, NULL)) : code;
}

static int move_files(const struct request *r, struct board *board, const struct sizes *sizes,
		      struct output *output)
{
	struct memory host, there = {0};
	struct fpr_transfer_result result;
	int code;

	code = succeeded(board, memory_create(board, sizes->out, 0, &host));
	if (code == EXIT_OK)
		code = succeeded(board, memory_create(board, sizes->out, FPR_BUFFER_BOARD, &there));
	if (code == EXIT_OK)
		code = run_files(r, board, sizes, &host, &there, &result);
	if (code == EXIT_OK)
		code = output_write(output, host.bytes, sizes->out);
	if (code == EXIT_OK) {
		report_files(r, board, sizes, &result);
		code = flush_output();
	}
	if (code == EXIT_OK)
		code = output_commit(output);
	memory_destroy(&host);
	memory_destroy(&there);
	return code;
}

static int files(const struct request *r, struct board *board)
{
	struct output output;
	struct sizes sizes;
	int code = measure_files(r, &sizes);

	if (code == EXIT_OK)
		code = output_open(&output, r->out);
	if (code != EXIT_OK)
		return code;
	code = move_files(r, board, &sizes, &output);
	output_discard(&output);
	return code;
}

/* ---- measuring ---------------------------------------------------------- */

/**
 * struct lane - one direction
 * @used: it is measured
 * @from: what is sent, or what the board's memory was filled with
 * @to: host memory that is written, or that the board's memory is read back to
 * @board: board memory
 */
struct lane {
	int used;
	struct memory from, to, board;
};

struct measured {
	uint64_t ns, bytes, transfers;
	struct fpr_engine_counters before, after;
	struct fpr_class_counters was, is;
	int ok;
};

static int lane_create(struct board *board, uint64_t size, uint32_t seed, struct lane *lane)
{
	int ret;

	ret = memory_create(board, size, 0, &lane->from);
	if (!ret)
		ret = memory_create(board, size, 0, &lane->to);
	if (!ret)
		ret = memory_create(board, size, FPR_BUFFER_BOARD, &lane->board);
	for (uint64_t i = 0; i < size && !ret; i++) {
		seed = seed * 1664525u + 1013904223u;
		((uint8_t *)lane->from.bytes)[i] = (uint8_t)(seed >> 24);
	}
	return ret;
}

static int move_one(struct board *board, enum fpr_direction direction, const struct memory *host,
		    const struct memory *there, uint64_t size)
{
	const struct fpr_transfer_job job = move_job(direction, host, there, 0, size);

	return moves_run(board, &job, 1, NULL);
}

static int read_counters(struct board *board, uint64_t priority, struct fpr_engine_counters *engine,
			 struct fpr_class_counters *class)
{
	int ret = fpr_counters_engine(board->device, FPR_COUNTERS_TRANSFER, engine);

	return ret ? ret : fpr_counters_class(board->device, (uint32_t)priority / 4096, class);
}

/* All of them in one call. */
static int run_timed(const struct request *r, struct board *board, struct lane lanes[2],
		     struct measured *m)
{
	struct fpr_transfer_job *jobs = calloc(2 * r->count, sizeof(*jobs));
	struct fpr_fence *fence = NULL;
	uint64_t start;
	size_t n = 0;
	int ret;

	if (!jobs)
		return -ENOMEM;
	for (uint64_t i = 0; i < r->count; i++) {
		for (unsigned int d = 0; d < 2; d++) {
			if (!lanes[d].used)
				continue;
			jobs[n] = move_job((enum fpr_direction)d,
					   d == FPR_TO_HOST ? &lanes[d].to : &lanes[d].from,
					   &lanes[d].board, 0, r->size);
			jobs[n++].priority = (uint16_t)r->priority;
		}
	}
	ret = read_counters(board, r->priority, &m->before, &m->was);
	start = now_ns();
	if (!ret)
		ret = fpr_transfer_submit(board->queue, jobs, n, NULL, 0, &fence);
	if (!ret)
		ret = board_wait(board, fence, FPR_COUNTERS_TRANSFER, "xfer", n * r->size);
	m->ns = now_ns() - start;
	fpr_fence_destroy(fence);
	m->transfers = n;
	m->bytes = n * r->size;
	if (!ret)
		ret = read_counters(board, r->priority, &m->after, &m->is);
	free(jobs);
	return ret;
}

static int run_measured(const struct request *r, struct board *board, struct lane lanes[2],
			struct measured *m)
{
	int ret = 0;

	for (unsigned int d = 0; d < 2; d++) {
		lanes[d].used = r->direction == BOTH || r->direction == (int)d;
		if (!ret && lanes[d].used)
			ret = lane_create(board, r->size, d + 1, &lanes[d]);
	}
	/* What comes from the board has to be there first. */
	if (!ret && lanes[FPR_TO_HOST].used)
		ret = move_one(board, FPR_TO_BOARD, &lanes[FPR_TO_HOST].from,
			       &lanes[FPR_TO_HOST].board, r->size);
	if (!ret)
		ret = run_timed(r, board, lanes, m);
	if (!ret && lanes[FPR_TO_BOARD].used)
		ret = move_one(board, FPR_TO_HOST, &lanes[FPR_TO_BOARD].to,
			       &lanes[FPR_TO_BOARD].board, r->size);
	m->ok = 1;
	for (unsigned int d = 0; d < 2 && !ret; d++)
		if (lanes[d].used && memcmp(lanes[d].from.bytes, lanes[d].to.bytes, r->size))
			m->ok = 0;
	return ret;
}

static void report_measured(const struct request *r, const struct board *board,
			    const struct measured *m)
{
	struct printer p, *printer = &p;

	print_start(printer, r->json);
	print_text(printer, "device", board->info.name);
	print_text(printer, "direction", direction_names[r->direction]);
	print_number(printer, "priority", r->priority);
	print_number(printer, "size", r->size);
	print_number(printer, "transfers", m->transfers);
	print_number(printer, "bytes", m->bytes);
	print_number(printer, "ns", m->ns);
	print_number(printer, "bytes_per_second",
		     m->ns ? (uint64_t)((double)m->bytes * 1e9 / (double)m->ns) : 0);
	print_number(printer, "slices", m->is.slices - m->was.slices);
	print_number(printer, "preemptions", m->is.preemptions - m->was.preemptions);
	print_number(printer, "doorbells", m->after.doorbells - m->before.doorbells);
	print_number(printer, "interrupts", m->after.interrupts - m->before.interrupts);
	print_number(printer, "stall_ns", m->after.stall_ns - m->before.stall_ns);
	print_flag(printer, "ok", m->ok);
	print_finish(printer);
}

static int measure(const struct request *r, struct board *board)
{
	struct lane lanes[2] = {{0}, {0}};
	struct measured m = {0};
	int code = succeeded(board, run_measured(r, board, lanes, &m));

	if (code == EXIT_OK)
		report_measured(r, board, &m);
	for (unsigned int d = 0; d < 2; d++) {
		memory_destroy(&lanes[d].from);
		memory_destroy(&lanes[d].to);
		memory_destroy(&lanes[d].board);
	}
	return code == EXIT_OK && !m.ok ? EXIT_FAILED : code;
}

int xfer_main(int argc, char **argv)
{
	struct request r = {.device = "local", .count = 16, .priority = FPR_PRIORITY_DEFAULT};
	struct board board;
	int ret = parse(argc, argv, &r);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = check(&r);
	if (ret == EXIT_OK)
		ret = board_open(r.device, &board);
	if (ret != EXIT_OK)
		return ret;
	ret = r.in ? files(&r, &board) : measure(&r, &board);
	board_close(&board);
	return ret;
}
