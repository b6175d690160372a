/* SPDX-License-Identifier: MIT */
#ifndef FPR_VFU_DEVICE_H
#define FPR_VFU_DEVICE_H

#include <pthread.h>
#include <sys/types.h>
#include <sys/un.h>

#include "vfu.h"
#include "vfu_wire.h"

#define VFU_CONFIG_BYTES 4096

/* Guest memory that the client announced; sorted by address, never overlapping. */
struct vfu_map {
	uint64_t address, size;
	uint8_t *at; /* NULL: not shared, so the client has to be asked */
	uint32_t flags;
};

/* A file behind such memory, mapped once and whole: a guest with an IOMMU maps page by page. */
struct vfu_file {
	dev_t dev;
	ino_t ino;
	uint64_t size;
	uint8_t *at;
};

#define VFU_FILES_MAX 32

struct vfu {
	struct vfu_config config;
	struct sockaddr_un address;
	int listen_fd, fd;
	int stop_fd; /* readable from vfu_stop() on */
	uint32_t vanished; /* atomic */
	uint32_t master; /* may it reach memory? atomic */
	uint8_t *message;

	pthread_mutex_t send_lock; /* one message after another; @fd for who asks */
	pthread_mutex_t ask_lock; /* down to @data_max */
	pthread_cond_t answered;
	struct vfu_question *asked;
	uint16_t next_id;
	bool may_ask;
	size_t data_max; /* most that the client takes or gives in a message */

	pthread_rwlock_t dma_lock; /* the four below; DMA holds it shared */
	struct vfu_map *map;
	size_t maps, maps_room;
	struct vfu_file file[VFU_FILES_MAX];
	unsigned int files;

	pthread_mutex_t irq_lock; /* down to @msi_granted */
	int *event[VFU_INDICES];
	bool line, line_masked;
	unsigned int msi_granted; /* vectors that the guest enabled */

	/* The server thread's own. */
	uint8_t space[VFU_CONFIG_BYTES], writable[VFU_CONFIG_BYTES], clears[VFU_CONFIG_BYTES];
	unsigned int pcie, msi, msix; /* offsets of capabilities */
	struct vfu_stats stats; /* atomic */
};

static inline void vfu_count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static inline int vfu_vanished(const struct vfu *v)
{
	return __atomic_load_n(&v->vanished, __ATOMIC_RELAXED) != 0;
}

/* Configuration space. */
void vfu_space_init(struct vfu *v);
void vfu_space_write(struct vfu *v, uint32_t offset, const uint8_t *from, uint32_t n);
void vfu_reset(struct vfu *v);

/* Guest memory; these return 0 or a positive errno, as replies carry it. */
int vfu_map_add(struct vfu *v, const struct vfu_dma_map *m, int fd);
int vfu_map_remove(struct vfu *v, const struct vfu_dma_unmap *m);
void vfu_map_clear(struct vfu *v);

/*
 * Memory that is not shared. @n is what to copy, and how much of it this message did; 0
 * or -errno. They wait for the server's thread.
 */
int vfu_ask_read(struct vfu *v, uint64_t address, void *to, size_t *n);
int vfu_ask_write(struct vfu *v, uint64_t address, const void *from, size_t *n);

/* The server's thread: who waits goes on with an error, and nobody asks until open. */
void vfu_ask_close(struct vfu *v);
void vfu_ask_open(struct vfu *v);
/* What the client said of itself in VERSION. */
void vfu_ask_limit(struct vfu *v, const char *capabilities);
void vfu_ask_answered(struct vfu *v, const struct vfu_header *header, const uint8_t *body,
		      uint32_t n);
void vfu_ask_init(struct vfu *v);
void vfu_ask_free(struct vfu *v);

/* Interrupts; entries of @fds that are kept become -1. */
int vfu_irq_init(struct vfu *v);
unsigned int vfu_irq_count(const struct vfu *v, unsigned int index);
int vfu_irq_set(struct vfu *v, const struct vfu_irq_set *m, const uint8_t *data, size_t bytes,
		int *fds, unsigned int n_fds);
void vfu_irq_clear(struct vfu *v);
void vfu_irq_reset(struct vfu *v);

/* Answers a message of @n bytes; 0 or -errno when the connection is lost. */
int vfu_answer(struct vfu *v, const struct vfu_header *request, uint8_t *body, uint32_t n, int *fds,
	       unsigned int n_fds);

/* Sends a message of two parts and possibly a descriptor; from any thread. */
int vfu_send(struct vfu *v, struct vfu_header *header, void *part, size_t n, void *part2, size_t n2,
	     int fd);

#endif
