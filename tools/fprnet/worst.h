/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_WORST_H
#define FPRNET_WORST_H

#include "sim.h"

/**
 * struct worst - where a configuration is furthest from the bound
 * @of_bound: part of the bound's throughput there
 * @gbps: where
 * @mean: of the part, over all bandwidths
 */
struct worst {
	double of_bound, gbps, mean;
};

/**
 * enum worst_tuning - does a job look for a better configuration first?
 * @WORST_AS_IT_IS: no
 * @WORST_TUNED: as a job does
 * @WORST_TUNED_NO_ASIDE: the same, but the coarsest plan is not what others must beat
 */
enum worst_tuning {
	WORST_AS_IT_IS,
	WORST_TUNED,
	WORST_TUNED_NO_ASIDE,
};

/**
 * worst_of() - simulate at every whole Gbps of a model's range, with the reference constants
 * @model: what is trained
 * @config: how
 * @tuning: enum worst_tuning, at each bandwidth anew
 * @every: only every so many-th Gbps, at least 1
 * @worst: filled in
 * Return: 0, or -errno after a complaint
 */
int worst_of(const struct model *model, const struct fpr_sync_config *config,
	     enum worst_tuning tuning, int every, struct worst *worst);

#endif
