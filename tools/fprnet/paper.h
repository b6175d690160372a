/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_PAPER_H
#define FPRNET_PAPER_H

#include "sim.h"

/* What the P3 paper's figure 7 shows: 4 machines, throughput per worker. */
#define PAPER_NODES 4
#define PAPER_MODES 3 /* fifo, slice, p3 */
#define PAPER_POINTS_MAX 20

extern const enum fpr_sync_mode paper_modes[PAPER_MODES];

/**
 * struct paper_point - one bandwidth of one network
 * @gbps: bandwidth
 * @rate: samples per second and worker, per mode
 */
struct paper_point {
	double gbps, rate[PAPER_MODES];
};

/**
 * struct paper_model - one network's curves
 * @file: model_load()'s name
 * @gated: the bar counts for it
 * @claim_gbps: where the paper's text claims a gain of P3
 * @claim_percent: how much, 0: none here
 * @points: ends with gbps 0
 */
struct paper_model {
	const char *file;
	int gated;
	double claim_gbps, claim_percent;
	struct paper_point points[PAPER_POINTS_MAX];
};

/* Ends with a NULL file; the gated ones come first. */
extern const struct paper_model paper_models[];

/* May `fprnet fit` look at a point? Others check what it found. */
static inline int paper_may_fit(double gbps)
{
	return (int)gbps % 2 == 0;
}

/* Seconds of a step that were fitted for a model; 0 for one that is not in the paper. */
double paper_step_s(const char *file);

/* Simulates a point. Return: samples per second and worker, below 0 after a complaint */
double paper_simulate(const struct model *model, const struct constants *constants, double step_s,
		      double gbps, enum fpr_sync_mode mode);

#endif
