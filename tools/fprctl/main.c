/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fpr.h"
#include "fprctl.h"
#include "print.h"
#include "system.h"

static const struct command commands[] = {
	{"list", list_main, "the devices there are (also without a command)"},
	{"info", info_main, "what a device is, can do and has done"},
	{"selftest", selftest_main, "does a device do what it should?"},
	{"gemm", gemm_main, "multiply two matrices from files"},
	{"xfer", xfer_main, "move bytes to a board and back, or measure it"},
	{"replay", replay_main, "repeat a trace's products and compare bit for bit"},
	{"gradients", gradients_main,
	 "have a step's gradients leave a board, FIFO and by priority"},
	{"bench", bench_main, "how fast products and transfers are, beside each other"},
	{"top", top_main, "who uses which engine how much, now"},
	{"reset", reset_main, "reset a board, and see that it works again"},
	{"dump", dump_main, "what a board was doing when it hung"},
	{"regs", regs_main, "a board's registers by name"},
	{"trace", trace_main, "record what the driver does"},
	{"doctor", doctor_main, "why does my board not work?"},
};

const char program_name[] = "fprctl";

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int flush_output(void)
{
	static int complained;

	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_OK;
	if (!complained)
		complain("cannot write to standard output");
	complained = 1;
	return EXIT_FAILED;
}

/*
 * A file opened where a standard stream is missing would get that stream's text.
 * Opened this way, the stream stays one that cannot be written.
 */
static void occupy_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int usage(void)
{
	puts("usage: fprctl [COMMAND [OPTIONS]]\n\nCommands:");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	puts("\n  --help     this text; fprctl COMMAND --help tells its options\n"
	     "  --version  the version");
	return EXIT_OK;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	print_schema(command->name);
	return command->run(argc, argv);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Options may stand in front of the command: it is brought there. */
static void command_to_front(int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		char *name = argv[i];

		if (!find(name))
			continue;
		memmove(&argv[2], &argv[1], (size_t)(i - 1) * sizeof(*argv));
		argv[1] = name;
		return;
	}
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return usage();
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("fprctl " FPR_VERSION);
		return EXIT_OK;
	}
	if (argc > 1 && argv[1][0] == '-')
		command_to_front(argc, argv);
	/* No command shows the state, whatever the options. */
	if (argc < 2 || argv[1][0] == '-')
		return run_command(&commands[0], argc, argv);
	command = find(argv[1]);
	if (command)
		return run_command(command, argc - 1, argv + 1);
	complain("no command '%s'; see fprctl --help", argv[1]);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int code, flushed;

	occupy_standard_streams();
	code = system_check() ? EXIT_USAGE : run(argc, argv);
	flushed = flush_output();
	return code == EXIT_OK ? flushed : code;
}
