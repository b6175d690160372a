/* SPDX-License-Identifier: MIT */

/*
 * Every field of every ioctl's argument out of its range: refused, and nothing done.
 *
 * The fields come from the UAPI through make-args, and with them what they are: a
 * handle, reserved, a user pointer. What is wrong for all of a kind follows from that;
 * what is wrong for a number stands in a table here. A number without an entry fails.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define SIZE(type, path) sizeof(((struct type *)0)->path)

/* ---- what make-args found ------------------------------------------------ */

enum ioctl_index {
#define IOCTL(name, type) IOCTL_##name,
#include "args_table.h"
#undef IOCTL
};

static const struct form {
	const char *name;
	unsigned long request;
	size_t size;
} forms[] = {
#define IOCTL(name, type) {#name, DRM_IOCTL_FPR_##name, sizeof(struct type)},
#include "args_table.h"
#undef IOCTL
};

/* Where a field is: in the argument, or in an element of one of its arrays. */
enum part { PART_ARGUMENT, PART_WORK, PART_IN, PART_OUT, PARTS };

enum kind {
	KIND_ZERO, /* reserved */
	KIND_FLAGS, /* @more: the bits there are */
	KIND_ENUM, /* @more: how many values there are */
	KIND_BO,
	KIND_HOST,
	KIND_BOARD,
	KIND_SYNC,
	KIND_CONTEXT,
	KIND_POINTER, /* to where the kernel writes */
	KIND_ARRAY, /* to elements */
	KIND_STRIDE, /* @more: the element's size */
	KIND_COUNT,
	KIND_NUMBER, /* see below */
	KIND_OUT, /* not looked at */
};

static const struct field {
	const char *name;
	enum ioctl_index ioctl;
	enum part part;
	enum kind kind;
	size_t offset, size;
	uint64_t more;
} fields[] = {
#define FIELD(ioctl, part, prefix, type, path, kind, more)                        \
	{#ioctl " " prefix #path,     IOCTL_##ioctl,	PART_##part, KIND_##kind, \
	 offsetof(struct type, path), SIZE(type, path), more},
#include "args_table.h"
#undef FIELD
};

static const struct answer {
	const char *name;
	enum ioctl_index ioctl;
	uint32_t type;
	uint32_t size;
} answers[] = {
#define ANSWER(ioctl, type, name) {#name, IOCTL_##ioctl, type, sizeof(struct name)},
#include "args_table.h"
#undef ANSWER
};

#define WHOLE(type, total) _Static_assert(sizeof(struct type) == (total), "all fields of " #type);
#include "args_table.h"
#undef WHOLE

static bool driven[COUNT(fields)];

/* ---- what there is to name ----------------------------------------------- */

static int fd;
enum { DONE = 4 };
/* No number is a good handle of two kinds. */
static uint32_t ctx, ready, done[DONE];
static struct bo host, board, small;
static struct drm_fpr_query_device device;

/* Past each of these areas there is nothing. */
enum { ROOM = 4096 };
static uint8_t *area[PARTS], *answer_area;

/* An argument with all it points to. */
struct arguments {
	uint8_t *argument;
	union {
		struct drm_fpr_mac_job *job;
		struct drm_fpr_xfer *xfer;
		uint8_t *work;
	};
	struct drm_fpr_sync *in, *out;
};

static uint8_t *guarded(void)
{
	uint8_t *pages = mmap(NULL, 2 * ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages, ROOM, PROT_READ | PROT_WRITE))
		exit(report("args"));
	return pages;
}

static void ids_of_their_own(void)
{
	struct drm_fpr_ctx_destroy end = {0};
	uint32_t ids[64], syncs[128];

	for (int i = 0; i < 64; i++)
		CHECK(ctx_create(fd, DRM_FPR_PRIORITY_LOW, &ids[i]) == 0);
	for (int i = 0; i < 128; i++)
		syncs[i] = sync_create(fd);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	ready = sync_create(fd);
	for (int i = 0; i < DONE; i++)
		done[i] = sync_create(fd);
	for (int i = 0; i < 64; i++) {
		end.id = ids[i];
		CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == 0);
	}
	for (int i = 0; i < 128; i++)
		CHECK(drmSyncobjDestroy(fd, syncs[i]) == 0);
	CHECK(ctx > 64 && ready > 128 && ctx < ready && board.handle < ctx);
	CHECK(drmSyncobjSignal(fd, &ready, 1) == 0);
}

static void set_up(void)
{
	struct drm_fpr_query query = {.size = sizeof(device), .pointer = (uintptr_t)&device};

	for (int part = 0; part < PARTS; part++)
		area[part] = guarded();
	answer_area = guarded();
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &query) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 4096, &small) == 0);
	ids_of_their_own();
	memset(host.map, 0x11, host.size);
	memset(board.map, 0x22, board.size);
}

/* ---- good calls ---------------------------------------------------------- */

static struct drm_fpr_mac_job good_job(void)
{
	struct drm_fpr_mac_job job = gemm_job(8, 8, 64);

	job.gemm.batch = 2;
	job.gemm.stride_c = 64;
	job.a = job.b = job.c = board.handle;
	job.b_offset = 4096;
	job.c_offset = 8192;
	job.result = small.handle;
	return job;
}

static struct drm_fpr_xfer good_xfer(void)
{
	return (struct drm_fpr_xfer){.host = host.handle,
				     .board = board.handle,
				     .bytes = 4096,
				     .result = small.handle,
				     .out = done[3]};
}

static void good_submission(struct arguments *a, struct drm_fpr_submit_mac *submit, size_t element)
{
	a->work = area[PART_WORK] + ROOM - 2 * element;
	a->in = (struct drm_fpr_sync *)(area[PART_IN] + ROOM) - 2;
	a->out = (struct drm_fpr_sync *)(area[PART_OUT] + ROOM) - 2;
	a->in[0] = a->in[1] = (struct drm_fpr_sync){.handle = ready};
	a->out[0] = a->out[1] = (struct drm_fpr_sync){.handle = done[0]};
	a->out[1].handle = done[1];
	*submit = (struct drm_fpr_submit_mac){
		.ctx = ctx,
		.jobs = array_of(a->work, 2, (uint32_t)element),
		.in = array_of(a->in, 2, sizeof(a->in[0])),
		.out = array_of(a->out, 2, sizeof(a->out[0])),
	};
}

/* As both submit calls are laid out alike, one function fills in both. */
_Static_assert(offsetof(struct drm_fpr_submit_mac, jobs) ==
			       offsetof(struct drm_fpr_submit_xfer, xfers) &&
		       offsetof(struct drm_fpr_submit_mac, in) ==
			       offsetof(struct drm_fpr_submit_xfer, in) &&
		       offsetof(struct drm_fpr_submit_mac, out) ==
			       offsetof(struct drm_fpr_submit_xfer, out),
	       "submit calls");

static struct arguments good(enum ioctl_index ioctl)
{
	struct arguments a = {.argument = area[PART_ARGUMENT] + ROOM - forms[ioctl].size};
	void *argument = memset(a.argument, 0, forms[ioctl].size);

	switch (ioctl) {
	case IOCTL_QUERY:
		*(struct drm_fpr_query *)argument = (struct drm_fpr_query){
			.type = DRM_FPR_QUERY_CONTEXT,
			.id = ctx,
			.size = sizeof(struct drm_fpr_query_context),
			.pointer = (uintptr_t)(answer_area + ROOM -
					       sizeof(struct drm_fpr_query_context))};
		break;
	case IOCTL_BO_CREATE:
		((struct drm_fpr_bo_create *)argument)->size = 4096;
		break;
	case IOCTL_BO_INFO:
		((struct drm_fpr_bo_info *)argument)->handle = host.handle;
		break;
	case IOCTL_CTX_CREATE:
		break;
	case IOCTL_CTX_DESTROY:
		ctx_create(fd, DRM_FPR_PRIORITY_LOW, &((struct drm_fpr_ctx_destroy *)argument)->id);
		break;
	case IOCTL_SUBMIT_MAC:
		good_submission(&a, argument, sizeof(*a.job));
		a.job[0] = a.job[1] = good_job();
		a.job[1].result_offset = DRM_FPR_RESULT_ALIGN;
		break;
	case IOCTL_SUBMIT_XFER:
		good_submission(&a, argument, sizeof(*a.xfer));
		a.xfer[0] = a.xfer[1] = good_xfer();
		a.xfer[0].out = done[2];
		a.xfer[1].result_offset = DRM_FPR_RESULT_ALIGN;
		break;
	case IOCTL_READ_COUNTERS:
		*(struct drm_fpr_read_counters *)argument = (struct drm_fpr_read_counters){
			.size = sizeof(struct drm_fpr_counters_engine),
			.pointer = (uintptr_t)(answer_area + ROOM -
					       sizeof(struct drm_fpr_counters_engine))};
		break;
	}
	return a;
}

/* All that was submitted has ended, and what counts it has counted. */
static void idle(void)
{
	const volatile struct drm_fpr_result *records = small.map;
	struct drm_fpr_mac_job job = nop_job();

	for (int i = 0; i < 2000 && (records[0].status == DRM_FPR_RESULT_PENDING ||
				     records[1].status == DRM_FPR_RESULT_PENDING);
	     i++)
		sleep_ms(10);
	CHECK(submit_mac(fd, ctx, &job, 1, 0, done[0]) == 0);
	for (int i = 0; i < DONE; i++)
		sync_wait(fd, done[i], 0, 20000);
	CHECK(drmSyncobjReset(fd, done, DONE) == 0);
}

/*
 * As if a call that succeeded had not been. Handles and ids are the lowest that are
 * free, so that is what it made, even when the argument had no room for them.
 */
static void undo(enum ioctl_index ioctl)
{
	struct drm_gem_close close = {.handle = small.handle + 1};
	struct drm_fpr_ctx_destroy end = {.id = 1};

	if (ioctl == IOCTL_BO_CREATE)
		CHECK(call(fd, DRM_IOCTL_GEM_CLOSE, &close) == 0);
	if (ioctl == IOCTL_CTX_CREATE)
		CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == 0);
	if (ioctl == IOCTL_SUBMIT_MAC || ioctl == IOCTL_SUBMIT_XFER)
		idle();
}

/* ---- nothing was done ---------------------------------------------------- */

/* What a call that did something would have changed. */
struct state {
	uint64_t board_free, files[2]; /* bytes */
	uint64_t jobs[2], doorbells[2]; /* by engine */
	uint64_t ctx_jobs, ctx_xfers;
	bool signalled;
};

static uint64_t number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : UINT64_MAX;
}

static struct state state_now(void)
{
	struct drm_fpr_counters_context context = {0};
	struct drm_fpr_counters_engine engine = {0};
	struct drm_fpr_query_memory memory = {0};
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_MEMORY, .size = sizeof(memory)};
	struct drm_fpr_read_counters read = {.type = DRM_FPR_COUNTERS_CONTEXT, .id = ctx};
	struct state state;
	char path[64], text[4096] = "";

	memset(&state, 0, sizeof(state));
	query.pointer = (uintptr_t)&memory;
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &query) == 0);
	state.board_free = memory.free;
	read.size = sizeof(context);
	read.pointer = (uintptr_t)&context;
	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	state.ctx_jobs = context.jobs;
	state.ctx_xfers = context.xfers;
	for (uint32_t e = 0; e < 2; e++) {
		read = (struct drm_fpr_read_counters){
			.type = DRM_FPR_COUNTERS_ENGINE, .id = e, .size = sizeof(engine)};
		read.pointer = (uintptr_t)&engine;
		CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
		state.jobs[e] = engine.jobs;
		state.doorbells[e] = engine.doorbells;
	}
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	read_text(path, text, sizeof(text));
	state.files[0] = number_after(text, "drm-total-host:");
	state.files[1] = number_after(text, "drm-total-board:");
	for (int i = 0; i < DONE; i++)
		state.signalled |= !drmSyncobjWait(fd, &done[i], 1, 0, 0, NULL) || errno != EINVAL;
	return state;
}

/* ---- spoiling ------------------------------------------------------------ */

static const struct field *field_of(const char *name)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	}
	printf("args: the UAPI has no %s\n", name);
	failures++;
	return NULL;
}

/* The second element is the bad one: the first must not be begun either. */
static void *place(const struct arguments *a, const struct field *field)
{
	void *parts[PARTS] = {
		a->argument,
		a->work + (field->ioctl == IOCTL_SUBMIT_MAC ? sizeof(*a->job) : sizeof(*a->xfer)),
		a->in + 1,
		a->out + 1,
	};

	return (uint8_t *)parts[field->part] + field->offset;
}

static void expect(const char *name, uint64_t value, int got, int wanted)
{
	char text[160];

	snprintf(text, sizeof(text), "%s = %#llx: %d, not %d", name, (unsigned long long)value, got,
		 wanted);
	check_that(got == wanted, text, "args", 0);
}

static void attempt(struct arguments *a, const struct field *field, uint64_t value, int error)
{
	const struct form *form = &forms[field->ioctl];
	struct state before = state_now(), after;
	int ret;

	/* Little-endian, as all this board's machines are. */
	memcpy(place(a, field), &value, field->size);
	ret = call(fd, form->request, a->argument);
	expect(field->name, value, ret, error);
	if (ret) {
		after = state_now();
		check_that(!memcmp(&before, &after, sizeof(after)), field->name, "args: done", 0);
	}
	if (!ret)
		undo(field->ioctl);
}

static void refuse(const struct field *field, uint64_t value, int error,
		   void (*change)(struct arguments *a))
{
	struct arguments a = good(field->ioctl);
	struct drm_fpr_ctx_destroy end = {0};

	/* What is refused for the company it is in says nothing of the field. */
	if (change)
		change(&a);
	else
		driven[field - fields] = true;
	if (field->ioctl == IOCTL_CTX_DESTROY)
		memcpy(&end, a.argument, sizeof(end));
	attempt(&a, field, value, error);
	if (end.id)
		call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end);
}

/* ---- wrong for all of a kind --------------------------------------------- */

static uint64_t ones(const struct field *field)
{
	return UINT64_MAX >> (64 - 8 * field->size);
}

static void no_such_handle(const struct field *field)
{
	refuse(field, 4711, -ENOENT, NULL);
	refuse(field, ones(field), -ENOENT, NULL);
	if (field->kind != KIND_SYNC)
		refuse(field, ready, -ENOENT, NULL);
	if (field->kind != KIND_CONTEXT)
		refuse(field, ctx, -ENOENT, NULL);
	if (field->kind == KIND_SYNC || field->kind == KIND_CONTEXT)
		refuse(field, board.handle, -ENOENT, NULL);
	if (field->kind == KIND_HOST)
		refuse(field, board.handle, -EINVAL, NULL);
	if (field->kind == KIND_BOARD)
		refuse(field, host.handle, -EINVAL, NULL);
}

static void bad_pointer(const struct field *field)
{
	static uint8_t *fixed;

	if (!fixed)
		fixed = mmap(NULL, ROOM, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	refuse(field, 8, -EFAULT, NULL);
	refuse(field, 1ull << 47, -EFAULT, NULL);
	refuse(field, 0xffff888000000000, -EFAULT, NULL);
	refuse(field, UINT64_MAX & ~4095ull, -EFAULT, NULL);
	refuse(field, (uintptr_t)answer_area + ROOM, -EFAULT, NULL);
	refuse(field, (uintptr_t)answer_area + ROOM - 8, -EFAULT, NULL);
	if (field->kind == KIND_POINTER)
		refuse(field, (uintptr_t)fixed, -EFAULT, NULL);
	if (field->kind == KIND_ARRAY) {
		refuse(field, 0, -EFAULT, NULL);
		refuse(field, 4, -EINVAL, NULL);
		refuse(field, (uintptr_t)area[PART_WORK] + 1, -EINVAL, NULL);
	}
}

static void bad_stride(const struct field *field)
{
	const uint64_t size = field->more;
	/* The last two would do, but for the second element in the tail of the first. */
	const uint64_t strides[] = {
		0,	  1,	       8 * (size > 8),	size - 8, size - 1, size + 4, 1 << 30,
		1u << 31, ones(field), ones(field) - 7, ROOM + 8, size + 8, ROOM};

	for (size_t i = 0; i < COUNT(strides); i++)
		refuse(field, strides[i], -EINVAL, NULL);
}

static void bad_count(const struct field *field)
{
	bool syncs = strstr(field->name, "in.") || strstr(field->name, "out.");
	uint64_t most = syncs ? device.max_syncs : device.max_jobs;

	refuse(field, 3, -EFAULT, NULL);
	refuse(field, most, -EFAULT, NULL);
	refuse(field, most + 1, -EINVAL, NULL);
	refuse(field, 1 << 20, -EINVAL, NULL);
	refuse(field, 1u << 31, -EINVAL, NULL);
	refuse(field, ones(field), -EINVAL, NULL);
}

static void ignored(const struct field *field)
{
	struct arguments a = good(field->ioctl);
	uint64_t value = 0x5a5a5a5a5a5a5a5a & ones(field);
	uint64_t answer = 0;

	memcpy(place(&a, field), &value, field->size);
	expect(field->name, value, call(fd, forms[field->ioctl].request, a.argument), 0);
	memcpy(&answer, place(&a, field), field->size);
	check_that(answer != value, field->name, "args: not written", 0);
	undo(field->ioctl);
	driven[field - fields] = true;
}

static void by_kind(const struct field *field)
{
	switch (field->kind) {
	case KIND_ZERO:
		for (unsigned int bit = 0; bit < 8 * field->size; bit++)
			refuse(field, 1ull << bit, -EINVAL, NULL);
		refuse(field, ones(field), -EINVAL, NULL);
		break;
	case KIND_FLAGS:
		for (unsigned int bit = 0; bit < 8 * field->size; bit++) {
			if (!(field->more >> bit & 1))
				refuse(field, 1ull << bit, -EINVAL, NULL);
		}
		break;
	case KIND_ENUM:
		refuse(field, field->more, -EINVAL, NULL);
		refuse(field, field->more + 1, -EINVAL, NULL);
		refuse(field, ones(field), -EINVAL, NULL);
		break;
	case KIND_BO:
	case KIND_HOST:
	case KIND_BOARD:
	case KIND_SYNC:
	case KIND_CONTEXT:
		no_such_handle(field);
		break;
	case KIND_POINTER:
	case KIND_ARRAY:
		bad_pointer(field);
		break;
	case KIND_STRIDE:
		bad_stride(field);
		break;
	case KIND_COUNT:
		bad_count(field);
		break;
	case KIND_OUT:
		ignored(field);
		break;
	case KIND_NUMBER:
		break;
	}
}

/* ---- wrong for one field ------------------------------------------------- */

struct row {
	const char *field;
	uint64_t value;
	int error;
};

static const struct row rows[] = {
	{"QUERY size", UINT32_MAX, -EFAULT},
	{"QUERY size", sizeof(struct drm_fpr_query_context) + 1, -EFAULT},
	{"QUERY pointer", 0, 0},
	{"QUERY id", 0, -ENOENT},
	{"QUERY type", DRM_FPR_QUERY_DEVICE, -EINVAL}, /* which has no id */
	{"BO_CREATE size", 0, -EINVAL},
	{"BO_CREATE size", UINT64_MAX, -EINVAL},
	{"BO_CREATE size", UINT64_MAX - 4095, -EINVAL},
	{"BO_CREATE size", INT64_MAX, -EINVAL},
	{"BO_CREATE size", 1ull << 62, -ENOMEM},
	{"BO_INFO handle", 0, -ENOENT},
	{"CTX_DESTROY id", 0, -ENOENT},
	{"READ_COUNTERS id", 2, -ENOENT},
	{"READ_COUNTERS id", UINT32_MAX, -ENOENT},
	{"READ_COUNTERS size", UINT32_MAX, -EFAULT},
	{"READ_COUNTERS pointer", 0, 0},
	{"READ_COUNTERS type", DRM_FPR_COUNTERS_CONTEXT, -ENOENT}, /* context 0 */

	{"SUBMIT_MAC ctx", 0, -ENOENT},
	{"SUBMIT_MAC jobs.count", 0, -EINVAL},
	{"SUBMIT_MAC in.count", 0, 0},
	{"SUBMIT_MAC out.count", 0, 0},
	{"SUBMIT_MAC in[].handle", 0, -ENOENT},
	{"SUBMIT_MAC in[].point", 1, -EINVAL}, /* which no timeline has */
	{"SUBMIT_MAC in[].point", UINT64_MAX, -EINVAL},
	{"SUBMIT_MAC out[].handle", 0, -ENOENT},
	{"SUBMIT_MAC out[].point", 1, 0},
	{"SUBMIT_MAC out[].point", UINT64_MAX, 0},
	{"SUBMIT_MAC jobs[].gemm.m", FPR_DIM_MAX + 1, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.n", FPR_DIM_MAX + 1, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.k", FPR_DIM_MAX + 1, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.m", UINT32_MAX, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.n", UINT32_MAX, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.k", UINT32_MAX, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.m", 1 << 20, -EINVAL}, /* outside the buffer */
	{"SUBMIT_MAC jobs[].gemm.batch", FPR_BATCH_MAX + 1, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.batch", FPR_BATCH_MAX, -EINVAL}, /* outside the buffer */
	{"SUBMIT_MAC jobs[].gemm.batch", UINT32_MAX, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.lda", 63, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.ldb", 7, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.ldc", 7, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.lda", FPR_DIM_MAX + 1, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.ldb", UINT32_MAX, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.ldc", FPR_DIM_MAX, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.stride_a", 1 << 20, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.stride_a", UINT64_MAX, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.stride_b", 1ull << 62, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.stride_b", UINT64_MAX - 511, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.stride_c", 0, -EINVAL}, /* entries overlap */
	{"SUBMIT_MAC jobs[].gemm.stride_c", 63, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.stride_c", 1ull << 63, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.serial", FPR_SERIAL_AUTO, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.t", FPR_T_MAX + 1, -EINVAL},
	{"SUBMIT_MAC jobs[].gemm.t", 255, -EINVAL},
	{"SUBMIT_MAC jobs[].a", 0, -EINVAL},
	{"SUBMIT_MAC jobs[].b", 0, -EINVAL},
	{"SUBMIT_MAC jobs[].c", 0, -EINVAL},
	{"SUBMIT_MAC jobs[].flags", DRM_FPR_MAC_NOP, -EINVAL}, /* with operands */
	{"SUBMIT_MAC jobs[].a_offset", 1, -EINVAL},
	{"SUBMIT_MAC jobs[].a_offset", 65536, -EINVAL},
	{"SUBMIT_MAC jobs[].a_offset", UINT64_MAX - 1, -EINVAL},
	{"SUBMIT_MAC jobs[].b_offset", 65536 - 1022, -EINVAL},
	{"SUBMIT_MAC jobs[].b_offset", 1ull << 63, -EINVAL},
	{"SUBMIT_MAC jobs[].c_offset", 2, -EINVAL},
	{"SUBMIT_MAC jobs[].c_offset", 0, -EINVAL}, /* over A */
	{"SUBMIT_MAC jobs[].c_offset", 1020, -EINVAL}, /* over A's last */
	{"SUBMIT_MAC jobs[].c_offset", 4096 - 508, -EINVAL}, /* over B's first */
	{"SUBMIT_MAC jobs[].c_offset", 4096 + 1020, -EINVAL},
	{"SUBMIT_MAC jobs[].c_offset", 65536 - 508, -EINVAL},
	{"SUBMIT_MAC jobs[].result_offset", 128, -EINVAL},
	{"SUBMIT_MAC jobs[].result_offset", 4096, -EINVAL},
	{"SUBMIT_MAC jobs[].result_offset", UINT64_MAX - 255, -EINVAL},

	{"SUBMIT_XFER ctx", 0, -ENOENT},
	{"SUBMIT_XFER xfers.count", 0, -EINVAL},
	{"SUBMIT_XFER in.count", 0, 0},
	{"SUBMIT_XFER out.count", 0, 0},
	{"SUBMIT_XFER in[].handle", 0, -ENOENT},
	{"SUBMIT_XFER in[].point", 1, -EINVAL},
	{"SUBMIT_XFER in[].point", UINT64_MAX, -EINVAL},
	{"SUBMIT_XFER out[].handle", 0, -ENOENT},
	{"SUBMIT_XFER out[].point", 1, 0},
	{"SUBMIT_XFER out[].point", UINT64_MAX, 0},
	{"SUBMIT_XFER xfers[].host", 0, -ENOENT},
	{"SUBMIT_XFER xfers[].board", 0, -ENOENT},
	{"SUBMIT_XFER xfers[].bytes", 0, -EINVAL},
	{"SUBMIT_XFER xfers[].bytes", 65537, -EINVAL},
	{"SUBMIT_XFER xfers[].bytes", 1ull << 63, -EINVAL},
	{"SUBMIT_XFER xfers[].bytes", UINT64_MAX, -EINVAL},
	{"SUBMIT_XFER xfers[].host_offset", 65536, -EINVAL},
	{"SUBMIT_XFER xfers[].host_offset", 65536 - 4095, -EINVAL},
	{"SUBMIT_XFER xfers[].host_offset", UINT64_MAX, -EINVAL},
	{"SUBMIT_XFER xfers[].board_offset", 65536 - 4095, -EINVAL},
	{"SUBMIT_XFER xfers[].board_offset", UINT64_MAX - 4094, -EINVAL},
	{"SUBMIT_XFER xfers[].priority", 0, 0},
	{"SUBMIT_XFER xfers[].priority", 65535, 0},
	{"SUBMIT_XFER xfers[].result_offset", 128, -EINVAL},
	{"SUBMIT_XFER xfers[].result_offset", 4096, -EINVAL},
	{"SUBMIT_XFER xfers[].result_offset", UINT64_MAX - 255, -EINVAL},
	{"SUBMIT_XFER xfers[].out_point", 1, 0},
	{"SUBMIT_XFER xfers[].out_point", UINT64_MAX, 0},
};

/* Accumulates go to the board only, in units of 64 bytes. */
static const struct row add_rows[] = {
	{"SUBMIT_XFER xfers[].direction", DRM_FPR_TO_HOST, -EINVAL},
	{"SUBMIT_XFER xfers[].bytes", 4095, -EINVAL},
	{"SUBMIT_XFER xfers[].bytes", 4096 - 32, -EINVAL},
	{"SUBMIT_XFER xfers[].bytes", 1ull << 63, -EINVAL},
	{"SUBMIT_XFER xfers[].host_offset", 32, -EINVAL},
	{"SUBMIT_XFER xfers[].board_offset", 32, -EINVAL},
	{"SUBMIT_XFER xfers[].board_offset", 65536 - 4096, -EINVAL}, /* twice the bytes */
};

static void accumulating(struct arguments *a)
{
	a->xfer[1].op = DRM_FPR_XFER_ADD_BF16_F32;
}

/* What belongs to something that is not there. */
static const struct row bare_xfer_rows[] = {
	{"SUBMIT_XFER xfers[].result_offset", 256, -EINVAL},
	{"SUBMIT_XFER xfers[].out_point", 1, -EINVAL},
};

static void bare_xfer(struct arguments *a)
{
	a->xfer[1].result = a->xfer[1].out = 0;
	a->xfer[1].result_offset = 0;
}

static const struct row bare_job_rows[] = {
	{"SUBMIT_MAC jobs[].result_offset", 256, -EINVAL},
	{"SUBMIT_MAC jobs[].a_offset", 2, -EINVAL},
	{"SUBMIT_MAC jobs[].b_offset", 2, -EINVAL},
	{"SUBMIT_MAC jobs[].c_offset", 4, -EINVAL},
	{"SUBMIT_MAC jobs[].a", 1, -EINVAL},
	{"SUBMIT_MAC jobs[].b", 1, -EINVAL},
	{"SUBMIT_MAC jobs[].c", 1, -EINVAL},
};

static void bare_job(struct arguments *a)
{
	a->job[1] = nop_job();
}

static void run_rows(const struct row *table, size_t count, void (*change)(struct arguments *a))
{
	for (size_t i = 0; i < count; i++) {
		const struct field *field = field_of(table[i].field);

		if (field)
			refuse(field, table[i].value, table[i].error, change);
	}
}

/* A job that computes nothing has no shape. */
static void shapeless(void)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (strstr(fields[i].name, "jobs[].gemm."))
			refuse(&fields[i], 1, -EINVAL, bare_job);
	}
}

/* ---- arguments of other sizes -------------------------------------------- */

static unsigned long resized(enum ioctl_index ioctl, size_t size)
{
	unsigned long request = forms[ioctl].request;

	return _IOC(_IOC_DIR(request), _IOC_TYPE(request), _IOC_NR(request), size);
}

/* An older program's argument is one whose tail is zeros; the tail itself is not its. */
static void shorter(enum ioctl_index ioctl)
{
	size_t whole = forms[ioctl].size;
	struct arguments a;
	int full, cut;

	for (size_t size = 4; size < whole; size += 4) {
		a = good(ioctl);
		memset(a.argument + size, 0, whole - size);
		full = call(fd, forms[ioctl].request, a.argument);
		if (!full)
			undo(ioctl);
		a = good(ioctl);
		/* Where it ends, memory ends. */
		a.argument = memmove(area[PART_ARGUMENT] + ROOM - size, a.argument, size);
		cut = call(fd, resized(ioctl, size), a.argument);
		if (!cut)
			undo(ioctl);
		expect(forms[ioctl].name, size, cut, full);
	}
}

/* A newer one's must be zeros beyond what is known here. */
static void longer(enum ioctl_index ioctl)
{
	size_t whole = forms[ioctl].size;
	struct arguments a;

	for (size_t size = whole + 4; size <= whole + 64; size += 20) {
		for (size_t dirty = whole; dirty <= size; dirty++) {
			a = good(ioctl);
			a.argument = memmove(area[PART_ARGUMENT] + ROOM - size, a.argument, whole);
			memset(a.argument + whole, 0, size - whole);
			if (dirty < size)
				a.argument[dirty] = 1;
			expect(forms[ioctl].name, size, call(fd, resized(ioctl, size), a.argument),
			       dirty < size ? -EINVAL : 0);
			if (dirty == size)
				undo(ioctl);
			else if (ioctl == IOCTL_CTX_DESTROY)
				call(fd, forms[ioctl].request, a.argument);
		}
	}
	expect(forms[ioctl].name, 0, call(fd, forms[ioctl].request, NULL), -EFAULT);
	expect(forms[ioctl].name, ROOM,
	       call(fd, forms[ioctl].request, area[PART_ARGUMENT] + ROOM - whole + 4), -EFAULT);
}

/* An element of another size, likewise. */
static void other_elements(enum ioctl_index ioctl, size_t element)
{
	struct drm_fpr_submit_mac *submit;
	struct arguments a;

	for (size_t dirty = element; dirty <= element + 16; dirty++) {
		a = good(ioctl);
		submit = (void *)a.argument;
		submit->jobs.count = 1;
		submit->jobs.stride = (uint32_t)element + 16;
		submit->jobs.array -= 16;
		memmove(a.work - 16, a.work, element);
		memset(a.work - 16 + element, 0, 16);
		if (dirty < element + 16)
			a.work[dirty - 16] = 1;
		expect("a longer element", dirty, call(fd, forms[ioctl].request, a.argument),
		       dirty < element + 16 ? -EINVAL : 0);
	}
	undo(ioctl);
}

/* Answers of any size: what is known is there, the rest zeros, no byte more. */
static void answer_sizes(const struct answer *answer)
{
	uint8_t full[512], *at;

	for (uint32_t size = 0; size <= answer->size + 64; size += 4) {
		struct drm_fpr_query query = {.type = answer->type, .size = size};
		struct drm_fpr_read_counters read = {.type = answer->type, .size = size};
		bool good;

		at = answer_area + ROOM - size;
		memset(answer_area, 0xaa, ROOM);
		query.pointer = read.pointer = (uintptr_t)at;
		query.id = answer->type == DRM_FPR_QUERY_CONTEXT ? ctx : 0;
		read.id = answer->type == DRM_FPR_COUNTERS_CONTEXT ? ctx : 0;
		if (answer->ioctl == IOCTL_QUERY)
			good = call(fd, DRM_IOCTL_FPR_QUERY, &query) == 0 &&
			       query.size == answer->size;
		else
			good = call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0 &&
			       read.size == answer->size;
		good = good && at[-1] == 0xaa;
		for (uint32_t i = answer->size; i < size; i++)
			good = good && at[i] == 0;
		check_that(good, answer->name, "args: size", (int)size);
		/* Nothing runs: but for the time spent idle it stays as it is. */
		if (size == answer->size)
			memcpy(full, at, size);
		if (size > answer->size && strcmp(answer->name, "drm_fpr_counters_engine"))
			check_that(!memcmp(full, at, answer->size), answer->name, "args", 0);
	}
}

/* ---- the rest ------------------------------------------------------------ */

/* A syncobj that nobody has given a fence. */
static void fenceless(void)
{
	struct arguments a = good(IOCTL_SUBMIT_MAC);

	a.in[1].handle = done[0];
	expect("a syncobj without a fence", 0, call(fd, DRM_IOCTL_FPR_SUBMIT_MAC, a.argument),
	       -EINVAL);
	a = good(IOCTL_SUBMIT_XFER);
	a.in[1].handle = done[0];
	expect("a syncobj without a fence", 0, call(fd, DRM_IOCTL_FPR_SUBMIT_XFER, a.argument),
	       -EINVAL);
}

/* Of the DRM core's calls those that take a display's master are refused. */
static void no_such_ioctl(void)
{
	struct drm_fpr_query query = {0};
	struct drm_unique unique = {0};
	struct drm_auth magic = {0};
	struct drm_gem_flink name = {.handle = host.handle};

	for (unsigned int nr = COUNT(forms); nr < DRM_COMMAND_END - DRM_COMMAND_BASE; nr++)
		expect("no such ioctl", nr, call(fd, DRM_FPR_IO(nr, struct drm_fpr_query), &query),
		       -EINVAL);
	CHECK(call(fd, DRM_IOCTL_GET_UNIQUE, &unique) == -EACCES);
	CHECK(call(fd, DRM_IOCTL_GET_MAGIC, &magic) == -EACCES);
	CHECK(call(fd, DRM_IOCTL_GEM_FLINK, &name) == -EACCES);
}

static void too_large(void)
{
	struct drm_fpr_bo_create create = {.size = 1ull << 40, .placement = DRM_FPR_PLACE_BOARD};

	CHECK(call(fd, DRM_IOCTL_FPR_BO_CREATE, &create) == -ENOSPC);
	create.size = device.memory_bytes + 1;
	CHECK(call(fd, DRM_IOCTL_FPR_BO_CREATE, &create) == -ENOSPC);
}

/* As many as before: none was left behind. */
static void many_contexts(void)
{
	struct drm_fpr_ctx_destroy end = {0};
	uint32_t ids[300], made = 0;

	while (made < 300 && ctx_create(fd, DRM_FPR_PRIORITY_LOW, &ids[made]) == 0)
		made++;
	CHECK(made == 255);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_LOW, &end.id) == -ENOSPC);
	while (made--) {
		end.id = ids[made];
		CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == 0);
	}
}

static bool all(const uint8_t *bytes, size_t size, uint8_t value)
{
	return bytes[0] == value && !memcmp(bytes, bytes + 1, size - 1);
}

static void every_field(void)
{
	for (size_t i = 0; i < COUNT(fields); i++)
		by_kind(&fields[i]);
	run_rows(rows, COUNT(rows), NULL);
	run_rows(add_rows, COUNT(add_rows), accumulating);
	run_rows(bare_xfer_rows, COUNT(bare_xfer_rows), bare_xfer);
	run_rows(bare_job_rows, COUNT(bare_job_rows), bare_job);
	shapeless();
	for (size_t i = 0; i < COUNT(fields); i++)
		check_that(driven[i], fields[i].name, "args: nothing is known to be wrong for", 0);
}

static void other_sizes(void)
{
	for (size_t i = 0; i < COUNT(forms); i++) {
		shorter((enum ioctl_index)i);
		longer((enum ioctl_index)i);
	}
	other_elements(IOCTL_SUBMIT_MAC, sizeof(struct drm_fpr_mac_job));
	other_elements(IOCTL_SUBMIT_XFER, sizeof(struct drm_fpr_xfer));
	for (size_t i = 0; i < COUNT(answers); i++)
		answer_sizes(&answers[i]);
}

int main(void)
{
	long long free_before = read_number(board_sysfs(), "memory_free_bytes");

	fd = open_board();
	if (!CHECK(fd >= 0))
		return report("args");
	set_up();
	every_field();
	fenceless();
	no_such_ioctl();
	too_large();
	other_sizes();
	many_contexts();
	/* Nothing writes to the one, and what does to the other does so at its start. */
	CHECK(all(host.map, host.size, 0x11));
	CHECK(all((uint8_t *)board.map + 16384, board.size - 16384, 0x22));
	printf("args: %zu fields\n", COUNT(fields));
	bo_free(fd, &host);
	bo_free(fd, &board);
	bo_free(fd, &small);
	close(fd);
	sleep_ms(200);
	CHECK(read_number(board_sysfs(), "memory_free_bytes") == free_before);
	return report("args");
}
