/* SPDX-License-Identifier: MIT */
#include "golden_model.h"

#include <string.h>

void golden_naf(unsigned int m, int digits[GOLDEN_DIGITS])
{
	int rest = (int)m;

	for (int p = 0; p < GOLDEN_DIGITS; p++) {
		digits[p] = rest % 2 ? 2 - rest % 4 : 0;
		rest = (rest - digits[p]) / 2;
	}
}

static void find_terms(struct golden_value *v)
{
	int digits[GOLDEN_DIGITS];

	golden_naf((unsigned int)v->m, digits);
	for (int p = GOLDEN_DIGITS - 1; p >= 0; p--) {
		if (!digits[p])
			continue;
		v->position[v->terms] = p;
		v->digit[v->terms] = digits[p];
		v->terms++;
	}
}

void golden_decode(uint16_t bits, struct golden_value *v)
{
	int field = bits / 128 % 256;
	int fraction = bits % 128;

	memset(v, 0, sizeof(*v));
	v->bits = bits;
	v->sign = bits >= 0x8000 ? -1 : 1;
	if (field == 0) {
		v->class = GOLDEN_ZERO;
	} else if (field == 255) {
		v->class = fraction ? GOLDEN_NAN : GOLDEN_INF;
	} else {
		v->class = GOLDEN_FINITE;
		v->e = field - 127;
		v->m = 128 + fraction;
		find_terms(v);
	}
}
