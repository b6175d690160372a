/* SPDX-License-Identifier: MIT */
#ifndef FPR_SERVER_CONTROL_H
#define FPR_SERVER_CONTROL_H

struct fpr_device;
struct fpr_control;

/**
 * fpr_control_start() - listen for commands in a thread of its own
 * @device: whom they are for
 * @path: of the socket, replaced when it is there; NULL: there is none, but what
 *	commands left for later is still seen to
 * @control: set
 * Return: 0 or -errno
 */
int fpr_control_start(struct fpr_device *device, const char *path, struct fpr_control **control);

/* Hangs up on everybody and removes the socket. NULL is allowed. */
void fpr_control_stop(struct fpr_control *control);

/**
 * fpr_control_send() - send one command to a running board and print its answer
 * @path: the board's control socket
 * @command: what to send
 * Return: 0, -EINVAL when the answer was an error, or another -errno
 */
int fpr_control_send(const char *path, const char *command);

#endif
