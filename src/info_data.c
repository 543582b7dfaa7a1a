/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a file of reviews is: how it was read, its columns, and what all its rows hold. */
#include "src/facts.h"
#include "src/input.h"

#include <math.h>
#include <string.h>

static const char *column_name(const void *of, int i)
{
	return dataset_column_name(of, i);
}

static const char *notice(const void *of, int i)
{
	return dataset_notice(of, i);
}

/* How a table is written; of other formats nothing. */
static void dialect_facts(struct facts *facts, const struct dataset *dataset)
{
	const struct dataset_dialect taken = dataset_dialect(dataset);
	char word[DIALECT_WORD_MAX];

	for (int i = DIALECT_delimiter; i < DIALECT_ROW_COUNT; i++) {
		if (i == DIALECT_encoding)
			continue;
		dialect_format(&taken, i, word);
		if (strcmp(word, "auto") != 0)
			fact_text(facts, dialect_rows[i].name, word);
	}
}

struct label_columns {
	const struct dataset *dataset;
	int count;
};

static const char *label_column(const void *of, int i)
{
	const struct dataset *dataset = ((const struct label_columns *)of)->dataset;
	int column = 0;

	for (; !dataset_column_is_label(dataset, column) || i-- > 0; column++)
		;
	return dataset_column_name(dataset, column);
}

static void label_facts(struct facts *facts, const struct dataset *dataset)
{
	struct label_columns columns = {.dataset = dataset};

	for (int i = 0; i < dataset_columns(dataset); i++)
		columns.count += dataset_column_is_label(dataset, i);
	if (columns.count > 1)
		fact_list(facts, "label_columns", label_column, &columns, columns.count);
	else
		fact_text(facts, "label_column", columns.count ? label_column(&columns, 0) : "");
}

static void shape_facts(struct facts *facts, const struct dataset *dataset)
{
	int text = dataset_text_column(dataset);

	fact_text(facts, "data", dataset_path(dataset));
	fact_number(facts, "bytes", (double)dataset_file_size(dataset), words_bytes(dataset_file_size(dataset)));
	fact_text(facts, "format", dataset_format_name(dataset_format(dataset)));
	fact_text(facts, "encoding", dataset_encoding_name(dataset));
	dialect_facts(facts, dataset);
	fact_list(facts, "columns", column_name, dataset, dataset_columns(dataset));
	fact_text(facts, "text_column", text >= 0 ? dataset_column_name(dataset, text) : "");
	label_facts(facts, dataset);
}

/* A count for each reason that occurs: skipped_ragged, skipped_no_label. */
static void skipped_facts(struct facts *facts, const struct survey *survey)
{
	char name[64];

	for (int i = ROW_OK + 1; i < ROW_STATUS_COUNT; i++) {
		if (survey->skipped[i] == 0)
			continue;
		snprintf(name, sizeof name, "skipped_%s", row_status_name((enum row_status)i));
		for (char *c = name; *c; c++)
			if (*c == ' ')
				*c = '_';
		fact_count(facts, name, survey->skipped[i]);
	}
}

static void survey_facts(struct facts *facts, const struct survey *survey)
{
	fact_count(facts, "rows", survey->rows);
	fact_count(facts, "rows_used", survey->used);
	skipped_facts(facts, survey);
	fact_count(facts, "empty_texts", survey->empty);
	if (survey->replaced)
		fact_count(facts, "sequences_replaced", survey->replaced);
	if (survey->repeated_keys)
		fact_count(facts, "repeated_keys", survey->repeated_keys);
	if (survey->label_sets) {
		fact_count(facts, "rows_without_label", survey->set_rows[0]);
		fact_count(facts, "rows_with_one_label", survey->set_rows[1]);
		fact_count(facts, "rows_with_several_labels", survey->set_rows[2]);
	}
	if (survey->too_many_labels)
		fact_text(facts, "labels", "too many different ones");
	else
		fact_counts(facts, "labels", survey);
	if (survey->used)
		fact_real(facts, "words_on_average", round(10.0 * (double)survey->words_total / (double)survey->used) / 10);
	fact_count(facts, "words_longest", survey->words_longest);
}

bool data_facts(struct facts *facts, const char *path, const struct dataset_options *options, struct progress_line *line,
                struct error *error)
{
	struct dataset_options with = *options;
	struct survey survey = {0};
	struct dataset *dataset;
	bool done;

	with.stream = true;
	with.progress = &line->progress;
	dataset = dataset_open(path, &with, error);
	if (!dataset)
		return false;
	done = dataset_survey(dataset, &survey, &line->progress, error);
	progress_clear(line);
	if (done) {
		shape_facts(facts, dataset);
		survey_facts(facts, &survey);
		fact_list(facts, "notices", notice, dataset, dataset_notice_count(dataset));
	}
	survey_free(&survey);
	dataset_close(dataset);
	return done;
}
