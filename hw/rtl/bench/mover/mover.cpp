// SPDX-License-Identifier: MIT
//
// The mover against a plain model: random lists, good and bad, and random skips, moves, stops
// and changes from one list to another. The model looks for every byte from the beginning of
// its list; only sums are the C's. After each move both memories must be the model's, status
// and `moved` too, and no byte may have been written that was not moved.
#include <cstdio>
#include <type_traits>
#include <vector>

#include "Vtile.h"

#include "mistake.h"
#include "pages.h"

extern "C" {
#include "add.h"
}

using wide = unsigned __int128;

enum { START, SKIP, MOVE, RESUME };

static constexpr uint64_t board_base = 0x7fc0000; // and BOARD_PAGES from there on
static constexpr uint32_t BOARD_PAGES = 16, CLUSTERS = 6, CLUSTER_PAGES = 4;

static Vtile top;
static axi_pages host_pages, board_pages;
static axi_memory host("host", AXI_PORT(top, host_), host_pages),
	board("board", AXI_PORT(top, board_), board_pages);
static axi_pages model_host, model_board;
static uint64_t cycles;

struct transfer {
	uint64_t table;
	uint32_t entries, offset, op;
	bool to_host, begun, dead;
	wide at; // bytes of the list moved or passed over
	std::remove_reference_t<decltype(top.walk_in)> walk;
};

// How a move should end.
struct outcome {
	uint32_t status;
	uint64_t moved;
};

static void cycle()
{
	top.clk = 0;
	host.drive();
	board.drive();
	top.eval();
	host.sample();
	board.sample();
	top.clk = 1;
	top.eval();
	cycles++;
}

static bool failed(const char *what, uint64_t got, uint64_t want)
{
	printf("%s is %llu, not %llu\n", what, (unsigned long long)got, (unsigned long long)want);
	return false;
}

// ---- the model ----------------------------------------------------------------------------

template <class T> static T get(axi_pages &memory, uint64_t at)
{
	T x = 0;

	for (uint32_t i = 0; i < sizeof(T); i++)
		x |= (T)memory.byte(at + i) << 8 * i;
	return x;
}

template <class T> static void put(axi_pages &memory, uint64_t at, T x)
{
	for (uint32_t i = 0; i < sizeof(T); i++)
		memory.byte(at + i) = (uint8_t)(x >> 8 * i);
}

static uint32_t entry_status(uint64_t address, uint64_t bytes, uint32_t reserved, bool align64)
{
	if (reserved)
		return FPR_ERR_RESERVED;
	if (!bytes || ((wide)address + bytes) >> 64)
		return FPR_ERR_BOUNDS;
	return align64 && (address % 64 || bytes % 64) ? FPR_ERR_ALIGN : FPR_OK;
}

// Where byte @at of a list is, and how many follow it in its entry.
static uint32_t locate(const struct transfer &t, wide at, uint64_t &address, uint64_t &left)
{
	for (uint32_t i = 0; i < t.entries; i++) {
		const uint64_t entry = t.table + 16 * i;
		uint64_t bytes;
		uint32_t status;

		if (!model_host.has(entry))
			return FPR_ERR_DMA;
		address = get<uint64_t>(model_host, entry);
		bytes = get<uint32_t>(model_host, entry + 8);
		status = entry_status(address, bytes, get<uint32_t>(model_host, entry + 12),
				      t.op != FPR_XFER_COPY);
		if (status)
			return status;
		if (at < bytes) {
			address += (uint64_t)at;
			left = bytes - (uint64_t)at;
			return FPR_OK;
		}
		at -= bytes;
	}
	return FPR_ERR_BOUNDS;
}

static uint64_t least(uint64_t x, uint64_t y)
{
	return x < y ? x : y;
}

static uint64_t page_left(uint64_t address)
{
	return AXI_PAGE - address % AXI_PAGE;
}

// A piece in one entry and one page of each side, at @at of the list, or why there is none.
static uint32_t piece(const struct transfer &t, wide at, uint64_t to, uint64_t most, uint64_t &from,
		      uint64_t &bytes)
{
	uint64_t left;
	uint32_t status = locate(t, at, from, left);

	if (status)
		return status;
	bytes = least(least(most, left),
		      least(page_left(from), page_left(to) / fpr_add_widens(t.op)));
	// What is read first fails first.
	if (t.to_host && !model_board.has(to))
		return FPR_ERR_INTERNAL;
	if (!model_host.has(from))
		return FPR_ERR_DMA;
	return model_board.has(to) ? FPR_OK : FPR_ERR_INTERNAL;
}

static void add(const struct transfer &t, uint64_t from, uint64_t to, uint64_t bytes)
{
	const uint32_t words = fpr_add_widens(t.op) * 8;

	for (uint64_t i = 0; i < bytes; i += 32) {
		uint32_t x[FPR_ADD_WORDS] = {}, sum[FPR_ADD_WORDS_MAX] = {};

		for (uint32_t w = 0; w < 8; w++)
			x[w] = get<uint32_t>(model_host, from + i + 4 * w);
		for (uint32_t w = 0; w < words; w++)
			sum[w] = get<uint32_t>(model_board, to + i / 8 * words + 4 * w);
		fpr_add_block(t.op, x, sum);
		for (uint32_t w = 0; w < words; w++)
			put(model_board, to + i / 8 * words + 4 * w, sum[w]);
	}
}

// Runs along @bytes; with @apply moves them.
static struct outcome model(const struct transfer &t, uint64_t to, uint64_t bytes, bool apply)
{
	struct outcome o = {FPR_OK, 0};
	uint64_t from, n;

	for (; o.moved < bytes; o.moved += n) {
		o.status = piece(t, t.at + o.moved, to, bytes - o.moved, from, n);
		if (o.status)
			break;
		if (apply && t.op != FPR_XFER_COPY)
			add(t, from, to, n);
		for (uint64_t i = 0; apply && t.op == FPR_XFER_COPY && i < n; i++)
			if (t.to_host)
				model_host.byte(from + i) = model_board.byte(to + i);
			else
				model_board.byte(to + i) = model_host.byte(from + i);
		to += n * fpr_add_widens(t.op);
	}
	return o;
}

// ---- what there is to move ----------------------------------------------------------------

static uint32_t some_value()
{
	static const uint32_t corners[] = {0,	       0x80000000, 0x7f800000, 0xff800000,
					   0x7fc00001, 0x00000001, 0x007fffff, 0x7f7fffff,
					   0x3f808000, 0x3f818000, 0x7f808000, 0x3f803f80};

	return below(4) ? ((uint32_t)random64() & 0xc3ffffff) | below(2) << 29
			: corners[below(sizeof(corners) / sizeof(corners[0]))];
}

static void fill(axi_pages &memory, uint64_t page)
{
	std::array<uint8_t, AXI_PAGE> &bytes = memory[page];

	for (uint32_t i = 0; i < AXI_PAGE; i += 4) {
		uint32_t x = some_value();

		memcpy(&bytes[i], &x, 4);
	}
}

struct world {
	uint64_t cluster[CLUSTERS]; // first pages; lists lie in the last cluster
	std::vector<struct transfer> transfers;
};

// Memories anew; here and there a page is missing.
static void make_pages(struct world &w)
{
	host_pages.clear();
	board_pages.clear();
	for (uint32_t c = 0; c < CLUSTERS; c++) {
		// The first one ends where addresses do.
		w.cluster[c] = c ? random64() >> 13 : (~0ull / AXI_PAGE) - CLUSTER_PAGES + 1;
		for (uint32_t p = 0; p < CLUSTER_PAGES; p++)
			if (p == 0 || below(16))
				fill(host_pages, w.cluster[c] + p);
	}
	for (uint32_t p = 0; p < BOARD_PAGES; p++)
		if (below(100))
			fill(board_pages, board_base / AXI_PAGE + p);
	model_host = host_pages;
	model_board = board_pages;
}

static void make_entry(const struct world &w, bool aligned, bool flawed, uint64_t at)
{
	const uint32_t room = CLUSTER_PAGES * AXI_PAGE - 1;
	const uint32_t unit = aligned ? 64 : 1;
	const uint32_t first = below(room - 64) / unit * unit;
	const uint32_t most = below(3) ? 1 + below(300) : room;
	uint64_t address = w.cluster[below(CLUSTERS - 1)] * AXI_PAGE + first;
	uint64_t bytes = least(1 + below(most), room - first);
	uint32_t reserved = 0;

	bytes = aligned ? bytes / 64 * 64 + 64 * (bytes < 64) : bytes;
	if (flawed)
		switch (below(7)) {
		case 0:
			bytes = 0;
			break;
		case 1:
			reserved = 1u << below(32);
			break;
		case 2:
			address = -bytes;
			break;
		case 3:
			address = -bytes - unit;
			break;
		case 4:
			address = random64() / unit * unit;
			break;
		case 5:
			bytes = 0xffffffff / unit * unit;
			break;
		case 6:
			address += 1 + below(63);
			break;
		}
	put(host_pages, at, address);
	put(host_pages, at + 8, (uint32_t)bytes);
	put(host_pages, at + 12, reserved);
}

static void make_transfer(struct world &w, uint32_t place)
{
	struct transfer t = {};
	const bool adds = below(2);
	const uint32_t flaws = below(2) ? 0 : 12;

	t.op = adds ? 1 + below(3) : 0;
	t.to_host = !adds && below(2);
	t.entries = below(8) ? 1 + below(24) : below(3);
	// Most of it may be on a page that is not there.
	t.table = w.cluster[CLUSTERS - 1] * AXI_PAGE + (place + 1) * AXI_PAGE - 16 * below(25);
	t.offset = below(3) ? 0 : below(below(2) ? 600 : 20000);
	t.offset = adds ? t.offset / 64 * 64 : t.offset;
	for (uint32_t i = 0; i < t.entries; i++)
		if (host_pages.has(t.table + 16 * i))
			make_entry(w, adds, flaws && below(flaws) == 0, t.table + 16 * i);
	w.transfers.push_back(t);
}

// ---- playing ------------------------------------------------------------------------------

static bool command(uint32_t which, const struct transfer &t)
{
	top.command = which;
	top.command_valid = 1;
	cycle();
	top.command_valid = 0;
	// What a command comes with is gone in the next cycle.
	top.walk_in = t.walk;
	top.table_address = random64();
	return top.command_ready;
}

static void begin(struct transfer &t)
{
	top.table_address = t.table;
	top.table_entries = t.entries;
	top.table_offset = t.offset;
	top.align64 = t.op != FPR_XFER_COPY;
	command(START, t);
	t.at = t.offset;
	t.begun = true;
}

static void skip(struct transfer &t)
{
	const uint32_t unit = t.op == FPR_XFER_COPY ? 1 : 64;
	uint64_t bytes = below(below(2) ? 200 : 9000);

	if (below(12) == 0)
		bytes = -(uint64_t)below(200); // twice this wraps
	top.bytes = bytes / unit * unit;
	t.at += top.bytes;
	command(SKIP, t);
}

// Until it is over, stopped after @stop cycles; false: something never came.
static bool wait(uint64_t stop, uint64_t &before)
{
	uint64_t waited = 0;

	for (; !top.command_ready && waited < 100000; waited++) {
		if (waited == stop) {
			top.stop = 1;
			before = top.moved;
		}
		cycle();
	}
	top.stop = 0;
	return waited < 100000;
}

static bool same_memories()
{
	if (host_pages != model_host)
		printf("host memory is not as it should be\n");
	if (board_pages != model_board)
		printf("board memory is not as it should be\n");
	return host_pages == model_host && board_pages == model_board;
}

static bool check(struct transfer &t, uint64_t to, uint64_t bytes, bool stopped, uint64_t before)
{
	const struct outcome want = model(t, to, bytes, false);
	const uint64_t written = (t.to_host ? host_pages : board_pages).strobed;
	// Where a stop and a fault of the board meet, they look the same.
	const bool cut = stopped && top.status == FPR_ERR_INTERNAL && top.moved <= want.moved;

	if (!cut && top.status != want.status)
		return failed("status", top.status, want.status);
	if (!cut && top.moved != want.moved)
		return failed("moved", top.moved, want.moved);
	if (stopped && top.moved > before + AXI_PAGE * fpr_add_widens(t.op))
		return failed("moved after a stop", top.moved, before);
	if (cut && want.status == FPR_OK && t.op != FPR_XFER_COPY && top.moved % FPR_XFER_ADD_ALIGN)
		return failed("a part of a beat is added", top.moved, want.moved);
	if (written != top.moved * fpr_add_widens(t.op))
		return failed("what was written", written, top.moved * fpr_add_widens(t.op));
	model(t, to, top.moved, true);
	t.at += top.moved;
	// A bad list stays bad; what else failed has no place any more.
	t.dead = top.status == FPR_ERR_DMA ||
		 (top.status == FPR_ERR_INTERNAL && want.status == FPR_ERR_INTERNAL);
	return same_memories();
}

static bool move(struct transfer &t)
{
	const uint32_t widens = fpr_add_widens(t.op), unit = t.op == FPR_XFER_COPY ? 1 : 64;
	const uint32_t most = below(2) ? 300 : 12000;
	const uint64_t bytes = (1 + below(most) + unit - 1) / unit * unit;
	const uint64_t room = BOARD_PAGES * AXI_PAGE - bytes * widens;
	const uint64_t to = board_base + below((uint32_t)room) / unit * unit;
	const uint64_t stop = below(4) ? UINT64_MAX : below(400);
	uint64_t before = UINT64_MAX - AXI_PAGE;

	host_pages.strobed = board_pages.strobed = 0;
	top.bytes = bytes;
	top.board = to;
	top.to_host = t.to_host;
	top.op = t.op;
	if (command(MOVE, t))
		return failed("ready at once", 1, 0);
	top.bytes = random64();
	top.board = random64();
	top.op = below(4);
	top.to_host = below(2);
	if (!wait(stop, before)) {
		printf("it never ends\n");
		return false;
	}
	return check(t, to, bytes, before != UINT64_MAX - AXI_PAGE, before);
}

static bool play()
{
	struct world w;
	struct transfer *now = nullptr;

	make_pages(w);
	for (uint32_t i = 0; i < 3; i++)
		make_transfer(w, i);
	model_host = host_pages;
	for (uint32_t i = 0; i < 12; i++) {
		struct transfer *t = &w.transfers[below(3)];

		if (t->dead)
			continue;
		if (!t->begun) {
			begin(*t);
		} else if (t != now || below(4) == 0) {
			top.walk_in = t->walk;
			command(RESUME, *t);
		}
		now = t;
		if (below(3) == 0)
			skip(*t);
		if (!move(*t))
			return false;
		t->walk = top.walk_out;
	}
	return true;
}

// Cycles for a beat of the host's when nobody makes it wait, in pieces of a page.
static double pace(uint32_t op, bool to_host, uint32_t odd)
{
	const uint32_t pages = 8;
	struct transfer t = {};
	uint64_t before = UINT64_MAX;

	host.stall = board.stall = 0;
	host_pages.clear();
	for (uint32_t p = 0; p < 2 * pages + 1; p++) {
		fill(host_pages, 16 + p);
		fill(board_pages, board_base / AXI_PAGE + p);
	}
	put(host_pages, 16 * AXI_PAGE, (17ull * AXI_PAGE) + odd);
	put(host_pages, 16 * AXI_PAGE + 8, (uint64_t)pages * AXI_PAGE);
	t.op = op;
	t.table = 16 * AXI_PAGE;
	t.entries = 1;
	begin(t);
	top.bytes = pages * AXI_PAGE;
	top.board = board_base;
	top.to_host = to_host;
	top.op = op;
	cycles = 0;
	command(MOVE, t);
	wait(UINT64_MAX, before);
	return (double)cycles / (pages * (AXI_PAGE / AXI_BEAT));
}

int main()
{
	make_mistake(top);
	host.data_first = board.data_first = true;
	top.eval();
	top.reset = 1;
	cycle();
	top.reset = 0;
	for (uint32_t i = 0; i < 250; i++) {
		host.stall = below(2) * below(15);
		board.stall = below(2) * below(15);
		if (!play() || !host.wrong.empty() || !board.wrong.empty()) {
			printf("%s%sin life %u, cycle %llu\n", host.wrong.c_str(),
			       board.wrong.c_str(), i, (unsigned long long)cycles);
			return 1;
		}
	}
	printf("bytes, statuses and bursts as they should be in %llu cycles\n",
	       (unsigned long long)cycles);
	printf("cycles a beat: in %.2f, from an odd place %.2f, out %.2f; fp32 %.2f, bf16 %.2f, "
	       "bf16 into fp32 %.2f\n",
	       pace(0, false, 0), pace(0, false, 1), pace(0, true, 0), pace(1, false, 0),
	       pace(2, false, 0), pace(3, false, 0));
	return 0;
}
