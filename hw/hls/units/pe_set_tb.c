/* SPDX-License-Identifier: MIT */

#include "pe_set.h"
#include "pe_set_unit.h"
#include "tb.h"

/* The terms of one lane still to come, by the definition of the form. */
struct lane {
	int digit[9];
	int k0; /* alignment of a term at position 0 */
	double parallel;
};

static int next_term(const struct lane *lane)
{
	for (int p = 8; p >= 0; p--)
		if (lane->digit[p] != 0)
			return p;
	return -1;
}

/* Lanes in step within the window: adds what is issued. Return: cycles. */
static uint32_t run_lanes(struct lane lane[FPR_SET], uint32_t got[3], double unit, double *sum)
{
	uint32_t cycles = 0;

	for (;; cycles++) {
		int base = 1000;

		for (int i = 0; i < FPR_SET; i++)
			if (next_term(&lane[i]) >= 0 && lane[i].k0 - next_term(&lane[i]) < base)
				base = lane[i].k0 - next_term(&lane[i]);
		if (base == 1000)
			return cycles;
		for (int i = 0; i < FPR_SET; i++) {
			int p = next_term(&lane[i]);

			if (p < 0) {
				got[2]++;
			} else if (lane[i].k0 - p - base > FPR_WINDOW) {
				got[1]++;
			} else {
				got[0]++;
				*sum += lane[i].digit[p] * lane[i].parallel * ldexp(unit, p);
				lane[i].digit[p] = 0;
			}
		}
	}
}

/* One set: @acc before and after, @expect: what the unit reports. */
static double expected(uint32_t t, const struct tb_value s[FPR_SET],
		       const struct tb_value p[FPR_SET], double acc, uint32_t expect[5])
{
	struct lane lane[FPR_SET] = {0};
	int emax = acc != 0 ? ilogb(acc) : -1000;
	int any = 0;

	memset(expect, 0, 5 * sizeof(expect[0]));
	for (int i = 0; i < FPR_SET; i++) {
		int e = (int)(s[i].exp + p[i].exp) - 254;

		if (s[i].mag != 0 && p[i].mag != 0) {
			any = 1;
			emax = e > emax ? e : emax;
		}
	}
	if (!any)
		return acc;
	acc = ldexp(trunc(ldexp(acc, (int)t + 7 - emax)), emax - 7 - (int)t);
	for (int i = 0; i < FPR_SET; i++) {
		if (s[i].mag == 0 || p[i].mag == 0)
			continue;
		tb_recode(s[i].mag, lane[i].digit);
		lane[i].k0 = emax - ((int)(s[i].exp + p[i].exp) - 254) + 7;
		lane[i].parallel = tb_number(p[i]) * ldexp(s[i].sign ? -1 : 1, (int)s[i].exp - 127);
		for (int d = 0; d <= 8; d++) {
			if (lane[i].digit[d] != 0 && lane[i].k0 - d > (int)t) {
				expect[4]++;
				lane[i].digit[d] = 0;
			}
		}
	}
	expect[0] = run_lanes(lane, &expect[1], ldexp(1, -7), &acc);
	return tb_round(acc, 13);
}

static double acc_number(const uint32_t acc[3])
{
	double x = ldexp(acc[1], (int32_t)acc[2] - 12);

	return acc[0] ? -x : x;
}

int main(void)
{
	uint32_t acc[3] = {0, 0, 0};
	uint32_t serial[FPR_SET], parallel[FPR_SET], out[5], expect[5];
	struct tb_value s[FPR_SET], p[FPR_SET];

	while (tb_calls < TB_CALLS / 4 + 1) {
		uint32_t t = tb_random() & 15u;
		uint32_t spread = 1u + tb_random() % 12u;
		double want;

		for (int i = 0; i < FPR_SET; i++) {
			uint32_t digit[2];

			s[i] = tb_value(127, spread);
			p[i] = tb_value(127, spread);
			digit[0] = fpr_naf_terms(s[i].mag);
			digit[1] = fpr_naf_negative(s[i].mag);
			serial[i] = FPR_SERIAL(digit[0], digit[1], s[i].exp, s[i].sign);
			parallel[i] = FPR_PARALLEL(p[i].mag, p[i].sign, p[i].exp);
		}
		if (tb_calls % 8 == 0)
			acc[1] = 0;
		want = expected(t, s, p, acc[1] ? acc_number(acc) : 0, expect);
		tb_calls++;
		pe_set_top(t, serial, parallel, acc, out);
		tb_expect(acc[1] ? acc_number(acc) == want : want == 0, "accumulator");
		tb_expect(acc[1] == 0 || (acc[1] >= 4096 && acc[1] <= 8191), "not normal");
		tb_expect(FPR_LANES < FPR_SET || memcmp(out, expect, 3 * sizeof(out[0])) == 0,
			  "cycles or lanes");
		tb_expect(FPR_LANES != FPR_SET || out[3] == expect[3], "idle lanes");
		tb_expect(out[4] == expect[4], "terms beyond T");
	}
	return tb_done();
}
