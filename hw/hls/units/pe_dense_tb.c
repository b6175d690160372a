/* SPDX-License-Identifier: MIT */

#include "pe_dense.h"
#include "pe_dense_unit.h"
#include "tb.h"

/* Products are exact in a double, and so is a sum that spans 43 bits. */
static double expected(const struct tb_value s[FPR_SET], const struct tb_value p[FPR_SET],
		       double acc)
{
	int emax = acc != 0 ? ilogb(acc) : -1000;
	int any = 0;

	for (int i = 0; i < FPR_SET; i++) {
		int e = (int)(s[i].exp + p[i].exp) - 254;

		if (s[i].mag != 0 && p[i].mag != 0) {
			any = 1;
			emax = e > emax ? e : emax;
		}
	}
	if (!any)
		return acc;
	acc = ldexp(trunc(ldexp(acc, 38 - emax)), emax - 38);
	for (int i = 0; i < FPR_SET; i++)
		if (emax - ((int)(s[i].exp + p[i].exp) - 254) <= 24)
			acc += tb_number(s[i]) * tb_number(p[i]);
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
	uint32_t serial[FPR_SET], parallel[FPR_SET];
	struct tb_value s[FPR_SET], p[FPR_SET];

	while (tb_calls < TB_CALLS) {
		uint32_t spread = 1u + tb_random() % 20u;
		double want;

		for (int i = 0; i < FPR_SET; i++) {
			s[i] = tb_value(127, spread);
			p[i] = tb_value(127, spread);
			serial[i] = FPR_DENSE(s[i].mag, s[i].sign, s[i].exp);
			parallel[i] = FPR_DENSE(p[i].mag, p[i].sign, p[i].exp);
		}
		if (tb_calls % 8 == 0)
			acc[1] = 0;
		want = expected(s, p, acc[1] ? acc_number(acc) : 0);
		tb_calls++;
		pe_dense_top(serial, parallel, acc);
		tb_expect(acc[1] ? acc_number(acc) == want : want == 0, "accumulator");
	}
	return tb_done();
}
