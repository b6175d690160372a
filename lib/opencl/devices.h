/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_DEVICES_H
#define FPR_CL_DEVICES_H

/* What platform and devices say of themselves alike. */

/* An embedded profile may do without a compiler, a full one may not. */
#define FPR_CL_PROFILE "EMBEDDED_PROFILE"
#define FPR_CL_VERSION "OpenCL 3.0 fpr " FPR_VERSION
#define FPR_CL_VENDOR "fpr"

/* All times are CLOCK_MONOTONIC, of board and host alike. */
#define FPR_CL_TIMER_NS 1

/* Buffers, and with them parts, begin at multiples of this many bytes. */
#define FPR_CL_ALIGN 64

#endif
