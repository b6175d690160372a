/* SPDX-License-Identifier: MIT */
#include "sim.h"

static double work(const struct layer *layer, const struct constants *constants)
{
	return (double)layer->macs + constants->output_macs * (double)layer->outputs;
}

double sim_layer_s(const struct model *model, uint32_t layer, const struct constants *constants,
		   double step_s)
{
	double all = 0;

	for (uint32_t i = 0; i < model->layer_count; i++)
		all += work(model->layers + i, constants);
	return (step_s > 0 ? step_s : model->step_s) / 3 * work(model->layers + layer, constants) /
	       all;
}

double sim_bound(const struct model *model, uint32_t nodes, double gbps,
		 const struct constants *constants, double step_s)
{
	const double rate = gbps * constants->efficiency * 1e9 / 8;
	double compute = step_s > 0 ? step_s : model->step_s, bytes = 0, bound = 0;

	for (uint32_t i = 0; i < model->layer_count; i++) {
		const struct layer *layer = model->layers + i;
		double s;

		for (uint32_t t = 0; t < layer->tensors; t++)
			bytes += (double)model->tensors[layer->first + t].bytes;
		s = compute;
		if (layer->tensors && nodes > 1)
			s += 2.0 * (nodes - 1) / nodes * bytes / rate +
			     constants->latency_us * 1e-6;
		if (s > bound)
			bound = s;
		compute -= 3 * sim_layer_s(model, i, constants, step_s);
	}
	return bound;
}
