/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_GEOMETRY_H
#define FPR_CTL_GEOMETRY_H

#include "fpr.h"
#include "fpr_trace.h"

/**
 * same_array() - do counters of one array compare with a device's?
 * @geometry: the array that the counters are of
 * @info: of the device; it tells rows, columns and lanes, the rest is this build's
 * Return: 1 when everything that cycles depend on is equal, else 0
 */
int same_array(const struct fpr_trace_geometry *geometry, const struct fpr_device_info *info);

#endif
