/* SPDX-License-Identifier: MIT */
#ifndef FPR_SERVER_COMMAND_H
#define FPR_SERVER_COMMAND_H

#include <stddef.h>

struct fpr_device;

#define FPR_COMMAND_MAX 256 /* characters of a command, its end included */
#define FPR_ANSWER_MAX 4096

/**
 * fpr_command() - carry out one command of the control socket or of --fault
 * @device: the board
 * @text: the command, without a newline; words may also be parted by ':' or ','
 * @answer: set to one line without its newline: "ok", "error: ...", or JSON
 * @room: size of @answer
 * Return: 0, -EINVAL for what is no command
 */
int fpr_command(struct fpr_device *device, const char *text, char *answer, size_t room);

/* One line for each command, for --help. */
extern const char fpr_command_help[];

#endif
