/* SPDX-License-Identifier: MIT */
#ifndef FPR_TOP_HOST_H
#define FPR_TOP_HOST_H

#include <stdint.h>

/*
 * Host memory as a board sees it: the pages that the recorded board touched, and of each byte
 * whether this board may write it now, and what will be there then.
 */

#define HOST_PAGE 4096u
#define HOST_BUCKETS 4096

/* Of a byte, since host_begin(). */
#define HOST_PLACED 1 /* the host has put it there */
#define HOST_WANTED 2 /* the board is to write it */

struct host_page {
	struct host_page *next;
	uint64_t address;
	uint8_t data[HOST_PAGE], wanted[HOST_PAGE], flags[HOST_PAGE];
};

struct host {
	struct host_page *bucket[HOST_BUCKETS];
};

/* The page of @address; NULL when there is none. */
struct host_page *host_page(const struct host *host, uint64_t address);

/* Pages for all these bytes; 0 or -1 without memory. */
int host_add(struct host *host, uint64_t address, uint64_t bytes);
void host_free(struct host *host);

/* From now on nothing is placed or wanted. */
void host_begin(struct host *host);

/**
 * host_place() - the recorded board reads this before anything else happens to it
 * @host: memory with pages there
 * @address: bus address
 * @data: what it found
 * @bytes: length
 * Return: 0; -1 when it found something else there before, since host_begin()
 */
int host_place(struct host *host, uint64_t address, const uint8_t *data, uint32_t bytes);

/* The recorded board writes this. */
void host_want(struct host *host, uint64_t address, const uint8_t *data, uint32_t bytes);

/* All is placed that will be: what is only wanted holds something else, lest it be there already.
 */
void host_spoil(struct host *host);

/* The first byte that is not as wanted, or 0: there is none. Adds how many are wanted to @wanted.
 */
uint64_t host_differs(const struct host *host, uint64_t *wanted);

#endif
