/* SPDX-License-Identifier: MIT */
#include "fprnet.h"
#include "lists.h"
#include "worst.h"

int worst_of(const struct model *model, const struct fpr_sync_config *config,
	     enum worst_tuning tuning, int every, struct worst *worst)
{
	struct numbers gbps;
	int count = 0;

	*worst = (struct worst){.of_bound = 1e9};
	numbers_whole(model->low_gbps, model->high_gbps, &gbps);
	for (int i = 0; i < gbps.count; i += every) {
		struct sim_job job = {.model = model,
				      .config = *config,
				      .constants = &reference_constants,
				      .gbps = gbps.values[i],
				      .warm = 2,
				      .steps = 2};
		struct sim_result result;
		int ret = tuning == WORST_AS_IT_IS ? 0 : sim_tune(&job, tuning == WORST_TUNED);
		double part;

		if (!ret)
			ret = sim_run(&job, &result);
		if (ret) {
			complain("%s at %g Gbps: %s", model->name, job.gbps, sim_error(ret));
			return ret;
		}
		part = sim_bound(model, config->ranks, job.gbps, job.constants, 0) / result.step_s;
		worst->mean += part;
		count++;
		if (part < worst->of_bound) {
			worst->of_bound = part;
			worst->gbps = job.gbps;
		}
	}
	worst->mean /= count;
	return 0;
}
