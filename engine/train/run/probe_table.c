/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/probe_table.h"

#include "engine/base/size.h"

#include <string.h>

void *table_grown(void *table, size_t count, size_t *capacity, size_t size)
{
	size_t more = *capacity < 256 ? 256 : *capacity * 2;
	void *bigger;

	if (count < *capacity)
		return table;
	bigger = size_realloc(table, more, size);
	if (bigger)
		*capacity = more;
	return bigger;
}

bool probe_table_add(struct probe_table tables[RUN_PROBES_MAX], const struct journal_probe *probe, double begun)
{
	struct probe_table *of = &tables[probe->index];
	struct run_probe *points;

	while (of->count > 0 && of->points[of->count - 1].step >= probe->point.step)
		of->count--;
	points = table_grown(of->points, of->count, &of->capacity, sizeof *points);
	if (!points)
		return false;
	of->points = points;
	points[of->count] = probe->point;
	points[of->count++].time += begun;
	memcpy(of->text, probe->text, sizeof of->text);
	memcpy(of->label, probe->label, sizeof of->label);
	return true;
}
