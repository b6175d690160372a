/* SPDX-License-Identifier: MIT */

#include "fpr_gemm.h"
#include "tb.h"
#include "tile_value_unit.h"

/*
 * Sums by the definition: terms of the serial value times the parallel one, but those more than T
 * below the row's and the column's largest exponent. A row takes the time of its slowest lane, and
 * a lane that of its terms that some column keeps.
 */

static struct tb_value s[FPR_ROWS][FPR_CHUNK], p[FPR_COLS][FPR_CHUNK];

static void make(struct tb_value x[FPR_CHUNK], uint16_t bits[FPR_CHUNK])
{
	uint32_t spread = 1u + tb_random() % 12u;

	for (int i = 0; i < FPR_CHUNK; i++) {
		x[i] = tb_value(127, spread);
		bits[i] = (uint16_t)(x[i].sign << 15);
		if (x[i].mag)
			bits[i] = (uint16_t)(bits[i] | x[i].exp << 7 | (x[i].mag & 0x7f));
	}
}

static int largest(const struct tb_value x[FPR_CHUNK])
{
	int most = 0;

	for (int i = 0; i < FPR_CHUNK; i++)
		if (x[i].mag && (int)x[i].exp > most)
			most = (int)x[i].exp;
	return most;
}

/* Of one product in one row, a term each time: which columns keep it, and what is it there? */
static uint32_t terms(int t, const struct tb_value *serial, int below, int i, double sum[FPR_COLS])
{
	int digit[9];
	uint32_t issued = 0;

	tb_recode(serial->mag, digit);
	for (int at = 0; at <= 8; at++) {
		int kept = 0;

		for (int c = 0; c < FPR_COLS && digit[at]; c++) {
			const struct tb_value *v = &p[c][i];

			if (!v->mag || below + largest(p[c]) - (int)v->exp + 7 - at > t)
				continue;
			kept = 1;
			sum[c] += ldexp(serial->sign ? -digit[at] : digit[at],
					(int)serial->exp - 127 - 7 + at) *
				  tb_number(*v);
		}
		issued += (uint32_t)kept;
	}
	return issued;
}

/* Return: cycles of the row. */
static uint32_t check_row(int t, int r, const uint32_t out[FPR_COLS])
{
	uint32_t lane[FPR_VALUE_LANES] = {0}, most = 1;
	double sum[FPR_COLS] = {0};

	for (int i = 0; i < FPR_CHUNK; i++)
		lane[i % FPR_VALUE_LANES] +=
			terms(t, &s[r][i], largest(s[r]) - (int)s[r][i].exp, i, sum);
	for (int l = 0; l < FPR_VALUE_LANES; l++)
		most = lane[l] > most ? lane[l] : most;
	for (int c = 0; c < FPR_COLS; c++) {
		float rounded = (float)sum[c];

		tb_expect(memcmp(&rounded, &out[c], sizeof(rounded)) == 0, "sum");
	}
	return most;
}

int main(void)
{
	uint16_t serial[FPR_ROWS * FPR_CHUNK], parallel[FPR_COLS * FPR_CHUNK];
	uint32_t out[FPR_ROWS * FPR_COLS], cycles[1];

	while (tb_calls < TB_CALLS / 10 && tb_calls < 500) {
		uint32_t t = tb_random() & 15u, slowest = 0;

		for (int r = 0; r < FPR_ROWS; r++)
			make(s[r], &serial[r * FPR_CHUNK]);
		for (int c = 0; c < FPR_COLS; c++)
			make(p[c], &parallel[c * FPR_CHUNK]);
		tb_calls++;
		tile_value_top(t, serial, parallel, out, cycles);
		for (int r = 0; r < FPR_ROWS; r++) {
			uint32_t took = check_row((int)t, r, &out[r * FPR_COLS]);

			slowest = took > slowest ? took : slowest;
		}
		tb_expect(cycles[0] == slowest, "cycles");
	}
	return tb_done();
}
