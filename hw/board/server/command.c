/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "device.h"
#include "exit.h"
#include "stats.h"

const char fpr_command_help[] =
	"  hang mac|xfer [N]                    the engine hangs, now or at the N-th job from now\n"
	"  hang xfer after BYTES                transfers hang after so many more bytes\n"
	"  hang xfer priority P                 each transfer of priority P hangs their engine\n"
	"  wedge mac|xfer|board                 its reset does not end either\n"
	"  error mac|xfer [N [STATUS]]          the N-th job (1) fails with STATUS (9)\n"
	"  corrupt mac|xfer fence|cookie|phase [N]  the N-th completion (1) is spoilt\n"
	"  drop-interrupts N                    the next N interrupts get lost\n"
	"  delay-dma MS                         each piece of data takes so much longer; 0 ends "
	"it\n"
	"  delay-slice MS                       each slice of a transfer does\n"
	"  heartbeat stop|go                    the heartbeat stands still, or goes on\n"
	"  misread id|version|ring-order N      that register shows N\n"
	"  temperature MILLIDEGREES             what the sensor shows\n"
	"  fatal                                only a full reset helps\n"
	"  vanish [MS]                          all registers read ones; exit after MS\n"
	"  exit                                 the process is gone at once\n"
	"  clear                                no fault is armed any more\n"
	"  memcpy BYTES                         what a copy takes here, as one line of JSON\n"
	"  stats                                counters, as one line of JSON\n";

#define WORDS_MAX 5
#define COUNT_MAX 1000000000ul

/* The measure of DMA: one copy may be so large; small ones are repeated up to so much. */
#define COPY_MAX (256u << 20)
#define COPIED 16777216u

struct command {
	struct fpr_device *device;
	char *word[WORDS_MAX]; /* the command itself is the first */
	unsigned int words;
	const char *error;
};

/* ---- words -------------------------------------------------------------- */

static int wrong(struct command *command, const char *what)
{
	command->error = what;
	return -EINVAL;
}

static int number(struct command *command, unsigned int word, long least, uint32_t missing,
		  uint32_t *value)
{
	char *end;
	long n;

	*value = missing;
	if (word >= command->words)
		return 0;
	errno = 0;
	n = strtol(command->word[word], &end, 10);
	if (errno || *end || end == command->word[word] || n < least || n > (long)COUNT_MAX)
		return wrong(command, "not a number, or out of range");
	*value = (uint32_t)n;
	return 0;
}

static int choice(struct command *command, unsigned int word, const char *const *names,
		  uint32_t *value)
{
	if (word >= command->words)
		return wrong(command, "a word is missing");
	for (*value = 0; names[*value]; (*value)++)
		if (!strcmp(names[*value], command->word[word]))
			return 0;
	return wrong(command, "no such choice");
}

static int engine(struct command *command, uint32_t *which)
{
	static const char *const names[] = {
		[FPR_ENGINE_MAC] = "mac", [FPR_ENGINE_XFER] = "xfer", [FPR_ENGINES] = NULL};

	return choice(command, 1, names, which);
}

static struct fpr_engine_faults *faults_of(struct command *command, uint32_t which)
{
	return &command->device->shell.faults.engine[which];
}

/* ---- commands; the shell's lock is held --------------------------------- */

/* hang xfer after BYTES, hang xfer priority P */
static int do_hang_at(struct command *command)
{
	static const char *const names[] = {"after", "priority", NULL};
	struct fpr_shell *shell = &command->device->shell;
	uint32_t what, n;
	int err = choice(command, 2, names, &what);

	if (!err)
		err = number(command, 3, !what, 0, &n);
	if (err)
		return err;
	if (what && n > UINT16_MAX)
		return wrong(command, "a priority has 16 bits");
	if (what)
		shell->faults.deadly = 1 + n;
	else
		__atomic_store_n(&shell->hang_after, n, __ATOMIC_RELAXED);
	return 0;
}

static int do_hang(struct command *command)
{
	uint32_t which, n;
	int err = engine(command, &which);

	if (!err && which == FPR_ENGINE_XFER && command->words == 4)
		return do_hang_at(command);
	if (!err && command->words > 3)
		return wrong(command, "too many words");

	if (!err)
		err = number(command, 2, 1, 0, &n);
	if (err)
		return err;
	faults_of(command, which)->hang_in = n;
	if (!n)
		fpr_shell_hang(&command->device->shell, which);
	return 0;
}

static int do_wedge(struct command *command)
{
	static const char *const names[] = {
		[FPR_ENGINE_MAC] = "mac", [FPR_ENGINE_XFER] = "xfer", "board", NULL};
	uint32_t which;
	int err = choice(command, 1, names, &which);

	if (err)
		return err;
	if (which == FPR_ENGINES)
		command->device->shell.faults.wedged = 1;
	else
		faults_of(command, which)->wedged = 1;
	return 0;
}

static int do_error(struct command *command)
{
	uint32_t which, n, status;
	int err = engine(command, &which);

	if (!err)
		err = number(command, 2, 1, 1, &n);
	if (!err)
		err = number(command, 3, 1, FPR_ERR_INTERNAL, &status);
	if (err)
		return err;
	if (status > UINT16_MAX)
		return wrong(command, "a status has 16 bits");
	faults_of(command, which)->error_in = n;
	faults_of(command, which)->error = status;
	return 0;
}

static int do_corrupt(struct command *command)
{
	static const char *const names[] = {[FPR_CORRUPT_FENCE] = "fence",
					    [FPR_CORRUPT_COOKIE] = "cookie",
					    [FPR_CORRUPT_PHASE] = "phase",
					    NULL};
	uint32_t which, what, n;
	int err = engine(command, &which);

	if (!err)
		err = choice(command, 2, names, &what);
	if (!err)
		err = number(command, 3, 1, 1, &n);
	if (err)
		return err;
	faults_of(command, which)->corrupt_in = n;
	faults_of(command, which)->corrupt = what;
	return 0;
}

static int do_drop(struct command *command)
{
	if (command->words < 2)
		return wrong(command, "how many?");
	return number(command, 1, 0, 0, &command->device->shell.faults.drop_interrupts);
}

static int set_delay(struct command *command, uint32_t *delay)
{
	uint32_t ms;
	int err;

	if (command->words < 2)
		return wrong(command, "how long?");
	err = number(command, 1, 0, 0, &ms);
	if (!err)
		__atomic_store_n(delay, ms, __ATOMIC_RELAXED);
	return err;
}

static int do_delay_dma(struct command *command)
{
	return set_delay(command, &command->device->shell.delay_ms);
}

static int do_delay_slice(struct command *command)
{
	return set_delay(command, &command->device->shell.slice_delay_ms);
}

static int do_heartbeat(struct command *command)
{
	static const char *const names[] = {"go", "stop", NULL};
	uint32_t stop;
	int err = choice(command, 1, names, &stop);

	if (!err)
		fpr_shell_stop_heartbeat(&command->device->shell, stop);
	return err;
}

/* A board that is another, or of another contract. */
static int do_misread(struct command *command)
{
	static const char *const names[] = {"id", "version", "ring-order", NULL};
	static const uint32_t at[] = {FPR_REG_ID, FPR_REG_VERSION, FPR_REG_RING_ORDER};
	struct fpr_shell_faults *faults = &command->device->shell.faults;
	uint32_t which, value;
	int err = choice(command, 1, names, &which);

	if (!err && command->words < 3)
		return wrong(command, "as what?");
	if (!err)
		err = number(command, 2, -1, 0, &value);
	if (err)
		return err;
	faults->misread = 1;
	faults->misread_at = at[which];
	faults->misread_as = value;
	return 0;
}

static int do_temperature(struct command *command)
{
	uint32_t value;
	int err;

	if (command->words < 2)
		return wrong(command, "how warm?");
	err = number(command, 1, -(long)COUNT_MAX, 0, &value);
	if (!err)
		command->device->shell.config.temperature = (int32_t)value;
	return err;
}

static int do_fatal(struct command *command)
{
	fpr_shell_fatal(&command->device->shell);
	return 0;
}

static int do_vanish(struct command *command)
{
	uint32_t ms;
	int err = number(command, 1, 1, 0, &ms);

	if (err)
		return err;
	vfu_vanish(command->device->vfu);
	fpr_shell_quit(&command->device->shell);
	if (ms)
		command->device->exit_at = fpr_device_now() + ms * 1000000ull;
	return 0;
}

static int do_exit(struct command *command)
{
	(void)command;
	_exit(EXIT_GONE);
}

static int do_clear(struct command *command)
{
	fpr_shell_heal(&command->device->shell);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct command *command);
	unsigned int words; /* at most */
} commands[] = {
	{"hang", do_hang, 4},
	{"wedge", do_wedge, 2},
	{"error", do_error, 4},
	{"corrupt", do_corrupt, 4},
	{"drop-interrupts", do_drop, 2},
	{"delay-dma", do_delay_dma, 2},
	{"delay-slice", do_delay_slice, 2},
	{"heartbeat", do_heartbeat, 2},
	{"misread", do_misread, 3},
	{"temperature", do_temperature, 2},
	{"fatal", do_fatal, 1},
	{"vanish", do_vanish, 2},
	{"exit", do_exit, 1},
	{"clear", do_clear, 1},
};

/* ---- one line ----------------------------------------------------------- */

static int split(struct command *command, char *text)
{
	const char *const parting = " \t\r:,";
	char *rest = NULL;

	for (char *word = strtok_r(text, parting, &rest); word;
	     word = strtok_r(NULL, parting, &rest)) {
		if (command->words == WORDS_MAX)
			return wrong(command, "too many words");
		command->word[command->words++] = word;
	}
	return command->words ? 0 : wrong(command, "empty");
}

/* Without the lock, and in memory of its own: the board works on. */
static int measure_copy(struct command *command, char *answer, size_t room)
{
	uint32_t bytes, copies;
	char *from, *to;
	uint64_t ns;

	if (command->words != 2 || number(command, 1, 1, 0, &bytes) || bytes > COPY_MAX)
		return wrong(command, "how many bytes, up to 268435456?");
	copies = bytes < COPIED ? COPIED / bytes : 1;
	from = malloc(bytes);
	to = malloc(bytes);
	if (from && to) {
		memset(from, 1, bytes);
		memset(to, 2, bytes);
		ns = fpr_device_now();
		for (uint32_t i = 0; i < copies; i++) {
			memcpy(to, from, bytes);
			/* Somebody may look at it. */
			__asm__ volatile("" : : "r"(to) : "memory");
		}
		ns = fpr_device_now() - ns;
		snprintf(answer, room, "{\"bytes\":%u,\"copies\":%u,\"ns\":%llu}", bytes, copies,
			 (unsigned long long)ns);
	} else {
		wrong(command, "out of memory");
	}
	free(from);
	free(to);
	return command->error ? -ENOMEM : 0;
}

static int run(struct command *command)
{
	int err;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, command->word[0]))
			continue;
		if (command->words > commands[i].words)
			return wrong(command, "too many words");
		pthread_mutex_lock(&command->device->lock);
		err = commands[i].run(command);
		pthread_mutex_unlock(&command->device->lock);
		return err;
	}
	return wrong(command, "no such command");
}

int fpr_command(struct fpr_device *device, const char *text, char *answer, size_t room)
{
	struct command command = {.device = device};
	char copy[FPR_COMMAND_MAX];
	int err;

	if (strlen(text) >= sizeof(copy))
		err = wrong(&command, "too long");
	else
		err = split(&command, strcpy(copy, text));
	if (!err && command.words == 1 && !strcmp(command.word[0], "stats")) {
		fpr_stats_json(device, answer, room);
		return 0;
	}
	if (!err && !strcmp(command.word[0], "memcpy")) {
		err = measure_copy(&command, answer, room);
		if (!err)
			return 0;
	}
	if (!err)
		err = run(&command);
	if (err)
		snprintf(answer, room, "error: %s", command.error);
	else
		snprintf(answer, room, "ok");
	return err;
}
