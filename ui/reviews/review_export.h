/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing reviews into a file: the columns that they have, and what the model says of them. A job. Knows no curses. */
#ifndef REVUE_UI_REVIEW_EXPORT_H
#define REVUE_UI_REVIEW_EXPORT_H

#include "engine/table_writer.h"
#include "ui/reviews/review_values.h"
#include "ui/row_set.h"

struct export_task {
	struct review_values values;
	struct row_set *rows; /* held: those to write, in this order; NULL: all, or with `marked` those that are marked */
	bool marked;
	enum table_format format;
	uint64_t written;
	char *path;
};

/* Takes the task, which was allocated with its path, also where it fails (NULL with one line). */
struct job *review_job_export(struct jobs *jobs, struct export_task *task, struct error *error);

#endif
