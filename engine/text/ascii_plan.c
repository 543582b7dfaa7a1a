/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/ascii_plan.h"

/* What came out for one character. */
struct outcome {
	int count;
	uint32_t last;
};

static void take(void *context, uint32_t c, uint32_t end)
{
	struct outcome *outcome = context;

	(void)end;
	outcome->count++;
	outcome->last = c;
}

void ascii_plan_make(struct ascii_plan *plan, const struct normal *normal, const struct splitter *splitter)
{
	struct outcome outcome;
	struct normal_stream stream = {.normal = *normal, .take = take, .context = &outcome};

	memset(plan->part, ASCII_LONG_WAY, sizeof plan->part);
	if (!normal->step->by_character || !splitter->part)
		return;
	for (uint32_t c = 0; c < 128; c++) {
		outcome = (struct outcome){0};
		normal_take(&stream, c, 0);
		normal_finish(&stream);
		if (outcome.count != 1 || outcome.last >= 128)
			continue;
		plan->byte[c] = (uint8_t)outcome.last;
		plan->part[c] = (uint8_t)splitter->part(outcome.last);
	}
}
