/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_MISTAKE_H
#define FPR_RTL_MISTAKE_H

/* A copy of the RTL that holds mistakes makes the one that FPR_MISTAKE says, or none (C++). */

#include <cstdint>
#include <cstdlib>

template <class Top> static inline void make_mistake(Top &top)
{
#ifdef FPR_RTL_BROKEN
	const char *which = getenv("FPR_MISTAKE");

	top.__PVT__fpr_broken->which = which ? (uint32_t)atoi(which) : 0;
#else
	(void)top;
#endif
}

#endif
