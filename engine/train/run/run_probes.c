/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run.h"

#include "engine/train/run/probe_table.h"

const struct run_probe *run_probes(const struct run *run, int index, size_t *count)
{
	const struct probe_table *table = run_probe_table(run, index);

	*count = table->count;
	return table->count > 0 ? table->points : NULL;
}

const char *run_probe_text(const struct run *run, int index)
{
	return run_probe_table(run, index)->text;
}

const char *run_probe_label(const struct run *run, int index)
{
	return run_probe_table(run, index)->label;
}
