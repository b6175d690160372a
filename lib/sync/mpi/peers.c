/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "group.h"

#define VERSION 1
#define SECOND 1000000000ull
#define NAME_MAX_BYTES (FPR_GROUP_HOST_MAX + 48)
/* Signs of life in a time-out. */
#define BEATS 8
/* How long a rank that gives up tries to say so. */
#define FAREWELL_NS (SECOND / 2)

/* ---- errors ------------------------------------------------------------ */

int fpr_engine_fail(struct fpr_group *g, int error, uint32_t culprit, const char *format, ...)
{
	va_list arguments;

	pthread_mutex_lock(&g->lock);
	if (!g->error) {
		va_start(arguments, format);
		vsnprintf(g->text, sizeof(g->text), format, arguments);
		va_end(arguments);
		g->culprit = culprit;
		g->error = error;
	}
	error = g->error;
	pthread_mutex_unlock(&g->lock);
	return error;
}

void fpr_engine_name(const struct fpr_group *g, uint32_t rank, char *name, size_t size)
{
	const struct fpr_engine_hello *hello = &g->peers[rank].hello;

	if (g->peers[rank].joined)
		snprintf(name, size, "rank %u (host %s, pid %u)", rank, hello->host, hello->pid);
	else
		snprintf(name, size, "rank %u", rank);
}

int fpr_engine_mpi(struct fpr_group *g, int mpi_error, const char *what, uint32_t peer)
{
	char text[MPI_MAX_ERROR_STRING] = "", name[NAME_MAX_BYTES];
	int length;

	if (mpi_error == MPI_SUCCESS)
		return g->error;
	MPI_Error_string(mpi_error, text, &length);
	fpr_engine_name(g, peer, name, sizeof(name));
	return fpr_engine_fail(g, -EIO, peer, "MPI: %s, %s: %.100s", what, name, text);
}

/* ---- joining ----------------------------------------------------------- */

static void pause_shortly(void)
{
	const struct timespec shortly = {.tv_nsec = 200000};

	nanosleep(&shortly, NULL);
}

static int exchange(struct fpr_group *g, MPI_Request *requests)
{
	struct fpr_engine_hello *mine = &g->peers[g->rank].hello;
	int ret = 0, n = 0;

	mine->version = VERSION;
	mine->pid = (uint32_t)getpid();
	if (gethostname(mine->host, sizeof(mine->host) - 1))
		snprintf(mine->host, sizeof(mine->host), "?");
	for (uint32_t i = 0; i < g->ranks && !ret; i++)
		if (i != g->rank)
			ret = fpr_engine_mpi(g,
					     MPI_Irecv(&g->peers[i].hello, sizeof(*mine), MPI_BYTE,
						       (int)i, FPR_ENGINE_TAG_HELLO, g->parent,
						       requests + n++),
					     "joining", i);
	for (uint32_t i = 0; i < g->ranks && !ret; i++)
		if (i != g->rank)
			ret = fpr_engine_mpi(g,
					     MPI_Isend(mine, sizeof(*mine), MPI_BYTE, (int)i,
						       FPR_ENGINE_TAG_HELLO, g->parent,
						       requests + n++),
					     "joining", i);
	return ret;
}

static int all_here(struct fpr_group *g, MPI_Request *requests, uint64_t began)
{
	const uint64_t limit = g->options.join_timeout_ns;
	const int count = 2 * (int)g->ranks - 2;
	int here = 0;

	for (;;) {
		int ret =
			fpr_engine_mpi(g, MPI_Testall(count, requests, &here, MPI_STATUSES_IGNORE),
				       "joining", g->rank);

		if (ret || here)
			return ret;
		if (limit && fpr_engine_now() - began > limit)
			break;
		pause_shortly();
	}
	for (uint32_t i = 0; i < g->ranks; i++)
		if (i != g->rank && !g->peers[i].hello.version)
			return fpr_engine_fail(g, -ETIMEDOUT, i,
					       "rank %u has not joined for %.1f s", i,
					       (double)limit / SECOND);
	return fpr_engine_fail(g, -ETIMEDOUT, FPR_GROUP_NONE, "not all ranks joined in %.1f s",
			       (double)limit / SECOND);
}

static int duplicate(struct fpr_group *g, MPI_Comm *copy, uint64_t began)
{
	MPI_Request request;
	int here = 0;
	int ret = fpr_engine_mpi(g, MPI_Comm_idup(g->parent, copy, &request), "joining", g->rank);

	while (!ret && !here) {
		ret = fpr_engine_mpi(g, MPI_Test(&request, &here, MPI_STATUS_IGNORE), "joining",
				     g->rank);
		if (!ret && !here && g->options.join_timeout_ns &&
		    fpr_engine_now() - began > g->options.join_timeout_ns)
			ret = fpr_engine_fail(g, -ETIMEDOUT, FPR_GROUP_NONE,
					      "a rank was lost while joining");
		if (!here)
			pause_shortly();
	}
	return ret ? ret
		   : fpr_engine_mpi(g, MPI_Comm_set_errhandler(*copy, MPI_ERRORS_RETURN), "joining",
				    g->rank);
}

static int listen_to_notes(struct fpr_group *g)
{
	return fpr_engine_mpi(g,
			      MPI_Irecv(&g->note, sizeof(g->note), MPI_BYTE, MPI_ANY_SOURCE,
					FPR_ENGINE_TAG_NOTE, g->wire.control, &g->note_request),
			      "listening", g->rank);
}

static int meet(struct fpr_group *g)
{
	MPI_Request *requests = malloc(2 * (size_t)g->ranks * sizeof(*requests));
	const uint64_t began = fpr_engine_now();
	int ret;

	if (!requests)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to join");
	ret = exchange(g, requests);
	if (!ret)
		ret = all_here(g, requests, began);
	free(requests);
	for (uint32_t i = 0; i < g->ranks && !ret; i++) {
		if (g->peers[i].hello.version != VERSION)
			ret = fpr_engine_fail(g, -EPROTO, i, "rank %u has another libfprsync", i);
		g->peers[i].hello.host[FPR_GROUP_HOST_MAX - 1] = '\0';
		g->peers[i].joined = 1;
	}
	if (!ret)
		ret = duplicate(g, &g->wire.data, began);
	if (!ret)
		ret = duplicate(g, &g->wire.control, began);
	return ret ? ret : listen_to_notes(g);
}

int fpr_engine_join(struct fpr_group *g)
{
	MPI_Errhandler handler;
	uint64_t now;
	int ret;

	MPI_Comm_get_errhandler(g->parent, &handler);
	MPI_Comm_set_errhandler(g->parent, MPI_ERRORS_RETURN);
	ret = meet(g);
	MPI_Comm_set_errhandler(g->parent, handler);
	MPI_Errhandler_free(&handler);
	now = fpr_engine_now();
	for (uint32_t i = 0; i < g->ranks; i++)
		g->peers[i].heard_ns = g->peers[i].calls_ns = now;
	g->turn_ns = now;
	return ret;
}

/* ---- notes out --------------------------------------------------------- */

int fpr_engine_tell(struct fpr_group *g, uint32_t peer, const struct fpr_engine_note *note)
{
	struct fpr_engine_sent_note *sent = malloc(sizeof(*sent));

	if (!sent)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for a note");
	sent->note = *note;
	sent->peer = peer;
	sent->next = g->notes;
	g->notes = sent;
	g->peers[peer].beating |= note->kind == FPR_ENGINE_ALIVE;
	return fpr_engine_mpi(g,
			      MPI_Isend(&sent->note, sizeof(sent->note), MPI_BYTE, (int)peer,
					FPR_ENGINE_TAG_NOTE, g->wire.control, &sent->request),
			      "a note", peer);
}

/* Who has finished may be gone, unless it waits. */
static int wants_beat(const struct fpr_group *g, uint32_t peer)
{
	const struct fpr_engine_peer *p = g->peers + peer;

	return peer != g->rank && !p->beating && (!g->finished || g->doing || p->doing);
}

static int beat_all(struct fpr_group *g)
{
	struct fpr_engine_note beat = {.kind = FPR_ENGINE_ALIVE, .doing = g->doing};

	pthread_mutex_lock(&g->lock);
	/* A program that waits for others is not stuck. */
	g->calls += g->inside != 0;
	beat.calls = g->calls;
	beat.step = g->step;
	pthread_mutex_unlock(&g->lock);
	for (uint32_t i = 0; i < g->ranks; i++)
		if (wants_beat(g, i) && fpr_engine_tell(g, i, &beat))
			return g->error;
	return 0;
}

/* Frees notes that are out. Return: 0 or the last one's MPI error */
static int sweep(struct fpr_group *g)
{
	struct fpr_engine_sent_note **link = &g->notes;
	int worst = MPI_SUCCESS;

	while (*link) {
		struct fpr_engine_sent_note *note = *link;
		int out = 0;
		const int error = MPI_Test(&note->request, &out, MPI_STATUS_IGNORE);

		if (error != MPI_SUCCESS)
			worst = error;
		else if (!out) {
			link = &note->next;
			continue;
		}
		if (note->note.kind == FPR_ENGINE_ALIVE)
			g->peers[note->peer].beating = 0;
		*link = note->next;
		free(note);
	}
	return worst;
}

void fpr_engine_flush_notes(struct fpr_group *g)
{
	const uint64_t began = fpr_engine_now();

	/* That one of them ended with an error is no news. */
	for (sweep(g); g->notes && fpr_engine_now() - began < FAREWELL_NS; sweep(g))
		pause_shortly();
}

void fpr_engine_farewell(struct fpr_group *g)
{
	struct fpr_engine_note note = {
		.kind = g->error ? FPR_ENGINE_FAIL : FPR_ENGINE_LEAVE,
		.error = g->error,
		.culprit = g->culprit,
	};

	if (g->wire.control == MPI_COMM_NULL || g->ranks == 1 || g->heard_of_it)
		return;
	memcpy(note.text, g->text, sizeof(note.text));
	for (uint32_t i = 0; i < g->ranks; i++)
		if (i != g->rank)
			fpr_engine_tell(g, i, &note);
	fpr_engine_flush_notes(g);
}

/* ---- notes in ---------------------------------------------------------- */

void fpr_engine_heard(struct fpr_group *g, uint32_t peer, uint64_t now)
{
	g->peers[peer].heard_ns = now;
	pthread_mutex_lock(&g->lock);
	if (g->core)
		fpr_sync_alive(g->core, peer, now);
	pthread_mutex_unlock(&g->lock);
}

static int is_idle(const struct fpr_group *g, uint32_t peer, uint64_t now)
{
	return g->options.idle_timeout_ns &&
	       now - g->peers[peer].calls_ns > g->options.idle_timeout_ns;
}

/* What answers but whose program is stuck does not count as alive. */
static void alive(struct fpr_group *g, uint32_t peer, const struct fpr_engine_note *note,
		  uint64_t now)
{
	struct fpr_engine_peer *p = g->peers + peer;

	if (p->calls != note->calls) {
		p->calls = note->calls;
		p->calls_ns = now;
	}
	if (p->doing != note->doing || p->doing_step != note->step) {
		p->doing = note->doing;
		p->doing_step = note->step;
		p->doing_ns = now;
	}
	p->told_ns = now;
	if (!is_idle(g, peer, now))
		fpr_engine_heard(g, peer, now);
}

static int failed(struct fpr_group *g, uint32_t peer, const struct fpr_engine_note *note)
{
	/* Who finds out tells everybody. */
	g->heard_of_it = 1;
	if (note->culprit == g->rank && note->error == -ETIMEDOUT)
		return fpr_engine_fail(g, note->error, note->culprit,
				       "the others went on without this one: %.150s", note->text);
	return fpr_engine_fail(g, note->error < 0 ? note->error : -EPROTO, note->culprit,
			       "%.200s (says rank %u)", note->text, peer);
}

static int left(struct fpr_group *g, uint32_t peer)
{
	char name[NAME_MAX_BYTES];

	g->peers[peer].left = 1;
	/* Before the start, the next thing that all do notices. */
	if (g->finished || (!g->started && !g->together))
		return 0;
	fpr_engine_name(g, peer, name, sizeof(name));
	return fpr_engine_fail(g, -ECONNRESET, peer, "%s has left before the end", name);
}

int fpr_engine_all_there(struct fpr_group *g)
{
	int ret = 0;

	for (uint32_t i = 0; i < g->ranks && !ret; i++)
		ret = g->peers[i].left ? left(g, i) : 0;
	return ret;
}

static int take(struct fpr_group *g, uint32_t peer, const struct fpr_engine_note *note,
		uint64_t now)
{
	switch (note->kind) {
	case FPR_ENGINE_ALIVE:
		alive(g, peer, note, now);
		return 0;
	case FPR_ENGINE_RATE:
		pthread_mutex_lock(&g->lock);
		fpr_engine_set_rate(g, note->step, note->rate);
		g->step = note->step;
		pthread_mutex_unlock(&g->lock);
		return 0;
	case FPR_ENGINE_BOUNDARY:
		g->boundary_due = 1;
		g->boundary_step = note->step;
		g->boundary_finish = (int)note->finish;
		return 0;
	case FPR_ENGINE_FAIL:
		return failed(g, peer, note);
	case FPR_ENGINE_LEAVE:
		return left(g, peer);
	}
	return fpr_engine_fail(g, -EPROTO, peer, "rank %u sent what was not expected", peer);
}

int fpr_engine_notes(struct fpr_group *g, uint64_t now)
{
	int here = 1, ret = fpr_engine_mpi(g, sweep(g), "a note", g->rank);

	while (!ret) {
		struct fpr_engine_note note;
		MPI_Status status;

		ret = fpr_engine_mpi(g, MPI_Test(&g->note_request, &here, &status), "listening",
				     g->rank);
		if (ret || !here)
			break;
		note = g->note;
		note.text[sizeof(note.text) - 1] = '\0';
		ret = listen_to_notes(g);
		if (!ret)
			ret = take(g, (uint32_t)status.MPI_SOURCE, &note, now);
	}
	return ret;
}

/* ---- watching ---------------------------------------------------------- */

static int lost(struct fpr_group *g, uint32_t peer, uint64_t now)
{
	const struct fpr_engine_peer *p = g->peers + peer;
	char name[NAME_MAX_BYTES];

	fpr_engine_name(g, peer, name, sizeof(name));
	if (is_idle(g, peer, now))
		return fpr_engine_fail(g, -ETIMEDOUT, peer,
				       "%s answers, but its program has done nothing for %.1f s",
				       name, (double)(now - p->calls_ns) / SECOND);
	return fpr_engine_fail(g, -ETIMEDOUT, peer, "%s has not answered for %.1f s", name,
			       (double)(now - p->heard_ns) / SECOND);
}

static int look_for_lost(struct fpr_group *g, uint64_t now)
{
	const uint64_t timeout = g->options.config.timeout_ns;
	uint32_t peer, worst = g->rank;
	int stalled = 0;

	pthread_mutex_lock(&g->lock);
	if (g->core)
		stalled = fpr_sync_stalled(g->core, now, &peer);
	pthread_mutex_unlock(&g->lock);
	if (stalled)
		return lost(g, peer, now);
	for (uint32_t i = 0; g->together && i < g->ranks; i++)
		if (i != g->rank && now - g->peers[i].heard_ns > timeout &&
		    (worst == g->rank || g->peers[i].heard_ns < g->peers[worst].heard_ns))
			worst = i;
	return worst == g->rank ? 0 : lost(g, worst, now);
}

void fpr_engine_do(struct fpr_group *g, enum fpr_engine_doing doing)
{
	g->doing = doing;
	g->doing_ns = fpr_engine_now();
}

/* Has a peer said since long after @since_ns what it does? */
static int keeps_saying(const struct fpr_group *g, const struct fpr_engine_peer *p,
			uint64_t since_ns)
{
	const uint64_t since = since_ns > p->doing_ns ? since_ns : p->doing_ns;

	return p->told_ns > since && p->told_ns - since > g->options.config.timeout_ns;
}

/* Ranks that wait for each other for ever, as they do not do the same. */
static int look_for_mismatch(struct fpr_group *g)
{
	static const char *const doing[] = {"", "start", "cross a checkpoint or a trial's end",
					    "finish", "gather"};
	uint64_t step, step_ns;
	char name[NAME_MAX_BYTES];

	pthread_mutex_lock(&g->lock);
	step = g->step;
	step_ns = g->step_told_ns;
	pthread_mutex_unlock(&g->lock);
	for (uint32_t i = 0; i < g->ranks; i++) {
		const struct fpr_engine_peer *p = g->peers + i;
		const int behind = p->doing && step > p->doing_step && keeps_saying(g, p, step_ns);
		const int otherwise = p->doing && g->doing && p->doing != g->doing &&
				      keeps_saying(g, p, g->doing_ns);

		if (i == g->rank || p->doing >= sizeof(doing) / sizeof(*doing) ||
		    !(behind || otherwise))
			continue;
		fpr_engine_name(g, i, name, sizeof(name));
		return fpr_engine_fail(g, -EPROTO, i,
				       "%s waits for all to %s after step %llu, rank %u %s in step "
				       "%llu: all must make the same calls",
				       name, doing[p->doing], (unsigned long long)p->doing_step,
				       g->rank, g->doing ? "does otherwise" : "goes on",
				       (unsigned long long)step);
	}
	return 0;
}

int fpr_engine_watch(struct fpr_group *g, uint64_t now)
{
	const uint64_t timeout = g->options.config.timeout_ns;
	const uint64_t gap = now - g->turn_ns;
	int ret;

	g->turn_ns = now;
	if (!timeout || g->ranks == 1)
		return 0;
	/* If it was this rank that slept, the others' signs of life may still be on their way. */
	for (uint32_t i = 0; gap > timeout / 2 && i < g->ranks; i++)
		fpr_engine_heard(g, i, now);
	if (now - g->beat_ns < timeout / BEATS)
		return 0;
	g->beat_ns = now;
	ret = beat_all(g);
	if (!ret)
		ret = look_for_lost(g, now);
	return ret ? ret : look_for_mismatch(g);
}
