/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/study/halving.h"

#include <math.h>

struct halving halving_plan(int trials, int reduction)
{
	struct halving halving = {trials, reduction, 1};

	for (int left = trials; reduction > 1 && left >= reduction && halving.rungs < STUDY_RUNGS_MAX; left /= reduction)
		halving.rungs++;
	return halving;
}

double halving_share(const struct halving *halving, int rung)
{
	return pow(halving->reduction, rung - halving->rungs + 1);
}

int halving_places(const struct halving *halving, int rung)
{
	int places = halving->trials;

	while (rung-- > 0)
		places /= halving->reduction;
	return places > 1 ? places : 1;
}

static bool is_better(const struct halving_trial *a, const struct halving_trial *b, int rung, bool greater)
{
	const double left = a->objective[rung], right = b->objective[rung];

	if (a->failed || b->failed || isnan(left) || isnan(right))
		return !a->failed && !isnan(left) && (b->failed || isnan(right));
	return greater ? left > right : left < right;
}

/* Keeps the best `places` of the `count` trials in `kept`, in the order of their numbers; of equal ones the first. */
static int keep_best(struct halving_trial *trials, int *kept, int count, int places, int rung, bool greater)
{
	int left = 0;

	for (int i = 0; i < count; i++) {
		int before = 0;

		for (int j = 0; j < count; j++)
			before += is_better(&trials[kept[j]], &trials[kept[i]], rung, greater) ||
			          (j < i && !is_better(&trials[kept[i]], &trials[kept[j]], rung, greater));
		trials[kept[i]].out = before >= places;
	}
	for (int i = 0; i < count; i++)
		if (!trials[kept[i]].out)
			kept[left++] = kept[i];
	return left;
}

int halving_next(const struct halving *halving, struct halving_trial *trials, bool greater, int *room, int *rung)
{
	int count = halving->trials;

	for (int i = 0; i < count; i++) {
		room[i] = i;
		trials[i].out = false;
	}
	for (*rung = 0; *rung < halving->rungs; ++*rung) {
		if (*rung > 0)
			count = keep_best(trials, room, count, halving_places(halving, *rung), *rung - 1, greater);
		for (int i = 0; i < count; i++)
			if (!trials[room[i]].failed && trials[room[i]].reached <= *rung)
				return room[i];
	}
	return -1;
}
