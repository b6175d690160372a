/* SPDX-License-Identifier: MIT */
#include <search.h>
#include <stdlib.h>

#include "board.h"

/* Regions never overlap, so what overlaps is the one that is looked for. */
static int compare(const void *a, const void *b)
{
	const struct board_region *x = a, *y = b;

	if (x->base + x->bytes <= y->base)
		return -1;
	return y->base + y->bytes <= x->base;
}

static struct board_region *new_region(struct fpr_device *device, uint64_t bytes)
{
	struct board_region *region = calloc(1, sizeof(*region));
	void *base;

	if (!region)
		return NULL;
	if (fpr_buffer_create(device, bytes, 0, &region->buffer))
		goto free_region;
	if (fpr_buffer_map(region->buffer, &base))
		goto destroy_buffer;
	region->base = base;
	region->bytes = bytes;
	return region;

destroy_buffer:
	fpr_buffer_destroy(region->buffer);
free_region:
	free(region);
	return NULL;
}

static void free_region(void *argument)
{
	struct board_region *region = argument;

	fpr_buffer_destroy(region->buffer);
	free(region);
}

void *board_alloc(struct fpr_group_board *board, uint64_t bytes)
{
	struct board_region *region = new_region(board->device, bytes);
	void *added;

	if (!region)
		return NULL;
	pthread_mutex_lock(&board->lock);
	added = tsearch(region, &board->regions, compare);
	pthread_mutex_unlock(&board->lock);
	if (added)
		return region->base;
	free_region(region);
	return NULL;
}

void board_release(struct fpr_group_board *board, void *host)
{
	const struct board_region key = {.base = host, .bytes = 1};
	struct board_region **found, *region = NULL;

	pthread_mutex_lock(&board->lock);
	found = tfind(&key, &board->regions, compare);
	if (found) {
		region = *found;
		tdelete(&key, &board->regions, compare);
	}
	pthread_mutex_unlock(&board->lock);
	if (region)
		free_region(region);
}

int board_find(struct fpr_group_board *board, const void *host, uint64_t bytes,
	       struct board_region *region)
{
	const struct board_region key = {.base = (char *)(uintptr_t)host, .bytes = 1};
	struct board_region **found;

	pthread_mutex_lock(&board->lock);
	found = tfind(&key, &board->regions, compare);
	if (found)
		*region = **found;
	pthread_mutex_unlock(&board->lock);
	return found && bytes <= region->bytes - (uint64_t)((const char *)host - region->base);
}

void board_release_all(struct fpr_group_board *board)
{
	while (board->regions)
		board_release(board, (*(struct board_region **)board->regions)->base);
}
