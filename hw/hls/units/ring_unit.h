/* SPDX-License-Identifier: MIT */
#ifndef FPR_RING_UNIT_H
#define FPR_RING_UNIT_H

#include <stdint.h>

/* What an engine's rings, inside, can be asked to do. */
#define RING_START 0 /* value: both addresses, both orders; answer: 1 when they fit */
#define RING_SUBMITTED 1 /* value: tail; answer: 1 when it is one */
#define RING_CONSUMED 2 /* value: head; the same */
#define RING_FETCH 3 /* value: bytes; answer: 1 and where, when a descriptor is taken */
#define RING_POST 4 /* answer: where a completion goes, and its phase */

void ring_top(uint32_t command, const uint64_t value[4], uint64_t answer[2]);

#endif
