/* SPDX-License-Identifier: MIT */
#include "sim.h"

const struct constants reference_constants = {.efficiency = 0.97,
					      .latency_us = 50,
					      .message_us = 35,
					      .add_gbs = 4,
					      .update_gbs = 2,
					      .large_add_gbs = 2,
					      .large_update_gbs = 1,
					      .large_bytes = 2 << 20,
					      .chunk_bytes = 256 << 10,
					      .output_macs = 40};

const struct constants fitted_constants = {.efficiency = 1,
					   .latency_us = 50,
					   .message_us = 21.4,
					   .add_gbs = 2.428,
					   .update_gbs = 1.91,
					   .large_add_gbs = 2.05,
					   .large_update_gbs = 0.6799,
					   .large_bytes = 4.01e6,
					   .chunk_bytes = 4.511e5,
					   .output_macs = 40};
