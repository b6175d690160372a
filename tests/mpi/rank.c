/* SPDX-License-Identifier: MIT */
#include "rank.h"

#include <math.h>

uint64_t rank_hash(uint64_t a, uint64_t b)
{
	uint64_t x = a * 0x9e3779b97f4a7c15ull ^ (b + 0x7f4a7c159e3779b9ull);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

struct rank_model rank_model_make(uint64_t seed, uint32_t count, uint64_t largest)
{
	struct rank_model model = {.count = count};

	model.elements = calloc(count, sizeof(uint64_t));
	model.at = calloc(count, sizeof(uint64_t));
	for (uint32_t i = 0; i < count; i++) {
		const uint64_t random = rank_hash(seed, i);

		model.elements[i] = 1 + (random >> 8) % (random % 3 ? largest / 64 + 1 : largest);
		if (i == count / 2)
			model.elements[i] = 1;
		model.at[i] = model.total;
		model.total += model.elements[i];
	}
	return model;
}

void rank_model_free(struct rank_model *model)
{
	free(model->elements);
	free(model->at);
}

float rank_gradient(uint64_t seed, uint32_t worker, uint64_t step, uint64_t index, float p)
{
	const uint64_t random = rank_hash(rank_hash(seed, worker), rank_hash(step, index));

	return (float)((double)(int64_t)random * 0x1p-63) + 0.125f * p;
}

struct rank_reference rank_reference_make(const struct rank_model *model, uint64_t seed)
{
	struct rank_reference r = {0};

	r.p = calloc(model->total, sizeof(float));
	r.state[0] = calloc(model->total, sizeof(float));
	r.state[1] = calloc(model->total, sizeof(float));
	for (uint64_t i = 0; i < model->total; i++)
		r.p[i] = rank_gradient(seed, 1000, 0, i, 0);
	return r;
}

void rank_reference_free(struct rank_reference *reference)
{
	free(reference->p);
	free(reference->state[0]);
	free(reference->state[1]);
}

/* Written from the header's words, an element at a time; volatile, so that nothing is contracted.
 */
static void update(struct rank_reference *r, const struct fpr_group_options *o, uint32_t workers,
		   double rate, uint64_t i, float sum)
{
	double power1 = 1, power2 = 1;
	volatile float g = sum * (float)(o->scale != 0 ? o->scale : 1.0 / workers), t, u;

	if (o->decay != 0) {
		t = (float)o->decay * r->p[i];
		g = g + t;
	}
	if (o->optimizer == FPR_GROUP_SGD) {
		t = (float)o->momentum * r->state[0][i];
		r->state[0][i] = o->momentum != 0 ? t + g : g;
		t = (float)rate * r->state[0][i];
		r->p[i] = r->p[i] - t;
		return;
	}
	for (uint64_t n = 0; n <= r->step; n++) {
		power1 *= o->beta1;
		power2 *= o->beta2;
	}
	t = (float)o->beta1 * r->state[0][i];
	u = (float)(1 - o->beta1) * g;
	r->state[0][i] = t + u;
	t = (float)o->beta2 * r->state[1][i];
	u = (float)(1 - o->beta2) * g;
	u = u * g;
	r->state[1][i] = t + u;
	t = sqrtf(r->state[1][i]);
	t = t / (float)sqrt(1 - power2);
	t = t + (float)o->epsilon;
	t = r->state[0][i] / t;
	t = (float)(rate / (1 - power1)) * t;
	r->p[i] = r->p[i] - t;
}

void rank_reference_step(struct rank_reference *r, const struct rank_model *model,
			 const struct fpr_group_options *options, uint32_t workers, uint64_t seed,
			 double rate)
{
	for (uint64_t i = 0; i < model->total; i++) {
		float sum = rank_gradient(seed, 0, r->step + 1, i, r->p[i]);

		for (uint32_t w = 1; w < workers; w++)
			sum += rank_gradient(seed, w, r->step + 1, i, r->p[i]);
		if (options->optimizer == FPR_GROUP_SUM)
			r->p[i] = options->scale != 0 ? sum * (float)options->scale : sum;
		else
			update(r, options, workers, rate, i, sum);
	}
	r->step++;
}
