/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fuzz_random.h"
#include "walk.h"

/*
 * The walk along a scatter list against the list seen whole: where an entry begins in the
 * sequence of bytes is summed up in 128 bits, so nothing wraps, and a place is looked up from the
 * start each time. The walk sees of the list only what it asks for.
 */

#define ENTRIES 100
#define TABLE 0x1230u /* where the list lies on the bus */

typedef unsigned __int128 wide;

/* A list, and the place that a walk should stand at. */
struct list {
	struct fpr_sg entry[ENTRIES];
	uint32_t n;
	uint32_t align;
	uint32_t fetched;
	wide place;
};

static uint64_t random_state = 88172645463325252u;

static uint32_t any(void)
{
	return fuzz_random(&random_state);
}

/* ---- the model ---------------------------------------------------------- */

static uint32_t golden_check(const struct fpr_sg *entry, uint32_t align)
{
	if (entry->reserved)
		return FPR_ERR_RESERVED;
	if (!entry->bytes || (wide)entry->address + entry->bytes > UINT64_MAX)
		return FPR_ERR_BOUNDS;
	return entry->address % align || entry->bytes % align ? FPR_ERR_ALIGN : FPR_OK;
}

/* The piece at the list's place, or what is wrong. */
static struct fpr_walk_step golden_piece(const struct list *list, uint64_t most)
{
	wide begin = 0;

	for (uint32_t i = 0; i < list->n; i++) {
		const struct fpr_sg *entry = &list->entry[i];
		uint32_t status = golden_check(entry, list->align);
		wide end = begin + entry->bytes;

		if (status != FPR_OK)
			return (struct fpr_walk_step){FPR_WALK_FAILED, status, 0, 0};
		if (list->place < end) {
			uint64_t into = (uint64_t)(list->place - begin), left = entry->bytes - into;

			return (struct fpr_walk_step){FPR_WALK_PIECE, FPR_OK, entry->address + into,
						      left < most ? left : most};
		}
		begin = end;
	}
	return (struct fpr_walk_step){FPR_WALK_FAILED, FPR_ERR_BOUNDS, 0, 0};
}

/* ---- the walk ----------------------------------------------------------- */

static void start(struct list *list, struct fpr_walk *walk, uint32_t offset)
{
	struct fpr_ref ref = {TABLE, 0, list->n, offset};

	memset(walk, 0xa5, sizeof(*walk));
	fpr_walk_start(walk, &ref, list->align);
	list->fetched = 0;
	list->place = offset;
}

static void pass_over(struct list *list, struct fpr_walk *walk, uint64_t bytes)
{
	fpr_walk_skip(walk, bytes);
	list->place += bytes;
}

/* Entries in their order, each once, and none behind the last. */
static void fetch(struct list *list, struct fpr_walk *walk, const struct fpr_walk_step *step)
{
	uint32_t n = (uint32_t)(step->bytes / sizeof(list->entry[0]));

	assert_int_equal(step->address, TABLE + list->fetched * sizeof(list->entry[0]));
	assert_true(n && step->bytes % sizeof(list->entry[0]) == 0);
	assert_true(n <= FPR_WALK_FETCH && n <= list->n - list->fetched);
	memcpy(walk->fetched, list->entry + list->fetched, step->bytes);
	list->fetched += n;
}

static struct fpr_walk_step next(struct list *list, struct fpr_walk *walk, uint64_t most)
{
	struct fpr_walk_step step;
	unsigned int steps = 0;

	do {
		memset(&step, 0xa5, sizeof(step));
		fpr_walk_step(walk, most, &step);
		if (step.what == FPR_WALK_WANTS)
			fetch(list, walk, &step);
		assert_true(steps++ <= 2 * list->n + 1);
	} while (step.what == FPR_WALK_PASSED || step.what == FPR_WALK_WANTS);
	return step;
}

/* One piece, from the walk and from the model. */
static struct fpr_walk_step one_piece(struct list *list, struct fpr_walk *walk, uint64_t most)
{
	struct fpr_walk_step want = golden_piece(list, most), got = next(list, walk, most);

	assert_int_equal(got.what, want.what);
	assert_int_equal(got.status, want.status);
	if (got.what == FPR_WALK_FAILED) {
		/* And so it stays. */
		got = next(list, walk, most);
		assert_int_equal(got.what, FPR_WALK_FAILED);
		assert_int_equal(got.status, want.status);
		return got;
	}
	assert_true(got.address == want.address);
	assert_true(got.bytes == want.bytes);
	list->place += got.bytes;
	return got;
}

/* ---- tests -------------------------------------------------------------- */

/* Some numbers are nearer to where something changes. */
static uint64_t length(uint32_t align)
{
	static const uint32_t edges[] = {1, 2, 15, 16, 17, 63, 64, 4096, 163840, 0x80000000};
	uint32_t bytes = any() % 3 ? any() % 300 : edges[any() % 10] + any() % 2;

	bytes = any() % 20 ? bytes : UINT32_MAX - any() % 3;
	return bytes / align * align + (bytes < align ? align : 0);
}

static uint64_t address(uint32_t align, uint64_t bytes)
{
	uint64_t far = (uint64_t)any() << 32 | any();

	/* As far up as it goes. */
	if (any() % 8 == 0)
		far = UINT64_MAX - bytes;
	else if (far > UINT64_MAX - bytes)
		far -= bytes;
	return far / align * align;
}

static void spoil(struct fpr_sg *entry, uint32_t align)
{
	switch (any() % 6) {
	case 0:
		entry->bytes = 0;
		break;
	case 1:
		entry->reserved = 1u << any() % 32;
		break;
	case 2: /* one byte too far, or much */
		entry->address =
			UINT64_MAX - entry->bytes + 1 + (any() % 2 ? 0 : any() % entry->bytes);
		break;
	case 3:
		entry->address += 1 + any() % align;
		break;
	case 4:
		entry->bytes += 1;
		break;
	default:
		entry->address = UINT64_MAX;
		entry->bytes = UINT32_MAX;
	}
}

static void random_list(struct list *list)
{
	list->align = any() % 2 ? 1 : 1u << any() % 7;
	list->n = any() % 3 ? any() % 20 : any() % (ENTRIES + 1);
	for (uint32_t i = 0; i < list->n; i++) {
		uint64_t bytes = length(list->align);

		list->entry[i] = (struct fpr_sg){address(list->align, bytes), (uint32_t)bytes, 0};
	}
	if (list->n && any() % 3 == 0)
		spoil(&list->entry[any() % list->n], list->align);
}

static void random_lists(void **state)
{
	static struct list list;
	unsigned int pieces = 0, ends = 0, bad = 0;
	struct fpr_walk walk;

	(void)state;
	for (unsigned int n = 0; n < 20000; n++) {
		struct fpr_walk_step step = {0};
		uint64_t most = UINT64_MAX;

		random_list(&list);
		start(&list, &walk, any() % 2 ? 0 : (uint32_t)length(list.align));
		for (unsigned int k = 0; k < 300 && step.what == FPR_WALK_PIECE; k++) {
			if (any() % 4 == 0)
				pass_over(&list, &walk, any() % 10 ? length(list.align) : 0);
			if (any() % 4 == 0)
				most = any() % 4 ? length(list.align) : UINT64_MAX - any() % 3;
			step = one_piece(&list, &walk, most);
			pieces++;
		}
		ends += step.status == FPR_ERR_BOUNDS && walk.next == walk.n;
		bad += step.status != FPR_OK && walk.next < walk.n;
	}
	assert_true(pieces > 100000 && ends > 1000 && bad > 1000);
}

/* Every byte of a list of small entries, in order, once, at its place and nowhere else. */
static void byte_by_byte(void **state)
{
	static uint32_t seen[1 << 16];
	static struct list list;
	struct fpr_walk walk;

	(void)state;
	for (unsigned int n = 0; n < 300; n++) {
		uint32_t slice = 1 + any() % 5000, number = 0, total = 0, base = 0;

		memset(seen, 0, sizeof(seen));
		memset(&list, 0, sizeof(list));
		list.align = 1;
		list.n = 1 + any() % ENTRIES;
		for (uint32_t i = 0; i < list.n; i++) {
			base += any() % 200;
			list.entry[i] = (struct fpr_sg){base, 1 + any() % 400, 0};
			base += list.entry[i].bytes;
			total += list.entry[i].bytes;
		}
		assert_true(base <= sizeof(seen) / sizeof(seen[0]));
		start(&list, &walk, 0);
		while (number < total) {
			/* A slice ends within a piece, as the arbiter has it. */
			uint32_t left = slice - number % slice;
			struct fpr_walk_step step;

			left = left < total - number ? left : total - number;
			step = next(&list, &walk, left);
			assert_int_equal(step.what, FPR_WALK_PIECE);
			assert_true(step.bytes && step.bytes <= left);
			for (uint64_t i = 0; i < step.bytes; i++)
				seen[step.address + i] = ++number;
		}
		number = 0;
		for (uint32_t i = 0, at = 0; i < list.n; i++) {
			for (; at < list.entry[i].address; at++)
				assert_int_equal(seen[at], 0);
			for (uint32_t k = 0; k < list.entry[i].bytes; k++)
				assert_int_equal(seen[at++], ++number);
		}
		assert_int_equal(next(&list, &walk, 1).status, FPR_ERR_BOUNDS);
	}
}

/* Aligned lists, offsets and slices make aligned pieces: an accumulate's blocks stay whole. */
static void aligned_pieces(void **state)
{
	static struct list list;
	struct fpr_walk walk;
	unsigned int pieces = 0;

	(void)state;
	for (unsigned int n = 0; n < 3000; n++) {
		struct fpr_walk_step step;

		random_list(&list);
		start(&list, &walk, (uint32_t)length(list.align));
		for (unsigned int k = 0; k < 200; k++) {
			step = next(&list, &walk, length(list.align));
			if (step.what == FPR_WALK_FAILED)
				break;
			assert_int_equal((step.address | step.bytes) % list.align, 0);
			assert_true(step.address + step.bytes > step.address);
			pieces++;
		}
	}
	assert_true(pieces > 10000);
}

/* What is asked of a list that no list can hold: an error after its last entry, not a wrap. */
static void skips_beyond_64_bits(void **state)
{
	static struct list list;
	struct fpr_walk walk;

	(void)state;
	list = (struct list){.n = 2, .align = 1};
	list.entry[0] = (struct fpr_sg){0x1000, UINT32_MAX, 0};
	list.entry[1] = (struct fpr_sg){0x2000, 7, 0};
	for (unsigned int n = 0; n < 3; n++) {
		start(&list, &walk, UINT32_MAX);
		pass_over(&list, &walk, UINT64_MAX - n);
		pass_over(&list, &walk, n ? UINT64_MAX : 2);
		assert_int_equal(one_piece(&list, &walk, 1).status, FPR_ERR_BOUNDS);
	}
	start(&list, &walk, UINT32_MAX);
	assert_int_equal(one_piece(&list, &walk, UINT64_MAX).bytes, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_lists),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(aligned_pieces),
		cmocka_unit_test(skips_beyond_64_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
