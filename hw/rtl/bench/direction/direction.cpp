// SPDX-License-Identifier: MIT
//
// A direction of the P3 engine: transfers pushed at random times, some of which fail, and
// stops. Slices must be those on which the C's arbiter decides given the same arrivals, the
// bytes of each must be in board memory when it is reported, and every report be the right
// one at the right time.
//
// Whether an arrival came before a decision shows from outside only while a slice moves, or
// when nothing is pending. So in some lives transfers arrive then and never else; in the
// others, without ageing, either order is right where it does not show.
#include <cstdio>
#include <vector>

#include "Vtile.h"

#include "mistake.h"
#include "pages.h"

// A member's name there is a keyword here.
#define class of_class
extern "C" {
#include "add.h"
#include "p3.h"
}
#undef class

static constexpr uint32_t ENTRIES = 16; // hw/rtl/verilate says so, too
static constexpr uint32_t HOST_PAGES = 3, BOARD_PAGES = 4; // of a transfer's own

enum { SERVED, MOVED, ENDED };

static Vtile top;
static axi_pages host_pages, board_pages;
static axi_memory host("host", AXI_PORT(top, host_), host_pages),
	board("board", AXI_PORT(top, board_), board_pages);
static axi_pages model_board;
static uint64_t cycles;

struct transfer {
	struct fpr_xfer_desc desc;
	std::vector<uint64_t> where; // host address of each byte that its list has
	uint64_t good; // bytes that can be moved
	uint32_t status; // what becomes of it
};

struct life {
	uint32_t levels, crowd, ageing;
	bool strict; // arrivals only where it shows what they come before

	struct fpr_p3_queue queue;
	std::vector<struct transfer> transfers;
	uint32_t by_slot[FPR_P3_ENTRIES];
	std::vector<uint32_t> unsure; // arrivals that the next decision may know of or not

	uint32_t pending, left; // transfers with bytes to move; transfers to come
	struct fpr_p3_slice slice; // the present one
	uint32_t now; // its transfer
	bool moving, ending, decides; // SERVED; MOVED, and ENDED is due; decisions may be under way
	uint32_t end_status;
	uint32_t quiet; // cycles since the last report
	bool report_seen, stopped, was_ready, pushed;
};

static bool wrong(const char *what)
{
	printf("%s\n", what);
	return false;
}

static bool right(const axi_memory &memory)
{
	return memory.wrong.empty() || wrong(memory.wrong.c_str());
}

// ---- transfers ----------------------------------------------------------------------------

static void fill(axi_pages &memory, uint64_t page)
{
	for (uint8_t &byte : memory[page])
		byte = (uint8_t)below(256);
}

static void put(uint64_t at, uint64_t x, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		host_pages.byte(at + i) = (uint8_t)(x >> 8 * i);
}

// A list over the transfer's pages; @bytes of it, or fewer: then it is too short.
static void make_list(struct transfer &t, uint64_t data, uint32_t bytes, uint32_t unit)
{
	uint32_t at = 0, n;

	while (t.where.size() < bytes && t.desc.host.sg_entries < 20) {
		n = (1 + below(4000) + unit - 1) / unit * unit;
		if (at + n > HOST_PAGES * AXI_PAGE)
			break;
		put(t.desc.host.address + 16 * t.desc.host.sg_entries, data + at, 8);
		put(t.desc.host.address + 16 * t.desc.host.sg_entries + 8, n, 8);
		t.desc.host.sg_entries++;
		for (uint32_t i = 0; i < n; i++)
			t.where.push_back(data + at + i);
		at += n + below(3) * unit;
	}
}

static struct transfer make_transfer(struct life &l)
{
	const uint32_t number = (uint32_t)l.transfers.size();
	const uint64_t base = (0x123456000ull + number * 16) * AXI_PAGE;
	struct transfer t = {};
	uint32_t unit;

	t.desc.opcode = FPR_OP_XFER;
	t.desc.op = below(2) ? 0 : 1 + below(3);
	t.desc.priority = (uint16_t)(below(l.levels) * (65535 / l.levels));
	t.desc.cookie = (uint32_t)random64();
	t.desc.fence = random64();
	t.desc.board = number * BOARD_PAGES * 2 * AXI_PAGE;
	t.desc.host.address = base + HOST_PAGES * AXI_PAGE + 16 * below(200);
	unit = t.desc.op ? 64 : 1;
	t.desc.host.bytes = (1 + below(below(2) ? 500 : 8000) + unit - 1) / unit * unit;
	t.desc.host.sg_offset = below(3) * unit;
	t.desc.board += t.desc.op ? 64 * below(4) : below(500);
	for (uint32_t p = 0; p <= HOST_PAGES; p++)
		fill(host_pages, base / AXI_PAGE + p);
	for (uint32_t p = 0; p < BOARD_PAGES * 2; p++) {
		fill(board_pages, t.desc.board / AXI_PAGE + p);
		model_board[t.desc.board / AXI_PAGE + p] = board_pages[t.desc.board / AXI_PAGE + p];
	}
	make_list(t, base, (uint32_t)t.desc.host.bytes + t.desc.host.sg_offset, unit);
	if (below(8) == 0) {
		// The last entry is forgotten, or a page is not there.
		if (below(2) && t.desc.host.sg_entries > 1)
			t.desc.host.sg_entries--;
		else
			host_pages.erase(base / AXI_PAGE + below(2));
	}
	return t;
}

// How far it gets: worked out from the list as it is.
static void foresee(struct transfer &t)
{
	uint64_t in_list = 0;

	for (uint32_t i = 0; i < t.desc.host.sg_entries; i++)
		for (uint32_t b = 0; b < 4; b++)
			in_list += (uint64_t)host_pages.byte(t.desc.host.address + 16 * i + 8 + b)
				   << 8 * b;
	t.where.resize(in_list);
	if (t.where.size() > t.desc.host.sg_offset)
		t.where.erase(t.where.begin(), t.where.begin() + t.desc.host.sg_offset);
	else
		t.where.clear();
	t.status = FPR_OK;
	for (t.good = 0; t.good < t.desc.host.bytes && !t.status; t.good += !t.status)
		if (t.good == t.where.size())
			t.status = FPR_ERR_BOUNDS;
		else if (!host_pages.has(t.where[t.good]))
			t.status = FPR_ERR_DMA;
}

// What @bytes from @offset on do to board memory.
static void apply(const struct transfer &t, uint64_t offset, uint64_t bytes)
{
	for (uint64_t i = offset; !t.desc.op && i < offset + bytes; i++)
		model_board.byte(t.desc.board + i) = host_pages.byte(t.where[i]);
	for (uint64_t i = offset; t.desc.op && i < offset + bytes; i += 64) {
		const uint32_t widens = fpr_add_widens(t.desc.op);
		// A stop may leave half a block where it widens.
		const uint64_t left = offset + bytes - i, n = left < 64 ? left : 64;
		uint32_t from[FPR_ADD_WORDS] = {}, to[FPR_ADD_WORDS_MAX] = {};

		for (uint32_t b = 0; b < n; b++)
			((uint8_t *)from)[b] = host_pages.byte(t.where[i + b]);
		for (uint32_t b = 0; b < n * widens; b++)
			((uint8_t *)to)[b] = model_board.byte(t.desc.board + widens * i + b);
		fpr_add_block(t.desc.op, from, to);
		for (uint32_t b = 0; b < n * widens; b++)
			model_board.byte(t.desc.board + widens * i + b) = ((uint8_t *)to)[b];
	}
}

static bool same_memory(uint64_t page, uint32_t pages)
{
	for (uint32_t p = 0; p < pages; p++)
		if (board_pages.at(page + p) != model_board.at(page + p))
			return wrong("board memory is not as it should be");
	return true;
}

// ---- what is reported ---------------------------------------------------------------------

static void enter(struct life &l, uint32_t number)
{
	const struct fpr_xfer_desc &desc = l.transfers[number].desc;

	l.by_slot[fpr_p3_push(&l.queue, desc.priority, desc.host.bytes)] = number;
}

// The decision that explains @cookie, with as few as possible of the arrivals in doubt.
static bool decide(struct life &l, uint32_t cookie)
{
	for (size_t known = 0;; known++) {
		struct fpr_p3_queue queue = l.queue;

		fpr_p3_serve(&l.queue, top.slice, l.ageing, &l.slice);
		if (l.slice.slot != FPR_P3_NONE) {
			l.now = l.by_slot[l.slice.slot];
			if (l.transfers[l.now].desc.cookie == cookie) {
				l.unsure.erase(l.unsure.begin(), l.unsure.begin() + known);
				return true;
			}
		}
		l.queue = queue;
		if (known == l.unsure.size())
			return wrong("a transfer is served before its turn");
		enter(l, l.unsure[known]);
	}
}

static bool served(struct life &l)
{
	if (l.moving || l.ending || l.stopped)
		return wrong("a slice begins too early");
	if (!decide(l, top.report_cookie))
		return false;
	for (uint32_t number : l.unsure)
		enter(l, number);
	l.unsure.clear();
	l.decides = false;
	l.moving = true;
	return true;
}

static bool moved(struct life &l)
{
	const struct transfer &t = l.transfers[l.now];
	const uint64_t end = l.slice.offset + l.slice.bytes;
	const uint64_t bytes = (end < t.good ? end : t.good) - l.slice.offset;
	const uint32_t status = end <= t.good ? (uint32_t)FPR_OK : t.status;
	const bool cut = top.stop && top.report_status == FPR_ERR_INTERNAL;

	if (!l.moving || top.report_cookie != t.desc.cookie)
		return wrong("a slice ends that does not move");
	if (cut ? top.report_bytes > bytes
		: top.report_bytes != bytes || top.report_status != status)
		return wrong("a slice's bytes or status");
	apply(t, l.slice.offset, top.report_bytes);
	if (!same_memory(t.desc.board / AXI_PAGE, 2 * BOARD_PAGES))
		return false;
	l.moving = false;
	l.decides = true;
	if (l.stopped)
		return true;
	l.ending = fpr_p3_end(&l.queue, &l.slice, status != FPR_OK);
	l.pending -= l.ending;
	l.end_status = status;
	return true;
}

static bool ended(struct life &l)
{
	const struct transfer &t = l.transfers[l.now];

	if (!l.ending || l.stopped)
		return wrong("a transfer ends that has not");
	if (top.report_cookie != t.desc.cookie || top.report_fence != t.desc.fence ||
	    top.report_status != l.end_status)
		return wrong("cookie, fence or status of an end");
	l.ending = false;
	return true;
}

static bool see_report(struct life &l)
{
	l.quiet = 0;
	switch (top.report_what) {
	case SERVED:
		return served(l);
	case MOVED:
		return moved(l);
	case ENDED:
		return ended(l);
	default:
		return wrong("a report of nothing");
	}
}

// ---- playing ------------------------------------------------------------------------------

static void offer(struct life &l)
{
	static struct transfer next;
	const bool shows = l.moving || (l.pending == 0 && !l.report_seen);

	if (top.push_valid || !l.left || below(64) >= l.crowd || (l.strict && !shows))
		return;
	next = make_transfer(l);
	foresee(next);
	l.transfers.push_back(next);
	memcpy(&top.push[0], &next.desc, sizeof(next.desc));
	top.push_valid = 1;
	l.left--;
}

static void arrived(struct life &l)
{
	const uint32_t number = (uint32_t)l.transfers.size() - 1;

	// Unless a slice moves, the arbiter may be deciding without it; not if it is alone.
	if (l.moving || l.pending == 0)
		enter(l, number);
	else
		l.unsure.push_back(number);
	l.pending++;
	l.decides = l.decides || !l.moving;
}

// A cycle; what is seen in it is what the last edge has left.
static bool cycle(struct life &l)
{
	bool taken;

	top.clk = 0;
	top.report_ready = below(4) != 0;
	host.drive();
	board.drive();
	top.eval();
	if (top.report_valid && !l.report_seen && !see_report(l))
		return false;
	l.report_seen = top.report_valid && !top.report_ready;
	// An offer is taken back only here, where it must not be.
	if (l.strict && top.push_valid && !l.moving && l.pending) {
		top.push_valid = 0;
		l.transfers.pop_back();
		l.left++;
	}
	if (l.was_ready && !l.pushed && !top.stop && !top.push_ready)
		return wrong("room that was there has gone");
	if (top.push_ready && (top.stop || l.pending >= ENTRIES))
		return wrong("room where there is none");
	if (top.idle && (l.moving || l.report_seen || ((l.pending || l.ending) && !top.stop)))
		return wrong("idle, and yet it is not");
	taken = top.push_valid && top.push_ready;
	l.was_ready = top.push_ready;
	l.pushed = taken;
	l.stopped = top.stop;
	host.sample();
	board.sample();
	top.clk = 1;
	top.eval();
	cycles++;
	if (taken) {
		arrived(l);
		l.quiet = 0;
		top.push_valid = 0;
	}
	return right(host) && right(board);
}

static bool until_idle(struct life &l)
{
	for (uint32_t i = 0; i < 20000; i++) {
		if (!cycle(l))
			return false;
		if (top.idle)
			return true;
	}
	return wrong("it never rests");
}

static bool same_counters(const struct life &l)
{
	for (uint32_t c = 0; c < FPR_CLASSES; c++) {
		top.read_class = c;
		top.eval();
		if (top.class_bytes != l.queue.bytes[c] || top.class_slices != l.queue.slices[c] ||
		    top.class_preemptions != l.queue.preemptions[c])
			return wrong("counters of a class");
	}
	return true;
}

static bool stop(struct life &l)
{
	// A decision that nobody hears of has been counted, or has not.
	const bool clear = below(2) || l.decides;
	const bool late = below(2);

	top.stop = 1;
	top.clear_counters = clear && !late;
	if (!until_idle(l))
		return false;
	top.clear_counters = clear;
	for (uint32_t i = below(3); i; i--)
		if (!cycle(l))
			return false;
	if (!until_idle(l))
		return false;
	fpr_p3_clear(&l.queue, clear);
	l.unsure.clear();
	l.pending = 0;
	l.ending = l.decides = false;
	top.push_valid = 0;
	top.stop = 0;
	top.clear_counters = 0;
	return cycle(l) && same_counters(l);
}

static bool live(struct life &l, uint32_t transfers)
{
	l.left = transfers;
	l.quiet = 0;
	host.stall = below(2) * below(15);
	board.stall = below(2) * below(15);
	host_pages.clear();
	board_pages.clear();
	model_board.clear();
	l.transfers.clear();
	top.ageing = l.ageing;
	top.slice = 64 * (1 + below(below(2) ? 20 : 100));
	while (l.left || l.pending || top.push_valid || !top.idle) {
		if (++l.quiet > 20000)
			return wrong("nothing happens any more");
		offer(l);
		if (below(5000) == 0 && !stop(l))
			return false;
		if (!cycle(l))
			return false;
	}
	return same_memory(0, (uint32_t)model_board.size()) && same_counters(l);
}

// Somebody pushes at once, and stops it again.
static bool early(struct life &l)
{
	l.left = 1;
	l.crowd = 64;
	l.levels = 1;
	for (uint32_t i = 0; i < 3; i++) {
		offer(l);
		if (!cycle(l))
			return false;
	}
	return stop(l);
}

int main()
{
	static struct life l;

	make_mistake(top);
	host.data_first = board.data_first = true;
	top.eval();
	top.reset = 1;
	top.clk = 1;
	top.eval();
	top.reset = 0;
	fpr_p3_clear(&l.queue, 1);
	if (!early(l))
		return 1;
	for (uint32_t i = 0; i < 40; i++) {
		l.strict = below(2);
		l.ageing = l.strict ? below(4) : 0;
		l.levels = below(2) ? 4 : 60000;
		l.crowd = 1 + below(below(2) ? 3 : 64);
		if (!live(l, 30)) {
			printf("in life %u, cycle %llu\n", i, (unsigned long long)cycles);
			return 1;
		}
	}
	printf("slices, reports, bytes and counters as they should be in %llu cycles\n",
	       (unsigned long long)cycles);
	return 0;
}
