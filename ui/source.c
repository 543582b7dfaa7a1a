/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/source.h"

#include <stdlib.h>

static void close_dataset(void *dataset)
{
	dataset_close(dataset);
}

void source_dispose_dataset(struct jobs *jobs, struct dataset *dataset)
{
	jobs_dispose(jobs, close_dataset, dataset);
}

struct source *source_new(struct dataset *dataset, struct jobs *jobs, struct error *error)
{
	struct source *source = malloc(sizeof *source);

	if (!source) {
		source_dispose_dataset(jobs, dataset);
		error_memory(error, "opening a file");
		return NULL;
	}
	*source = (struct source){dataset, jobs, 1, 0};
	return source;
}

struct source *source_hold(struct source *source)
{
	source->holders++;
	return source;
}

void source_drop(struct source *source)
{
	if (!source || --source->holders > 0)
		return;
	source_dispose_dataset(source->jobs, source->dataset);
	free(source);
}

struct source *source_begin_reading(struct source *source)
{
	source->readers++;
	return source_hold(source);
}

void source_end_reading(struct source *source)
{
	if (!source)
		return;
	source->readers--;
	source_drop(source);
}
