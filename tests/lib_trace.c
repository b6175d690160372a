/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "board.h"
#include "common/trace_sample.h"

static char folder[256], path[300], damaged[64];
static int damaged_fd;

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/trace.XXXXXX", tmp ? tmp : "/tmp");
	damaged_fd = memfd_create("trace", MFD_CLOEXEC);
	if (!mkdtemp(folder) || damaged_fd < 0)
		return 1;
	snprintf(damaged, sizeof(damaged), "/proc/self/fd/%d", damaged_fd);
	snprintf(path, sizeof(path), "%s/t.fpr", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(damaged_fd);
	unlink(path);
	return rmdir(folder);
}

/* How many files the folder holds: temporaries must be gone. */
static int files(void)
{
	DIR *dir = opendir(folder);
	int n = 0;

	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Damaged files live in memory: thousands of small writes would wait for the disk. */
static void store(const uint8_t *bytes, size_t size)
{
	assert_int_equal(ftruncate(damaged_fd, 0), 0);
	assert_int_equal(pwrite(damaged_fd, bytes, size, 0), size);
}

static void same_bytes(const void *got, const void *want, uint64_t size, uint64_t expected)
{
	assert_int_equal(size, expected);
	if (size)
		assert_memory_equal(got, want, size);
	else
		assert_null(got);
}

static void a_trace_comes_back_as_it_went(void **state)
{
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader = NULL;
	struct fpr_gemm_extent extent;
	struct stat st;
	uint64_t position = 0;

	(void)state;
	assert_int_equal(write_sample_trace(path), 0);
	assert_int_equal(files(), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(fpr_trace_open(path, &reader), 0);
	for (unsigned int i = 0; i < SAMPLE_RECORDS; i++) {
		const struct fpr_gemm_counters none = {0};
		struct sample s;

		make_sample(i, &s);
		memset(&record, 0xff, sizeof(record));
		assert_int_equal(fpr_trace_next(reader, &record), 1);
		assert_string_equal(record.name, s.name);
		assert_memory_equal(&record.gemm, &s.gemm, sizeof(s.gemm));
		assert_int_equal(record.has_counters, i != 5);
		assert_memory_equal(&record.counters, i == 5 ? &none : &s.counters, sizeof(none));
		assert_int_equal(record.geometry.rows, i == 5 ? 0 : FPR_ROWS);
		assert_int_equal(record.geometry.mem_bytes_per_cycle,
				 i == 5 ? 0 : FPR_MEM_BYTES_PER_CYCLE);
		assert_int_equal(fpr_gemm_extent(&s.gemm, &extent), 0);
		same_bytes(record.a, s.a, record.a_bytes, extent.a);
		same_bytes(record.b, s.b, record.b_bytes, extent.b);
		same_bytes(record.c_out, s.c_out, record.c_bytes, extent.c);
		if (s.gemm.accumulate)
			assert_memory_equal(record.c_in, s.c_in, extent.c);
		else
			assert_null(record.c_in);
		assert_in_range(fpr_trace_position(reader), position + 1, (uint64_t)st.st_size - 1);
		position = fpr_trace_position(reader);
	}
	assert_int_equal(fpr_trace_next(reader, &record), 0);
	assert_int_equal(fpr_trace_next(reader, &record), 0);
	assert_int_equal(fpr_trace_position(reader), st.st_size);
	fpr_trace_close(reader);
}

static void large_operands_are_compressed_and_survive(void **state)
{
	enum { M = 300, K = 1000 };
	const struct fpr_gemm gemm = {.m = M, .n = 1, .k = K, .t = 15};
	uint16_t *a = calloc(M * K, 2), b[K];
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader;
	struct fpr_trace_writer *writer;
	uint32_t c[M], noise = 1;
	struct stat st;

	(void)state;
	assert_non_null(a);
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(fpr_trace_create(path, &writer), 0);
		for (int i = 0; i < M; i++)
			c[i] = (uint32_t)i;
		for (int i = 0; i < K; i++)
			b[i] = (uint16_t)i;
		assert_int_equal(fpr_trace_append(writer, "big", &gemm, a, b, NULL, c, NULL), 0);
		assert_int_equal(fpr_trace_finish(writer), 0);
		assert_int_equal(stat(path, &st), 0);
		/* Zeros shrink, noise does not, and neither grows. */
		assert_true(pass ? st.st_size > M * K * 2 && st.st_size < M * K * 2 + 5000
				 : st.st_size < M * K / 10);
		assert_int_equal(fpr_trace_open(path, &reader), 0);
		assert_int_equal(fpr_trace_next(reader, &record), 1);
		assert_memory_equal(record.a, a, M * K * 2);
		assert_memory_equal(record.b, b, sizeof(b));
		assert_memory_equal(record.c_out, c, sizeof(c));
		assert_int_equal(fpr_trace_next(reader, &record), 0);
		fpr_trace_close(reader);
		for (int i = 0; i < M * K; i++) {
			noise = noise * 1664525u + 1013904223u;
			a[i] = (uint16_t)(noise >> 13);
		}
	}
	free(a);
}

/* Return: what ends the reading; every record before it must be sane. */
static int read_all(const char *file, int *records)
{
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader = NULL;
	struct fpr_gemm_extent extent;
	int ret = fpr_trace_open(file, &reader);

	*records = 0;
	if (ret) {
		assert_null(reader);
		return ret;
	}
	while ((ret = fpr_trace_next(reader, &record)) == 1) {
		assert_int_equal(fpr_gemm_check(&record.gemm), 0);
		assert_int_equal(fpr_gemm_extent(&record.gemm, &extent), 0);
		assert_true(record.a_bytes == extent.a && record.b_bytes == extent.b &&
			    record.c_bytes == extent.c);
		assert_true(strlen(record.name) <= FPR_TRACE_NAME_MAX);
		++*records;
	}
	assert_int_equal(fpr_trace_next(reader, &record), ret);
	fpr_trace_close(reader);
	return ret;
}

static void every_truncation_is_noticed(void **state)
{
	size_t size;
	uint8_t *bytes;
	int records, complete = 0;

	(void)state;
	assert_int_equal(write_sample_trace(path), 0);
	bytes = slurp(path, &size);
	for (size_t cut = 0; cut < size; cut++) {
		store(bytes, cut);
		assert_int_equal(read_all(damaged, &records), -ENODATA);
		complete |= records == SAMPLE_RECORDS;
	}
	assert_true(complete);
	store(bytes, size);
	assert_int_equal(read_all(damaged, &records), 0);
	assert_int_equal(records, SAMPLE_RECORDS);
	bytes[size] = 0;
	store(bytes, size + 1);
	assert_int_equal(read_all(damaged, &records), -EBADMSG);
	free(bytes);
}

static void every_changed_byte_is_noticed(void **state)
{
	uint8_t *bytes;
	size_t size;
	int records;

	(void)state;
	assert_int_equal(write_sample_trace(path), 0);
	bytes = slurp(path, &size);
	for (size_t i = 0; i < size; i++) {
		const uint8_t before = bytes[i];

		bytes[i] ^= (uint8_t)(1 << i % 8);
		store(bytes, size);
		assert_int_equal(read_all(damaged, &records), -EBADMSG);
		bytes[i] = before;
	}
	free(bytes);
}

static uint32_t get32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* Makes every checksum right again, as far as the sections' lengths lead. */
static void repair(uint8_t *bytes, size_t size)
{
	size_t at = 16;

	put32(bytes + 12, (uint32_t)crc32(0, bytes, 12));
	while (size - at >= 20) {
		const uint64_t length = get32(bytes + at + 4) | (uint64_t)get32(bytes + at + 8)
									<< 32;

		put32(bytes + at + 12, (uint32_t)crc32(0, bytes + at, 12));
		if (length > size - at - 20)
			return;
		put32(bytes + at + 16 + length, (uint32_t)crc32(0, bytes + at + 16, (uInt)length));
		at += 20 + length;
	}
}

static uint32_t random_below(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*state * n >> 32);
}

/* Favours the fixed fields of the records, where sizes are. */
static void mutate(uint8_t *bytes, size_t size, uint32_t *state)
{
	static const uint8_t extremes[] = {0, 1, 0x7f, 0x80, 0xff};
	const uint32_t changes = 1 + random_below(state, 3);

	for (uint32_t i = 0; i < changes; i++) {
		size_t at = random_below(state, (uint32_t)size);

		if (random_below(state, 4))
			at = 16 + random_below(state, 312);
		bytes[at] = random_below(state, 2) ? extremes[random_below(state, 5)]
						   : (uint8_t)random_below(state, 256);
		if (!random_below(state, 4) && at + 8 <= size)
			memset(bytes + at, random_below(state, 2) ? 0xff : 0, 8);
	}
}

/* Checksums keep out accidents, not intent: with all of them right, errors must still be clean. */
static void hostile_files_give_clean_errors(void **state)
{
	uint32_t noise = 17;
	size_t size;
	uint8_t *bytes, *copy;
	int records, bad = 0, good = 0;

	(void)state;
	assert_int_equal(write_sample_trace(path), 0);
	bytes = slurp(path, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (int round = 0; round < 6000; round++) {
		int ret;

		memcpy(copy, bytes, size);
		mutate(copy, size, &noise);
		repair(copy, size);
		store(copy, size);
		ret = read_all(damaged, &records);
		assert_true(ret == 0 || ret == -EBADMSG || ret == -ENODATA ||
			    ret == -EPROTONOSUPPORT);
		bad += ret != 0;
		good += ret == 0;
	}
	/* Both kinds must have occurred, or the mutations miss the point. */
	assert_true(bad > 1000 && good > 10);
	free(copy);
	free(bytes);
}

/* A record's fixed fields by their place in the file, after its two heads. */
#define FIELD(offset) (16 + 16 + (offset))

static void false_sizes_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t low, high;
		int wide;
	} table[] = {
		{20, 0xffffffff, 0xffffffff, 1}, /* section length */
		{20, 295, 0, 1},
		{FIELD(0), 256, 0, 0}, /* name bytes */
		{FIELD(0), 0xffffffff, 0, 0},
		{FIELD(4), 2, 0, 0}, /* unknown flag */
		{FIELD(8), 0xffffffff, 0, 0}, /* m */
		{FIELD(12), 1 << 24, 0, 0}, /* n, so that C would be huge */
		{FIELD(36), 1, 0, 0}, /* reserved */
		{FIELD(64), FPR_KINDS, 0, 0}, /* kind */
		{FIELD(232), 0xffffffff, 0xffffffff, 1}, /* raw bytes of A */
		{FIELD(240), 0xffffffff, 0x7fffffff, 1}, /* stored bytes of A */
		{FIELD(240), 0, 0, 1},
	};
	size_t size;
	uint8_t *bytes, *copy;
	int records;

	(void)state;
	assert_int_equal(write_sample_trace(path), 0);
	bytes = slurp(path, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int ret;

		memcpy(copy, bytes, size);
		put32(copy + table[i].at, table[i].low);
		if (table[i].wide)
			put32(copy + table[i].at + 4, table[i].high);
		repair(copy, size);
		store(copy, size);
		ret = read_all(damaged, &records);
		assert_true(ret == -EBADMSG || ret == -ENODATA);
		assert_int_equal(records, 0);
	}
	free(copy);
	free(bytes);
}

static void another_version_is_told_apart(void **state)
{
	uint8_t *bytes;
	size_t size;
	int records;

	(void)state;
	assert_int_equal(write_sample_trace(path), 0);
	bytes = slurp(path, &size);
	bytes[8]++;
	repair(bytes, size);
	store(bytes, size);
	assert_int_equal(read_all(damaged, &records), -EPROTONOSUPPORT);
	free(bytes);
}

static void writing_is_all_or_nothing(void **state)
{
	struct fpr_trace_writer *writer;
	size_t size, after;
	uint8_t *bytes, *again;
	struct sample s;

	(void)state;
	make_sample(0, &s);
	assert_int_equal(write_sample_trace(path), 0);
	bytes = slurp(path, &size);
	assert_int_equal(fpr_trace_create(path, &writer), 0);
	assert_int_equal(fpr_trace_append(writer, "x", &s.gemm, s.a, s.b, NULL, s.c_out, NULL), 0);
	assert_int_equal(files(), 2);
	again = slurp(path, &after);
	assert_int_equal(after, size);
	assert_memory_equal(again, bytes, size);
	free(again);
	fpr_trace_abort(writer);
	assert_int_equal(files(), 1);
	again = slurp(path, &after);
	assert_int_equal(after, size);
	assert_memory_equal(again, bytes, size);
	free(again);
	free(bytes);
	fpr_trace_abort(NULL);
	assert_int_equal(fpr_trace_finish(NULL), -EINVAL);
}

/* A full disk, played by a limit on file sizes. */
static void a_write_error_is_reported_and_leaves_nothing(void **state)
{
	struct rlimit before, small;
	struct fpr_trace_writer *writer;
	struct sample s;
	int ret = 0;

	(void)state;
	make_sample(0, &s);
	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 20000;
	assert_int_equal(fpr_trace_create(path, &writer), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 100 && !ret; i++)
		ret = fpr_trace_append(writer, "x", &s.gemm, s.a, s.b, NULL, s.c_out, NULL);
	assert_int_equal(ret, -EFBIG);
	assert_int_equal(fpr_trace_append(writer, "x", &s.gemm, s.a, s.b, NULL, s.c_out, NULL),
			 -EFBIG);
	assert_int_equal(fpr_trace_finish(writer), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(files(), 0);
}

static void writers_refuse_what_readers_would(void **state)
{
	struct fpr_trace_writer *none = (struct fpr_trace_writer *)&none, *writer = none;
	char name[FPR_TRACE_NAME_MAX + 2];
	static const char *const dirty[] = {
		"\n",	    "\x1b[31m", "\x7f",		"\x80",
		"\xc3",	    "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xc2\x85", "a\xff",	"\xe2\x82",	"\xf8\x88\x80\x80\x80"};
	struct sample s;

	(void)state;
	make_sample(1, &s);
	assert_int_equal(fpr_trace_create(NULL, &writer), -EINVAL);
	assert_int_equal(fpr_trace_create("", &writer), -EINVAL);
	assert_int_equal(fpr_trace_create(path, NULL), -EINVAL);
	assert_int_equal(fpr_trace_create("/dev/null", &writer), -EINVAL);
	assert_int_equal(fpr_trace_create(folder, &writer), -EINVAL);
	assert_int_equal(fpr_trace_create("/nowhere/t.fpr", &writer), -ENOENT);
	assert_ptr_equal(writer, none);
	assert_int_equal(fpr_trace_create(path, &writer), 0);
#define APPEND(name, a, b, c_in, c_out) \
	fpr_trace_append(writer, name, &s.gemm, a, b, c_in, c_out, &s.counters)
	assert_int_equal(APPEND(NULL, s.a, s.b, s.c_in, s.c_out), -EINVAL);
	assert_int_equal(APPEND("x", NULL, s.b, s.c_in, s.c_out), -EINVAL);
	assert_int_equal(APPEND("x", s.a, NULL, s.c_in, s.c_out), -EINVAL);
	assert_int_equal(APPEND("x", s.a, s.b, NULL, s.c_out), -EINVAL);
	assert_int_equal(APPEND("x", s.a, s.b, s.c_in, NULL), -EINVAL);
	for (size_t i = 0; i < sizeof(dirty) / sizeof(dirty[0]); i++)
		assert_int_equal(APPEND(dirty[i], s.a, s.b, s.c_in, s.c_out), -EINVAL);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = 0;
	assert_int_equal(APPEND(name, s.a, s.b, s.c_in, s.c_out), -EINVAL);
	name[FPR_TRACE_NAME_MAX] = 0;
	assert_int_equal(APPEND(name, s.a, s.b, s.c_in, s.c_out), 0);
	s.gemm.serial = FPR_SERIAL_AUTO;
	assert_int_equal(APPEND("x", s.a, s.b, s.c_in, s.c_out), -EINVAL);
	s.gemm.serial = FPR_SERIAL_A;
	s.gemm.t = 16;
	assert_int_equal(APPEND("x", s.a, s.b, s.c_in, s.c_out), -EINVAL);
	s.gemm.t = 15;
	assert_int_equal(fpr_trace_append(NULL, "x", &s.gemm, s.a, s.b, s.c_in, s.c_out, NULL),
			 -EINVAL);
	assert_int_equal(fpr_trace_append(writer, "x", NULL, s.a, s.b, s.c_in, s.c_out, NULL),
			 -EINVAL);
	assert_int_equal(APPEND("y", s.a, s.b, s.c_in, s.c_out), 0);
	assert_int_equal(fpr_trace_finish(writer), 0);

	int records;

	assert_int_equal(read_all(path, &records), 0);
	assert_int_equal(records, 2);
}

static void readers_check_their_arguments(void **state)
{
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader;

	(void)state;
	assert_int_equal(fpr_trace_open(NULL, &reader), -EINVAL);
	assert_int_equal(fpr_trace_open(path, NULL), -EINVAL);
	assert_int_equal(fpr_trace_open("/nowhere/t.fpr", &reader), -ENOENT);
	assert_int_equal(fpr_trace_open("/dev/null", &reader), -ENODATA);
	store((const uint8_t *)"FPRTRACE, no", 12);
	assert_int_equal(fpr_trace_open(damaged, &reader), -ENODATA);
	store((const uint8_t *)"no FPRTRACE.", 12);
	assert_int_equal(fpr_trace_open(damaged, &reader), -EBADMSG);
	store((const uint8_t *)"FPT", 3);
	assert_int_equal(fpr_trace_open(damaged, &reader), -EBADMSG);
	assert_int_equal(fpr_trace_open("/", &reader), -EISDIR);
	assert_int_equal(fpr_trace_next(NULL, &record), -EINVAL);
	assert_int_equal(fpr_trace_position(NULL), 0);
	fpr_trace_close(NULL);
	assert_int_equal(write_sample_trace(path), 0);
	assert_int_equal(fpr_trace_open(path, &reader), 0);
	assert_int_equal(fpr_trace_next(reader, NULL), -EINVAL);
	assert_int_equal(fpr_trace_next(reader, &record), 1);
	fpr_trace_close(reader);
}

/* With a file name: write the sample there, for those who need a trace. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_comes_back_as_it_went),
		cmocka_unit_test(large_operands_are_compressed_and_survive),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(every_changed_byte_is_noticed),
		cmocka_unit_test(hostile_files_give_clean_errors),
		cmocka_unit_test(false_sizes_are_refused),
		cmocka_unit_test(another_version_is_told_apart),
		cmocka_unit_test(writing_is_all_or_nothing),
		cmocka_unit_test(a_write_error_is_reported_and_leaves_nothing),
		cmocka_unit_test(writers_refuse_what_readers_would),
		cmocka_unit_test(readers_check_their_arguments),
	};

	if (argc == 2)
		return write_sample_trace(argv[1]) ? 1 : 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
