/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_values.h"

#include "engine/corrections.h"
#include "engine/nearest.h"

#include <strings.h>
#include <time.h>

#define PATIENCE_NANOSECONDS 5000000 /* between two looks whether a prediction has come */

static const struct review_field_row {
	const char *name;
	int field;
	bool flag, predicted;
} field_rows[] = {
#define X(id, name, flag, predicted, help) {name, FIELD_##id, flag, predicted},
	REVIEW_FIELDS(X)
#undef X
};

#define FIELD_ROWS ((int)(sizeof field_rows / sizeof *field_rows))

bool review_words_are_predicted(const char *words)
{
	for (int i = 0; i < FIELD_ROWS; i++)
		if (field_rows[i].predicted && strcasestr(words, field_rows[i].name))
			return true;
	return false;
}

bool review_field_is_predicted(int field)
{
	for (int i = 0; i < FIELD_ROWS; i++) {
		if (field_rows[i].field == field)
			return field_rows[i].predicted;
	}
	return false;
}

bool review_field_is_double(int field, enum double_kind *kind)
{
	*kind = field == FIELD_NEAR_DOUBLE ? DOUBLE_NEAR : DOUBLE_EXACT;
	return field == FIELD_DOUBLE || field == FIELD_NEAR_DOUBLE;
}

/* Names */

static bool is_name(const char *name, struct span word)
{
	return strlen(name) == word.size && strncasecmp(name, word.data, word.size) == 0;
}

static int find_column(const struct dataset *dataset, struct span name)
{
	for (int i = 0; i < dataset_columns(dataset); i++) {
		if (is_name(dataset_column_name(dataset, i), name))
			return i;
	}
	return -1;
}

static bool is_label(const struct review_names *names, struct span word)
{
	for (int i = 0; names->survey && i < names->survey->label_count; i++) {
		if (is_name(names->survey->labels[i].name, word))
			return true;
	}
	return false;
}

/* text and label are what was chosen as such; else a column of the file goes before what revue calls so. */
static enum expression_name find_name(const void *of, struct span name, int *field)
{
	const struct review_names *names = of;
	const int column = find_column(names->dataset, name);

	for (int i = 0; i < FIELD_ROWS; i++) {
		if (!is_name(field_rows[i].name, name) || (column >= 0 && i >= 2))
			continue;
		*field = field_rows[i].field;
		return field_rows[i].flag ? NAME_FLAG : NAME_FIELD;
	}
	*field = column >= 0 ? column : FIELD_LABEL;
	return column >= 0 ? NAME_FIELD : is_label(names, name) ? NAME_WORD : NAME_UNKNOWN;
}

static const char *name_at(const void *of, int index)
{
	const struct review_names *names = of;
	const int columns = dataset_columns(names->dataset), labels = names->survey ? names->survey->label_count : 0;

	if (index < FIELD_ROWS)
		return field_rows[index].name;
	index -= FIELD_ROWS;
	if (index < columns)
		return dataset_column_name(names->dataset, index);
	index -= columns;
	return index < labels ? names->survey->labels[index].name : NULL;
}

/* Whether the words of a field are the labels that were counted: label, and the column that has them. That has words of its own
 * where some were set right, and several labels in one. Of no other column all words are known. */
static bool has_labels(const struct dataset *dataset, int field)
{
	struct corrections *corrections = dataset_corrections(dataset);

	if (field == FIELD_LABEL)
		return true;
	return field >= 0 && field == dataset_label_column(dataset) && !dataset_has_label_sets(dataset) &&
	       !(corrections && corrections_count(corrections) > 0);
}

static const char *value_at(const void *of, int field, int index)
{
	const struct review_names *names = of;
	const struct survey *survey = names->survey;

	if (has_labels(names->dataset, field) && survey && !survey->too_many_labels)
		return index < survey->label_count ? survey->labels[index].name : NULL;
	if (field == FIELD_PREDICTION && names->model)
		return index < model_config(names->model)->num_labels ? model_label(names->model, index) : NULL;
	return NULL;
}

struct expression_names review_names(const struct review_names *names)
{
	return (struct expression_names){names, find_name, name_at, value_at};
}

bool review_names_find(const struct review_names *names, const char *name, int *field, struct error *error)
{
	const enum expression_name kind = find_name(names, span_of(name), field);
	struct nearest nearest = {.wanted = name};

	if (kind == NAME_FIELD || kind == NAME_FLAG)
		return true;
	for (int i = 0; i < FIELD_ROWS + dataset_columns(names->dataset); i++)
		nearest_offer(&nearest, name_at(names, i));
	RETURN_IF(nearest.name, error, ERROR_USAGE, "no column is called \"%.60s\": did you mean \"%.60s\"?", name, nearest.name);
	return error_set(error, ERROR_USAGE, "no column is called \"%.60s\"", name);
}

/* Values */

bool review_values_take(struct review_values *values, struct source *source, const struct review_predictions *predictions,
                        const struct marks *marks, struct double_rows *double_rows, struct error *error)
{
	*values = (struct review_values){0};
	if (!marks_copy(&values->marks, marks))
		return error_memory(error, "looking through the reviews");
	values->source = source_begin_reading(source);
	values->table = prediction_table_hold(predictions->table);
	values->lent = lent_model_hold(predictions->lent);
	values->double_rows = double_rows_hold(double_rows);
	return true;
}

void review_values_drop(struct review_values *values)
{
	marks_clear(&values->marks);
	for (int i = 0; i < DOUBLE_KINDS; i++)
		marks_clear(&values->doubles[i]);
	double_rows_drop(values->double_rows);
	lent_model_drop(values->lent);
	prediction_table_drop(values->table);
	source_end_reading(values->source);
	*values = (struct review_values){0};
}

bool review_values_find_doubles(struct review_values *values, enum double_kind kind, const struct progress *progress,
                                struct error *error)
{
	marks_clear(&values->doubles[kind]);
	if (!values->double_rows)
		return error_memory(error, "looking for doubles");
	return double_rows_find(values->double_rows, kind, values->source->dataset, &values->doubles[kind], progress, error);
}

static bool wait_for_prediction(struct review_view *view, const struct progress *progress, struct error *error)
{
	const struct timespec pause = {.tv_nsec = PATIENCE_NANOSECONDS};
	const struct prediction_table *table = view->values->table;
	enum prediction_state state = PREDICTION_ABSENT;

	while (table && (state = prediction_table_row(table, view->number, &view->prediction)) == PREDICTION_PENDING) {
		if (!progress_report(progress, "waiting for predictions", view->number, 0))
			return error_set(error, ERROR_INTERRUPTED, "stopped");
		nanosleep(&pause, NULL);
	}
	view->predicted = state == PREDICTION_KNOWN;
	return true;
}

bool review_view_read(struct review_view *view, const struct review_values *values, uint64_t number, struct row *row,
                      bool predicted, const struct progress *progress, struct error *error)
{
	*view = (struct review_view){.values = values, .row = row, .number = number};
	return dataset_read(values->source->dataset, number, row, error) &&
	       (!predicted || wait_for_prediction(view, progress, error));
}

static uint64_t count_words(struct span text)
{
	uint64_t count = 0;
	bool inside = false;

	for (size_t i = 0; i < text.size; i++) {
		const bool blank = text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r');

		count += !blank && !inside;
		inside = !blank;
	}
	return count;
}

static void number_value(struct expression_value *out, double number)
{
	out->kind = VALUE_NUMBER;
	out->number = number;
}

static void text_value(struct expression_value *out, struct span text)
{
	out->kind = VALUE_TEXTS;
	out->text = text;
	out->texts = &out->text;
	out->count = 1;
}

static void predicted_value(const struct review_view *view, int field, struct expression_value *out)
{
	const struct prediction *prediction = &view->prediction;

	if (!view->predicted)
		return;
	if (field == FIELD_PREDICTION && view->values->lent)
		text_value(out, span_of(model_label(view->values->lent->model, prediction->label)));
	else if (field == FIELD_CONFIDENCE)
		number_value(out, (double)prediction->score);
	else if (prediction->verdict != VERDICT_NONE && (field == FIELD_LOSS || field == FIELD_ERROR))
		number_value(out, field == FIELD_LOSS ? (double)prediction->loss : prediction->verdict == VERDICT_WRONG);
}

void review_view_value(const void *of, int field, struct expression_value *out)
{
	const struct review_view *view = of;
	const struct row *row = view->row;

	switch (field) {
	case FIELD_TEXT:
		if (row->status == ROW_OK || row->status == ROW_NO_LABEL)
			text_value(out, row->text);
		break;
	case FIELD_LABEL:
		out->kind = row->status == ROW_OK && row->label_count > 0 ? VALUE_TEXTS : VALUE_NONE;
		out->texts = row->labels;
		out->count = row->label_count;
		break;
	case FIELD_LENGTH:
		if (row->status == ROW_OK || row->status == ROW_NO_LABEL)
			number_value(out, (double)count_words(row->text));
		break;
	case FIELD_ROW:
		number_value(out, (double)(view->number + 1));
		break;
	case FIELD_CORRECTED:
		number_value(out, row->corrected);
		break;
	case FIELD_MARKED:
		number_value(out, marks_has(&view->values->marks, view->number));
		break;
	case FIELD_DOUBLE:
	case FIELD_NEAR_DOUBLE:
		number_value(out, marks_has(&view->values->doubles[field == FIELD_NEAR_DOUBLE ? DOUBLE_NEAR : DOUBLE_EXACT], view->number));
		break;
	default:
		if (field < 0)
			predicted_value(view, field, out);
		else if (field < row->count)
			text_value(out, row->fields[field]);
	}
}
