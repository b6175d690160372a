/* SPDX-License-Identifier: MIT */
#ifndef FPR_FPRCTL_H
#define FPR_FPRCTL_H

#include "program.h"

/* How fprctl ends; fprctl(1) promises these to scripts. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* a check failed, or the operation did */
	EXIT_USAGE = 2, /* bad options, input files or output; no file was written */
	EXIT_NO_DEVICE = 3, /* no such device, or it cannot run here */
	EXIT_PERMISSION = 4, /* the user may not */
	EXIT_BUSY = 5, /* others use the board */
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

int list_main(int argc, char **argv);
int info_main(int argc, char **argv);
int selftest_main(int argc, char **argv);
int gemm_main(int argc, char **argv);
int replay_main(int argc, char **argv);
int xfer_main(int argc, char **argv);
int gradients_main(int argc, char **argv);
int bench_main(int argc, char **argv);
int top_main(int argc, char **argv);
int reset_main(int argc, char **argv);
int dump_main(int argc, char **argv);
int regs_main(int argc, char **argv);
int trace_main(int argc, char **argv);
int doctor_main(int argc, char **argv);

/*
 * Sends what was printed on its way. Return: EXIT_OK, or EXIT_FAILED after a
 * complaint, which is made once.
 */
int flush_output(void);

#endif
