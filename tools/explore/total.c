/* SPDX-License-Identifier: MIT */
#include "total.h"

#include <stdlib.h>
#include <string.h>

#include "threshold.h"

const char *const side_names[SIDES] = {"a", "b", "sparser", "tile", "best"};

/* Tiles of a group that are kept for designs whose T is known when all have been seen. */
#define TILES_KEPT 12

/* Sums over the tiles of one layer's product, each tile's cycles divided by dense's. */
struct group {
	char layer[40];
	uint32_t product, stage;
	unsigned long seen, looked_at;
	double weight, terms[2], values[2], kept[2], shown[2];
	double (*cycles)[SIDES]; /* [design], the sparser side left out */
	struct tile_cost (*stall)[2]; /* [design] */
	struct tile *tile; /* the first of them */
};

/* T's that designs have. */
#define T_VALUES 16

static void count_terms(const struct tile *tile, uint64_t terms[2])
{
	for (int side = 0; side < 2; side++) {
		terms[side] = 0;
		for (uint32_t r = 0; r < tile->rows[side]; r++)
			for (uint32_t k = 0; k < tile->k; k++)
				terms[side] += work_terms(tile->x[side][r][k]);
	}
}

static void add_cost(struct tile_cost *sum, const struct tile_cost *cost)
{
	sum->cycles += cost->cycles;
	sum->lanes += cost->lanes;
	sum->issued += cost->issued;
	sum->idle += cost->idle;
	sum->waiting += cost->waiting;
	sum->empty += cost->empty;
	sum->floor += cost->floor;
	sum->rows += cost->rows;
}

static void count_kept(struct group *group, const struct tile_work *w, int side)
{
	for (uint32_t c = 0; c < w->chunks; c++) {
		for (uint32_t r = 0; r < TILE_SIDE; r++) {
			group->kept[side] += w->work[c][WORK_NAF][r].kept;
			group->shown[side] += (double)w->work[c][WORK_NAF][r].count * TILE_SIDE;
		}
	}
}

/* A design whose T this is, whatever the layer. */
static bool goes_with(unsigned int design, int t, const bool wanted[])
{
	return wanted[design] && designs[design].t == t && !designs[design].by_layer;
}

/* All designs of one T on one side of a tile. */
static void run_side(struct group *group, const struct tile *tile, int side, int t,
		     const bool wanted[], struct tile_work *w, uint64_t cycles[])
{
	bool any = false;

	for (unsigned int d = 0; d < n_designs; d++)
		any |= goes_with(d, t, wanted);
	if (!any)
		return;
	tile_work_fill(w, tile, side, t);
	if (t == T_VALUES - 1)
		count_kept(group, w, side);
	for (unsigned int d = 0; d < n_designs; d++) {
		struct tile_cost cost;

		if (!goes_with(d, t, wanted))
			continue;
		design_tile(&designs[d], tile, side, w, &cost);
		add_cost(&group->stall[d][side], &cost);
		cycles[d] = cost.cycles;
	}
}

static void run_tile(struct group *group, const struct tile *tile, const bool wanted[],
		     struct tile_work *w)
{
	uint64_t cycles[2][DESIGNS_MAX] = {{0}}, terms[2];
	double dense = (double)dense_cycles(tile);

	for (int side = 0; side < 2; side++)
		for (int t = 0; t < T_VALUES; t++)
			run_side(group, tile, side, t, wanted, w, cycles[side]);
	count_terms(tile, terms);
	for (int side = 0; side < 2; side++) {
		group->terms[side] += (double)terms[side];
		group->values[side] += (double)tile->rows[side] * tile->k;
	}
	for (unsigned int d = 0; d < n_designs; d++) {
		uint64_t a = cycles[SIDE_A][d], b = cycles[SIDE_B][d];

		group->cycles[d][SIDE_A] += (double)a / dense;
		group->cycles[d][SIDE_B] += (double)b / dense;
		group->cycles[d][SIDE_TILE] += (double)(terms[0] <= terms[1] ? a : b) / dense;
		group->cycles[d][SIDE_BEST] += (double)(a < b ? a : b) / dense;
	}
}

static bool any_by_layer(const bool wanted[])
{
	bool any = false;

	for (unsigned int d = 0; d < n_designs; d++)
		any |= wanted[d] && designs[d].by_layer;
	return any;
}

static void note_threshold(struct thresholds *t, int chosen, double weight)
{
	t->least = t->weight > 0 && t->least < chosen ? t->least : chosen;
	t->most = t->most > chosen ? t->most : chosen;
	t->sum += chosen * weight;
	t->weight += weight;
}

/* All tiles of a group, with the T that they have together. */
static void run_by_layer(struct network *network, struct group *group, int side,
			 const bool wanted[], struct tile_work *w)
{
	unsigned long n = group->looked_at < TILES_KEPT ? group->looked_at : TILES_KEPT;
	struct losses losses = {0};
	int t;

	for (unsigned long i = 0; i < n; i++)
		threshold_measure(&losses, &group->tile[i], side);
	t = threshold_choose(&losses);
	note_threshold(&network->threshold[group->product], t, group->weight);
	for (unsigned long i = 0; i < n; i++) {
		double dense = (double)dense_cycles(&group->tile[i]) * (double)n;

		tile_work_fill(w, &group->tile[i], side, t);
		for (unsigned int d = 0; d < n_designs; d++) {
			struct tile_cost cost;

			if (!wanted[d] || !designs[d].by_layer)
				continue;
			design_tile(&designs[d], &group->tile[i], side, w, &cost);
			for (int s = 0; s < SIDES; s++)
				group->cycles[d][s] +=
					(double)cost.cycles * (double)group->looked_at / dense;
		}
	}
}

/* A layer's product is through: its mean stands for all its tiles. */
static void end_group(struct network *network, struct group *group, const bool wanted[],
		      struct tile_work *w)
{
	int sparser = group->terms[0] * group->values[1] <= group->terms[1] * group->values[0]
			      ? SIDE_A
			      : SIDE_B;
	double scale = group->looked_at ? group->weight / (double)group->looked_at : 0;

	if (group->looked_at && any_by_layer(wanted))
		run_by_layer(network, group, sparser, wanted, w);
	for (unsigned int d = 0; d < n_designs; d++) {
		double *to = network->total[d].cycles[group->product][group->stage];

		group->cycles[d][SIDE_SPARSER] = group->cycles[d][sparser];
		for (int side = 0; side < SIDES; side++)
			to[side] += scale * group->cycles[d][side];
		add_cost(&network->total[d].stall, &group->stall[d][sparser]);
	}
	if (group->looked_at)
		network->weight[group->product][group->stage] += group->weight;
	network->kept += group->kept[sparser];
	network->shown += group->shown[sparser];
}

static void begin_group(struct group *group, const struct tile *tile)
{
	double(*cycles)[SIDES] = group->cycles;
	struct tile_cost(*stall)[2] = group->stall;
	struct tile *kept = group->tile;

	memset(group, 0, sizeof(*group));
	memset(cycles, 0, n_designs * sizeof(*cycles));
	memset(stall, 0, n_designs * sizeof(*stall));
	group->cycles = cycles;
	group->stall = stall;
	group->tile = kept;
	memcpy(group->layer, tile->layer, sizeof(group->layer));
	group->product = tile->product;
	group->stage = tile->stage;
}

static bool is_of_group(const struct group *group, const struct tile *tile)
{
	return group->product == tile->product && group->stage == tile->stage &&
	       !strcmp(group->layer, tile->layer);
}

static int run_file(struct network *network, FILE *file, unsigned int every, const bool wanted[],
		    struct group *group, struct tile_work *w)
{
	static struct tile tile;
	int got;

	while ((got = tile_read(file, &tile)) == 1) {
		if (group->seen && !is_of_group(group, &tile))
			end_group(network, group, wanted, w);
		if (!group->seen || !is_of_group(group, &tile))
			begin_group(group, &tile);
		group->weight += tile.weight;
		if (group->seen++ % every)
			continue;
		run_tile(group, &tile, wanted, w);
		if (group->looked_at < TILES_KEPT)
			group->tile[group->looked_at] = tile;
		group->looked_at++;
		network->tiles++;
	}
	if (group->seen)
		end_group(network, group, wanted, w);
	return got ? -2 : 0;
}

int total_run(struct network *network, const char *path, unsigned int every, const bool wanted[])
{
	FILE *file = tile_open(path);
	struct group group = {.cycles = NULL};
	struct tile_work *w;
	int err;

	if (!file)
		return -1;
	w = malloc(sizeof(*w));
	group.cycles = calloc(n_designs, sizeof(*group.cycles));
	group.stall = calloc(n_designs, sizeof(*group.stall));
	group.tile = calloc(TILES_KEPT, sizeof(*group.tile));
	err = w && group.cycles && group.stall && group.tile
		      ? run_file(network, file, every, wanted, &group, w)
		      : -1;
	free(group.tile);
	free(group.stall);
	free(group.cycles);
	free(w);
	fclose(file);
	return err;
}

double total_cycles(const struct network *network, unsigned int design, int product, int stage,
		    enum side side)
{
	double cycles = 0, weight = 0;

	for (int p = 0; p < TILE_PRODUCTS; p++) {
		for (int s = 0; s < TILE_STAGES; s++) {
			if ((product >= 0 && p != product) || (stage >= 0 && s != stage))
				continue;
			cycles += network->total[design].cycles[p][s][side];
			weight += network->weight[p][s];
		}
	}
	return cycles / weight;
}
