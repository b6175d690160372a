/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_FPRNET_H
#define FPRNET_FPRNET_H

#include "../fprctl/program.h"

/* How fprnet ends; fprnet(1) promises these to scripts. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* a bar was missed, or the operation failed */
	EXIT_USAGE = 2, /* bad options or model file; nothing was run */
	EXIT_DENIED = 3, /* replay: namespaces, ip, tc or MPI are not to be had here */
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

int simulate_main(int argc, char **argv);
int validate_main(int argc, char **argv);
int limit_main(int argc, char **argv);
int ablate_main(int argc, char **argv);
int fit_main(int argc, char **argv);
int replay_main(int argc, char **argv);

#endif
