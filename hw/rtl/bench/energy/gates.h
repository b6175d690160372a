/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_GATES_H
#define FPR_RTL_GATES_H

/*
 * A netlist of two-input gates, flip-flops and memories, and what changes in it. All
 * places at which a tile has the same part are simulated at once, 64 to a word.
 *
 * A gate takes one unit of time, whatever it is. So between two clock edges a net may change
 * several times before it settles; both is counted, the lasting change and every change.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Nets that are a port of the part, or of something that it is mapped without; least bit first. */
struct gates_port {
	char name[96];
	uint32_t bits, *net;
};

struct gates_gate {
	uint32_t a, b, y, level;
	char op; /* a: NAND, o: NOR, i: NOT, whose b is a */
};

struct gates_flop {
	uint32_t d, q;
};

/* Of a memory; @enable has a net for each bit of data, and is there where it is written. */
struct gates_access {
	uint32_t level, *address, *data, *enable;
};

struct gates_memory {
	uint32_t width, size, address_bits, n_reads, n_writes;
	struct gates_access *read, *write;
};

/* Up to 64 places. */
struct gates_group;

/**
 * struct gates - a part, wherever it is
 * @name: of its module
 * @is_pe: whether it is the PE itself
 * @in, @out: inputs are driven; outputs can be compared
 * @place: paths of its instances
 * @settled: weights of all nets that were another value after settling than before, summed
 * @transitions: weights of all changes, summed
 *
 * A net's weight is what the caller wrote into the netlist. A bit of memory that changes
 * has GATES_BIT.
 */
struct gates {
	char name[96];
	bool is_pe;
	uint32_t n_nets, n_gates, n_flops, n_memories, n_in, n_out, n_places, n_groups, levels;
	uint32_t *weight;
	struct gates_gate *gate;
	struct gates_flop *flop;
	struct gates_memory *memory;
	struct gates_port *in, *out;
	char (*place)[160];
	struct gates_group *group;
	uint64_t settled, transitions;
};

/* Transistors of a bit of memory. */
#define GATES_BIT 6

/**
 * gates_read() - the next part of a file that hw/rtl/energy wrote
 * @file: the file
 * @g: filled in; for the rest of the program, nothing frees it
 * Return: 1, 0: the file ends here, -1: it is damaged
 */
int gates_read(FILE *file, struct gates *g);

/* Drive an input at one place from now on: 32 bits a word, least first. */
void gates_drive(struct gates *g, const struct gates_port *port, uint32_t place,
		 const uint32_t *words);

/* Whether an output has these bits at one place. */
bool gates_has(const struct gates *g, const struct gates_port *port, uint32_t place,
	       const uint32_t *words);

/* Let inputs and flip-flops go through the gates. */
void gates_settle(struct gates *g);

/* A clock edge. What it changes counts with the next gates_settle(). */
void gates_clock(struct gates *g);

#ifdef __cplusplus
}
#endif

#endif
