/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_MODEL_H
#define FPR_RTL_MODEL_H

#ifdef __cplusplus
extern "C" {
#endif

/* Is the job to be given up? Its tiles then do nothing. */
int fpr_rtl_stopped(void);

/* For whoever watches the job. */
void fpr_rtl_tile_done(void);

#ifdef __cplusplus
}
#endif

#endif
