/* SPDX-License-Identifier: MIT */
#ifndef FPR_FAKE_HOST_H
#define FPR_FAKE_HOST_H

/* A host in the test's own memory, one thread, with a shell on its bus. Include cmocka.h first. */

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "shell.h"

#define HOST_BUS 0x700000000ull /* where its memory begins on the bus */
#define HOST_BYTES (8u << 20)
#define HOST_BOARD_BYTES (1u << 20)

struct fake_host {
	struct fpr_shell *shell;
	struct fpr_board *board;
	uint8_t *memory; /* the host's, at HOST_BUS */
	uint8_t *board_memory;
	uint64_t used; /* of the host's memory */
	bool locked;
	uint64_t now;
	uint64_t pauses; /* milliseconds */
	unsigned int wakes;
	unsigned int interrupts[FPR_VECTORS];
	int level;
	uint64_t dma_dead; /* accesses until the bus fails for good, when not 0 */
	uint64_t scratch_max;
	void *scratch;
	/* runs in the middle of a job or a pause, the lock not held */
	void (*meanwhile)(struct fake_host *host);
	/* runs once, when the board writes to host memory; the lock not held */
	void (*board_writes)(struct fake_host *host);
	uint64_t ring[FPR_ENGINES][2];
	uint32_t order[FPR_ENGINES][2];
	uint32_t tail[FPR_ENGINES], head[FPR_ENGINES];
	uint32_t phase[FPR_ENGINES];
};

/* For cmocka: *state is a host with its board powered on, no ring yet. */
int host_setup(void **state);
int host_teardown(void **state);

/* A piece of the host's memory: its bus address, 4 KiB aligned. */
uint64_t host_alloc(struct fake_host *host, uint64_t bytes);
void *host_at(struct fake_host *host, uint64_t bus);

uint32_t host_read(struct fake_host *host, uint32_t offset);
uint64_t host_read64(struct fake_host *host, uint32_t offset);
void host_write(struct fake_host *host, uint32_t offset, uint32_t value);

/* Sets up both rings of an engine and enables it. */
void host_enable(struct fake_host *host, unsigned int engine, uint32_t sq_order, uint32_t cq_order);
void host_enable_all(struct fake_host *host);

/* Writes a descriptor into the ring; rings only for @ring. */
void host_submit(struct fake_host *host, unsigned int engine, const void *desc, bool ring);

/* Steps every lane until none has anything to do; the test fails when that does not happen. */
void host_run(struct fake_host *host);

/* The next completion, if there is one; moves the head doorbell when @ack. */
bool host_take(struct fake_host *host, unsigned int engine, struct fpr_completion *c, bool ack);

/* The same when there has to be one, with this fence and status, and no second one. */
void host_expect(struct fake_host *host, unsigned int engine, uint64_t fence,
		 enum fpr_status status);
void host_expect_none(struct fake_host *host, unsigned int engine);

/* A scatter list over @bytes at @bus, in entries of @piece bytes. */
struct fpr_ref host_list(struct fake_host *host, uint64_t bus, uint64_t bytes, uint32_t piece);

/* A copy of @bytes, and a small product of matrices in board memory. */
struct fpr_xfer_desc host_copy(struct fake_host *host, uint64_t bus, uint64_t board, uint64_t bytes,
			       uint8_t to_host);
struct fpr_mac_desc host_product(uint32_t m, uint32_t n, uint32_t k);

/* Deterministic bytes that are also unremarkable bfloat16. */
void host_noise(void *to, uint64_t bytes, uint32_t seed);

#endif
