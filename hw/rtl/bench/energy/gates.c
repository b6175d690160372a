/* SPDX-License-Identifier: MIT */
#include "gates.h"

#include <stdlib.h>
#include <string.h>

#define SLICES 64

struct gates_group {
	uint64_t mask; /* places that are there */
	uint64_t *now, *before; /* of nets: at this time, and when they had settled last */
	uint64_t *next; /* of gates, then of bits read */
	uint64_t *pending; /* of nets that ports and flip-flops drive */
	uint64_t **held; /* of memories: [word * width + bit] */
};

/* ---- the file -------------------------------------------------------------- */

static bool is_damaged;

static void *array(uint32_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		abort();
	return p;
}

static uint32_t number(FILE *file, uint32_t below)
{
	uint32_t n;

	if (fscanf(file, "%u", &n) != 1 || n >= below) {
		is_damaged = true;
		return 0;
	}
	return n;
}

static uint32_t count(FILE *file, const char *word)
{
	char found[16];

	if (fscanf(file, "%15s", found) != 1 || strcmp(found, word))
		is_damaged = true;
	return is_damaged ? 0 : number(file, 1u << 24);
}

static uint32_t *numbers(FILE *file, uint32_t n, uint32_t below)
{
	uint32_t *some = array(n, sizeof(*some));

	for (uint32_t i = 0; i < n && !is_damaged; i++)
		some[i] = number(file, below);
	return some;
}

static void read_gates(FILE *file, struct gates *g)
{
	g->n_gates = count(file, "gates");
	g->gate = array(g->n_gates, sizeof(*g->gate));
	for (uint32_t i = 0; i < g->n_gates && !is_damaged; i++) {
		struct gates_gate *gate = &g->gate[i];

		if (fscanf(file, " %c", &gate->op) != 1 || !strchr("aoi", gate->op))
			is_damaged = true;
		gate->a = number(file, g->n_nets);
		gate->b = number(file, g->n_nets);
		gate->y = number(file, g->n_nets);
		gate->level = number(file, 1u << 16);
		g->levels = gate->level > g->levels ? gate->level : g->levels;
	}
}

static void read_flops(FILE *file, struct gates *g)
{
	g->n_flops = count(file, "flops");
	g->flop = array(g->n_flops, sizeof(*g->flop));
	for (uint32_t i = 0; i < g->n_flops && !is_damaged; i++) {
		g->flop[i].d = number(file, g->n_nets);
		g->flop[i].q = number(file, g->n_nets);
	}
}

static struct gates_access *read_accesses(FILE *file, struct gates *g, const struct gates_memory *m,
					  uint32_t n, bool writes)
{
	struct gates_access *access = array(n, sizeof(*access));

	for (uint32_t i = 0; i < n && !is_damaged; i++) {
		access[i].level = writes ? 0 : number(file, 1u << 16);
		access[i].address = numbers(file, m->address_bits, g->n_nets);
		access[i].data = numbers(file, m->width, g->n_nets);
		if (writes)
			access[i].enable = numbers(file, m->width, g->n_nets);
		g->levels = access[i].level > g->levels ? access[i].level : g->levels;
	}
	return access;
}

static void read_memories(FILE *file, struct gates *g)
{
	g->n_memories = count(file, "memories");
	g->memory = array(g->n_memories, sizeof(*g->memory));
	for (uint32_t i = 0; i < g->n_memories && !is_damaged; i++) {
		struct gates_memory *m = &g->memory[i];

		m->width = number(file, 1u << 12);
		m->size = number(file, 1u << 16);
		m->address_bits = number(file, 32);
		m->n_reads = number(file, 64);
		m->n_writes = number(file, 64);
		m->read = read_accesses(file, g, m, m->n_reads, false);
		m->write = read_accesses(file, g, m, m->n_writes, true);
	}
}

static struct gates_port *read_ports(FILE *file, struct gates *g, const char *word, uint32_t *n)
{
	struct gates_port *port;

	*n = count(file, word);
	port = array(*n, sizeof(*port));
	for (uint32_t i = 0; i < *n && !is_damaged; i++) {
		if (fscanf(file, "%95s", port[i].name) != 1)
			is_damaged = true;
		port[i].bits = number(file, 1u << 16);
		port[i].net = numbers(file, port[i].bits, g->n_nets);
	}
	return port;
}

static uint32_t bits_read(const struct gates *g)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < g->n_memories; i++)
		bits += g->memory[i].n_reads * g->memory[i].width;
	return bits;
}

static void settle_group(struct gates *g, struct gates_group *group);

static void make_group(struct gates *g, struct gates_group *group, uint32_t places)
{
	group->mask = places >= SLICES ? UINT64_MAX : (UINT64_C(1) << places) - 1;
	group->now = array(g->n_nets, sizeof(uint64_t));
	group->before = array(g->n_nets, sizeof(uint64_t));
	group->pending = array(g->n_nets, sizeof(uint64_t));
	group->next = array(g->n_gates + bits_read(g), sizeof(uint64_t));
	group->held = array(g->n_memories, sizeof(*group->held));
	for (uint32_t i = 0; i < g->n_memories; i++)
		group->held[i] = array(g->memory[i].size * g->memory[i].width, sizeof(uint64_t));
	group->now[1] = UINT64_MAX; /* net 0 is 0, net 1 is 1 */
	settle_group(g, group);
}

static void read_places(FILE *file, struct gates *g)
{
	g->n_places = count(file, "places");
	g->place = array(g->n_places, sizeof(*g->place));
	for (uint32_t i = 0; i < g->n_places && !is_damaged; i++)
		if (fscanf(file, "%159s", g->place[i]) != 1)
			is_damaged = true;
	if (is_damaged)
		return;
	g->n_groups = (g->n_places + SLICES - 1) / SLICES;
	g->group = array(g->n_groups, sizeof(*g->group));
	for (uint32_t i = 0; i < g->n_groups; i++)
		make_group(g, &g->group[i], g->n_places - SLICES * i);
}

int gates_read(FILE *file, struct gates *g)
{
	char word[16];

	memset(g, 0, sizeof(*g));
	is_damaged = false;
	if (fscanf(file, "%15s", word) != 1)
		return 0;
	if (strcmp(word, "part") || fscanf(file, "%95s", g->name) != 1)
		return -1;
	g->is_pe = number(file, 2);
	g->n_nets = count(file, "nets");
	g->weight = numbers(file, g->n_nets, 1u << 16);
	read_gates(file, g);
	read_flops(file, g);
	read_memories(file, g);
	g->in = read_ports(file, g, "in", &g->n_in);
	g->out = read_ports(file, g, "out", &g->n_out);
	read_places(file, g);
	g->settled = 0;
	g->transitions = 0;
	return is_damaged ? -1 : 1;
}

/* ---- simulation ------------------------------------------------------------ */

static uint64_t ones(uint64_t word)
{
	return (uint64_t)__builtin_popcountll(word);
}

static void change(struct gates *g, struct gates_group *group, uint32_t net, uint64_t to)
{
	uint64_t differ = (group->now[net] ^ to) & group->mask;

	if (differ) {
		g->transitions += g->weight[net] * ones(differ);
		group->now[net] = to;
	}
}

/* Places whose address is @word. */
static uint64_t selected(const uint64_t *now, const struct gates_memory *m,
			 const struct gates_access *access, uint32_t word)
{
	uint64_t here = UINT64_MAX;

	for (uint32_t i = 0; i < m->address_bits; i++)
		here &= word >> i & 1 ? now[access->address[i]] : ~now[access->address[i]];
	return here;
}

static void look_up(const struct gates_group *group, const struct gates_memory *m,
		    const uint64_t *held, const struct gates_access *access, uint64_t *data)
{
	memset(data, 0, m->width * sizeof(*data));
	for (uint32_t w = 0; w < m->size; w++) {
		uint64_t here = selected(group->now, m, access, w);

		for (uint32_t b = 0; here && b < m->width; b++)
			data[b] |= held[w * m->width + b] & here;
	}
}

/* All that memories read and that may still change, looked up or put onto its nets. */
static void read_all(struct gates *g, struct gates_group *group, uint32_t level, bool put)
{
	uint64_t *data = group->next + g->n_gates;

	for (uint32_t i = 0; i < g->n_memories; i++) {
		const struct gates_memory *m = &g->memory[i];

		for (uint32_t r = 0; r < m->n_reads; r++, data += m->width) {
			if (m->read[r].level < level)
				continue;
			if (!put)
				look_up(group, m, group->held[i], &m->read[r], data);
			for (uint32_t b = 0; put && b < m->width; b++)
				change(g, group, m->read[r].data[b], data[b]);
		}
	}
}

static uint64_t output(const uint64_t *now, const struct gates_gate *gate)
{
	switch (gate->op) {
	case 'a':
		return ~(now[gate->a] & now[gate->b]);
	case 'o':
		return ~(now[gate->a] | now[gate->b]);
	default:
		return ~now[gate->a];
	}
}

/* One unit of time: a gate of @level or above may still change, others have settled. */
static void step(struct gates *g, struct gates_group *group, uint32_t first, uint32_t level)
{
	for (uint32_t i = first; i < g->n_gates; i++)
		group->next[i] = output(group->now, &g->gate[i]);
	read_all(g, group, level, false);
	for (uint32_t i = first; i < g->n_gates; i++)
		change(g, group, g->gate[i].y, group->next[i]);
	read_all(g, group, level, true);
}

static void settle_group(struct gates *g, struct gates_group *group)
{
	uint32_t first = 0;

	for (uint32_t p = 0; p < g->n_in; p++)
		for (uint32_t b = 0; b < g->in[p].bits; b++)
			if (g->in[p].net[b] > 1)
				change(g, group, g->in[p].net[b], group->pending[g->in[p].net[b]]);
	for (uint32_t i = 0; i < g->n_flops; i++)
		change(g, group, g->flop[i].q, group->pending[g->flop[i].q]);
	for (uint32_t level = 1; level <= g->levels; level++) {
		while (first < g->n_gates && g->gate[first].level < level)
			first++;
		step(g, group, first, level);
	}
	for (uint32_t net = 0; net < g->n_nets; net++) {
		uint64_t differ = (group->now[net] ^ group->before[net]) & group->mask;

		if (differ)
			g->settled += g->weight[net] * ones(differ);
		group->before[net] = group->now[net];
	}
}

void gates_settle(struct gates *g)
{
	for (uint32_t i = 0; i < g->n_groups; i++)
		settle_group(g, &g->group[i]);
}

static void write_memory(struct gates *g, struct gates_group *group, const struct gates_memory *m,
			 uint64_t *held, const struct gates_access *access)
{
	for (uint32_t w = 0; w < m->size; w++) {
		uint64_t here = selected(group->now, m, access, w) & group->mask;

		for (uint32_t b = 0; here && b < m->width; b++) {
			uint64_t *bit = &held[w * m->width + b];
			uint64_t differ = (*bit ^ group->now[access->data[b]]) & here &
					  group->now[access->enable[b]];

			*bit ^= differ;
			g->settled += GATES_BIT * ones(differ);
			g->transitions += GATES_BIT * ones(differ);
		}
	}
}

void gates_clock(struct gates *g)
{
	for (uint32_t i = 0; i < g->n_groups; i++) {
		struct gates_group *group = &g->group[i];

		for (uint32_t f = 0; f < g->n_flops; f++)
			group->pending[g->flop[f].q] = group->now[g->flop[f].d];
		for (uint32_t m = 0; m < g->n_memories; m++)
			for (uint32_t w = 0; w < g->memory[m].n_writes; w++)
				write_memory(g, group, &g->memory[m], group->held[m],
					     &g->memory[m].write[w]);
	}
}

void gates_drive(struct gates *g, const struct gates_port *port, uint32_t place,
		 const uint32_t *words)
{
	uint64_t *pending = g->group[place / SLICES].pending;
	uint32_t slice = place % SLICES;

	for (uint32_t b = 0; b < port->bits; b++) {
		uint64_t bit = words[b / 32] >> b % 32 & 1;
		uint64_t *net = &pending[port->net[b]];

		*net = (*net & ~(UINT64_C(1) << slice)) | bit << slice;
	}
}

bool gates_has(const struct gates *g, const struct gates_port *port, uint32_t place,
	       const uint32_t *words)
{
	const uint64_t *now = g->group[place / SLICES].now;

	for (uint32_t b = 0; b < port->bits; b++)
		if ((now[port->net[b]] >> place % SLICES & 1) != (words[b / 32] >> b % 32 & 1))
			return false;
	return true;
}
