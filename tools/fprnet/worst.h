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
 * worst_of() - simulate at every whole Gbps of a model's range, with the reference constants
 * @model: what is trained
 * @config: how
 * @every: only every so many-th Gbps, at least 1
 * @worst: filled in
 * Return: 0, or -errno after a complaint
 */
int worst_of(const struct model *model, const struct fpr_sync_config *config, int every,
	     struct worst *worst);

#endif
