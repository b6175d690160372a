/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "device.h"
#include "exit.h"

#define MIB (1ull << 20)
#define MEMORY_MIB 256
#define MEMORY_MIB_MAX (64 * 1024)
#define SCRATCH_MIB 1024
#define FAULTS_MAX 16

struct options {
	struct fpr_device_options device;
	const char *socket, *control, *send, *record;
	const char *fault[FAULTS_MAX];
	unsigned int faults;
	int keep;
};

static void complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("fpr-board: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}

/* ---- options ------------------------------------------------------------ */

static int help(void)
{
	printf("usage: fpr-board --socket PATH [OPTIONS]     serve a board to QEMU\n"
	       "       fpr-board --control PATH --send COMMAND\n\n"
	       "  --socket PATH     where a vfio-user client connects\n"
	       "  --model=MODEL     fast (default), hls: the HLS C itself, slowly, or rtl: its\n"
	       "                    tiles in SystemVerilog, more slowly (make rtl-model)\n"
	       "  --irq=KIND        msix (default), msi or intx\n"
	       "  --memory=MIB      board memory, a power of two (%u)\n"
	       "  --scratch=MIB     most working memory of one job (%u)\n"
	       "  --threads=N       threads of the fast model (one per CPU)\n"
	       "  --control PATH    take commands on this socket\n"
	       "  --fault COMMAND   a command at the start; may be repeated\n"
	       "  --record FILE     write down all that crosses the board's edge\n"
	       "  --keep            wait for another client when one has hung up\n"
	       "  --send COMMAND    send a command to a running board, print its answer\n"
	       "  --help            this text\n\n"
	       "Commands; words may be parted by ':' too:\n%s\n"
	       "Exit status: 0 client or signal ended it, 1 failure, 2 usage, 3 the client\n"
	       "could not be understood, 4 an injected fault.\n",
	       MEMORY_MIB, SCRATCH_MIB, fpr_command_help);
	return EXIT_OK;
}

static int parse_number(const char *name, unsigned long max, uint64_t *value)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(optarg, &end, 10);
	if (errno || *end || optarg[0] < '0' || optarg[0] > '9' || !n || n > max) {
		complain("--%s: '%s' is not a number from 1 to %lu", name, optarg, max);
		return -EINVAL;
	}
	*value = n;
	return 0;
}

static int parse_choice(const char *name, const char *const *choices, unsigned int *value)
{
	for (*value = 0; choices[*value]; (*value)++)
		if (!strcmp(choices[*value], optarg))
			return 0;
	complain("--%s: no '%s'; see --help", name, optarg);
	return -EINVAL;
}

static int parse_memory(struct options *options)
{
	uint64_t mib;
	int err = parse_number("memory", MEMORY_MIB_MAX, &mib);

	if (!err && (mib & (mib - 1))) {
		complain("--memory: %s MiB is not a power of two", optarg);
		err = -EINVAL;
	}
	if (!err)
		options->device.memory = mib * MIB;
	return err;
}

static int parse_fault(struct options *options)
{
	if (options->faults == FAULTS_MAX) {
		complain("--fault: at most %d", FAULTS_MAX);
		return -EINVAL;
	}
	options->fault[options->faults++] = optarg;
	return 0;
}

static int parse_option(struct options *options, int option)
{
	static const char *const models[] = {
		[FPR_BOARD_FAST] = "fast", [FPR_BOARD_HLS] = "hls", [FPR_BOARD_RTL] = "rtl", NULL};
	static const char *const irqs[] = {
		[VFU_INTX] = "intx", [VFU_MSI] = "msi", [VFU_MSIX] = "msix", NULL};
	unsigned int chosen = 0;
	uint64_t n = 0;
	int err = 0;

	switch (option) {
	case 's':
		options->socket = optarg;
		break;
	case 'm':
		err = parse_choice("model", models, &chosen);
		options->device.board.model = (enum fpr_board_model)chosen;
		break;
	case 'i':
		err = parse_choice("irq", irqs, &chosen);
		options->device.irq = (enum vfu_irq_kind)chosen;
		break;
	case 'M':
		err = parse_memory(options);
		break;
	case 'S':
		err = parse_number("scratch", MEMORY_MIB_MAX, &n);
		options->device.scratch = n * MIB;
		break;
	case 't':
		err = parse_number("threads", FPR_BOARD_THREADS_MAX, &n);
		options->device.board.threads = (unsigned int)n;
		break;
	case 'c':
		options->control = optarg;
		break;
	case 'f':
		err = parse_fault(options);
		break;
	case 'r':
		options->record = optarg;
		break;
	case 'k':
		options->keep = 1;
		break;
	case 'x':
		options->send = optarg;
		break;
	default:
		err = -EINVAL; /* getopt has said why */
	}
	return err;
}

static const struct option long_options[] = {
	{"socket", required_argument, NULL, 's'},
	{"model", required_argument, NULL, 'm'},
	{"irq", required_argument, NULL, 'i'},
	{"memory", required_argument, NULL, 'M'},
	{"scratch", required_argument, NULL, 'S'},
	{"threads", required_argument, NULL, 't'},
	{"control", required_argument, NULL, 'c'},
	{"fault", required_argument, NULL, 'f'},
	{"record", required_argument, NULL, 'r'},
	{"keep", no_argument, NULL, 'k'},
	{"send", required_argument, NULL, 'x'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static int check_options(const struct options *options, int rest)
{
	if (rest)
		complain("a word too many; see --help");
	else if (options->send && (!options->control || options->socket))
		complain("--send needs --control and no --socket");
	else if (options->send && options->record)
		complain("--send makes no recording");
	else if (!options->send && !options->socket)
		complain("--socket is missing; see --help");
	else
		return 0;
	return -EINVAL;
}

/* ---- serving ------------------------------------------------------------ */

static struct vfu *serving; /* for the signal handler; set before it is installed */

static void on_signal(int number)
{
	(void)number;
	vfu_stop(serving);
}

static void catch_signals(struct vfu *vfu)
{
	struct sigaction action = {.sa_handler = on_signal};

	serving = vfu;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int inject(struct fpr_device *device, const struct options *options)
{
	char text[FPR_ANSWER_MAX];

	for (unsigned int i = 0; i < options->faults; i++) {
		if (fpr_command(device, options->fault[i], text, sizeof(text))) {
			complain("--fault '%s': %s", options->fault[i], text);
			return EXIT_USAGE;
		}
	}
	return EXIT_OK;
}

static int serve(struct fpr_device *device, const struct options *options)
{
	int err;

	do {
		int fd = vfu_accept(device->vfu);

		if (fd == -ECANCELED)
			return EXIT_OK;
		if (fd < 0) {
			complain("%s: %s", options->socket, strerror(-fd));
			return EXIT_FAILED;
		}
		err = vfu_serve(device->vfu, fd);
	} while (options->keep && err != -ECANCELED);
	if (!err || err == -ECANCELED)
		return EXIT_OK;
	complain("the client: %s", strerror(-err));
	return EXIT_CLIENT;
}

/* The control socket comes first: who waits for the other one then finds both. */
static int serve_sockets(struct fpr_device *device, const struct options *options)
{
	struct fpr_control *control = NULL;
	int code = EXIT_FAILED;
	int err = fpr_control_start(device, options->control, &control);

	if (err) {
		complain("%s: %s", options->control ? options->control : "thread", strerror(-err));
		return code;
	}
	catch_signals(device->vfu);
	err = vfu_listen(device->vfu, options->socket);
	if (err)
		complain("%s: %s", options->socket, strerror(-err));
	else
		code = serve(device, options);
	fpr_control_stop(control);
	return code;
}

static const char *remedy_of(int error)
{
	switch (error) {
	case -ELIBACC:
		return ": libfpr_rtl.so.1, the RTL, is not there; make rtl-model builds it";
	case -ELIBBAD:
		return ": libfpr_rtl.so.1 is of another build; make rtl-model builds this one's";
	default:
		return "";
	}
}

static int run_board(const struct options *options)
{
	struct fpr_device *device = NULL;
	int err, code;

	err = fpr_device_create(&options->device, &device);
	if (err) {
		complain("cannot build the board: %s%s", strerror(-err), remedy_of(err));
		return EXIT_FAILED;
	}
	code = fpr_recorder_error(options->device.recorder) ? EXIT_FAILED : inject(device, options);
	if (code == EXIT_OK)
		code = serve_sockets(device, options);
	fpr_device_destroy(device);
	return code;
}

/* What could not be written has been told of then; it must be seen in the exit status, too. */
static int run(struct options *options)
{
	int code, err = 0;

	if (options->record)
		err = fpr_recorder_open(options->record, &options->device.recorder);
	if (err) {
		complain("%s: %s", options->record, strerror(-err));
		return EXIT_FAILED;
	}
	code = run_board(options);
	err = fpr_recorder_close(options->device.recorder);
	return err && code == EXIT_OK ? EXIT_FAILED : code;
}

static int send_command(const struct options *options)
{
	int err = fpr_control_send(options->control, options->send);

	if (err && err != -EINVAL)
		complain("%s: %s", options->control, strerror(-err));
	return err ? EXIT_FAILED : EXIT_OK;
}

int main(int argc, char **argv)
{
	struct options options = {
		.device = {.irq = VFU_MSIX,
			   .memory = MEMORY_MIB * MIB,
			   .scratch = SCRATCH_MIB * MIB},
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (option == 'h')
			return help();
		if (parse_option(&options, option))
			return EXIT_USAGE;
	}
	if (check_options(&options, argc - optind))
		return EXIT_USAGE;
	return options.send ? send_command(&options) : run(&options);
}
