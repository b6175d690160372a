/* SPDX-License-Identifier: MIT */
/* One row, one chunk: which lane issues which digit in which cycle. */
#include <string.h>

#include "design.h"

/* The digits of each lane, in the order of issue. */
struct lanes {
	uint16_t queue[DESIGN_LANES_MAX][WORK_DIGITS_MAX];
	uint32_t head[DESIGN_LANES_MAX], tail[DESIGN_LANES_MAX];
	uint8_t gone[WORK_DIGITS_MAX];
	uint32_t left;
};

/* How full the lanes are while a chunk is loaded. */
struct filling {
	uint8_t values[DESIGN_LANES_MAX];
	uint16_t digits[DESIGN_LANES_MAX];
	uint8_t weights[DESIGN_LANES_MAX][WORK_WEIGHTS];
};

uint32_t design_slot_values(const struct design *design)
{
	return TILE_CHUNK / design->lanes;
}

uint32_t design_lane(const struct design *design, uint32_t product, uint32_t j)
{
	uint32_t lane = product % design->lanes, step = design->stride;

	return lane / (step * design->reach) * step * design->reach + lane % step + j * step;
}

static uint32_t burden(const struct design *design, const struct work *work,
		       const struct filling *f, uint32_t product, uint32_t lane)
{
	uint32_t sum = 0;

	if (design->steering == DESIGN_BY_LOAD)
		return f->digits[lane];
	for (uint32_t d = work->first[product]; d < work->first[product + 1]; d++)
		sum += f->weights[lane][work->digit[d].weight - WORK_WEIGHT_MIN];
	return sum << 10 | f->digits[lane];
}

static uint32_t choose_lane(const struct design *design, const struct work *work,
			    const struct filling *f, uint32_t product)
{
	uint32_t best = 0, least = UINT32_MAX;

	for (uint32_t j = 0; j < design->reach; j++) {
		uint32_t lane = design_lane(design, product, j);
		uint32_t here = burden(design, work, f, product, lane);

		if (f->values[lane] < design_slot_values(design) && here < least) {
			least = here;
			best = lane;
		}
	}
	return best;
}

static void assign_lanes(const struct design *design, const struct work *work, uint8_t home[])
{
	struct filling f;

	memset(&f, 0, sizeof(f));
	for (uint32_t i = 0; i < work->n; i++) {
		if (work->first[i] == work->first[i + 1])
			continue;
		home[i] = (uint8_t)choose_lane(design, work, &f, i);
		f.values[home[i]]++;
		for (uint32_t d = work->first[i]; d < work->first[i + 1]; d++) {
			f.digits[home[i]]++;
			f.weights[home[i]][work->digit[d].weight - WORK_WEIGHT_MIN]++;
		}
	}
}

static void fill_lanes(const struct design *design, const struct work *work, struct lanes *lanes)
{
	uint8_t home[TILE_CHUNK];

	if (design->reach > 1)
		assign_lanes(design, work, home);
	memset(lanes->head, 0, sizeof(lanes->head));
	memset(lanes->tail, 0, sizeof(lanes->tail));
	memset(lanes->gone, 0, sizeof(lanes->gone));
	lanes->left = work->count;
	for (uint32_t at = 0; at < work->count; at++) {
		uint32_t d = design->order == DESIGN_BY_WEIGHT ? work->by_weight[at] : at;
		uint32_t product = work->digit[d].product;
		uint32_t lane = design->reach > 1 ? home[product] : product % design->lanes;

		lanes->queue[lane][lanes->tail[lane]++] = (uint16_t)d;
	}
}

static void take(struct lanes *lanes, struct row_cost *cost, uint32_t lane, uint32_t digit)
{
	lanes->gone[digit] = 1;
	lanes->left--;
	cost->issue[cost->issues++] =
		(struct issue){(uint16_t)digit, (uint16_t)cost->cycles, (uint8_t)lane};
}

/* ---- by weight ------------------------------------------------------------- */

static int head_weight(const struct lanes *lanes, const struct work *work, uint32_t lane)
{
	return work->digit[lanes->queue[lane][lanes->head[lane]]].weight;
}

static bool is_dry(const struct lanes *lanes, uint32_t lane)
{
	return lanes->head[lane] == lanes->tail[lane];
}

/* Past what went in this cycle or, in pairs or to other lanes, before. */
static void move_heads(const struct design *design, struct lanes *lanes)
{
	for (uint32_t l = 0; l < design->lanes; l++)
		while (!is_dry(lanes, l) && lanes->gone[lanes->queue[l][lanes->head[l]]])
			lanes->head[l]++;
}

static int least_weight(const struct lanes *lanes, const struct work *work, uint32_t first,
			uint32_t n)
{
	int least = WORK_WEIGHTS;

	for (uint32_t l = first; l < first + n; l++)
		if (!is_dry(lanes, l) && head_weight(lanes, work, l) < least)
			least = head_weight(lanes, work, l);
	return least;
}

/* The first digit of a lane's queue that has not gone and lies below @end; -1 without one. */
static int next_of(const struct lanes *lanes, const struct work *work, uint32_t lane, int end)
{
	for (uint32_t at = lanes->head[lane]; at < lanes->tail[lane]; at++) {
		uint32_t d = lanes->queue[lane][at];

		if (work->digit[d].weight >= end)
			return -1;
		if (!lanes->gone[d])
			return (int)d;
	}
	return -1;
}

/* What a lane with nothing of its own in the window finds with its neighbours. */
static int steal(const struct design *design, const struct lanes *lanes, const struct work *work,
		 uint32_t lane, int end)
{
	for (uint32_t j = 1; j < design->steal; j++) {
		int d = next_of(lanes, work, (lane + j) % design->lanes, end);

		if (d >= 0)
			return d;
	}
	return -1;
}

/* One cycle of the lanes of a group, which take digits whose weight is below @end. */
static void group_cycle(const struct design *design, const struct work *work, struct lanes *lanes,
			struct row_cost *cost, uint32_t first, uint32_t n, int end)
{
	bool busy[DESIGN_LANES_MAX] = {false};

	for (uint32_t l = first; l < first + n; l++) {
		int d = next_of(lanes, work, l, end);

		if (d < 0)
			continue;
		busy[l] = true;
		take(lanes, cost, l, (uint32_t)d);
		if (design->pair && (uint32_t)d + 1 < work->first[work->digit[d].product + 1] &&
		    work->digit[d + 1].weight < end)
			take(lanes, cost, l, (uint32_t)d + 1);
	}
	for (uint32_t l = first; l < first + n; l++) {
		int d = busy[l] ? -1 : steal(design, lanes, work, l, end);

		if (d >= 0)
			take(lanes, cost, l, (uint32_t)d);
		else if (!busy[l] && !is_dry(lanes, l))
			cost->waiting++;
	}
}

static void issue_by_weight(const struct design *design, const struct work *work,
			    struct lanes *lanes, struct row_cost *cost)
{
	int window = design->window ? design->window : WORK_WEIGHTS, base = WORK_WEIGHTS;
	uint32_t group = design->group ? design->group : design->lanes;

	while (lanes->left) {
		int before = base;

		base = least_weight(lanes, work, 0, design->lanes);
		if (design->skip && base > before + design->skip) {
			uint32_t extra = (uint32_t)(base - before - 1) / design->skip;

			cost->empty += extra;
			cost->cycles += extra;
		}
		for (uint32_t g = 0; g < design->lanes; g += group) {
			int least = least_weight(lanes, work, g, group);
			bool far = group < design->lanes && least >= base + design->group_window;

			group_cycle(design, work, lanes, cost, g, group,
				    far ? WORK_WEIGHT_MIN : least + window);
		}
		move_heads(design, lanes);
		cost->cycles++;
	}
}

/* ---- value by value -------------------------------------------------------- */

/* The digits of the next value of a lane's queue go to lane @l. */
static uint32_t take_value(const struct design *design, const struct work *work,
			   struct lanes *lanes, struct row_cost *cost, uint32_t from, uint32_t l)
{
	uint32_t product, start = cost->cycles, taken = 0;

	if (is_dry(lanes, from))
		return 0;
	product = work->digit[lanes->queue[from][lanes->head[from]]].product;
	for (uint32_t d = work->first[product]; d < work->first[product + 1]; d++) {
		take(lanes, cost, l, d);
		lanes->head[from]++;
		cost->cycles += !design->pair || ++taken % 2 == 0;
	}
	taken = cost->cycles - start + (taken % 2);
	cost->cycles = start;
	return taken;
}

static void issue_by_value(const struct design *design, const struct work *work,
			   struct lanes *lanes, struct row_cost *cost)
{
	uint32_t busy[DESIGN_LANES_MAX] = {0}, longest = 0;

	while (lanes->left) {
		for (uint32_t l = 0; l < design->lanes; l++)
			for (uint32_t j = 0; j < design->steal && busy[l] <= cost->cycles; j++)
				busy[l] = cost->cycles + take_value(design, work, lanes, cost,
								    (l + j) % design->lanes, l);
		cost->cycles++;
	}
	for (uint32_t l = 0; l < design->lanes; l++)
		longest = busy[l] > longest ? busy[l] : longest;
	cost->cycles = longest;
}

struct design design_settle(const struct design *design, const struct work work[TILE_SIDE])
{
	struct design settled = *design;
	uint32_t digits = 0;

	if (design->steering != DESIGN_IF_LONG)
		return settled;
	for (uint32_t r = 0; r < TILE_SIDE; r++)
		digits += work[r].count;
	settled.steering = design->order == DESIGN_BY_WEIGHT ? DESIGN_BY_WEIGHTS : DESIGN_BY_LOAD;
	if (digits / (TILE_SIDE * design->lanes) < design_load(design, work[0].n)) {
		settled.steering = DESIGN_FIXED;
		settled.reach = 1;
		settled.load = design->lanes;
	}
	return settled;
}

void design_issue(const struct design *design, const struct work *work, struct row_cost *cost)
{
	struct lanes lanes;

	cost->cycles = cost->empty = cost->waiting = cost->issues = 0;
	fill_lanes(design, work, &lanes);
	if (design->order == DESIGN_BY_WEIGHT)
		issue_by_weight(design, work, &lanes, cost);
	else
		issue_by_value(design, work, &lanes, cost);
}

uint32_t design_load(const struct design *design, uint32_t n)
{
	static const uint32_t multiples[WORK_RECODINGS] = {1, 2, 4, 1};
	/* What is not aligned when it is loaded is multiplied when it is read. */
	uint32_t held = design->order == DESIGN_BY_WEIGHT ? multiples[design->recoding] : 1;
	uint32_t writes = n * held * design->steal;

	return design->load ? (writes + design->load - 1) / design->load : 0;
}
