/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the log of a run says of its probes, as it is read. */
#ifndef REVUE_TRAIN_PROBE_TABLE_H
#define REVUE_TRAIN_PROBE_TABLE_H

#include "engine/train/run/journal.h"

/* Of one probe. */
struct probe_table {
	struct run_probe *points; /* [count], steps ascend */
	size_t count, capacity;
	char text[RUN_PROBE_TEXT], label[64];
};

/* Adds a line to its table of those; what a resume takes back goes. `begun` is added to its time. False: out of memory. */
bool probe_table_add(struct probe_table tables[RUN_PROBES_MAX], const struct journal_probe *probe, double begun);

/* Room for one more; doubles. NULL: no memory, the old table stays. */
void *table_grown(void *table, size_t count, size_t *capacity, size_t size);

/* Of run.c: that of a run; borrowed. */
const struct probe_table *run_probe_table(const struct run *run, int index);

#endif
