/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/dialect_preview.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS_MAX 8 /* blocks of the file that are gone through for the rows */
#define CONVERT_BYTES ((uint64_t)1 << 20)

struct preview_task {
	struct dialect_form form;
	struct dialect_preview *preview;
	char path[];
};

static void free_row(struct preview_row *row)
{
	for (int i = 0; i < row->count; i++)
		free(row->cells[i]);
	free(row->cells);
}

void dialect_preview_free(struct dialect_preview *preview)
{
	if (!preview)
		return;
	for (int i = 0; i < preview->columns; i++) {
		free(preview->column[i].name);
		free(preview->column[i].word);
	}
	free(preview->column);
	for (int i = 0; i < preview->rows; i++)
		free_row(&preview->row[i]);
	free(preview);
}

static void preview_task_free(void *context)
{
	struct preview_task *task = context;

	dialect_preview_free(task->preview);
	free(task);
}

static bool take_column(struct dialect_preview *preview, const struct dataset *dataset, int place)
{
	struct preview_column *column = &preview->column[preview->columns++];
	char word[OPTION_TEXT_MAX];

	dialect_form_name_column(dataset, place, word);
	*column = (struct preview_column){
		.place = place, .name = strdup(dataset_column_name(dataset, place)), .word = strdup(word),
		.text = dataset_text_column(dataset) == place, .label = dataset_column_is_label(dataset, place),
		.guessed = dataset_column_is_guessed(dataset, place),
	};
	return column->name && column->word;
}

static bool take_columns(struct dialect_preview *preview, const struct dataset *dataset)
{
	const int most = PREVIEW_COLUMNS + PREVIEW_FAR_COLUMNS;

	preview->column_count = dataset_columns(dataset);
	preview->column = calloc(most, sizeof *preview->column);
	for (int i = 0; preview->column && i < preview->column_count; i++) {
		const bool label = dataset_column_is_label(dataset, i) && preview->columns < most - 1;

		if ((i < PREVIEW_COLUMNS || label || dataset_text_column(dataset) == i) && !take_column(preview, dataset, i))
			return false;
	}
	return preview->column;
}

/* Calls of strndup end at a NUL: what a field holds after one is not seen here. */
static bool take_row(struct dialect_preview *preview, const struct row *row)
{
	struct preview_row *taken = &preview->row[preview->rows];
	const int most = preview->columns > PREVIEW_COLUMNS ? preview->columns : PREVIEW_COLUMNS;
	const int count = row->count < most ? row->count : most;

	*taken = (struct preview_row){.line = row->line, .status = row->status, .cells = calloc((size_t)count + 1, sizeof *taken->cells)};
	if (!taken->cells)
		return false;
	preview->rows++;
	for (; taken->count < count; taken->count++) {
		const int place = taken->count < preview->columns ? preview->column[taken->count].place : taken->count;
		struct span cell;

		if (place >= row->count)
			break;
		cell = span_prefix(row->fields[place], PREVIEW_CELL_BYTES);
		if (!(taken->cells[taken->count] = strndup(cell.data ? cell.data : "", cell.size)))
			return false;
	}
	return true;
}

static bool take_rows(struct dialect_preview *preview, struct dataset *dataset, const struct progress *progress,
                      struct error *error)
{
	struct row *row = row_new(error);
	bool complete, taken = row;

	for (int step = 0; dataset_rows(dataset, &complete) < PREVIEW_ROWS && !complete && step < STEPS_MAX; step++)
		if (!progress_report(progress, "reading", (uint64_t)step, STEPS_MAX) || !dataset_index_step(dataset))
			break;
	for (uint64_t i = 0; taken && i < PREVIEW_ROWS && i < dataset_rows(dataset, &complete); i++)
		taken = dataset_read(dataset, i, row, error) && (take_row(preview, row) || error_memory(error, "reading the first rows"));
	row_free(row);
	if (dataset_index_error(dataset))
		preview->stopped = *dataset_index_error(dataset);
	return taken;
}

static void take_facts(struct dialect_preview *preview, const struct dataset *dataset)
{
	preview->taken = dataset_dialect(dataset);
	preview->taken.format = dataset_format(dataset);
	snprintf(preview->taken.encoding, sizeof preview->taken.encoding, "%s", dataset_encoding_name(dataset));
	preview->notes = dataset_notice_count(dataset);
	if (preview->notes > 0)
		snprintf(preview->note, sizeof preview->note, "%s", dataset_notice(dataset, 0));
}

/* Of a file that has to be converted the beginning will do; where that alone makes no sense, as of one JSON value, all of it is
 * taken. */
static struct dataset *open_file(const struct preview_task *task, const struct progress *progress, struct error *error)
{
	const struct open_how how = dialect_form_how(&task->form);
	struct dataset_options options = {
		.dialect = *how.dialect, .text_column = how.text_column, .label_column = how.label_column,
		.convert_bytes = CONVERT_BYTES, .progress = progress,
	};
	struct dataset *dataset = dataset_open(task->path, &options, error);

	if (dataset || error->kind != ERROR_DATA)
		return dataset;
	*error = (struct error){0};
	options.convert_bytes = 0;
	return dataset_open(task->path, &options, error);
}

static bool is_possible(const struct dataset *dataset, struct error *error)
{
	const int text = dataset_text_column(dataset);

	RETURN_IF(text >= 0 && dataset_column_is_label(dataset, text), error, ERROR_USAGE,
	          "--label-column: that column is the text: choose another --text-column first");
	return true;
}

static bool preview_work(void *context, const struct progress *progress, struct error *error)
{
	struct preview_task *task = context;
	struct dataset *dataset;
	bool taken;

	task->preview = calloc(1, sizeof *task->preview);
	if (!task->preview)
		return error_memory(error, "reading the first rows");
	dataset = open_file(task, progress, error);
	if (!dataset)
		return false;
	take_facts(task->preview, dataset);
	taken = is_possible(dataset, error) &&
	        (take_columns(task->preview, dataset) || error_memory(error, "reading the first rows")) &&
	        take_rows(task->preview, dataset, progress, error);
	dataset_close(dataset);
	return taken;
}

struct job *dialect_preview_start(struct jobs *jobs, const char *path, const struct dialect_form *form, struct error *error)
{
	static const struct job_kind reading = {"reading the first rows", preview_work, preview_task_free};
	struct preview_task *task = calloc(1, sizeof *task + strlen(path) + 1);

	if (!task) {
		error_memory(error, reading.name);
		return NULL;
	}
	task->form = *form;
	memcpy(task->path, path, strlen(path) + 1);
	return job_start(jobs, &reading, task, error);
}

struct dialect_preview *dialect_preview_take(struct job *job)
{
	struct preview_task *task = job_context(job);
	struct dialect_preview *preview = task->preview;

	task->preview = NULL;
	return preview;
}
