/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_MODEL_H
#define FPRNET_MODEL_H

#include <stdint.h>

#include "sync/fpr_sync_core.h"

#define MODEL_NAME_MAX 64

/**
 * struct layer - what is computed in one go
 * @macs: multiply-adds of its forward pass, per sample
 * @outputs: elements that it writes, per sample
 * @first: its first tensor
 * @tensors: how many
 */
struct layer {
	uint64_t macs, outputs;
	uint32_t first, tensors;
};

/**
 * struct model - a network as the simulator and replay see it
 * @name: of the network
 * @unit: what a sample is called, in the plural
 * @batch: samples of a node's step
 * @step_s: seconds of a step on one node, forward and backward
 * @low_gbps: where its bandwidths of interest begin
 * @high_gbps: and end
 * @layers: in order of the forward pass
 * @layer_count: of @layers
 * @tensors: in order of consumption, fp32
 * @tensor_count: of @tensors
 * @bytes: of all tensors
 */
struct model {
	char name[MODEL_NAME_MAX], unit[MODEL_NAME_MAX];
	uint32_t batch;
	double step_s, low_gbps, high_gbps;
	struct layer *layers;
	struct fpr_sync_tensor *tensors;
	uint32_t layer_count, tensor_count;
	uint64_t bytes;
};

/**
 * model_load() - read a model
 * @what: a name that comes with fprnet, such as "resnet50", or a file (with a '/' or '.' in it)
 * @model: filled in; free with model_free()
 * Return: EXIT_OK, or EXIT_USAGE after a complaint
 */
int model_load(const char *what, struct model *model);

void model_free(struct model *model);

#define MODELS 4

/* The names that come with fprnet. */
extern const char *const model_names[MODELS];

#endif
