/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create() */
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/lib_fixture.h"
#include "fpr_pci.h"

/*
 * What only a board behind the kernel driver has: names, two kinds of memory, dma-bufs,
 * and failures that come from the board. FPR_TEST_BOARD is a command that passes its
 * arguments to the board's server.
 */

static void every_name_opens_the_board(void **state)
{
	struct fpr_pci_info info[4];
	char path[FPR_NAME_MAX + 16];
	struct fpr_device *device;

	(void)state;
	assert_int_equal(fpr_pci_list(NULL, 1), -EINVAL);
	assert_int_equal(fpr_pci_list(NULL, 0), 1);
	memset(info, 0xff, sizeof(info));
	assert_int_equal(fpr_pci_list(info, 4), 1);
	assert_string_equal(info[0].name, device_name());
	assert_string_equal(info[0].driver, "fpr");
	snprintf(path, sizeof(path), "/dev/accel/%s", info[0].name);
	assert_int_equal(fpr_device_open(path, &device), 0);
	fpr_device_close(device);
	assert_int_equal(fpr_device_open(info[0].address, &device), 0);
	fpr_device_close(device);
	assert_int_equal(strncmp(info[0].address, "0000:", 5), 0);
	assert_int_equal(fpr_device_open(info[0].address + 5, &device), 0);
	fpr_device_close(device);
}

static void other_names_do_not(void **state)
{
	static const char *const names[] = {
		"accel",     "accel00",	     "accel9", "accel0:model=fast", "/dev/accel/",
		"/dev/null", "0000:00:00.0", "01:00",  "../accel/accel0",
	};
	struct fpr_device *device;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (fpr_device_open(names[i], &device) != -ENODEV)
			fail_msg("%s", names[i]);
}

static struct memory memory_with(struct fpr_device *device, uint64_t size, uint32_t flags)
{
	struct memory memory = {.size = size};

	assert_int_equal(fpr_buffer_create(device, size, flags, &memory.buffer), 0);
	assert_int_equal(fpr_buffer_map(memory.buffer, &memory.bytes), 0);
	return memory;
}

static void move(struct memory *memory, struct fpr_device *device, uint32_t flags)
{
	struct memory other = memory_with(device, memory->size, flags);

	memcpy(other.bytes, memory->bytes, memory->size);
	fpr_buffer_destroy(memory->buffer);
	*memory = other;
}

static int run_job(struct fpr_queue *queue, const struct fpr_gemm_job *job)
{
	struct fpr_fence *fence;
	int ret;

	assert_int_equal(fpr_gemm_submit(queue, job, 1, NULL, 0, &fence), 0);
	ret = fpr_fence_wait(fence, FPR_WAIT_FOREVER);
	fpr_fence_destroy(fence);
	return ret;
}

/* Each operand in either memory: eight ways. */
static void operands_may_lie_on_the_board(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_queue *queue = open_queue(device);

	(void)state;
	for (uint32_t where = 0; where < 8; where++) {
		struct square square = new_square(device, 33, where);

		move(&square.a, device, where & 1 ? FPR_BUFFER_BOARD : 0);
		move(&square.b, device, where & 2 ? FPR_BUFFER_BOARD : 0);
		move(&square.c, device, where & 4 ? FPR_BUFFER_BOARD : 0);
		square.job.a = square.a.buffer;
		square.job.b = square.b.buffer;
		square.job.c = square.c.buffer;
		assert_int_equal(run_job(queue, &square.job), 0);
		assert_square(&square);
		drop_square(&square);
	}
	fpr_queue_destroy(queue);
	fpr_device_close(device);
}

static void board_memory_has_an_end(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_buffer *all, *more;
	struct fpr_device_info info;
	uint64_t size;

	(void)state;
	assert_int_equal(fpr_device_get_info(device, &info), 0);
	assert_true(info.memory_bytes > 0);
	assert_int_equal(fpr_buffer_create(device, info.memory_bytes + 1, FPR_BUFFER_BOARD, &all),
			 -ENOSPC);
	for (size = info.memory_bytes;
	     fpr_buffer_create(device, size, FPR_BUFFER_BOARD, &all) == -ENOSPC; size -= 4096)
		assert_true(size > info.memory_bytes / 2);
	assert_int_equal(
		fpr_buffer_create(device, info.memory_bytes - size + 1, FPR_BUFFER_BOARD, &more),
		-ENOSPC);
	assert_int_equal(fpr_buffer_create(device, 4096, 0, &more), 0);
	fpr_buffer_destroy(more);
	fpr_buffer_destroy(all);
	assert_int_equal(fpr_buffer_create(device, size, FPR_BUFFER_BOARD, &all), 0);
	fpr_buffer_destroy(all);
	fpr_device_close(device);
}

/* From one open file to another, outliving the first. */
static void shared_memory_is_the_same_memory(void **state)
{
	struct fpr_device *one = open_device(), *two = open_device();
	struct fpr_queue *queue = open_queue(two);
	struct square square = new_square(two, 24, 7);
	struct memory origin = memory_with(one, square.a.size, 0), shared;
	int fd = -1;

	(void)state;
	assert_int_equal(fpr_buffer_export(origin.buffer, &fd), 0);
	assert_int_equal(fpr_buffer_import(two, fd, &shared.buffer), 0);
	assert_int_equal(close(fd), 0);
	assert_true(fpr_buffer_size(shared.buffer) >= square.a.size);
	assert_int_equal(fpr_buffer_map(shared.buffer, &shared.bytes), 0);
	memcpy(origin.bytes, square.a.bytes, square.a.size);
	assert_memory_equal(shared.bytes, square.a.bytes, square.a.size);
	fpr_buffer_destroy(origin.buffer);
	fpr_device_close(one);
	square.job.a = shared.buffer;
	assert_int_equal(run_job(queue, &square.job), 0);
	assert_square(&square);
	fpr_buffer_destroy(shared.buffer);
	drop_square(&square);
	fpr_queue_destroy(queue);
	fpr_device_close(two);
}

/* The kernel gives the same handle again; it must be closed once, with the last user. */
static void own_memory_may_come_back(void **state)
{
	struct fpr_device *device = open_device();
	struct memory origin = memory_with(device, 4096, 0);
	struct fpr_buffer *again, *thrice;
	uint32_t *words;
	int fd = -1;

	(void)state;
	assert_int_equal(fpr_buffer_export(origin.buffer, &fd), 0);
	assert_int_equal(fpr_buffer_import(device, fd, &again), 0);
	memset(origin.bytes, 0x5a, 4096);
	fpr_buffer_destroy(origin.buffer);
	assert_int_equal(fpr_buffer_import(device, fd, &thrice), 0);
	fpr_buffer_destroy(again);
	assert_int_equal(fpr_buffer_map(thrice, (void **)&words), 0);
	assert_int_equal(words[1023], 0x5a5a5a5a);
	fpr_buffer_destroy(thrice);
	assert_int_equal(close(fd), 0);
	fpr_device_close(device);
}

static int foreign_memory(size_t size, void **bytes)
{
	int memfd = memfd_create("operand", MFD_ALLOW_SEALING), maker, fd;

	assert_true(memfd >= 0);
	assert_int_equal(ftruncate(memfd, (off_t)size), 0);
	assert_int_equal(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	*bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	assert_true(*bytes != MAP_FAILED);
	maker = open("/dev/udmabuf", O_RDWR);
	if (maker < 0) {
		close(memfd);
		munmap(*bytes, size);
		skip();
	}
	fd = ioctl(maker, UDMABUF_CREATE,
		   &(struct udmabuf_create){.memfd = (uint32_t)memfd, .size = size});
	assert_true(fd >= 0);
	close(maker);
	close(memfd);
	return fd;
}

/* An operand in memory of another driver. */
static void foreign_memory_may_be_an_operand(void **state)
{
	const size_t size = 8192;
	struct fpr_device *device = open_device();
	struct fpr_queue *queue = open_queue(device);
	struct square square = new_square(device, 40, 3);
	struct fpr_buffer *foreign;
	void *bytes;
	int fd = foreign_memory(size, &bytes);

	(void)state;
	assert_true(square.a.size <= size);
	memcpy(bytes, square.a.bytes, square.a.size);
	assert_int_equal(fpr_buffer_import(device, fd, &foreign), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(fpr_buffer_size(foreign), size);
	square.job.a = foreign;
	assert_int_equal(run_job(queue, &square.job), 0);
	assert_square(&square);
	fpr_buffer_destroy(foreign);
	assert_int_equal(munmap(bytes, size), 0);
	drop_square(&square);
	fpr_queue_destroy(queue);
	fpr_device_close(device);
}

static void what_is_no_dma_buf_is_refused(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_buffer *buffer = (struct fpr_buffer *)&buffer;
	int fd = open("/dev/null", O_RDWR);

	(void)state;
	assert_int_equal(fpr_buffer_import(device, -1, &buffer), -EINVAL);
	assert_int_equal(fpr_buffer_import(NULL, fd, &buffer), -EINVAL);
	assert_int_equal(fpr_buffer_import(device, fd, NULL), -EINVAL);
	assert_int_equal(fpr_buffer_import(device, 999, &buffer), -EBADF);
	assert_int_equal(fpr_buffer_import(device, fd, &buffer), -EINVAL);
	assert_ptr_equal(buffer, &buffer);
	assert_int_equal(fpr_buffer_export(NULL, &fd), -EINVAL);
	close(fd);
	fpr_device_close(device);
}

static void tell_the_board(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "%s %s >/dev/null", getenv("FPR_TEST_BOARD"), command);
	assert_int_equal(system(line), 0);
}

static int status_of(struct fpr_fence *fence, size_t index)
{
	struct fpr_gemm_result result;

	assert_int_equal(fpr_fence_result(fence, index, &result), 0);
	return result.status;
}

/*
 * The board fails the second job: it cancels the third, of the same call, and another
 * queue's that waits for them, but not what comes later in the queue. With `auto` the
 * library has to wait between the jobs itself.
 */
static void a_job_fails(enum fpr_serial serial)
{
	struct fpr_device *device = open_device();
	struct fpr_queue *queue = open_queue(device), *other = open_queue(device);
	struct square x = new_square(device, 16, 1), y = new_square(device, 16, 2);
	struct square z = new_square(device, 16, 3);
	struct fpr_gemm_job jobs[3] = {x.job, y.job, z.job};
	struct fpr_fence *failed, *dependent, *later;

	jobs[0].gemm.out = FPR_OUT_BF16;
	jobs[1].a = x.c.buffer;
	jobs[1].gemm.serial = (uint8_t)serial;
	tell_the_board("error mac 2");
	assert_int_equal(fpr_gemm_submit(queue, jobs, 3, NULL, 0, &failed), 0);
	assert_int_equal(fpr_gemm_submit(other, &y.job, 1, &failed, 1, &dependent), 0);
	assert_int_equal(fpr_gemm_submit(queue, &z.job, 1, NULL, 0, &later), 0);
	assert_int_equal(fpr_fence_wait(later, FPR_WAIT_FOREVER), 0);
	assert_square(&z);
	assert_int_equal(fpr_fence_wait(failed, FPR_WAIT_FOREVER), -EIO);
	assert_int_equal(status_of(failed, 0), 0);
	assert_int_equal(status_of(failed, 1), -EIO);
	assert_int_equal(status_of(failed, 2), -ECANCELED);
	assert_int_equal(fpr_fence_wait(dependent, FPR_WAIT_FOREVER), -ECANCELED);
	fpr_fence_destroy(failed);
	fpr_fence_destroy(dependent);
	fpr_fence_destroy(later);
	drop_square(&x);
	drop_square(&y);
	drop_square(&z);
	fpr_queue_destroy(queue);
	fpr_queue_destroy(other);
	fpr_device_close(device);
}

static void failure_cancels_what_depends_on_it(void **state)
{
	(void)state;
	if (!getenv("FPR_TEST_BOARD"))
		skip();
	a_job_fails(FPR_SERIAL_A);
	a_job_fails(FPR_SERIAL_AUTO);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_opens_the_board),
		cmocka_unit_test(other_names_do_not),
		cmocka_unit_test(operands_may_lie_on_the_board),
		cmocka_unit_test(board_memory_has_an_end),
		cmocka_unit_test(shared_memory_is_the_same_memory),
		cmocka_unit_test(own_memory_may_come_back),
		cmocka_unit_test(foreign_memory_may_be_an_operand),
		cmocka_unit_test(what_is_no_dma_buf_is_refused),
		cmocka_unit_test(failure_cancels_what_depends_on_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	struct fpr_device_info info[2];

	if (fpr_device_list(info, 2) < 2 && !getenv("FPR_TEST_DEVICES")) {
		printf("no board behind the kernel driver\n");
		return 77;
	}
	if (!getenv("FPR_TEST_DEVICES"))
		setenv("FPR_TEST_DEVICES", info[1].name, 1);
	return on_each_device(run_group);
}
