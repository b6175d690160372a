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
	uint8_t *at; /* NULL: not shared, so out of reach */
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

/* Sends a reply of two parts and possibly a descriptor. */
int vfu_send(struct vfu *v, struct vfu_header *header, void *part, size_t n, void *part2, size_t n2,
	     int fd);

#endif
