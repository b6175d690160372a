// SPDX-License-Identifier: MIT
//
// The driver's recorded traffic, replayed to fpr_top: it answers as the recorded board did.
//
//   bench RECORDING [SEED [STALL]]
//
// SEED and STALL (of 16, 4) say when memories and the host are slow.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "Vtile.h"
#include "memory.h"
#include "mistake.h"
#include "replay.h"
#include "verilated.h"

static constexpr uint64_t PATIENCE = 40000; // cycles
static constexpr uint64_t SCRATCH_BYTES =
	1u << 20; // of working memory, which every job here fits into
static constexpr unsigned CAUSES = 3;

// Host memory is the replay's.
struct host_store : axi_store {
	struct replay *replay;

	explicit host_store(struct replay *of) : replay(of)
	{
	}

	bool read(uint64_t at, uint8_t *data) override
	{
		replay_host_read(replay, at, data, AXI_BEAT);
		return true;
	}

	bool write(uint64_t at, const uint8_t *data, uint64_t strobes) override
	{
		for (uint32_t from = 0, to; from < AXI_BEAT; from = to + 1) {
			for (to = from; to < AXI_BEAT && (strobes >> to & 1); to++)
				;
			if (to > from)
				replay_host_write(replay, at + from, data + from, to - from);
		}
		return true;
	}
};

// Board memory begins as zeros, as the recorded board's did; working memory as anything.
struct board_store : axi_store {
	const uint64_t bytes; // without working memory
	std::map<uint64_t, std::array<uint8_t, AXI_PAGE>> pages;

	explicit board_store(uint64_t size) : bytes(size)
	{
	}

	uint8_t *byte(uint64_t at)
	{
		auto found = pages.find(at / AXI_PAGE);

		if (found == pages.end()) {
			found = pages.emplace(at / AXI_PAGE, std::array<uint8_t, AXI_PAGE>()).first;
			found->second.fill(at < bytes ? 0 : 0xa5);
		}
		return &found->second[at % AXI_PAGE];
	}

	bool read(uint64_t at, uint8_t *data) override
	{
		memcpy(data, byte(at), AXI_BEAT);
		return true;
	}

	bool write(uint64_t at, const uint8_t *data, uint64_t strobes) override
	{
		axi_put(byte(at), data, strobes);
		return true;
	}
};

class bench
{
      public:
	bench(const recording &recording, struct replay *replay, unsigned stall)
	    : stall(stall), replay(replay), host_bytes(replay), board_bytes(recording.memory)
	{
		top.memory = recording.memory;
		top.scratch_bytes = SCRATCH_BYTES;
		top.clock_khz = recording.clock_khz;
		top.build = recording.build;
		top.temperature = (uint32_t)recording.temperature;
		host.stall = board.stall = stall;
		make_mistake(top);
		top.reset = 1;
		for (int i = 0; i < 16; i++)
			tick();
		top.reset = 0;
		tick();
	}

	uint32_t read(uint32_t offset)
	{
		pause();
		top.s_araddr = (uint16_t)offset;
		top.s_arvalid = 1;
		until(top.s_arready);
		top.s_arvalid = 0;
		top.s_rready = 1;
		until(top.s_rvalid, [this] { value = top.s_rdata; });
		top.s_rready = 0;
		return value;
	}

	void write(uint32_t offset, uint32_t what)
	{
		bool address = true, data = true;

		pause();
		top.s_awaddr = (uint16_t)offset;
		top.s_wdata = what;
		top.s_wstrb = 15;
		top.s_awvalid = top.s_wvalid = 1;
		while (address || data) {
			if (!tick([&] {
				    address = address && !top.s_awready;
				    data = data && !top.s_wready;
			    }))
				return;
			top.s_awvalid = address;
			top.s_wvalid = data;
		}
		top.s_bready = 1;
		until(top.s_bvalid);
		top.s_bready = 0;
	}

	// Board memory through BAR2, within a page.
	void memory_read(uint64_t at, void *to, uint32_t bytes)
	{
		uint32_t skip = at % AXI_BEAT, beats = (skip + bytes + AXI_BEAT - 1) / AXI_BEAT;
		uint8_t all[AXI_PAGE + AXI_BEAT];

		pause();
		top.bar2_araddr = at - skip;
		top.bar2_arlen = (uint8_t)(beats - 1);
		top.bar2_arvalid = 1;
		until(top.bar2_arready);
		top.bar2_arvalid = 0;
		top.bar2_rready = 1;
		for (uint32_t i = 0; i < beats; i++)
			until(top.bar2_rvalid, [&] {
				memcpy(all + i * AXI_BEAT, &top.bar2_rdata[0], AXI_BEAT);
				if ((top.bar2_rlast != 0) != (i + 1 == beats) || top.bar2_rresp)
					replay_complain(replay, "bar2: a read ends wrongly");
			});
		top.bar2_rready = 0;
		memcpy(to, all + skip, bytes);
	}

	void memory_write(uint64_t at, const void *from, uint32_t bytes)
	{
		uint32_t skip = at % AXI_BEAT, beats = (skip + bytes + AXI_BEAT - 1) / AXI_BEAT;
		uint8_t all[AXI_PAGE + AXI_BEAT];

		pause();
		memset(all, 0xee, sizeof(all)); // where no strobe is
		memcpy(all + skip, from, bytes);
		top.bar2_awaddr = at - skip;
		top.bar2_awlen = (uint8_t)(beats - 1);
		top.bar2_awvalid = 1;
		until(top.bar2_awready);
		top.bar2_awvalid = 0;
		for (uint32_t i = 0; i < beats; i++) {
			top.bar2_wstrb = 0;
			for (uint32_t b = 0; b < AXI_BEAT; b++)
				if (i * AXI_BEAT + b >= skip && i * AXI_BEAT + b < skip + bytes)
					top.bar2_wstrb |= 1ull << b;
			memcpy(&top.bar2_wdata[0], all + i * AXI_BEAT, AXI_BEAT);
			top.bar2_wlast = i + 1 == beats;
			top.bar2_wvalid = 1;
			until(top.bar2_wready);
			top.bar2_wvalid = 0;
		}
		top.bar2_bready = 1;
		until(top.bar2_bvalid, [&] {
			if (top.bar2_bresp)
				replay_complain(replay, "bar2: a write is refused");
		});
		top.bar2_bready = 0;
	}

	int step()
	{
		return tick();
	}

	void report()
	{
		printf("%llu cycles; beats of host memory: %llu read, %llu written; of board "
		       "memory: "
		       "%llu, %llu\n",
		       (unsigned long long)cycles, (unsigned long long)host.beats_read,
		       (unsigned long long)host.beats_written, (unsigned long long)board.beats_read,
		       (unsigned long long)board.beats_written);
	}

      private:
	Vtile top;
	const uint32_t stall;
	struct replay *replay;
	uint64_t cycles = 0;
	uint32_t value = 0;
	host_store host_bytes;
	board_store board_bytes;
	axi_memory host{"host", AXI_PORT(top, host_), host_bytes};
	axi_memory board{"board", AXI_PORT(top, board_), board_bytes};
	bool told[CAUSES] = {}; // acknowledged, and not fallen yet
	bool waited[CAUSES] = {}; // up, and not acknowledged

	// As PCIe cores have it: a request stays up until it is acknowledged, and falls then.
	void messages()
	{
		top.message_ack = 0;
		for (unsigned i = 0; i < CAUSES; i++) {
			bool up = top.message >> i & 1;

			if (waited[i] && !up)
				replay_complain(replay, "message %u is taken back", i);
			told[i] = told[i] && up;
			waited[i] = up && !told[i];
			if (!waited[i] || below(16) < stall)
				continue;
			top.message_ack |= (uint8_t)(1u << i);
			told[i] = true;
			waited[i] = false;
			replay_message(replay, i);
		}
	}

	// One cycle; @look sees what stands on the wires at its end. False: all is lost.
	template <typename F> bool tick(F look)
	{
		host.drive();
		board.drive();
		top.eval();
		look();
		for (axi_memory *memory : {&host, &board}) {
			memory->sample();
			if (!memory->wrong.empty())
				replay_complain(replay, "%s", memory->wrong.c_str());
		}
		top.clk = 1;
		top.eval();
		top.clk = 0;
		messages();
		cycles++;
		return !replay_error(replay)[0];
	}

	bool tick()
	{
		return tick([] {});
	}

	// Until a cycle in which @signal is up at its end; @look sees it.
	template <typename F> void until(const uint8_t &signal, F look)
	{
		bool done = false;

		for (uint64_t n = 0; !done; n++) {
			bool good = tick([&] {
				done = signal;
				if (done)
					look();
			});

			if (n > PATIENCE)
				replay_complain(replay, "a port does not answer");
			if (!good || n > PATIENCE)
				return;
		}
	}

	void until(const uint8_t &signal)
	{
		until(signal, [] {});
	}

	void pause()
	{
		while (below(16) < stall)
			tick();
	}
};

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	return static_cast<bench *>(ctx)->read(offset);
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	static_cast<bench *>(ctx)->write(offset, value);
}

static void memory_read(void *ctx, uint64_t at, void *to, uint32_t bytes)
{
	static_cast<bench *>(ctx)->memory_read(at, to, bytes);
}

static void memory_write(void *ctx, uint64_t at, const void *from, uint32_t bytes)
{
	static_cast<bench *>(ctx)->memory_write(at, from, bytes);
}

static int step(void *ctx)
{
	return static_cast<bench *>(ctx)->step();
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 2 ? strtoull(argv[2], nullptr, 0) : 1;
	unsigned stall = argc > 3 ? (unsigned)atoi(argv[3]) : 4;
	struct recording recording;
	struct replay *replay;

	seed_random(seed);

	if (argc < 2 || stall > 15 || recording_load(argv[1], &recording)) {
		fprintf(stderr, "usage: bench RECORDING [SEED [STALL, below 16]]\n");
		return 2;
	}
	replay = replay_new(&recording, PATIENCE);
	if (!replay)
		return 1;

	auto top = std::make_unique<bench>(recording, replay, stall);
	const struct replay_board board = {top.get(),	reg_read,     reg_write,
					   memory_read, memory_write, step};
	int ret = replay_run(replay, &board);
	const struct replay_tally *tally = replay_tally(replay);

	top->report();
	printf("%llu completions, %llu messages, %llu bytes, %llu registers\n",
	       (unsigned long long)tally->completions, (unsigned long long)tally->messages,
	       (unsigned long long)tally->bytes,
	       (unsigned long long)(tally->registers + tally->polled));
	if (ret)
		printf("%s\n", replay_error(replay));
	top.reset();
	replay_free(replay);
	recording_free(&recording);
	return ret ? 1 : 0;
}
