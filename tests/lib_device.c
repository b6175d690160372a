/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "common/lib_fixture.h"

static void names_are_checked(void **state)
{
	static const struct {
		const char *name;
		int error;
	} table[] = {
		{NULL, -EINVAL},
		{"", -ENODEV},
		{"loca", -ENODEV},
		{"locally", -ENODEV},
		{"Local", -ENODEV},
		{"accel", -ENODEV},
		{"local:", -EINVAL},
		{"local:model", -EINVAL},
		{"local:model=", -EINVAL},
		{"local:model=slow", -EINVAL},
		{"local:model=fast,", -EINVAL},
		{"local:,model=fast", -EINVAL},
		{"local:speed=9", -EINVAL},
		{"local:threads=0", -EINVAL},
		{"local:threads=-1", -EINVAL},
		{"local:threads=+1", -EINVAL},
		{"local:threads= 1", -EINVAL},
		{"local:threads=1x", -EINVAL},
		{"local:threads=99999999999999999999", -EINVAL},
		{"local:isa=mmx", -EINVAL},
		{"local:fail=0", -EINVAL},
		{"local:model=fast,model=fast,model=fast,model=fast,model=fast,"
		 "a=b",
		 -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fpr_device *device = (struct fpr_device *)&device;

		if (fpr_device_open(table[i].name, &device) != table[i].error)
			fail_msg("%s", table[i].name ? table[i].name : "(null)");
		assert_ptr_equal(device, &device);
	}
	assert_int_equal(fpr_device_open("local", NULL), -EINVAL);
}

static void info_of(const char *name, struct fpr_device_info *info)
{
	struct fpr_device *device;

	memset(info, 0xff, sizeof(*info));
	assert_int_equal(fpr_device_open(name, &device), 0);
	assert_int_equal(fpr_device_get_info(device, info), 0);
	fpr_device_close(device);
	assert_string_equal(info->name, name);
	assert_non_null(memchr(info->version, 0, sizeof(info->version)));
	assert_true(info->version[0]);
	assert_int_equal(info->rows, FPR_ROWS);
	assert_int_equal(info->cols, FPR_COLS);
	assert_int_equal(info->lanes, FPR_LANES);
	assert_int_equal(info->kinds, 15);
	assert_int_equal(info->default_kind, FPR_KIND_VALUE);
	assert_int_equal(info->memory_bytes > 0, strncmp(name, "local", 5) != 0);
}

static void info_tells_the_options(void **state)
{
	struct fpr_device_info info;

	(void)state;
	info_of("local", &info);
	assert_string_equal(info.model, "fast");
	assert_true(info.threads >= 1);
	info_of("local:model=hls", &info);
	assert_string_equal(info.model, "hls");
	assert_string_equal(info.isa, "");
	assert_int_equal(info.threads, 0);
	info_of("local:isa=portable,threads=3", &info);
	assert_string_equal(info.model, "fast");
	assert_string_equal(info.isa, "portable");
	assert_int_equal(info.threads, 3);
	info_of("local:threads=3,threads=2", &info);
	assert_int_equal(info.threads, 2);
}

static void nulls_are_refused(void **state)
{
	struct fpr_device_info info;
	struct fpr_device *device;

	(void)state;
	assert_int_equal(fpr_device_open("local", &device), 0);
	assert_int_equal(fpr_device_get_info(device, NULL), -EINVAL);
	assert_int_equal(fpr_device_get_info(NULL, &info), -EINVAL);
	fpr_device_close(device);
	fpr_device_close(NULL);
}

static void a_listed_device_opens(void **state)
{
	struct fpr_device_info list[8];
	int n = fpr_device_list(NULL, 0);

	(void)state;
	assert_true(n >= 1);
	assert_int_equal(fpr_device_list(NULL, 1), -EINVAL);
	memset(list, 0, sizeof(list));
	assert_int_equal(fpr_device_list(list, 8), n);
	assert_string_equal(list[0].name, "local");
	for (int i = 0; i < n && i < 8; i++) {
		struct fpr_device_info info;

		info_of(list[i].name, &info);
		assert_memory_equal(&info, &list[i], sizeof(info));
	}
}

static void threads_are_limited(void **state)
{
	struct fpr_device *device = NULL;
	struct fpr_device_info info;
	char name[FPR_NAME_MAX];

	(void)state;
	snprintf(name, sizeof(name), "local:threads=%u", FPR_BOARD_THREADS_MAX);
	info_of(name, &info);
	assert_int_equal(info.threads, FPR_BOARD_THREADS_MAX);
	snprintf(name, sizeof(name), "local:threads=%u", FPR_BOARD_THREADS_MAX + 1);
	assert_int_equal(fpr_device_open(name, &device), -EINVAL);
	assert_null(device);
}

static void unsupported_isa_is_told_apart(void **state)
{
	static const char *const names[] = {"local:isa=avx2", "local:isa=avx512"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fpr_device *device = NULL;
		int ret = fpr_device_open(names[i], &device);

		assert_true(ret == 0 || ret == -EOPNOTSUPP);
		assert_int_equal(ret == 0, device != NULL);
		fpr_device_close(device);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(info_tells_the_options),
		cmocka_unit_test(nulls_are_refused),
		cmocka_unit_test(a_listed_device_opens),
		cmocka_unit_test(threads_are_limited),
		cmocka_unit_test(unsupported_isa_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
