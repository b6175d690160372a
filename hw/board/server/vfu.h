/* SPDX-License-Identifier: MIT */
#ifndef FPR_VFU_H
#define FPR_VFU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A small vfio-user (protocol 0.x) server for one PCI Express endpoint and one
 * client at a time. It knows nothing of the device behind it.
 */

struct vfu;

#define VFU_BARS 6

/**
 * struct vfu_bar - a base address register
 * @size: a power of two; 0: absent
 * @is64: 64 bits wide; the next one is its upper half
 * @prefetch: prefetchable
 * @fd: the client maps the whole of it from here; negative: it sends every access
 */
struct vfu_bar {
	uint64_t size;
	bool is64, prefetch;
	int fd;
};

/* The interrupts a device offers: one kind. */
enum vfu_irq_kind { VFU_INTX, VFU_MSI, VFU_MSIX };

/**
 * struct vfu_config - a device
 * @vendor: and what follows: the identity
 * @class_code: 24 bits
 * @serial: device serial number; 0: none
 * @bar: base address registers; MSI-X needs @msix_bar with its table at 0 and
 *	its pending bits at @pba
 * @irq_kind: enum vfu_irq_kind
 * @vectors: MSI: at most 32; MSI-X: at most 2048; INTx has one
 * @read: an access to a BAR that is not mapped
 * @write: the same
 * @reset: function level or bus reset; must have stopped the device's DMA when it returns
 * @priv: handed to the calls
 *
 * The calls come from the server's thread. They must return soon (the client
 * waits) and must not wait for anything the guest does.
 */
struct vfu_config {
	uint16_t vendor, device, subvendor, subdevice;
	uint8_t revision;
	uint32_t class_code;
	uint64_t serial;
	struct vfu_bar bar[VFU_BARS];
	enum vfu_irq_kind irq_kind;
	unsigned int vectors;
	unsigned int msix_bar;
	uint32_t pba;
	void (*read)(void *priv, unsigned int bar, uint64_t offset, void *to, uint32_t n);
	void (*write)(void *priv, unsigned int bar, uint64_t offset, const void *from, uint32_t n);
	void (*reset)(void *priv);
	void *priv;
};

/* What went over the socket and the bus. */
struct vfu_stats {
	uint64_t messages, config_accesses, reads, writes, posted_writes;
	uint64_t maps, unmaps, interrupts, resets;
	uint64_t asked; /* messages of ours for memory that is not shared */
};

/* Return: the device, or NULL without memory. @config is copied. */
struct vfu *vfu_new(const struct vfu_config *config);
void vfu_free(struct vfu *v);

/* Binds @path, replacing a socket that is there; 0 or -errno. vfu_free() removes it. */
int vfu_listen(struct vfu *v, const char *path);

/* Waits for the next client: its connection, or -ECANCELED after vfu_stop(), or -errno. */
int vfu_accept(struct vfu *v);

/**
 * vfu_serve() - serve a connection to its end
 * @v: the device
 * @fd: a connected stream socket, which is closed at the end
 * Return: 0 when the client hung up; -ECANCELED after vfu_stop(); -EPROTO or
 *	another -errno when it could not be understood or reached
 */
int vfu_serve(struct vfu *v, int fd);

/* From any thread, also from a signal handler: vfu_accept() and vfu_serve() end. */
void vfu_stop(struct vfu *v);

/* From any thread. Every read gives all ones from now on; writes and resets are lost. */
void vfu_vanish(struct vfu *v);

/* From any thread. Sends message @vector; without as many vectors, 0 stands for all. */
void vfu_interrupt(struct vfu *v, unsigned int vector);

/* From any thread. Sets the level of the interrupt line. */
void vfu_line(struct vfu *v, bool asserted);

/**
 * vfu_dma_read() - copy from guest memory; from any thread
 * @v: the device
 * @address: bus address
 * @to: where to
 * @n: bytes
 * @ask: memory that is not shared may be asked for. That waits for the server's
 *	thread, so the caller must not hold what the calls of struct vfu_config want
 * Return: 0; -EFAULT for an address that is not mapped, not readable or not to be asked
 *	for, or when the client says so; -EPERM without bus mastering; -ECANCELED after
 *	a reset or the end of the connection; -ETIMEDOUT. Some bytes may be copied on error.
 */
int vfu_dma_read(struct vfu *v, uint64_t address, void *to, size_t n, bool ask);

/* The same, to guest memory. */
int vfu_dma_write(struct vfu *v, uint64_t address, const void *from, size_t n, bool ask);

void vfu_stats(struct vfu *v, struct vfu_stats *stats);

#endif
