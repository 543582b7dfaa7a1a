/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight/ranked.h"

#include <stdlib.h>


static double f1_of(const struct ranked *ranked, const struct ranked_walk *walk)
{
	size_t below = walk->true_positives + walk->false_positives + ranked->positives;

	return below > 0 ? 2 * (double)walk->true_positives / (double)below : 0;
}

static double cost_of(const struct ranked *ranked, const struct ranked_walk *walk, double false_positive,
                      double false_negative)
{
	return ((double)walk->false_positives * false_positive +
	        (double)(ranked->positives - walk->true_positives) * false_negative) / (double)ranked->count;
}

/* Between the last row that is positive and the next one, so that rounding on either side does not matter. */
static double middle(const struct ranked *ranked, const struct ranked_walk *walk)
{
	double above = walk->next > 0 ? ranked->rows[walk->next - 1].score : 1;
	double below = walk->next < ranked->count ? ranked->rows[walk->next].score : 0;

	return below + (above - below) / 2;
}

static struct threshold at_place(const struct ranked *ranked, const struct ranked_walk *walk, const double prices[2])
{
	return (struct threshold){middle(ranked, walk), f1_of(ranked, walk),
	                          cost_of(ranked, walk, prices[0], prices[1])};
}

/* From "no row is positive" to "all are". */
static struct threshold find(const struct ranked *ranked, const double prices[2], bool by_cost)
{
	struct ranked_walk walk = {0};
	struct threshold best = at_place(ranked, &walk, prices);

	while (ranked_step(ranked, &walk)) {
		struct threshold here = at_place(ranked, &walk, prices);
		if (by_cost ? here.cost < best.cost : here.f1 > best.f1)
			best = here;
	}
	return best;
}

bool threshold_best_f1(const struct scored_rows *rows, int32_t label, struct threshold *out, struct error *error)
{
	const double prices[2] = {1, 1};
	struct ranked ranked;

	if (!ranked_init(&ranked, rows, error))
		return false;
	ranked_fill(&ranked, rows, label);
	*out = ranked.positives > 0 ? find(&ranked, prices, false) : (struct threshold){.value = 0.5};
	free(ranked.rows);
	return true;
}

bool threshold_least_cost(const struct scored_rows *rows, int32_t label, double false_positive, double false_negative,
                          struct threshold *out, struct error *error)
{
	const double prices[2] = {false_positive, false_negative};
	struct ranked ranked;

	RETURN_IF(rows->rows == 0, error, ERROR_DATA, "there is no row to choose a threshold by");
	if (!ranked_init(&ranked, rows, error))
		return false;
	ranked_fill(&ranked, rows, label);
	*out = find(&ranked, prices, true);
	free(ranked.rows);
	return true;
}
