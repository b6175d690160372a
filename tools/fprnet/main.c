/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "fpr.h"
#include "fprnet.h"

static const struct command commands[] = {
	{"simulate", simulate_main, "throughput of each mode at each bandwidth"},
	{"replay", replay_main, "the same, measured: real ranks over links of this machine"},
	{"validate", validate_main, "does the simulation reproduce the P3 paper's figure 7?"},
	{"limit", limit_main, "how close does each mode come to the lower bound?"},
	{"ablate", ablate_main, "what does each mechanism of mode best contribute?"},
	{"fit", fit_main, "fit the constants that validate checks"},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char program_name[] = "fprnet";

static int usage(FILE *out)
{
	fputs("usage: fprnet COMMAND [OPTIONS]\n\nCommands:\n", out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n  --help     this text; fprnet COMMAND --help tells its options\n"
	      "  --version  the version\n",
	      out);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "--help";

	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return commands[i].run(argc - 1, argv + 1);
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return usage(stdout);
	if (!strcmp(name, "--version")) {
		puts("fprnet " FPR_VERSION);
		return EXIT_OK;
	}
	complain("no command '%s'; see fprnet --help", name);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int code = run(argc, argv);

	if (!fflush(stdout) && !ferror(stdout))
		return code;
	complain("cannot write to standard output");
	return code == EXIT_OK ? EXIT_FAILED : code;
}
