/* SPDX-License-Identifier: MIT */

#include "tb.h"
#include "walk.h"
#include "walk_unit.h"

/*
 * A walk against the list written out: which byte of the bus comes next is counted up one by one,
 * or, through entries that are long, in leaps of what is asked for. Calls are few, so a list is
 * short and every kind of end comes soon.
 */
#define ENTRIES 20
#define TABLE 0x5000u

struct sg {
	uint64_t address, bytes, reserved;
};

static struct sg list[ENTRIES];
static uint32_t entries, fetched;
static uint64_t align, answer[4];

static void ask(uint32_t command, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t value[4] = {a, b, c, d};

	tb_calls++;
	walk_top(command, value, answer);
}

static void fetch(void)
{
	const uint64_t n = answer[3] / 16;

	tb_expect(answer[2] == TABLE + 16u * fetched && answer[3] == 16 * n && n > 0 && n <= 16 &&
			  fetched + n <= entries,
		  "the next entries");
	for (uint32_t i = 0; i < n && fetched < entries; i++, fetched++)
		ask(WALK_ENTRY, i, list[fetched].address, list[fetched].bytes,
		    list[fetched].reserved);
}

static void next(uint64_t most)
{
	uint32_t steps = 0;

	do {
		ask(WALK_STEP, most, 0, 0, 0);
		if (answer[0] == FPR_WALK_WANTS) {
			fetch();
			answer[0] = FPR_WALK_WANTS;
		}
	} while ((answer[0] == FPR_WALK_WANTS || answer[0] == FPR_WALK_PASSED) && steps++ < 64);
}

static uint64_t wrong(const struct sg *entry)
{
	if (entry->reserved)
		return FPR_ERR_RESERVED;
	if (!entry->bytes || entry->bytes > UINT64_MAX - entry->address)
		return FPR_ERR_BOUNDS;
	return entry->address % align || entry->bytes % align ? FPR_ERR_ALIGN : FPR_OK;
}

/* Through the list with pieces of @most: each entry less what is still to be skipped. */
static void walk(uint64_t offset, uint64_t most)
{
	fetched = 0;
	ask(WALK_START, TABLE, entries, offset, align);
	for (uint32_t i = 0; i < entries; i++) {
		uint64_t at = list[i].address, left = list[i].bytes, status = wrong(&list[i]);
		const uint64_t over = offset < left ? offset : left;

		if (status != FPR_OK) {
			next(most);
			tb_expect(answer[0] == FPR_WALK_FAILED && answer[1] == status, "bad entry");
			return;
		}
		offset -= over;
		at += over;
		left -= over;
		while (left) {
			const uint64_t bytes = left < most ? left : most;

			next(most);
			tb_expect(answer[0] == FPR_WALK_PIECE && answer[2] == at &&
					  answer[3] == bytes,
				  "the next piece");
			at += bytes;
			left -= bytes;
		}
	}
	next(most);
	tb_expect(answer[0] == FPR_WALK_FAILED && answer[1] == FPR_ERR_BOUNDS, "the end");
}

static void random_list(void)
{
	entries = tb_random() % (ENTRIES + 1);
	align = 1u << (tb_random() % 7);
	for (uint32_t i = 0; i < entries; i++) {
		list[i].bytes = align * (1 + tb_random() % 40);
		list[i].address = align * tb_random();
		list[i].reserved = 0;
	}
	if (!entries || tb_random() % 2)
		return;
	switch (tb_random() % 4) {
	case 0:
		list[tb_random() % entries].bytes = 0;
		break;
	case 1:
		list[tb_random() % entries].reserved = 1;
		break;
	case 2:
		list[tb_random() % entries].address += 1;
		break;
	default:
		list[tb_random() % entries].address = UINT64_MAX / align * align;
	}
}

int main(void)
{
	/* As many entries as are fetched at once and one more, which ends where nothing does. */
	align = 1;
	entries = 17;
	for (uint32_t i = 0; i < entries; i++)
		list[i] = (struct sg){0x1000u * i, 1 + i, 0};
	list[16].address = UINT64_MAX - 16;
	walk(3, 100);
	/* The last there can be. */
	entries = 1;
	list[0] = (struct sg){UINT64_MAX - 0xffffffffu, 0xffffffffu, 0};
	walk(0, 0x80000000u);
	ask(WALK_START, TABLE, 1, 2, 1);
	ask(WALK_SKIP, UINT64_MAX, 0, 0, 0);
	list[0] = (struct sg){0, 10, 0};
	fetched = 0;
	next(1);
	tb_expect(answer[0] == FPR_WALK_FAILED && answer[1] == FPR_ERR_BOUNDS, "a skip too far");
	while (tb_calls + 1000 < TB_CALLS && tb_calls < 60000) {
		random_list();
		walk(align * (tb_random() % 50), align * (1 + tb_random() % 60));
	}
	return tb_done();
}
