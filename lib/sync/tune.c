/* SPDX-License-Identifier: MIT */
#include "fpr_sync_core.h"

#define SLICE_LEAST (16u << 10)
#define SLICE_MOST (8u << 20)
#define WINDOW_LEAST (64u << 10)
#define WINDOW_MOST (32u << 20)
/* Of the coarsest plan: larger messages would not be much fewer, and fall out of caches. */
#define ASIDE_SLICE (1u << 20)
#define ASIDE_FUSE (512u << 10)

enum state { NEW, ASIDE, START, WALK, DONE };
enum axis { SLICE, SLACK, WINDOW, AXES };

void fpr_sync_tuner_init(struct fpr_sync_tuner *tuner, const struct fpr_sync_config *start)
{
	*tuner = (struct fpr_sync_tuner){.best = *start, .aside = *start, .state = NEW};
	tuner->aside.slice_bytes = ASIDE_SLICE;
	tuner->aside.slice_max_bytes = ASIDE_SLICE;
	tuner->aside.fuse_bytes = ASIDE_FUSE;
	tuner->aside.window_messages = 0;
	tuner->aside.window_bytes = 0;
	tuner->aside.window_total_bytes = 0;
	/* Less means as much: growth is doubled from there. */
	if (tuner->best.slice_max_bytes < tuner->best.slice_bytes)
		tuner->best.slice_max_bytes = tuner->best.slice_bytes;
}

static uint64_t step(uint64_t value, uint32_t up)
{
	return up ? value * 2 : value / 2;
}

static uint32_t step_bytes(uint32_t value, uint32_t up)
{
	const uint64_t next = step(value, up);

	return next < SLICE_MOST ? (uint32_t)next : SLICE_MOST;
}

/* Puts the best, one step further on the axis, into trial. Return: 0 at the end of the axis */
static int propose(struct fpr_sync_tuner *tuner)
{
	struct fpr_sync_config *trial = &tuner->trial;
	uint64_t value;

	*trial = tuner->best;
	if (tuner->axis == SLICE) {
		value = step(trial->slice_bytes, tuner->up);
		trial->slice_bytes = (uint32_t)value;
		trial->slice_max_bytes = step_bytes(trial->slice_max_bytes, tuner->up);
		/* A tensor is small beside a slice. */
		trial->fuse_bytes = step_bytes(trial->fuse_bytes, tuner->up);
		return value >= SLICE_LEAST && value <= SLICE_MOST;
	}
	if (tuner->axis == SLACK) {
		value = step(trial->slice_max_bytes, tuner->up);
		trial->slice_max_bytes = (uint32_t)value;
		return value >= trial->slice_bytes && value <= SLICE_MOST;
	}
	value = step(trial->window_total_bytes, tuner->up);
	trial->window_total_bytes = value;
	trial->window_bytes = step(trial->window_bytes, tuner->up);
	return value >= WINDOW_LEAST && value <= WINDOW_MOST;
}

/* The other way, the next axis, or the next round. Return: 0 when nothing is left */
static int turn(struct fpr_sync_tuner *tuner)
{
	const uint32_t other_way = !tuner->up && !tuner->gained;

	tuner->gained = 0;
	if (other_way) {
		tuner->up = 1;
		return 1;
	}
	tuner->up = 0;
	if (++tuner->axis < AXES)
		return 1;
	tuner->axis = 0;
	if (!tuner->moved)
		return 0;
	tuner->moved = 0;
	return 1;
}

static int finish(struct fpr_sync_tuner *tuner)
{
	tuner->state = DONE;
	if (tuner->best_ns > tuner->aside_ns - tuner->aside_ns / 200) {
		tuner->best = tuner->aside;
		tuner->best_ns = tuner->aside_ns;
	}
	return 0;
}

static int walk(struct fpr_sync_tuner *tuner)
{
	do {
		if (tuner->trials >= FPR_SYNC_TUNE_TRIALS)
			return finish(tuner);
		if (propose(tuner))
			return 1;
	} while (turn(tuner));
	return finish(tuner);
}

static int judge(struct fpr_sync_tuner *tuner, uint64_t step_ns)
{
	if (step_ns < tuner->best_ns - tuner->best_ns / 500) {
		tuner->best = tuner->trial;
		tuner->best_ns = step_ns;
		tuner->gained = 1;
		tuner->moved = 1;
	} else if (!turn(tuner)) {
		return finish(tuner);
	}
	return walk(tuner);
}

static int advance(struct fpr_sync_tuner *tuner, uint64_t step_ns)
{
	switch (tuner->state) {
	case NEW:
		tuner->trial = tuner->aside;
		tuner->state = ASIDE;
		return 1;
	case ASIDE:
		tuner->aside_ns = step_ns;
		tuner->trial = tuner->best;
		tuner->state = START;
		return 1;
	case START:
		tuner->best_ns = step_ns;
		tuner->state = WALK;
		return walk(tuner);
	case WALK:
		return judge(tuner, step_ns);
	}
	return 0;
}

int fpr_sync_tuner_next(struct fpr_sync_tuner *tuner, uint64_t step_ns,
			struct fpr_sync_config *config)
{
	const int more = advance(tuner, step_ns);

	tuner->trials += (uint32_t)more;
	*config = more ? tuner->trial : tuner->best;
	return more;
}
