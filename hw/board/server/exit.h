/* SPDX-License-Identifier: MIT */
#ifndef FPR_SERVER_EXIT_H
#define FPR_SERVER_EXIT_H

/* How the program ends. */
enum {
	EXIT_OK = 0, /* the client hung up, SIGTERM or SIGINT; or --send was answered "ok" */
	EXIT_FAILED = 1, /* no socket, no memory, no threads; --send was answered "error" */
	EXIT_USAGE = 2,
	EXIT_CLIENT = 3, /* the client could not be understood */
	EXIT_GONE = 4, /* an injected fault */
};

#endif
