/* SPDX-License-Identifier: MIT */
#include "sim.h"

static double work(const struct layer *layer, const struct constants *constants)
{
	return (double)layer->macs + constants->output_macs * (double)layer->outputs;
}

static double all_work(const struct model *model, const struct constants *constants)
{
	double all = 0;

	for (uint32_t i = 0; i < model->layer_count; i++)
		all += work(model->layers + i, constants);
	return all;
}

/* Of a step of @step_s, in which all layers do @all. */
static double forward_s(const struct layer *layer, const struct constants *constants, double step_s,
			double all)
{
	return step_s / 3 * work(layer, constants) / all;
}

void sim_layers_ns(const struct model *model, const struct constants *constants, double step_s,
		   uint64_t *ns)
{
	const double all = all_work(model, constants);
	const double step = step_s > 0 ? step_s : model->step_s;

	for (uint32_t i = 0; i < model->layer_count; i++)
		ns[i] = (uint64_t)(1e9 * forward_s(model->layers + i, constants, step, all) + 0.5);
}

double sim_bound(const struct model *model, uint32_t nodes, double gbps,
		 const struct constants *constants, double step_s)
{
	const double rate = gbps * constants->efficiency * 1e9 / 8;
	const double all = all_work(model, constants);
	const double step = step_s > 0 ? step_s : model->step_s;
	double compute = step, bytes = 0, bound = 0;

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
		compute -= 3 * forward_s(layer, constants, step, all);
	}
	return bound;
}
