// SPDX-License-Identifier: MIT
//
// The command processor around its core. The core is a mock that answers at random, as the real
// one may, and checks every event: that it is true, that it may come now, that what was answered
// before has been done. Engines, host and host memory are random, too.
#include <algorithm>
#include <cstdio>
#include <map>

#include "Vtile.h"
#include "lines.h"
#include "mistake.h"

extern "C" {
#include "shell_top.h"
}

enum { EVENTS = FPR_EVENT_RESTED + 1, ACTIONS = FPR_ACTION_RESULT + 1 };
enum source { MAC, H2C, C2H, SOURCES };

static const char *const names[EVENTS] = {"READ",   "WRITE", "NEXT", "FETCHED", "POSTED",
					  "SERVED", "MOVED", "TORN", "ENDED",	"RESTED"};

static Vtile top;
static axi_lines store;
static axi_memory host("host", AXI_PORT(top, host_), store);
static bool failed;
static uint64_t cycle;
static bool quiet; // nothing new begins: the last 8000 of all cycles
static const uint64_t CYCLES = 200000;
static const uint64_t LAST = CYCLES - 4000; // the last register access: a completion is posted

// Cycles that the stand-in takes from an event's being chosen to the call, and from there to
// what the answer does.
static const uint64_t CALL = 35, APPLY = 15;

static unsigned seen[EVENTS], acted[ACTIONS], faults[EVENTS];

static void complain(const char *what)
{
	if (!failed)
		printf("cycle %llu: %s\n", (unsigned long long)cycle, what);
	failed = true;
}

static void expect(bool good, const char *what)
{
	if (!good)
		complain(what);
}

/* ---- engines ---- */

struct report {
	unsigned what = 0, status = 0;
	uint32_t cookie = 0;
	uint64_t fence = 0, amount = 0; // bytes, or cycles of stall
	uint64_t counters[16] = {};
};

struct engine {
	bool ready = false, idle = true, valid = false;
	report now, told; // what it says, what the shell has taken and not yet told
	bool taken = false;
	unsigned clearing = 0; // for how many cycles it has been told to
	uint64_t ready_at = 0, full_at = 0; // when it last was so

	void say(unsigned whats)
	{
		now.what = below(whats);
		now.status = below(16);
		now.cookie = random32();
		now.fence = random64();
		now.amount = random64();
		for (uint64_t &counter : now.counters)
			counter = random64();
		valid = true;
	}
};

static engine engines[SOURCES];

static unsigned stops(unsigned i)
{
	return i == MAC ? top.stop_mac : top.stop_xfer;
}

static void drive_engine(unsigned i)
{
	engine &e = engines[i];

	if (!e.valid && !stops(i) && !quiet && !below(150))
		e.say(i == MAC ? 2 : 3);
	if (!below(100))
		e.ready = !e.ready || quiet;
	// It sees a cycle later that it is to clear.
	e.clearing = top.clear_counters ? e.clearing + 1 : 0;
	if (e.clearing == 2)
		e.idle = false;
	if (!below(60))
		e.idle = !e.idle || stops(i);
	if (stops(i))
		e.ready = false;
	if (e.valid)
		e.idle = false;
	(e.ready ? e.ready_at : e.full_at) = cycle;
}

#define DRIVE_REPORT(name, i)                                     \
	do {                                                      \
		top.name##_report_valid = engines[i].valid;       \
		top.name##_report_what = engines[i].now.what;     \
		top.name##_report_status = engines[i].now.status; \
		top.name##_report_cookie = engines[i].now.cookie; \
		top.name##_report_fence = engines[i].now.fence;   \
		top.name##_idle = engines[i].idle;                \
	} while (0)

static void drive_engines()
{
	for (unsigned i = 0; i < SOURCES; i++)
		drive_engine(i);
	DRIVE_REPORT(mac, MAC);
	DRIVE_REPORT(h2c, H2C);
	DRIVE_REPORT(c2h, C2H);
	top.mac_start_ready = engines[MAC].ready;
	top.h2c_push_ready = engines[H2C].ready;
	top.c2h_push_ready = engines[C2H].ready;
	top.mac_report_stall = engines[MAC].now.amount;
	top.h2c_report_bytes = engines[H2C].now.amount;
	top.c2h_report_bytes = engines[C2H].now.amount;
	memcpy(&top.mac_report_counters[0], engines[MAC].now.counters, 128);
}

static uint64_t counter_of(unsigned which, unsigned c)
{
	return (which + 1) * 0x1234567890123457ull + c * 0x1111111111111111ull;
}

static void drive_classes()
{
	top.h2c_class_bytes = counter_of(0, top.read_class);
	top.c2h_class_bytes = counter_of(1, top.read_class);
	top.h2c_class_slices = counter_of(2, top.read_class);
	top.c2h_class_slices = counter_of(3, top.read_class);
	top.h2c_class_preemptions = counter_of(4, top.read_class);
	top.c2h_class_preemptions = counter_of(5, top.read_class);
}

/* ---- what the core has answered, and what has become of it ---- */

static struct {
	unsigned action; // under way: FETCH, POST or RESULT
	uint64_t address, bytes;
	uint64_t completion[4], counters[16], extents[3];
	bool handing; // a START has not been taken yet
	unsigned to;
	uint64_t reason, next; // for NEXT, when it last came up, and when NEXT was last chosen
	bool told[2]; // RESTED, since its stop went up
	uint64_t lines, slice, ageing; // of the last answer
	uint32_t answer;
	uint64_t cleared; // when all was to be cleared anew
	uint64_t now, applied, frozen; // until when the host's memory says nothing
} core;

static uint64_t fetched[32], fetched_bytes;

static bool refused(uint64_t address, uint64_t bytes)
{
	for (uint64_t at = address & ~63ull; at < address + bytes; at += 64)
		if (store.refuses(at))
			return true;
	return false;
}

static void check_fetched(uint64_t fault, const uint64_t *entry)
{
	expect(core.action == FPR_ACTION_FETCH, "FETCHED of nothing");
	expect(fault == refused(core.address, core.bytes), "FETCHED is wrong about faults");
	if (fault)
		return;
	for (uint64_t i = 0; i < core.bytes; i += 64)
		expect(!memcmp(entry + i / 8, store.at(core.address + i).data(), 64),
		       "another descriptor is fetched");
	memcpy(fetched, entry, core.bytes);
	fetched_bytes = core.bytes;
}

// Bytes in the order in which they were written; each once.
static void check_written(const uint8_t *bytes, uint64_t n, uint64_t fault)
{
	std::map<uint64_t, uint8_t> written;
	uint64_t beats = 0, whole = 0;

	for (const axi_lines::beat &beat : store.log) {
		beats++;
		whole += !store.refuses(beat.address);
		for (unsigned i = 0; i < 64; i++)
			if (beat.strobe >> i & 1)
				expect(written.emplace(beat.address + i,
						       ((uint8_t *)beat.data.data())[i])
					       .second,
				       "a byte is written twice");
	}
	expect(fault == (whole != beats) && beats - whole <= 1, "POSTED is wrong about faults");
	expect(fault || written.size() == n, "not all is written");
	for (const auto &byte : written)
		expect(byte.first >= core.address && byte.first < core.address + n &&
			       byte.second == bytes[byte.first - core.address],
		       "a wrong byte is written");
}

static void check_posted(uint64_t fault)
{
	expect(core.action == FPR_ACTION_POST || core.action == FPR_ACTION_RESULT,
	       "POSTED of nothing");
	if (core.action == FPR_ACTION_RESULT) {
		check_written((uint8_t *)core.counters, 128, fault);
		return;
	}
	check_written((uint8_t *)core.completion, 32, fault);
	expect(store.log.size() == 2 - fault, "a completion is two writes");
	expect(fault || store.log[1].strobe == 3ull << (core.address % 64 + 30),
	       "a completion's phase is not its last write");
}

static engine *told(unsigned what, uint32_t at)
{
	for (engine &e : engines) {
		bool mac = &e == &engines[MAC];
		unsigned event = mac		    ? e.told.what ? FPR_EVENT_ENDED : FPR_EVENT_TORN
				 : e.told.what == 0 ? FPR_EVENT_SERVED
				 : e.told.what == 1 ? FPR_EVENT_MOVED
						    : FPR_EVENT_ENDED;

		if (e.taken && event == what &&
		    at == (what == FPR_EVENT_ENDED ? !mac : e.told.cookie))
			return &e;
	}
	return nullptr;
}

static void check_report(unsigned what, uint32_t at, uint64_t value, const uint64_t *entry)
{
	engine *e = told(what, at);

	expect(e, "an event that no engine has reported");
	if (!e)
		return;
	e->taken = false;
	if (what == FPR_EVENT_MOVED)
		expect(value == e->told.amount, "MOVED has other bytes");
	if (what != FPR_EVENT_ENDED)
		return;
	expect(!core.action, "ENDED while an action is under way");
	expect(entry[0] == e->told.fence && entry[1] == e->told.cookie &&
		       entry[2] == e->told.status,
	       "ENDED tells of something else");
	if (at)
		return;
	expect(entry[3] == e->told.amount * 4, "ENDED has another stall");
	expect(!memcmp(entry + 4, e->told.counters, 128), "ENDED has other counters");
	memcpy(core.counters, e->told.counters, 128);
}

static void check_rested(uint32_t at)
{
	bool idle = at ? engines[H2C].idle && engines[C2H].idle : engines[MAC].idle;

	expect(at < 2 && core.lines >> (4 + at) & 1, "RESTED without a stop");
	expect(cycle - CALL > core.cleared + 2, "RESTED before anything is cleared");
	expect(!core.told[at], "RESTED is told twice");
	expect(!core.action, "RESTED while an action is under way");
	expect(idle, "RESTED of an engine that works");
	core.told[at] = true;
}

static void check_class(uint32_t at, const uint64_t *entry)
{
	unsigned c = (at - 0x400) / 0x20;

	if (at < 0x400 || at >= 0x600)
		return;
	expect(entry[0] == counter_of(0, c) && entry[1] == counter_of(1, c) &&
		       entry[2] == counter_of(2, c) + counter_of(3, c) &&
		       entry[3] == counter_of(4, c) + counter_of(5, c),
	       "a class has other counters");
}

static void check_access(unsigned what, uint32_t at, uint64_t value)
{
	expect(top.access_valid && top.access_write == (what == FPR_EVENT_WRITE) &&
		       top.access_at == at && (what == FPR_EVENT_READ || top.access_value == value),
	       "an access that the host has not made");
}

static void check_rooms(uint32_t rooms)
{
	uint64_t chosen = cycle - CALL;

	expect(!rooms || !core.handing, "room is shown while a descriptor waits for its engine");
	for (unsigned i = 0; i < SOURCES; i++)
		if (rooms >> i & 1)
			expect(engines[i].ready_at >= chosen, "room is shown where none is");
		else
			expect(engines[i].full_at >= chosen || core.handing ||
				       core.reason >= chosen,
			       "room is not shown");
}

// All that the last answer has set is there by now.
static void check_lines()
{
	uint64_t lines =
		top.level << 3 | top.stop_mac << 4 | top.stop_xfer << 5 | top.clear_counters << 6;

	expect(lines == (core.lines & 0x78), "lines are not as answered");
	expect(top.slice == (uint32_t)core.slice && top.ageing == (uint32_t)core.ageing,
	       "slice and ageing are not as answered");
}

/* ---- what it answers ---- */

static void act(uint64_t *answer, unsigned action)
{
	uint64_t order = below(2) ? 256 : 64;

	acted[action]++;
	answer[2] = action;
	for (unsigned i = 3; i < 12; i++)
		answer[i] = random64();
	if (action == FPR_ACTION_NONE)
		return;
	if (action >= FPR_ACTION_START_MAC && action <= FPR_ACTION_START_C2H) {
		core.handing = true;
		core.to = action - FPR_ACTION_START_MAC;
		// It may be busy with something else just now.
		engines[core.to].ready = engines[core.to].ready && below(2);
		memcpy(core.extents, answer + 9, sizeof(core.extents));
		return;
	}
	core.action = action;
	core.bytes = answer[4] = order;
	core.address = answer[3] & (action == FPR_ACTION_FETCH	? ~(order - 1)
				    : action == FPR_ACTION_POST ? ~31ull
								: ~7ull);
	answer[3] = core.address;
	memcpy(core.completion, answer + 5, 32);
	store.log.clear();
	// Registers are there all the same.
	core.frozen = below(8) || quiet ? 0 : cycle + 1500;
}

static unsigned choose(unsigned what, uint32_t at, uint64_t value, uint32_t rooms)
{
	unsigned to = below(SOURCES);

	while (what == FPR_EVENT_FETCHED && !value && rooms && !(rooms >> to & 1))
		to = (to + 1) % SOURCES;
	if (what == FPR_EVENT_FETCHED && !value && rooms)
		return FPR_ACTION_START_MAC + to;
	if (what == FPR_EVENT_ENDED && !at && below(2))
		return FPR_ACTION_RESULT;
	if (quiet && cycle > LAST && what <= FPR_EVENT_WRITE)
		return FPR_ACTION_POST;
	if (quiet || core.handing || below(2))
		return FPR_ACTION_NONE;
	return rooms && below(3) ? FPR_ACTION_FETCH : FPR_ACTION_POST;
}

// A stop goes up at a write and down some time after the engine rests.
static void answer_lines(unsigned what)
{
	uint64_t stop = core.lines >> 4 & 3, clear = core.lines >> 6 & 1;
	uint64_t messages = quiet || below(4) ? 0 : 1u << below(3);

	if (what == FPR_EVENT_WRITE && !quiet && !below(core.handing ? 2 : 6))
		stop |= 1u << (core.handing ? core.to != MAC : below(2));
	if (what == FPR_EVENT_WRITE && !quiet && stop && !clear && !below(4)) {
		// Who rests already has to say so again.
		clear = 1;
		core.told[0] = core.told[1] = false;
		core.cleared = cycle + APPLY;
	}
	for (unsigned i = 0; i < 2; i++)
		if (core.told[i] && !quiet && !below(9)) {
			stop &= ~(1ull << i);
			core.told[i] = false;
		}
	clear = stop ? clear : 0;
	core.lines = messages | below(2) << 3 | stop << 4 | clear << 6;
}

static void check_event(unsigned what, uint32_t at, uint64_t value, uint32_t rooms,
			const uint64_t *entry)
{
	check_lines();
	check_rooms(rooms);
	if (what == FPR_EVENT_READ || what == FPR_EVENT_WRITE)
		check_access(what, at, value);
	if (what == FPR_EVENT_READ)
		check_class(at, entry);
	if (what == FPR_EVENT_NEXT)
		expect(core.reason + 2 > core.next && !core.action, "NEXT without a reason");
	if (what == FPR_EVENT_FETCHED)
		check_fetched(value, entry);
	if (what == FPR_EVENT_POSTED)
		check_posted(value);
	if (what >= FPR_EVENT_SERVED && what <= FPR_EVENT_ENDED)
		check_report(what, at, value, entry);
	if (what == FPR_EVENT_RESTED)
		check_rested(at);
	expect(what < EVENTS, "an event that is none");
}

extern "C" void fpr_shell_top(uint32_t what, uint32_t at, uint64_t value, uint64_t now,
			      uint32_t rooms, uint64_t tiles, uint32_t temperature, uint64_t memory,
			      uint32_t clock_khz, uint32_t build, const uint64_t entry[32],
			      uint64_t answer[14])
{
	unsigned action = FPR_ACTION_NONE;

	check_event(what, at, value, rooms, entry);
	expect(now > core.now && now <= 4 * cycle && now + 4 * (CALL + 9) > 4 * cycle,
	       "time is not nanoseconds");
	expect(tiles == cycle - CALL && temperature == 41000 && memory == 1ull << 34 &&
		       clock_khz == 250000 && build == 0xb111d,
	       "a wrong number from outside");
	if (what == FPR_EVENT_POSTED)
		core.reason = std::max(core.reason, cycle - CALL + 1);
	core.now = now;
	seen[what % EVENTS]++;
	faults[what % EVENTS] += (what == FPR_EVENT_FETCHED || what == FPR_EVENT_POSTED) && value;
	if (what == FPR_EVENT_NEXT)
		core.next = cycle - CALL;
	if (what == FPR_EVENT_FETCHED || what == FPR_EVENT_POSTED)
		core.action = FPR_ACTION_NONE;
	if (!core.action)
		action = choose(what, at, value, rooms);
	act(answer, action);
	answer_lines(what);
	core.slice = answer[12] = random64();
	core.ageing = answer[13] = random64();
	answer[1] = core.lines;
	core.applied = cycle + APPLY;
	core.answer = (uint32_t)(answer[0] = random64());
}

/* ---- a cycle of everything ---- */

static void take_reports()
{
	const bool ready[SOURCES] = {top.mac_report_ready != 0, top.h2c_report_ready != 0,
				     top.c2h_report_ready != 0};

	for (unsigned i = 0; i < SOURCES; i++) {
		engine &e = engines[i];

		if (!e.valid || !ready[i])
			continue;
		e.told = e.now;
		e.taken = true;
		e.valid = false;
	}
}

static void take_starts()
{
	const bool valid[SOURCES] = {top.mac_start_valid != 0, top.h2c_push_valid != 0,
				     top.c2h_push_valid != 0};
	const void *const at[SOURCES] = {&top.mac_start_descriptor[0], &top.h2c_push[0],
					 &top.c2h_push[0]};

	for (unsigned i = 0; i < SOURCES; i++) {
		expect(!valid[i] || (core.handing && core.to == i),
		       "a descriptor for somebody else");
		if (!valid[i] || !engines[i].ready)
			continue;
		expect(!memcmp(at[i], fetched, i == MAC ? fetched_bytes : 64),
		       "an engine gets another descriptor");
		expect(i != MAC || (top.mac_start_a_bytes == core.extents[0] &&
				    top.mac_start_b_bytes == core.extents[1] &&
				    top.mac_start_c_bytes == core.extents[2]),
		       "an engine gets other extents");
		core.handing = false;
		core.reason = cycle;
		engines[i].full_at = cycle;
	}
	if (core.handing && stops(core.to)) {
		core.handing = false;
		core.reason = cycle;
	}
}

static void see_rooms()
{
	static unsigned before;
	unsigned now = top.mac_start_ready | top.h2c_push_ready << 1 | top.c2h_push_ready << 2;

	if (now & ~before)
		core.reason = cycle;
	before = now;
}

static void drive_access()
{
	static unsigned waited;

	if (top.access_done) {
		expect(top.access_write || top.access_answer == core.answer,
		       "a register reads as another one");
		top.access_valid = 0;
		waited = 0;
	} else if (!top.access_valid && (quiet ? cycle == LAST : !below(40))) {
		top.access_valid = 1;
		top.access_write = below(2);
		top.access_at = (uint16_t)(below(3) ? below(16384) * 4 : 0x400 + below(128) * 4);
		top.access_value = random32();
	}
	waited += top.access_valid;
	expect(waited < 600, "a register access waits for an action");
}

// A message that is wanted comes up anew; none comes that is not.
static void drive_messages()
{
	static unsigned before, owed, late[2];
	unsigned rises = top.message & ~before;

	expect(!(before & ~top.message & ~top.message_ack), "a message falls before it is out");
	expect(!(before & top.message & top.message_ack), "a message stays after it is out");
	expect(!(rises & ~owed), "a message that nobody wanted");
	owed &= ~rises;
	if (cycle == core.applied)
		owed |= core.lines & 7;
	expect(!(owed & ~top.message & late[0] & late[1]), "a message is lost");
	late[1] = late[0];
	late[0] = owed & ~top.message;
	before = top.message;
	top.message_ack = (uint8_t)(top.message & (below(40) ? 0 : below(8)));
}

static void step()
{
	top.clk = 0;
	top.eval();
	drive_access();
	drive_messages();
	drive_engines();
	top.mac_tiles = cycle;
	host.stall = cycle < core.frozen ? 16 : 10;
	host.drive();
	top.eval();
	drive_classes();
	top.eval();
	see_rooms();
	take_reports();
	take_starts();
	host.sample();
	if (!host.wrong.empty())
		complain(host.wrong.c_str());
	top.clk = 1;
	top.eval();
	cycle++;
}

static void reset()
{
	top.eval();
	top.reset = 1;
	for (unsigned i = 0; i < 6; i++) {
		top.clk = i & 1;
		top.eval();
	}
	top.reset = 0;
	top.temperature = 41000;
	top.memory = 1ull << 34;
	top.clock_khz = 250000;
	top.build = 0xb111d;
}

static void check_end()
{
	expect(!core.action && !core.handing, "an action does not end");
	expect((!top.stop_mac || core.told[0]) && (!top.stop_xfer || core.told[1]),
	       "RESTED is missing");
	expect(core.next >= core.reason, "NEXT is missing");
	for (const engine &e : engines)
		expect(!e.valid && !e.taken, "a report is not told");
	for (unsigned i = 0; i < EVENTS; i++)
		expect(seen[i] > 9, names[i]);
	for (unsigned i = 0; i < ACTIONS; i++)
		expect(acted[i] > 9, "an action is hardly ever answered");
	expect(faults[FPR_EVENT_FETCHED] > 2 && faults[FPR_EVENT_POSTED] > 2, "hardly any faults");
}

int main()
{
	make_mistake(top);
	host.data_first = true;
	reset();
	while (!failed && cycle < CYCLES) {
		quiet = cycle > CYCLES - 8000;
		step();
	}
	if (!failed)
		check_end();
	if (failed)
		return 1;
	for (unsigned i = 0; i < EVENTS; i++)
		printf("%s%s %u", i ? ", " : "", names[i], seen[i]);
	printf("; in %llu cycles\n", (unsigned long long)cycle);
	return 0;
}
