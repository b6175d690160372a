/* SPDX-License-Identifier: MIT */

/* The fuzzer's dice, and the objects that its calls are made with. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* ---- dice ---------------------------------------------------------------- */

/* splitmix64: any seed will do. */
uint64_t roll(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint32_t below(struct dice *dice, uint32_t limit)
{
	return limit ? (uint32_t)(roll(dice) >> 33) % limit : 0;
}

bool once_in(struct dice *dice, uint32_t times)
{
	return below(dice, times) == 0;
}

uint64_t odd_value(struct dice *dice)
{
	switch (below(dice, 8)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return UINT64_MAX;
	case 3:
		return UINT64_MAX - below(dice, 8192);
	case 4:
		return 1ull << below(dice, 64);
	case 5:
		return (1ull << below(dice, 64)) - 1;
	case 6:
		return below(dice, 65536);
	default:
		return below(dice, 300);
	}
}

/* ---- objects ------------------------------------------------------------- */

bool pool_put(struct pool *pool, struct thing thing)
{
	bool room;

	pthread_mutex_lock(&pool->lock);
	room = pool->count < LIVE;
	if (room)
		pool->live[pool->count++] = thing;
	pthread_mutex_unlock(&pool->lock);
	return room;
}

struct thing pool_look(struct pool *pool, struct dice *dice)
{
	struct thing thing = {0};

	pthread_mutex_lock(&pool->lock);
	if (pool->count)
		thing = pool->live[below(dice, pool->count)];
	pthread_mutex_unlock(&pool->lock);
	return thing;
}

bool pool_take(struct pool *pool, struct dice *dice, struct thing *thing)
{
	uint32_t at;
	bool found;

	pthread_mutex_lock(&pool->lock);
	found = pool->count > 0;
	if (found) {
		at = below(dice, pool->count);
		*thing = pool->live[at];
		pool->live[at] = pool->live[--pool->count];
		pool->stale[below(dice, STALE)] = (uint32_t)thing->id;
	}
	pthread_mutex_unlock(&pool->lock);
	return found;
}

uint32_t any_handle(struct world *world, struct dice *dice, int file, enum kind kind)
{
	switch (below(dice, 32)) {
	case 0:
		return (uint32_t)odd_value(dice);
	case 1:
		return world->pool[file][kind].stale[below(dice, STALE)];
	case 2:
		return (uint32_t)pool_look(&world->pool[!file][kind], dice).id;
	case 3:
		return (uint32_t)pool_look(&world->pool[file][below(dice, 3)], dice).id;
	default:
		return (uint32_t)pool_look(&world->pool[file][kind], dice).id;
	}
}

struct thing any_bo(struct world *world, struct dice *dice, int file, uint32_t placement,
		    uint64_t size)
{
	struct thing thing = {0};

	if (once_in(dice, 24)) {
		thing.id = any_handle(world, dice, file, KIND_BO);
		thing.size = size;
		return thing;
	}
	for (int i = 0; i < 12; i++) {
		thing = pool_look(&world->pool[file][KIND_BO], dice);
		if (thing.id && thing.placement == placement && thing.size >= size)
			break;
	}
	return thing;
}

/* ---- files --------------------------------------------------------------- */

/* Something to begin with: an empty pool makes for calls that all fail alike. */
static bool furnish(struct world *world, int file)
{
	int fd = world->fd[file] = open_board();
	struct pool *pool = world->pool[file];

	for (uint32_t i = 0; i < 8; i++) {
		struct drm_fpr_bo_create bo = {.size = 65536 + 4096 * i, .placement = i % 2};
		uint32_t ctx;

		if (call(fd, DRM_IOCTL_FPR_BO_CREATE, &bo) || ctx_create(fd, i % 3, &ctx))
			return false;
		pool_put(&pool[KIND_BO], (struct thing){bo.handle, bo.size, bo.placement});
		pool_put(&pool[KIND_CTX], (struct thing){.id = ctx});
	}
	return true;
}

bool world_open(struct world *world)
{
	uint8_t *pages =
		mmap(NULL, SCRATCH + 2 * 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + 65536, SCRATCH, PROT_READ | PROT_WRITE))
		return false;
	world->scratch = pages + 65536;
	pthread_rwlock_init(&world->files, NULL);
	for (int file = 0; file < FILES; file++) {
		for (int kind = 0; kind < KINDS; kind++)
			pthread_mutex_init(&world->pool[file][kind].lock, NULL);
		if (!furnish(world, file))
			return false;
	}
	snprintf(world->sysfs, sizeof(world->sysfs), "%.250s", board_sysfs());
	snprintf(world->debugfs, sizeof(world->debugfs), "%s", board_debugfs());
	return true;
}

void world_reopen(struct world *world, int file)
{
	pthread_rwlock_wrlock(&world->files);
	close(world->fd[file]);
	for (int kind = 0; kind < KIND_PRIME; kind++)
		world->pool[file][kind].count = 0;
	furnish(world, file);
	pthread_rwlock_unlock(&world->files);
}

void world_close(struct world *world)
{
	struct pool *maps = &world->pool[0][KIND_MAP], *primes = &world->pool[0][KIND_PRIME];

	while (maps->count--)
		munmap((void *)(uintptr_t)maps->live[maps->count].id, maps->live[maps->count].size);
	while (primes->count--)
		close((int)primes->live[primes->count].id);
	for (int file = 0; file < FILES; file++)
		close(world->fd[file]);
}
