// SPDX-License-Identifier: MIT
//
// What changes in the gates of a tile while it multiplies recorded tiles:
//
//   energy NETLISTS TILES NETWORK...
//
// Verilator's tile of the RTL works; in each cycle, the netlists of its parts are driven with what
// the ports of these have there, and their outputs must be the RTL's. Prints for each network
// the weights of what changed, for each PE and cycle of the issue stage. ENERGY_OPPONENT:
// the tile is fpr_opponent_tile, whose sums are compared with the golden model.
// ENERGY_PARTS in the environment: what each part takes, to stderr.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#ifdef ENERGY_OPPONENT
#include <gmp.h>
#endif
#include <verilated.h>
#include <verilated_sym_props.h>

#include "Vtile.h"
#include "drive.h"
#include "gates.h"

extern "C" {
#include "tiles.h"
#include "work.h"
#ifdef ENERGY_OPPONENT
#include "golden/golden.h"
#endif
}

static const unsigned tiles_of_network = 24;
static const uint32_t k_most = 512; // of a tile's products, so many are enough

// Where the RTL has a port of a part.
struct probe {
	const void *data;
	const struct gates_port *port;
	uint32_t place;
};

struct part {
	struct gates gates;
	std::vector<struct probe> in, out;
};

struct bench {
	fpr_drive<Vtile> drive;
	std::vector<std::unique_ptr<struct part>> parts;
	struct tile tile;
	int side; // serial
	uint32_t chunks; // whose sums were compared
};

[[noreturn]] static void fail(const std::string &what)
{
	fprintf(stderr, "energy: %s\n", what.c_str());
	exit(1);
}

// As Verilator keeps them: in 1, 2, 4 or 8 bytes, or in words of 4.
static const uint32_t *bits_of(const struct probe &probe)
{
	static uint32_t words[1024];
	uint32_t bits = probe.port->bits;

	words[0] = 0;
	memcpy(words, probe.data,
	       bits <= 8    ? 1
	       : bits <= 16 ? 2
	       : bits <= 32 ? 4
	       : bits <= 64 ? 8
			    : (bits + 31) / 32 * 4);
	return words;
}

// A path as Verilator spells it.
static std::string spelt(const std::string &path)
{
	std::string name;

	for (char c : path)
		name += c == '[' ? "__BRA__" : c == ']' ? "__KET__" : std::string(1, c);
	return name;
}

static struct probe find_port(const struct gates &gates, const struct gates_port &port,
			      uint32_t place)
{
	std::string path = spelt(std::string(gates.place[place]) + "." + port.name);
	size_t dot = path.rfind('.');
	const VerilatedScope *scope = Verilated::scopeFind(("TOP." + path.substr(0, dot)).c_str());
	const VerilatedVar *var = scope ? scope->varFind(path.c_str() + dot + 1) : nullptr;

	if (!var)
		fail("the RTL has no " + path);
	if ((uint32_t)var->packed().elements() != port.bits)
		fail(path + " has another width in the RTL");
	return {var->datap(), &port, place};
}

static void find_ports(const struct gates &gates, const struct gates_port *ports, uint32_t n,
		       std::vector<struct probe> &found)
{
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t place = 0; place < gates.n_places; place++)
			found.push_back(find_port(gates, ports[i], place));
}

static void read_parts(struct bench &b, const char *path)
{
	FILE *file = fopen(path, "r");
	int got;

	if (!file)
		fail(std::string("no ") + path);
	for (;;) {
		auto part = std::make_unique<struct part>();

		got = gates_read(file, &part->gates);
		if (got != 1)
			break;
		find_ports(part->gates, part->gates.in, part->gates.n_in, part->in);
		find_ports(part->gates, part->gates.out, part->gates.n_out, part->out);
		b.parts.push_back(std::move(part));
	}
	fclose(file);
	if (got < 0)
		fail(std::string(path) + " is damaged");
}

// A cycle of the gates, on what the RTL has at its end.
static void cycle_gates(struct bench &b)
{
	for (auto &part : b.parts) {
		for (const struct probe &probe : part->in)
			gates_drive(&part->gates, probe.port, probe.place, bits_of(probe));
		gates_settle(&part->gates);
		for (const struct probe &probe : part->out)
			if (!gates_has(&part->gates, probe.port, probe.place, bits_of(probe)))
				fail(std::string(part->gates.place[probe.place]) + "." +
				     probe.port->name + ": gates and RTL differ");
		gates_clock(&part->gates);
	}
}

#ifdef ENERGY_OPPONENT
static int32_t sum_of(const Vtile &top, uint32_t pe)
{
	uint64_t bit = 31 * (uint64_t)pe, word = bit / 32;
	uint64_t two = top.sums[word] | (uint64_t)top.sums[word + (bit % 32 > 1)] << 32;

	return (int32_t)((uint32_t)(two >> bit % 32) << 1) >> 1;
}

static void check_sums(struct bench &b)
{
	uint32_t first = FPR_CHUNK * b.chunks++;
	uint32_t n = b.tile.k - first < FPR_CHUNK ? b.tile.k - first : FPR_CHUNK;

	for (uint32_t r = 0; r < FPR_ROWS; r++)
		for (uint32_t c = 0; c < FPR_COLS; c++)
			if (sum_of(b.drive.top, FPR_COLS * r + c) !=
			    golden_dense_chunk_units(&b.tile.x[b.side][r][first],
						     &b.tile.x[!b.side][c][first], n))
				fail("a sum of the opponent's tile is not the golden model's");
}

static void set_up(Vtile &)
{
}

// A set a cycle.
static uint64_t cycles_of(const struct bench &b)
{
	return (b.tile.k + FPR_SET - 1) / FPR_SET;
}
#else
static void check_sums(struct bench &)
{
}

static void set_up(Vtile &top)
{
	top.t = ENERGY_T;
	for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS; i++)
		top.c_in[i] = 0;
}

static uint64_t cycles_of(const struct bench &b)
{
	return b.drive.top.cycles;
}
#endif

static bool cycle(struct bench &b, bool offer)
{
	b.drive.top.clk = 0;
	b.drive.top.in_valid = offer;
	b.drive.top.eval();
	cycle_gates(b);
	if (b.drive.top.unit_done)
		check_sums(b);
	return b.drive.cycle(offer);
}

// Return: cycles of the issue stage.
static uint64_t run_tile(struct bench &b)
{
	uint32_t first = 0;

	set_up(b.drive.top);
	b.chunks = 0;
	b.drive.top.start = 1;
	cycle(b, false);
	b.drive.top.start = 0;
	b.drive.now = 0;
	while (!b.drive.top.done) {
		bool offer = first < b.tile.k;

		if (offer)
			b.drive.put(b.tile.x[b.side], b.tile.x[!b.side], first, b.tile.k);
		b.drive.top.in_tile_end = first + b.drive.beat >= b.tile.k;
		if (cycle(b, offer))
			first += b.drive.beat;
		if (b.drive.now > 100 * (uint64_t)b.tile.k + 1000)
			fail("a tile is never done");
	}
	return cycles_of(b);
}

// The operand with fewer digits a value is serial, as fprtrain has it for a product.
static int sparser_side(const struct tile &tile)
{
	uint64_t terms[2] = {0, 0};

	for (int side = 0; side < 2; side++)
		for (uint32_t r = 0; r < tile.rows[side]; r++)
			for (uint32_t k = 0; k < tile.k; k++)
				terms[side] += work_terms(tile.x[side][r][k]);
	return terms[0] * tile.rows[1] > terms[1] * tile.rows[0];
}

static FILE *open_tiles(const std::string &path)
{
	FILE *file = tile_open(path.c_str());

	if (!file)
		fail("no tiles in " + path + "; run make workloads");
	return file;
}

static double weight_of(const std::string &path, struct tile &tile)
{
	FILE *file = open_tiles(path);
	double weight = 0;

	while (tile_read(file, &tile) == 1)
		weight += tile.weight;
	fclose(file);
	return weight;
}

static void print(struct bench &b, const char *network, unsigned tiles, uint64_t cycles)
{
	double settled[2] = {0, 0}, transitions[2] = {0, 0};
	double scale = 1.0 / ((double)cycles * FPR_ROWS * FPR_COLS);

	for (auto &part : b.parts) {
		settled[part->gates.is_pe] += (double)part->gates.settled * scale;
		transitions[part->gates.is_pe] += (double)part->gates.transitions * scale;
		if (getenv("ENERGY_PARTS"))
			fprintf(stderr, "%s %s %.0f %.0f\n", network, part->gates.name,
				(double)part->gates.settled * scale,
				(double)part->gates.transitions * scale);
		part->gates.settled = part->gates.transitions = 0;
	}
	printf("%s tiles=%u cycles=%llu pe_settled=%.0f pe_changes=%.0f settled=%.0f "
	       "changes=%.0f\n",
	       network, tiles, (unsigned long long)cycles, settled[1], transitions[1],
	       settled[0] + settled[1], transitions[0] + transitions[1]);
	fflush(stdout);
}

// Tiles at equal distances of what all of them, one after another, stand for.
static void run_network(struct bench &b, const char *tiles, const char *network)
{
	std::string path = std::string(tiles) + "/" + network + ".tiles";
	double step = weight_of(path, b.tile) / tiles_of_network, next = step / 2;
	FILE *file = open_tiles(path);
	uint64_t cycles = 0;
	unsigned run = 0;

	while (run < tiles_of_network && tile_read(file, &b.tile) == 1) {
		next -= b.tile.weight;
		if (next >= 0)
			continue;
		while (next < 0)
			next += step;
		b.tile.k = b.tile.k < k_most ? b.tile.k : k_most;
		b.side = sparser_side(b.tile);
		cycles += run_tile(b);
		run++;
	}
	fclose(file);
	print(b, network, run, cycles);
}

int main(int argc, char **argv)
{
	std::unique_ptr<struct bench> b = std::make_unique<struct bench>();

	if (argc < 4)
		fail("usage: energy NETLISTS TILES NETWORK...");
	b->drive.top.eval();
	read_parts(*b, argv[1]);
	for (int i = 3; i < argc; i++)
		run_network(*b, argv[2], argv[i]);
	return 0;
}
