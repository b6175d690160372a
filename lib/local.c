/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"

#define BUFFER_ALIGN 64

/* A name is PREFIX, or PREFIX:option=value,... */
#define PREFIX "local"

static struct local_device *to_local(struct fpr_device *device)
{
	return (struct local_device *)device;
}

/* ---- options ----------------------------------------------------------- */

struct choice {
	const char *name;
	int value;
};

static const struct choice models[] = {
	{"fast", FPR_BOARD_FAST},
	{"hls", FPR_BOARD_HLS},
	{"rtl", FPR_BOARD_RTL},
	{NULL, 0},
};

static const struct choice isas[] = {
	{"auto", FPR_ISA_AUTO},
	{"portable", FPR_ISA_PORTABLE},
	{"avx2", FPR_ISA_AVX2},
	{"avx512", FPR_ISA_AVX512},
	{NULL, 0},
};

static int parse_choice(const struct choice *choices, const char *text, int *value)
{
	for (; choices->name; choices++) {
		if (!strcmp(choices->name, text)) {
			*value = choices->value;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;
	unsigned long long number;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || !number || number > max)
		return -EINVAL;
	*value = number;
	return 0;
}

/* What a name asks for. */
struct settings {
	struct fpr_board_options board;
	uint64_t fail, slice, ageing;
};

static int parse_option(char *option, struct settings *set)
{
	char *value = strchr(option, '=');
	uint64_t number = 0;
	int chosen = 0, ret;

	if (!value)
		return -EINVAL;
	*value++ = 0;
	if (!strcmp(option, "model")) {
		ret = parse_choice(models, value, &chosen);
		set->board.model = (enum fpr_board_model)chosen;
	} else if (!strcmp(option, "isa")) {
		ret = parse_choice(isas, value, &chosen);
		set->board.isa = (enum fpr_board_isa)chosen;
	} else if (!strcmp(option, "threads")) {
		ret = parse_number(value, FPR_BOARD_THREADS_MAX, &number);
		set->board.threads = (unsigned int)number;
	} else if (!strcmp(option, "fail")) {
		ret = parse_number(value, INT64_MAX, &set->fail);
	} else if (!strcmp(option, "slice")) {
		ret = parse_number(value, FPR_MOVER_SLICE_MAX, &set->slice);
		if (set->slice % FPR_MOVER_SLICE_MIN)
			ret = -EINVAL;
	} else if (!strcmp(option, "ageing")) {
		ret = parse_number(value, UINT32_MAX, &set->ageing);
	} else {
		ret = -EINVAL;
	}
	return ret;
}

static int parse_options(const char *name, struct settings *set)
{
	const size_t prefix = strlen(PREFIX);
	char options[FPR_NAME_MAX], *option = options, *comma;
	int ret;

	memset(set, 0, sizeof(*set));
	set->slice = FPR_MOVER_SLICE_DEFAULT;
	if (strncmp(name, PREFIX, prefix) || (name[prefix] && name[prefix] != ':'))
		return -ENODEV;
	if (!name[prefix])
		return 0;
	snprintf(options, sizeof(options), "%s", name + prefix + 1);
	do {
		comma = strchr(option, ',');
		if (comma)
			*comma = 0;
		ret = parse_option(option, set);
		option = comma ? comma + 1 : NULL;
	} while (!ret && option);
	return ret;
}

/* ---- device ------------------------------------------------------------ */

int local_thread(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
	sigset_t all, before;
	int ret;

	/* The application's signals are not for it. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = -pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

static int local_open(struct fpr_device *device, const char *name)
{
	struct local_device *local = to_local(device);
	struct settings set;
	sigset_t all, before;
	int ret;

	ret = parse_options(name, &set);
	if (!ret)
		ret = fpr_mover_open((uint32_t)set.slice, (uint32_t)set.ageing, &local->mover);
	if (ret)
		return ret;
	/* The application's signals are not for the board's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = fpr_board_open(&set.board, &local->board);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret) {
		fpr_mover_close(local->mover);
		return ret;
	}
	local->model = set.board.model;
	local->fail = set.fail;
	local->slice = (uint32_t)set.slice;
	local->opened_ns = local_now();
	return 0;
}

static void local_release(struct fpr_device *device)
{
	local_reap(to_local(device));
	local_lanes_stop(to_local(device));
	fpr_mover_close(to_local(device)->mover);
	fpr_board_close(to_local(device)->board);
}

static void local_info(struct fpr_device *device, struct fpr_device_info *info)
{
	const struct local_device *local = to_local(device);

	for (const struct choice *model = models; model->name; model++)
		if (model->value == (int)local->model)
			snprintf(info->model, sizeof(info->model), "%s", model->name);
	if (local->model == FPR_BOARD_FAST) {
		snprintf(info->isa, sizeof(info->isa), "%s",
			 fpr_isa_name(fpr_board_isa(local->board)));
		info->threads = fpr_board_threads(local->board);
	}
	snprintf(info->version, sizeof(info->version), "%s", FPR_VERSION);
	info->rows = FPR_ROWS;
	info->cols = FPR_COLS;
	info->lanes = FPR_LANES;
	info->kinds = (1u << FPR_KINDS) - 1;
	info->default_kind = FPR_KIND_DEFAULT;
	info->slice_bytes = local->slice;
	info->transfer_entries = FPR_MOVER_ENTRIES;
	info->clock_khz = FPR_BOARD_CLOCK_KHZ;
}

static int local_list(struct fpr_device_info *list, size_t max)
{
	struct fpr_device *device;
	int ret;

	if (!max)
		return 1;
	ret = fpr_device_open(PREFIX, &device);
	if (ret)
		return ret;
	ret = fpr_device_get_info(device, list);
	fpr_device_close(device);
	return ret ? ret : 1;
}

/* ---- buffer ------------------------------------------------------------ */

static int local_buffer_create(struct fpr_buffer *buffer)
{
	struct local_buffer *local = (struct local_buffer *)buffer;

	if (buffer->size > PTRDIFF_MAX - BUFFER_ALIGN)
		return -ENOMEM;
	/* calloc() leaves pages of large buffers untouched; aligned_alloc() would not zero. */
	local->memory = calloc(1, (size_t)buffer->size + BUFFER_ALIGN - 1);
	if (!local->memory)
		return -ENOMEM;
	local->bytes = (char *)local->memory + (-(uintptr_t)local->memory & (BUFFER_ALIGN - 1));
	return 0;
}

static int local_buffer_map(struct fpr_buffer *buffer, void **ptr)
{
	*ptr = ((struct local_buffer *)buffer)->bytes;
	return 0;
}

static void local_buffer_release(struct fpr_buffer *buffer)
{
	free(((struct local_buffer *)buffer)->memory);
}

/* ---- job --------------------------------------------------------------- */

static void *operand(struct fpr_buffer *buffer, uint64_t offset)
{
	return buffer ? (char *)((struct local_buffer *)buffer)->bytes + offset : NULL;
}

int local_must_fail(struct local_device *device)
{
	return ++device->started == device->fail;
}

void local_busy(struct local_device *device, enum fpr_counters engine, int by)
{
	struct local_busy *busy = &device->busy[engine];
	const uint64_t now = local_now();

	if (busy->users)
		busy->ns += now - busy->since;
	busy->since = now;
	busy->users += (unsigned int)by;
}

static int run(struct local_device *device, const struct fpr_gemm_job *job,
	       struct fpr_gemm_result *result)
{
	struct fpr_gemm gemm;
	int ret;

	ret = fpr_gemm_run_as(job, &gemm);
	if (ret)
		return ret;
	result->serial = gemm.serial;
	return fpr_board_gemm_watched(
		device->board, &gemm, operand(job->a, job->a_offset),
		operand(job->b, job->b_offset), operand(job->c, job->c_offset),
		job->flags & FPR_JOB_NO_COUNTERS ? NULL : &result->counters, &device->watch);
}

static void count(struct local_queue *queue, const struct fpr_gemm_result *result, uint64_t ns)
{
	struct local_device *device = to_local(queue->base.child.device);
	struct fpr_engine_counters *engine = &device->engine[FPR_COUNTERS_MAC];

	queue->counters.jobs++;
	queue->counters.failed += result->status != 0;
	queue->counters.cycles += result->counters.cycles_total;
	queue->counters.busy_ns += ns;
	engine->jobs++;
	engine->cycles += result->counters.cycles_total;
	engine->terms_issued += result->counters.terms_issued;
	engine->terms_skipped_zero += result->counters.terms_skipped_zero;
	engine->terms_skipped_oob += result->counters.terms_skipped_oob;
}

void local_run(struct local_queue *queue, const struct fpr_gemm_job *job,
	       struct fpr_gemm_result *result)
{
	struct local_device *device = to_local(queue->base.child.device);
	int fail;

	pthread_mutex_lock(&device->base.lock);
	local_array_take(queue);
	fail = local_must_fail(device);
	local_busy(device, FPR_COUNTERS_MAC, 1);
	pthread_mutex_unlock(&device->base.lock);
	result->started_ns = local_now();
	result->status = fail ? -EIO : run(device, job, result);
	result->ended_ns = local_now();
	result->board_ns = result->ended_ns - device->opened_ns;
	pthread_mutex_lock(&device->base.lock);
	local_busy(device, FPR_COUNTERS_MAC, -1);
	count(queue, result, result->ended_ns - result->started_ns);
	local_array_leave(device);
	pthread_mutex_unlock(&device->base.lock);
}

/* ---- counters ---------------------------------------------------------- */

static int local_engine_counters(struct fpr_device *base, enum fpr_counters engine,
				 struct fpr_engine_counters *counters)
{
	struct local_device *device = to_local(base);

	pthread_mutex_lock(&base->lock);
	local_busy(device, engine, 0);
	*counters = device->engine[engine];
	counters->busy_ns = device->busy[engine].ns;
	counters->idle_ns = local_now() - device->opened_ns - counters->busy_ns;
	counters->completions = counters->jobs;
	pthread_mutex_unlock(&base->lock);
	if (engine == FPR_COUNTERS_MAC)
		counters->progress = __atomic_load_n(&device->watch.tiles, __ATOMIC_RELAXED);
	return 0;
}

static int local_class_counters(struct fpr_device *base, uint32_t index,
				struct fpr_class_counters *counters)
{
	struct fpr_mover_counters moved;

	pthread_mutex_lock(&base->lock);
	fpr_mover_count(to_local(base)->mover, index, &moved);
	pthread_mutex_unlock(&base->lock);
	counters->h2c_bytes = moved.bytes[FPR_TO_BOARD];
	counters->c2h_bytes = moved.bytes[FPR_TO_HOST];
	counters->slices = moved.slices;
	counters->preemptions = moved.preemptions;
	return 0;
}

static int local_queue_counters(struct fpr_queue *queue, struct fpr_queue_counters *counters)
{
	pthread_mutex_lock(&queue->child.device->lock);
	*counters = ((struct local_queue *)queue)->counters;
	pthread_mutex_unlock(&queue->child.device->lock);
	return 0;
}

const struct fpr_backend fpr_backend_local = {
	.device_size = sizeof(struct local_device),
	.buffer_size = sizeof(struct local_buffer),
	.queue_size = sizeof(struct local_queue),
	.fence_size = sizeof(struct local_fence),
	.list = local_list,
	.device_open = local_open,
	.device_release = local_release,
	.device_info = local_info,
	.buffer_create = local_buffer_create,
	.buffer_map = local_buffer_map,
	.buffer_release = local_buffer_release,
	.queue_create = local_queue_create,
	.queue_release = local_queue_release,
	.fence_create = local_fence_create,
	.fence_wait = local_fence_wait,
	.fence_release = local_fence_release,
	.submit = local_submit,
	.transfer = local_transfer,
	.engine_counters = local_engine_counters,
	.class_counters = local_class_counters,
	.queue_counters = local_queue_counters,
};
