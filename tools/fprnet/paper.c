/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "fprnet.h"
#include "paper.h"

const enum fpr_sync_mode paper_modes[PAPER_MODES] = {FPR_SYNC_FIFO, FPR_SYNC_SLICE, FPR_SYNC_P3};

/* Read off the figure's vector graphics, good to about 0.3. */
const struct paper_model paper_models[] = {
	{"resnet50",
	 1,
	 4,
	 25,
	 {{1, {22.1, 23.6, 25.2}},
	  {2, {43.7, 44.1, 50.3}},
	  {3, {61.0, 62.0, 76.3}},
	  {4, {76.4, 77.7, 96.6}},
	  {5, {90.6, 91.5, 99.1}},
	  {6, {98.0, 100.7, 101.9}},
	  {7, {98.6, 100.5, 100.3}},
	  {8, {99.3, 100.6, 100.7}},
	  {9, {99.3, 100.6, 100.7}},
	  {10, {99.3, 100.6, 100.7}}}},
	{"vgg19",
	 1,
	 15,
	 66,
	 {{3, {13.0, 13.0, 13.8}},
	  {4, {16.6, 16.9, 18.3}},
	  {5, {19.8, 20.6, 22.8}},
	  {6, {22.4, 24.2, 27.3}},
	  {7, {24.7, 27.5, 31.5}},
	  {8, {26.8, 30.8, 35.5}},
	  {9, {28.5, 33.9, 39.4}},
	  {10, {30.1, 36.9, 43.4}},
	  {12, {32.1, 42.5, 50.4}},
	  {15, {32.9, 48.3, 54.3}},
	  {20, {34.3, 49.7, 54.5}},
	  {30, {34.8, 52.2, 55.1}}}},
	{"inceptionv3",
	 0,
	 0,
	 0,
	 {{1, {25.0, 24.0, 26.4}},
	  {2, {45.1, 43.9, 52.7}},
	  {3, {61.2, 60.5, 69.0}},
	  {4, {67.4, 68.4, 69.8}},
	  {5, {67.6, 67.9, 69.4}},
	  {6, {67.4, 67.3, 70.5}},
	  {7, {68.2, 66.7, 69.2}},
	  {8, {68.2, 70.3, 70.3}},
	  {9, {68.2, 70.3, 70.3}},
	  {10, {68.2, 70.3, 70.3}}}},
	{"sockeye",
	 0,
	 2,
	 38,
	 {{1, {15.8, 22.8, 23.5}},
	  {2, {33.6, 43.8, 46.3}},
	  {3, {51.0, 62.9, 67.8}},
	  {4, {67.0, 80.4, 88.2}},
	  {5, {82.9, 96.0, 106.6}},
	  {6, {95.1, 109.6, 123.6}},
	  {7, {104.3, 121.7, 136.9}},
	  {8, {112.2, 130.3, 143.7}},
	  {9, {117.8, 137.3, 150.4}},
	  {10, {122.1, 143.1, 154.9}},
	  {15, {134.1, 149.2, 166.9}},
	  {20, {136.8, 150.1, 166.2}},
	  {25, {137.4, 151.7, 168.0}},
	  {30, {139.3, 151.1, 168.0}}}},
	{NULL, 0, 0, 0, {{0, {0}}}},
};

static const struct {
	const char *file;
	double step_s;
} steps[] = {{"resnet50", 0.3141}, {"vgg19", 0.5861}, {"inceptionv3", 0.4578}, {"sockeye", 0.1367}};

double paper_step_s(const char *file)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!strcmp(steps[i].file, file))
			return steps[i].step_s;
	return 0;
}

double paper_simulate(const struct model *model, const struct constants *constants, double step_s,
		      double gbps, enum fpr_sync_mode mode)
{
	struct sim_job job = {.model = model,
			      .constants = constants,
			      .gbps = gbps,
			      .step_s = step_s,
			      .warm = 2,
			      /* The baseline's steps are not all alike. */
			      .steps = mode == FPR_SYNC_FIFO ? 8 : 3};
	struct sim_result result;

	int ret = fpr_sync_config_init(&job.config, mode, PAPER_NODES);

	if (!ret)
		ret = sim_run(&job, &result);
	if (ret)
		complain("%s at %g Gbps: %s", model->name, gbps, sim_error(ret));
	return ret ? -1 : result.rate;
}
