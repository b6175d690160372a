/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_SIM_H
#define FPRNET_SIM_H

#include "model.h"

/**
 * struct constants - what a node and its link cost
 * @efficiency: part of a link's rate that carries payload
 * @latency_us: from the last byte's departure to the message's arrival
 * @message_us: server time for a message received, and for one sent
 * @add_gbs: sums, 1e9 bytes per second, of slices that fit a cache
 * @update_gbs: likewise the update when the last is added
 * @large_add_gbs: of slices that do not
 * @large_update_gbs: likewise
 * @large_bytes: from this size on a slice does not
 * @chunk_bytes: connections of a node take turns after so much
 * @output_macs: writing an output costs as much time as so many multiply-adds
 */
struct constants {
	double efficiency, latency_us, message_us;
	double add_gbs, update_gbs, large_add_gbs, large_update_gbs;
	double large_bytes, chunk_bytes, output_macs;
};

/* Written down before there was a simulation, and frozen: the same for all modes. */
extern const struct constants reference_constants;
/* What `fprnet fit` found on the points that it may look at. */
extern const struct constants fitted_constants;

/**
 * struct sim_job - one simulation
 * @model: what is trained
 * @config: how it is synchronised
 * @constants: what things cost
 * @gbps: each node's link, outgoing; incoming is not a limit
 * @step_s: seconds to compute a step, 0: the model's
 * @warm: steps before measuring
 * @steps: steps measured
 */
struct sim_job {
	const struct model *model;
	struct fpr_sync_config config;
	const struct constants *constants;
	double gbps, step_s;
	uint32_t warm, steps;
};

/**
 * struct sim_result - what came out
 * @step_s: seconds per step
 * @rate: samples per second and node
 * @egress: part of the measured time in which a node's link was busy, node 0's
 * @server: part in which node 0's server was
 * @messages: per node and step
 * @events: in all
 */
struct sim_result {
	double step_s, rate, egress, server, messages;
	uint64_t events;
};

/**
 * sim_run() - simulate
 * @job: what
 * @result: filled in
 *
 * Events and time are O(nodes x slices x log(nodes)) per step, memory
 * O(nodes x (slices + tensors)), with 32 bytes for each pair of nodes that talk. Every node is
 * simulated; nothing is taken to be symmetric.
 *
 * Return: 0 or -errno
 */
int sim_run(const struct sim_job *job, struct sim_result *result);

/* What an error of sim_run() or sim_tune() means. */
const char *sim_error(int error);

/**
 * sim_tune() - choose slice size and windows as a job would, by trying
 * @job: what; its config is the start, and set to what was found
 * @aside: to step aside where nothing is faster than the coarsest plan, as a job does
 * Return: 0 or -errno
 */
int sim_tune(struct sim_job *job, int aside);

/**
 * sim_bound() - no schedule is faster
 * @model: what is trained
 * @nodes: workers, each a server too
 * @gbps: each one's link, outgoing
 * @constants: for efficiency, latency and the layers' times; servers cost nothing
 * @step_s: seconds to compute a step, 0: the model's
 *
 * For each layer l: its gradients do not exist before backward has reached it, and have to be back
 * before forward can use it: compute of layers l and later, and the network time of all
 * tensors up to l, one after the other. The largest of these.
 *
 * Return: seconds per step
 */
double sim_bound(const struct model *model, uint32_t nodes, double gbps,
		 const struct constants *constants, double step_s);

/**
 * sim_layers_ns() - time of each layer's forward pass; backward takes twice that
 * @model: its layers
 * @constants: for the cost of outputs
 * @step_s: seconds to compute a step, 0: the model's
 * @ns: filled in, one for each layer
 */
void sim_layers_ns(const struct model *model, const struct constants *constants, double step_s,
		   uint64_t *ns);

#endif
