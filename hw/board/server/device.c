/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "device.h"

#ifndef FPR_BUILD_ID
#define FPR_BUILD_ID 0
#endif

#define TEMPERATURE 40000 /* thousandths of a degree, until a test sets another */

#define MSIX_BAR_BYTES 0x2000
#define MSIX_PBA 0x1000

#define SCRATCH_ALIGN 64
#define SCRATCH_KEEP (64ull << 20) /* larger copies go back to the system after the job */

/* How long a PCI reset waits for the engines: less than clients wait for us. */
#define RESET_NS 4000000000ull

uint64_t fpr_device_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- what surrounds the shell ------------------------------------------- */

/*
 * Whether this thread holds the device's lock. The server's thread may then be waiting for
 * it, and the client for that thread: no time to ask the client for memory, so
 * rings and result records have to be in memory that it shares.
 */
static _Thread_local bool holding;

static void op_lock(void *ctx)
{
	pthread_mutex_lock(&((struct fpr_device *)ctx)->lock);
	holding = true;
}

static void op_unlock(void *ctx)
{
	holding = false;
	pthread_mutex_unlock(&((struct fpr_device *)ctx)->lock);
}

static void op_wake(void *ctx)
{
	struct fpr_device *device = ctx;

	device->wakes++;
	pthread_cond_broadcast(&device->changed);
}

static uint64_t op_now(void *ctx)
{
	(void)ctx;
	return fpr_device_now();
}

static int op_dma_read(void *ctx, uint64_t address, void *to, size_t bytes)
{
	struct fpr_device *device = ctx;
	int ret = vfu_dma_read(device->vfu, address, to, bytes, !holding);

	if (ret)
		fpr_recorder_note(device->recorder, FPR_RECORDED_DMA_FAULT, address, bytes);
	else
		fpr_recorder_data(device->recorder, FPR_RECORDED_DMA_READ, address, to, bytes);
	return ret;
}

static int op_dma_write(void *ctx, uint64_t address, const void *from, size_t bytes)
{
	struct fpr_device *device = ctx;
	int ret;

	/* Before the guest can answer it. */
	fpr_recorder_data(device->recorder, FPR_RECORDED_DMA_WRITE, address, from, bytes);
	ret = vfu_dma_write(device->vfu, address, from, bytes, !holding);
	if (ret)
		fpr_recorder_note(device->recorder, FPR_RECORDED_DMA_FAULT, address, bytes);
	return ret;
}

static void op_interrupt(void *ctx, unsigned int cause)
{
	struct fpr_device *device = ctx;

	fpr_recorder_note(device->recorder, FPR_RECORDED_MESSAGE, cause, 0);
	vfu_interrupt(device->vfu, cause);
}

static void op_level(void *ctx, int asserted)
{
	struct fpr_device *device = ctx;

	/* Nobody asks for it where there are messages. */
	if (device->line && asserted != device->level)
		fpr_recorder_note(device->recorder, FPR_RECORDED_LEVEL, (uint64_t)asserted, 0);
	device->level = asserted;
	vfu_line(device->vfu, asserted);
}

/* Until @deadline or the next change; the lock is held. */
static void wait_until(struct fpr_device *device, uint64_t deadline)
{
	struct timespec t = {(time_t)(deadline / 1000000000u), (long)(deadline % 1000000000u)};

	pthread_cond_timedwait(&device->changed, &device->lock, &t);
}

static void op_pause(void *ctx, uint32_t ms, const uint32_t *stop)
{
	struct fpr_device *device = ctx;
	uint64_t deadline = fpr_device_now() + ms * 1000000ull;

	pthread_mutex_lock(&device->lock);
	while (!device->quit && !__atomic_load_n(stop, __ATOMIC_RELAXED) &&
	       fpr_device_now() < deadline)
		wait_until(device, deadline);
	pthread_mutex_unlock(&device->lock);
}

static void *op_scratch(void *ctx, uint64_t bytes)
{
	struct fpr_device *device = ctx;

	if (bytes <= device->scratch_bytes && device->scratch_bytes <= SCRATCH_KEEP)
		return device->scratch;
	free(device->scratch);
	device->scratch = NULL;
	device->scratch_bytes = 0;
	if (bytes > device->scratch_max)
		return NULL;
	bytes = (bytes + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
	device->scratch = aligned_alloc(SCRATCH_ALIGN, bytes);
	if (device->scratch)
		device->scratch_bytes = bytes;
	return device->scratch;
}

static int op_gemm(void *ctx, const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b,
		   void *c, struct fpr_gemm_counters *counters, struct fpr_board_watch *watch)
{
	return fpr_board_gemm_watched(((struct fpr_device *)ctx)->board, job, a, b, c, counters,
				      watch);
}

static const struct fpr_shell_ops ops = {
	.lock = op_lock,
	.unlock = op_unlock,
	.wake = op_wake,
	.now = op_now,
	.dma_read = op_dma_read,
	.dma_write = op_dma_write,
	.interrupt = op_interrupt,
	.level = op_level,
	.pause = op_pause,
	.scratch = op_scratch,
	.gemm = op_gemm,
};

/* ---- lanes -------------------------------------------------------------- */

static void run_lane(struct fpr_device *device, enum fpr_lane lane)
{
	uint64_t seen;

	pthread_mutex_lock(&device->lock);
	while (!device->quit) {
		/* Read first: a change during the step must not be slept through. */
		seen = device->wakes;
		pthread_mutex_unlock(&device->lock);
		if (fpr_shell_step(&device->shell, lane)) {
			pthread_mutex_lock(&device->lock);
			continue;
		}
		pthread_mutex_lock(&device->lock);
		while (device->wakes == seen && !device->quit)
			pthread_cond_wait(&device->changed, &device->lock);
	}
	pthread_mutex_unlock(&device->lock);
}

static void *h2c_main(void *device)
{
	run_lane(device, FPR_LANE_H2C);
	return NULL;
}

static void *c2h_main(void *device)
{
	run_lane(device, FPR_LANE_C2H);
	return NULL;
}

static void *mac_main(void *device)
{
	run_lane(device, FPR_LANE_MAC);
	return NULL;
}

static int start_lanes(struct fpr_device *device)
{
	static void *(*const mains[FPR_LANES_ALL])(void *device) = {h2c_main, c2h_main, mac_main};
	sigset_t all, old;
	int err = 0;

	/* Signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	while (!err && device->lanes < FPR_LANES_ALL) {
		err = pthread_create(&device->lane[device->lanes], NULL, mains[device->lanes],
				     device);
		device->lanes += !err;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

/* ---- BARs --------------------------------------------------------------- */

/* Registers are 32 bits wide; other widths but a pair of them are no access. */
static void bar_read(void *priv, unsigned int bar, uint64_t offset, void *to, uint32_t n)
{
	struct fpr_device *device = priv;
	uint32_t value;

	memset(to, 0, n);
	if (bar == FPR_BAR_MEMORY) {
		memcpy(to, device->memory + offset, n);
		fpr_recorder_data(device->recorder, FPR_RECORDED_MEM_READ, offset, to, n);
		return;
	}
	if (bar != FPR_BAR_REGS || offset % 4 || n % 4)
		return;
	for (uint32_t i = 0; i < n; i += 4) {
		value = fpr_shell_read(&device->shell, (uint32_t)offset + i);
		fpr_recorder_note(device->recorder, FPR_RECORDED_REG_READ, offset + i, value);
		memcpy((uint8_t *)to + i, &value, sizeof(value));
	}
}

static void bar_write(void *priv, unsigned int bar, uint64_t offset, const void *from, uint32_t n)
{
	struct fpr_device *device = priv;
	uint32_t value;

	if (bar == FPR_BAR_MEMORY) {
		fpr_recorder_data(device->recorder, FPR_RECORDED_MEM_WRITE, offset, from, n);
		memcpy(device->memory + offset, from, n);
	}
	if (bar != FPR_BAR_REGS || offset % 4 || n % 4)
		return;
	for (uint32_t i = 0; i < n; i += 4) {
		memcpy(&value, (const uint8_t *)from + i, sizeof(value));
		fpr_recorder_note(device->recorder, FPR_RECORDED_REG_WRITE, offset + i, value);
		fpr_shell_write(&device->shell, (uint32_t)offset + i, value);
	}
}

static void bus_reset(void *priv)
{
	struct fpr_device *device = priv;
	uint64_t deadline = fpr_device_now() + RESET_NS;

	fpr_recorder_note(device->recorder, FPR_RECORDED_RESET, 0, 0);
	fpr_shell_reset(&device->shell);
	pthread_mutex_lock(&device->lock);
	while (device->shell.core->resetting && fpr_device_now() < deadline)
		wait_until(device, deadline);
	pthread_mutex_unlock(&device->lock);
}

static void fill_vfu(struct fpr_device *device, const struct fpr_device_options *options,
		     struct vfu_config *config)
{
	*config = (struct vfu_config){
		.vendor = FPR_PCI_VENDOR,
		.device = FPR_PCI_DEVICE,
		.subvendor = FPR_PCI_SUBVENDOR,
		.subdevice = FPR_PCI_SUBDEVICE,
		.revision = FPR_VERSION_MAJOR,
		.class_code = FPR_PCI_CLASS,
		.serial = 1,
		.irq_kind = options->irq,
		.vectors = options->irq == VFU_MSI ? 4 : FPR_VECTORS,
		.msix_bar = FPR_BAR_MSIX,
		.pba = MSIX_PBA,
		.read = bar_read,
		.write = bar_write,
		.reset = bus_reset,
		.priv = device,
	};
	config->bar[FPR_BAR_REGS] = (struct vfu_bar){.size = FPR_BAR_REGS_BYTES, .fd = -1};
	/* A guest that has it mapped gets there unseen. */
	config->bar[FPR_BAR_MEMORY] =
		(struct vfu_bar){.size = options->memory,
				 .is64 = true,
				 .prefetch = true,
				 .fd = options->recorder ? -1 : device->memory_fd};
	if (options->irq == VFU_MSIX)
		config->bar[FPR_BAR_MSIX] = (struct vfu_bar){.size = MSIX_BAR_BYTES, .fd = -1};
}

/* ---- life --------------------------------------------------------------- */

static int create_memory(struct fpr_device *device, uint64_t bytes)
{
	void *at;

	device->memory_fd = memfd_create("fpr-board", MFD_CLOEXEC);
	if (device->memory_fd < 0 || ftruncate(device->memory_fd, (off_t)bytes))
		return -errno;
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, device->memory_fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	device->memory = at;
	device->memory_bytes = bytes;
	return 0;
}

static void create_lock(struct fpr_device *device)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&device->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&device->changed, &attr);
	pthread_condattr_destroy(&attr);
}

static int create_parts(struct fpr_device *device, const struct fpr_device_options *options)
{
	struct fpr_shell_config config = {
		.ops = &ops, .ctx = device, .clock_khz = FPR_BOARD_CLOCK_KHZ};
	struct vfu_config vfu;
	int err = create_memory(device, options->memory);

	if (!err)
		err = fpr_board_open(&options->board, &device->board);
	if (err)
		return err;
	fill_vfu(device, options, &vfu);
	device->vfu = vfu_new(&vfu);
	if (!device->vfu)
		return -ENOMEM;
	config.memory = device->memory;
	config.memory_bytes = device->memory_bytes;
	config.build = FPR_BUILD_ID;
	config.temperature = TEMPERATURE;
	config.beats = options->board.model == FPR_BOARD_HLS;
	fpr_recorder_begin(device->recorder, &config);
	fpr_shell_init(&device->shell, &config);
	return start_lanes(device);
}

int fpr_device_create(const struct fpr_device_options *options, struct fpr_device **out)
{
	struct fpr_device *device = calloc(1, sizeof(*device));
	int err;

	if (!device)
		return -ENOMEM;
	device->memory_fd = -1;
	device->scratch_max = options->scratch;
	device->recorder = options->recorder;
	device->line = options->irq == VFU_INTX;
	create_lock(device);
	err = create_parts(device, options);
	if (err)
		fpr_device_destroy(device);
	else
		*out = device;
	return err;
}

void fpr_device_destroy(struct fpr_device *device)
{
	pthread_mutex_lock(&device->lock);
	device->quit = true;
	if (device->lanes)
		fpr_shell_quit(&device->shell);
	pthread_cond_broadcast(&device->changed);
	pthread_mutex_unlock(&device->lock);
	for (unsigned int i = 0; i < device->lanes; i++)
		pthread_join(device->lane[i], NULL);
	vfu_free(device->vfu);
	fpr_board_close(device->board);
	free(device->scratch);
	if (device->memory)
		munmap(device->memory, device->memory_bytes);
	if (device->memory_fd >= 0)
		close(device->memory_fd);
	pthread_cond_destroy(&device->changed);
	pthread_mutex_destroy(&device->lock);
	free(device);
}
