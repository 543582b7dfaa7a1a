/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_export.h"

#include "engine/words.h"

#include <stdlib.h>

#define REPORT_ROWS 64

static void export_task_free(void *context)
{
	struct export_task *task = context;

	review_values_drop(&task->values);
	row_set_drop(task->rows);
	free(task->path);
	free(task);
}

static size_t own_columns(const struct export_task *task)
{
	return task->values.table ? 2 : 0;
}

/* prediction and confidence after the columns of the file. */
static struct table_writer *export_open(struct export_task *task, size_t columns, struct error *error)
{
	const struct dataset *dataset = task->values.source->dataset;
	struct span *names = calloc(columns + 2, sizeof *names);
	struct table_writer *writer;

	if (!names) {
		error_memory(error, "writing reviews");
		return NULL;
	}
	for (size_t i = 0; i < columns; i++)
		names[i] = span_of(dataset_column_name(dataset, (int)i));
	names[columns] = span_of("prediction");
	names[columns + 1] = span_of("confidence");
	writer = table_writer_open(task->path, task->format, names, columns + own_columns(task), error);
	free(names);
	return writer;
}

/* Of a label that was corrected the right one. A row that is too short gets empty fields, of one that is too long the rest is left out. */
static bool export_row(struct export_task *task, struct table_writer *writer, const struct review_view *view,
                       struct table_field *fields, size_t columns, struct error *error)
{
	const struct row *row = view->row;
	struct words confidence = words_float(view->prediction.score);

	for (size_t i = 0; i < columns; i++)
		fields[i] = i < (size_t)row->count ? (struct table_field){row->fields[i], FIELD_TEXT_KIND}
		                                   : (struct table_field){{"", 0}, FIELD_MISSING_KIND};
	if (row->corrected)
		fields[dataset_label_column(task->values.source->dataset)] = (struct table_field){row->label, FIELD_TEXT_KIND};
	fields[columns] = fields[columns + 1] = (struct table_field){{"", 0}, FIELD_MISSING_KIND};
	if (view->predicted && task->values.lent) {
		fields[columns].text = span_of(model_label(task->values.lent->model, view->prediction.label));
		fields[columns].kind = FIELD_TEXT_KIND;
		fields[columns + 1] = (struct table_field){span_of(confidence.text), FIELD_NUMBER_KIND};
	}
	task->written++;
	return table_writer_put(writer, fields, error);
}

static bool export_rows(struct export_task *task, struct table_writer *writer, struct table_field *fields, size_t columns,
                        struct row *row, const struct progress *progress, struct error *error)
{
	bool complete;
	const uint64_t count = task->rows ? row_set_count(task->rows) : dataset_rows(task->values.source->dataset, &complete);

	for (uint64_t i = 0; i < count; i++) {
		const uint64_t number = task->rows ? row_set_at(task->rows, i) : i;
		struct review_view view;

		RETURN_IF(i % REPORT_ROWS == 0 && !progress_report(progress, "writing", i, count), error, ERROR_INTERRUPTED, "stopped");
		if (task->marked && !marks_has(&task->values.marks, number))
			continue;
		if (!review_view_read(&view, &task->values, number, row, own_columns(task) > 0, progress, error) ||
		    !export_row(task, writer, &view, fields, columns, error))
			return false;
	}
	return true;
}

static bool export_work(void *context, const struct progress *progress, struct error *error)
{
	struct export_task *task = context;
	const size_t columns = (size_t)dataset_columns(task->values.source->dataset);
	struct table_writer *writer = export_open(task, columns, error);
	struct table_field *fields = calloc(columns + 2, sizeof *fields);
	struct row *row = writer ? row_new(error) : NULL;
	bool good = row && (fields || error_memory(error, "writing reviews"));

	good = good && export_rows(task, writer, fields, columns, row, progress, error);
	if (good)
		good = table_writer_commit(writer, error);
	else
		table_writer_abort(writer);
	row_free(row);
	free(fields);
	return good;
}

struct job *review_job_export(struct jobs *jobs, struct export_task *task, struct error *error)
{
	static const struct job_kind writing = {"writing reviews", export_work, export_task_free};

	return job_start(jobs, &writing, task, error);
}
