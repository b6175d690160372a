/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_REPORT_H
#define FPR_BENCH_REPORT_H

#include "rows.h"

/* Print all rows, measured, for people or for programs. */
void report_text(const struct bench *bench);
void report_json(const struct bench *bench);

#endif
