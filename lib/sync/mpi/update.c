/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "group.h"

uint32_t fpr_engine_states(const struct fpr_group_options *options)
{
	if (options->optimizer == FPR_GROUP_ADAM)
		return 2;
	return options->optimizer == FPR_GROUP_SGD && options->momentum != 0;
}

static float scale_of(const struct fpr_group_options *options, uint32_t workers)
{
	if (options->scale != 0)
		return (float)options->scale;
	return options->optimizer == FPR_GROUP_SUM ? 1.0f : (float)(1.0 / workers);
}

static inline float gradient(float sum, float scale, float decay, float p)
{
	const float g = sum * scale;

	return decay != 0 ? g + decay * p : g;
}

static void sgd(const struct fpr_group_options *options, float scale, float rate, const float *sum,
		float *restrict p, float *restrict v, uint64_t n)
{
	const float decay = (float)options->decay, momentum = (float)options->momentum;

	if (!v) {
		for (uint64_t i = 0; i < n; i++)
			p[i] -= rate * gradient(sum[i], scale, decay, p[i]);
		return;
	}
	for (uint64_t i = 0; i < n; i++) {
		v[i] = momentum * v[i] + gradient(sum[i], scale, decay, p[i]);
		p[i] -= rate * v[i];
	}
}

static void adam(const struct fpr_group_options *options, float scale,
		 const struct fpr_engine_rate *rate, const float *sum, float *restrict p,
		 float *restrict m, float *restrict v, uint64_t n)
{
	const float decay = (float)options->decay, epsilon = (float)options->epsilon;
	const float b1 = (float)options->beta1, c1 = (float)(1 - options->beta1);
	const float b2 = (float)options->beta2, c2 = (float)(1 - options->beta2);
	const float size = (float)(rate->rate / (1 - rate->power1));
	const float root = (float)sqrt(1 - rate->power2);

	for (uint64_t i = 0; i < n; i++) {
		const float g = gradient(sum[i], scale, decay, p[i]);

		m[i] = b1 * m[i] + c1 * g;
		v[i] = b2 * v[i] + c2 * g * g;
		p[i] -= size * (m[i] / (sqrtf(v[i]) / root + epsilon));
	}
}

void fpr_engine_update(const struct fpr_group_options *options, uint32_t workers,
		       const struct fpr_engine_rate *rate, const float *sum, float *const *arrays,
		       uint64_t elements)
{
	const float scale = scale_of(options, workers);

	switch (options->optimizer) {
	case FPR_GROUP_SGD:
		sgd(options, scale, (float)rate->rate, sum, arrays[0], arrays[1], elements);
		break;
	case FPR_GROUP_ADAM:
		adam(options, scale, rate, sum, arrays[0], arrays[1], arrays[2], elements);
		break;
	default:
		for (uint64_t i = 0; i < elements; i++)
			arrays[0][i] = sum[i] * scale;
	}
}
