/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "fpr.h"

/* Large enough for the HLS C to be still at it when everything has been destroyed. */
#define SIDE 160

static void *do_nothing(void *arg)
{
	return arg;
}

/* A sanitizer's own thread may come with the first one of the program, and stays. */
static void start_first_thread(void)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, do_nothing, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static unsigned int count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned int n = 0;

	assert_non_null(tasks);
	for (struct dirent *task; (task = readdir(tasks));)
		n += task->d_name[0] != '.';
	closedir(tasks);
	return n;
}

#define LOAD(library, function) \
	__typeof__(&(function)) const do_##function = load(library, #function)

static void *load(void *library, const char *name)
{
	void *function = dlsym(library, name);

	assert_non_null(function);
	return function;
}

/* Submits one product and lets go of everything at once. */
static void leave_work_behind(void *library)
{
	LOAD(library, fpr_device_open);
	LOAD(library, fpr_device_close);
	LOAD(library, fpr_queue_create);
	LOAD(library, fpr_queue_destroy);
	LOAD(library, fpr_buffer_create);
	LOAD(library, fpr_buffer_destroy);
	LOAD(library, fpr_gemm_init);
	LOAD(library, fpr_gemm_submit);
	struct fpr_device *device;
	struct fpr_queue *queue;
	struct fpr_gemm_job job;

	assert_int_equal(do_fpr_device_open("local:model=hls", &device), 0);
	assert_int_equal(do_fpr_queue_create(device, 0, &queue), 0);
	do_fpr_gemm_init(&job, SIDE, SIDE, SIDE);
	assert_int_equal(do_fpr_buffer_create(device, SIDE * SIDE * 2, 0, &job.a), 0);
	assert_int_equal(do_fpr_buffer_create(device, SIDE * SIDE * 2, 0, &job.b), 0);
	assert_int_equal(do_fpr_buffer_create(device, SIDE * SIDE * 4, 0, &job.c), 0);
	assert_int_equal(do_fpr_gemm_submit(queue, &job, 1, NULL, 0, NULL), 0);
	do_fpr_buffer_destroy(job.a);
	do_fpr_buffer_destroy(job.b);
	do_fpr_buffer_destroy(job.c);
	do_fpr_queue_destroy(queue);
	do_fpr_device_close(device);
}

/* Work that outlives the last handle also outlives dlclose(). */
static void work_outlives_the_library_handle(void **state)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	const char *build = getenv("FPR_BUILD");
	unsigned int before;
	char path[4096];
	void *library;

	(void)state;
	start_first_thread();
	before = count_threads();
	snprintf(path, sizeof(path), "%s/lib/libfpr.so", build);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail_msg("%s", dlerror());
	leave_work_behind(library);
	assert_int_equal(dlclose(library), 0);
	/* A thread whose code is gone does not come to its end. */
	while (count_threads() > before)
		nanosleep(&moment, NULL);
	library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
	assert_non_null(library);
	dlclose(library);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(work_outlives_the_library_handle)};

	if (!getenv("FPR_BUILD")) {
		puts("FPR_BUILD does not say where the shared library is");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
