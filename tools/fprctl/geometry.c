/* SPDX-License-Identifier: MIT */
#include "geometry.h"

int same_array(const struct fpr_trace_geometry *geometry, const struct fpr_device_info *info)
{
	return geometry->rows == info->rows && geometry->cols == info->cols &&
	       geometry->lanes == info->lanes && geometry->window == FPR_WINDOW &&
	       geometry->run_ahead == FPR_RUN_AHEAD && geometry->set_floor == FPR_SET_FLOOR &&
	       geometry->panel == FPR_PANEL &&
	       geometry->mem_bytes_per_cycle == FPR_MEM_BYTES_PER_CYCLE;
}
