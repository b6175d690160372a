/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "replay.h"
#include "rings.h"

#define ERROR_MAX 256
#define POSTED_MAX 4096 /* completions that the recording has not come to yet */

struct posted_by {
	unsigned int engine;
	struct fpr_completion entry;
};

struct replay {
	const struct recording *recording;
	const struct replay_board *board;
	const struct recorded *now; /* what is being replayed */
	uint64_t patience;
	struct host host;
	struct rings recorded, tested; /* the recorded board's, the one's under test */
	struct posted_by posted[POSTED_MAX]; /* by the latter, not compared yet */
	unsigned int n_posted;
	unsigned int messages[FPR_VECTORS]; /* likewise */
	char error[ERROR_MAX];
	struct replay_tally tally;
};

/* ---- complaints --------------------------------------------------------- */

void replay_complain(struct replay *replay, const char *format, ...)
{
	va_list arguments;
	int n = 0;

	if (replay->error[0])
		return;
	if (replay->now)
		n = snprintf(replay->error, ERROR_MAX, "line %u: ", replay->now->line);
	va_start(arguments, format);
	vsnprintf(replay->error + n, ERROR_MAX - (size_t)n, format, arguments);
	va_end(arguments);
}

const char *replay_error(const struct replay *replay)
{
	return replay->error;
}

const struct replay_tally *replay_tally(const struct replay *replay)
{
	return &replay->tally;
}

/* ---- what the board under test does ------------------------------------- */

void replay_host_read(struct replay *replay, uint64_t address, void *to, uint32_t bytes)
{
	uint8_t *at = to;

	for (uint32_t i = 0; i < bytes; i++) {
		const struct host_page *page = host_page(&replay->host, address + i);

		if (!page)
			replay_complain(replay, "it reads %#" PRIx64 ", which is no memory of its",
					address + i);
		at[i] = page ? page->data[(address + i) % HOST_PAGE] : 0;
	}
}

static void write_data(struct replay *replay, uint64_t address, const uint8_t *from, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		struct host_page *page = host_page(&replay->host, address + i);
		uint32_t at = (uint32_t)((address + i) % HOST_PAGE);

		if (page && (page->flags[at] & HOST_WANTED))
			page->data[at] = from[i];
		else
			replay_complain(replay, "it writes %#" PRIx64 ", which is not its to write",
					address + i);
	}
}

void replay_host_write(struct replay *replay, uint64_t address, const void *from, uint32_t bytes)
{
	struct posted_by *posted = &replay->posted[replay->n_posted];

	switch (rings_post(&replay->tested, address, from, bytes, &posted->engine,
			   &posted->entry)) {
	case POSTED_ELSEWHERE:
		write_data(replay, address, from, bytes);
		break;
	case POSTED_WRONG:
		replay_complain(replay,
				"it writes %#" PRIx64 ": no place or phase of a completion now",
				address);
		break;
	case POSTED_ENTRY:
		if (replay->n_posted + 1 < POSTED_MAX)
			replay->n_posted++;
		else
			replay_complain(replay, "completions without end");
		break;
	case POSTED_PART:
		break;
	}
}

void replay_message(struct replay *replay, unsigned int cause)
{
	if (cause < FPR_VECTORS)
		replay->messages[cause]++;
	else
		replay_complain(replay, "a message of cause %u", cause);
}

/* ---- waiting ------------------------------------------------------------ */

/* Lets time pass, unless it is in vain; @n counts. */
static int step(struct replay *replay, uint64_t *n, const char *what)
{
	if (replay->error[0])
		return 0;
	if ((*n)++ < replay->patience && replay->board->step(replay->board->ctx))
		return 1;
	replay_complain(replay, "%s does not come", what);
	return 0;
}

static unsigned int find_posted(const struct replay *replay, unsigned int engine, uint64_t fence)
{
	unsigned int i = 0;

	while (i < replay->n_posted &&
	       (replay->posted[i].engine != engine || replay->posted[i].entry.fence != fence))
		i++;
	return i;
}

/* Neither the time nor how far the board had read then. */
static void compare_entry(struct replay *replay, const struct fpr_completion *is,
			  const struct fpr_completion *was)
{
	if (is->cookie != was->cookie || is->status != was->status || is->cycles != was->cycles)
		replay_complain(replay,
				"completion of fence %" PRIu64
				": cookie %x, status %u, cycles %u, and not %x, %u, %u",
				was->fence, is->cookie, is->status, is->cycles, was->cookie,
				was->status, was->cycles);
	replay->tally.completions++;
}

static void await_completion(struct replay *replay, unsigned int engine,
			     const struct fpr_completion *was)
{
	uint64_t n = 0;
	unsigned int i;
	char what[64];

	snprintf(what, sizeof(what), "completion of fence %" PRIu64, was->fence);
	while ((i = find_posted(replay, engine, was->fence)) == replay->n_posted)
		if (!step(replay, &n, what))
			return;
	compare_entry(replay, &replay->posted[i].entry, was);
	replay->posted[i] = replay->posted[--replay->n_posted];
}

static void await_message(struct replay *replay, uint64_t cause)
{
	uint64_t n = 0;

	if (cause >= FPR_VECTORS) {
		replay_complain(replay, "no such cause");
		return;
	}
	while (!replay->messages[cause])
		if (!step(replay, &n, "a message"))
			return;
	replay->messages[cause]--;
	replay->tally.messages++;
}

/* ---- registers ---------------------------------------------------------- */

/* What a register's answer depends on. */
enum depends { ON_NOTHING, ON_WORK, ON_TIME };

static enum depends depends_of_engine(uint32_t at)
{
	if (at >= FPR_ENG_BUSY_NS_LO && at < FPR_ENG_CYCLES_LO)
		return ON_TIME;
	return at >= FPR_ENG_STATUS && at != FPR_ENG_RECORD ? ON_WORK : ON_NOTHING;
}

static enum depends depends(uint32_t offset)
{
	const uint32_t class_bytes = FPR_REG_CLASS(1) - FPR_REG_CLASS(0);

	if (offset == FPR_REG_HEARTBEAT || offset == FPR_REG_TIME_LO || offset == FPR_REG_TIME_HI)
		return ON_TIME;
	if (offset == FPR_REG_STATUS || offset == FPR_REG_IRQ_STATUS)
		return ON_WORK;
	if (offset >= FPR_REG_CLASS(0) && offset < FPR_REG_CLASS(FPR_CLASSES))
		return offset % class_bytes >= FPR_CLASS_PREEMPTIONS_LO ? ON_TIME : ON_WORK;
	if (offset >= FPR_REG_ENGINE(0) && offset < FPR_REG_ENGINE(FPR_ENGINES))
		return depends_of_engine(offset % (FPR_REG_ENGINE(1) - FPR_REG_ENGINE(0)));
	return ON_NOTHING;
}

/* About so many steps does hardware take for a register. */
#define REGISTER_STEPS 64

/* While nothing is under way, what work leaves settles; so it is asked again until it has. */
static void await_register(struct replay *replay, uint32_t offset, uint32_t value)
{
	uint64_t n = 0;
	uint32_t is;

	while ((is = replay->board->read(replay->board->ctx, offset)) != value) {
		char what[64];

		snprintf(what, sizeof(what), "%x in register %x, which has %x,", value, offset, is);
		n += REGISTER_STEPS;
		if (!step(replay, &n, what))
			return;
	}
	replay->tally.polled++;
}

static void read_register(struct replay *replay, const struct recorded *event, int polls)
{
	const uint32_t offset = (uint32_t)event->at;
	const enum depends on = depends(offset);
	uint32_t is;

	if (on == ON_WORK && rings_rest(&replay->recorded) && !polls) {
		await_register(replay, offset, event->value);
		return;
	}
	is = replay->board->read(replay->board->ctx, offset);
	if (on != ON_NOTHING)
		replay->tally.skipped++;
	else if (is == event->value)
		replay->tally.registers++;
	else
		replay_complain(replay, "register %x has %x, not %x", offset, is, event->value);
}

static void write_register(struct replay *replay, uint32_t offset, uint32_t value)
{
	rings_written(&replay->recorded, offset, value);
	rings_written(&replay->tested, offset, value);
	replay->board->write(replay->board->ctx, offset, value);
}

/* A reset by PCI is a full one, and over before anybody else gets to the board. */
static void reset(struct replay *replay)
{
	write_register(replay, FPR_REG_CTRL, FPR_CTRL_RESET);
	await_register(replay, FPR_REG_STATUS, FPR_STATUS_READY);
}

/* ---- board memory ------------------------------------------------------- */

static void read_memory(struct replay *replay, const struct recorded *event)
{
	uint8_t is[HOST_PAGE];

	for (uint32_t i = 0, n; i < event->bytes; i += n) {
		n = HOST_PAGE - (uint32_t)((event->at + i) % HOST_PAGE);
		n = n < event->bytes - i ? n : event->bytes - i;
		replay->board->memory_read(replay->board->ctx, event->at + i, is, n);
		if (memcmp(is, event->data + i, n))
			replay_complain(replay, "board memory at %#" PRIx64 " differs",
					event->at + i);
		replay->tally.bytes += n;
	}
}

static void write_memory(struct replay *replay, const struct recorded *event)
{
	for (uint32_t i = 0, n; i < event->bytes; i += n) {
		n = HOST_PAGE - (uint32_t)((event->at + i) % HOST_PAGE);
		n = n < event->bytes - i ? n : event->bytes - i;
		replay->board->memory_write(replay->board->ctx, event->at + i, event->data + i, n);
	}
}

/* ---- between two rests -------------------------------------------------- */

/*
 * Where the recorded board rested and the host then rang: what the board read up to the next such
 * moment the host can have written here already, and what the board wrote must be there then.
 */
static int begins(const struct recorded *event, const struct rings *rings)
{
	if (event->what != 'w' || !rings_rest(rings))
		return 0;
	return event->at == FPR_REG_SQ_TAIL(FPR_ENGINE_MAC) ||
	       event->at == FPR_REG_SQ_TAIL(FPR_ENGINE_XFER);
}

static void foresee(struct replay *replay, const struct recorded *event, struct rings *rings)
{
	struct fpr_completion entry;
	unsigned int engine;

	if (event->what == 'w')
		rings_written(rings, (uint32_t)event->at, event->value);
	else if (event->what == 'x')
		rings_written(rings, FPR_REG_CTRL, FPR_CTRL_RESET);
	else if (event->what == 'i' &&
		 host_place(&replay->host, event->at, event->data, event->bytes))
		replay_complain(replay, "line %u finds other bytes than a read before it",
				event->line);
	if (event->what != 'o')
		return;
	switch (rings_post(rings, event->at, event->data, event->bytes, &engine, &entry)) {
	case POSTED_ELSEWHERE:
		host_want(&replay->host, event->at, event->data, event->bytes);
		break;
	case POSTED_WRONG:
		replay_complain(replay, "line %u is no completion", event->line);
		break;
	default:
		break;
	}
}

static void begin(struct replay *replay, size_t from)
{
	const struct recording *recording = replay->recording;
	struct rings rings = replay->recorded;

	host_begin(&replay->host);
	for (size_t i = from; i < recording->events; i++) {
		if (i > from && begins(&recording->event[i], &rings))
			break;
		foresee(replay, &recording->event[i], &rings);
	}
	host_spoil(&replay->host);
}

static void end(struct replay *replay)
{
	uint64_t at = host_differs(&replay->host, &replay->tally.bytes);

	if (at)
		replay_complain(replay, "host memory at %#" PRIx64 " differs", at);
	if (replay->n_posted)
		replay_complain(replay, "a completion too many, of fence %" PRIu64,
				(uint64_t)replay->posted[0].entry.fence);
	for (unsigned int cause = 0; cause < FPR_VECTORS; cause++)
		if (replay->messages[cause])
			replay_complain(replay, "a message too many, of cause %u", cause);
}

/* ---- the whole ---------------------------------------------------------- */

static void take_write(struct replay *replay, const struct recorded *event)
{
	struct fpr_completion entry;
	unsigned int engine;

	if (rings_post(&replay->recorded, event->at, event->data, event->bytes, &engine, &entry) ==
	    POSTED_ENTRY)
		await_completion(replay, engine, &entry);
}

static void take(struct replay *replay, const struct recorded *event, const struct recorded *next)
{
	switch (event->what) {
	case 'r':
		read_register(replay, event, next && next->what == 'r' && next->at == event->at);
		break;
	case 'w':
		write_register(replay, (uint32_t)event->at, event->value);
		break;
	case 'R':
		read_memory(replay, event);
		break;
	case 'W':
		write_memory(replay, event);
		break;
	case 'o':
		take_write(replay, event);
		break;
	case 'm':
		await_message(replay, event->at);
		break;
	case 'x':
		reset(replay);
		break;
	case 'f':
		replay_complain(replay, "memory out of reach cannot be replayed");
		break;
	default: /* what the board reads is there; levels follow from registers */
		break;
	}
}

int replay_run(struct replay *replay, const struct replay_board *board)
{
	const struct recording *recording = replay->recording;

	replay->board = board;
	begin(replay, 0);
	for (size_t i = 0; i < recording->events && !replay->error[0]; i++) {
		replay->now = &recording->event[i];
		if (i && begins(replay->now, &replay->recorded)) {
			end(replay);
			begin(replay, i);
		}
		take(replay, replay->now, i + 1 < recording->events ? replay->now + 1 : NULL);
	}
	end(replay);
	return replay->error[0] ? -1 : 0;
}

static int add_pages(struct replay *replay)
{
	for (size_t i = 0; i < replay->recording->events; i++) {
		const struct recorded *event = &replay->recording->event[i];

		if ((event->what == 'i' || event->what == 'o') &&
		    host_add(&replay->host, event->at, event->bytes))
			return -1;
	}
	return 0;
}

struct replay *replay_new(const struct recording *recording, uint64_t patience)
{
	struct replay *replay = calloc(1, sizeof(*replay));

	if (!replay)
		return NULL;
	replay->recording = recording;
	replay->patience = patience;
	if (!add_pages(replay))
		return replay;
	replay_free(replay);
	return NULL;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	host_free(&replay->host);
	free(replay);
}
