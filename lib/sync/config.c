/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>

#include "plan.h"

#define KIB 1024u
#define MIB (1024u * KIB)

/* The paper's 50,000 parameters and MXNet's 1,000,000, in bytes of fp32. */
#define PAPER_SLICE 200000u
#define KVSTORE_SPLIT 4000000u

static const char *const names[FPR_SYNC_MODES] = {"fifo", "slice", "p3", "p3-global", "best"};

const char *fpr_sync_mode_name(enum fpr_sync_mode mode)
{
	return (unsigned int)mode < FPR_SYNC_MODES ? names[mode] : NULL;
}

static void set_p3(struct fpr_sync_config *config)
{
	config->flags = FPR_SYNC_PRIORITY_PUSH | FPR_SYNC_PRIORITY_SERVER | FPR_SYNC_BROADCAST |
			FPR_SYNC_LIST_ORDER;
	config->slice_bytes = PAPER_SLICE;
	config->window_messages = 1;
}

static void set_best(struct fpr_sync_config *config)
{
	config->placement = FPR_SYNC_PLACE_BALANCED;
	config->flags = FPR_SYNC_PRIORITY_PUSH | FPR_SYNC_PRIORITY_SERVER |
			FPR_SYNC_PRIORITY_REPLY | FPR_SYNC_BROADCAST | FPR_SYNC_SKIP_BLOCKED;
	/* Growing with slack did not pay at 16 ranks; the tuner tries it. */
	config->slice_bytes = 256 * KIB;
	config->slice_max_bytes = 256 * KIB;
	config->fuse_bytes = 64 * KIB;
	config->window_bytes = 512 * KIB;
	config->window_total_bytes = 512 * KIB;
}

int fpr_sync_config_init(struct fpr_sync_config *config, enum fpr_sync_mode mode, uint32_t ranks)
{
	if (!config || (unsigned int)mode >= FPR_SYNC_MODES || !ranks || ranks > FPR_SYNC_RANKS_MAX)
		return -EINVAL;
	*config = (struct fpr_sync_config){
		.ranks = ranks, .workers = ranks, .servers = ranks, .lanes = 1};
	switch (mode) {
	case FPR_SYNC_FIFO:
		config->placement = FPR_SYNC_PLACE_HASH;
		config->split_bytes = KVSTORE_SPLIT;
		break;
	case FPR_SYNC_SLICE:
		config->placement = FPR_SYNC_PLACE_RESTART;
		config->flags = FPR_SYNC_BROADCAST;
		config->slice_bytes = PAPER_SLICE;
		break;
	case FPR_SYNC_P3:
		set_p3(config);
		config->placement = FPR_SYNC_PLACE_RESTART;
		break;
	case FPR_SYNC_P3_GLOBAL:
		set_p3(config);
		config->placement = FPR_SYNC_PLACE_COUNTER;
		break;
	default:
		set_best(config);
	}
	return 0;
}

int fpr_sync_config_check(const struct fpr_sync_config *c)
{
	if (!c->ranks || c->ranks > FPR_SYNC_RANKS_MAX || !c->workers || !c->servers || !c->lanes)
		return -EINVAL;
	if (c->workers > c->ranks || c->first_server >= c->ranks ||
	    c->servers > c->ranks - c->first_server)
		return -EINVAL;
	if (c->placement >= FPR_SYNC_PLACEMENTS || c->flags & ~FPR_SYNC_FLAGS)
		return -EINVAL;
	if (c->slice_bytes > FPR_SYNC_SLICE_MAX || c->slice_max_bytes > FPR_SYNC_SLICE_MAX ||
	    c->fuse_bytes > FPR_SYNC_SLICE_MAX)
		return -EINVAL;
	return 0;
}
