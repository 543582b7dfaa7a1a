/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over a whole file: what is used and skipped, which labels, how long the texts. */
#include "engine/base/buffer.h"
#include "engine/base/by_count.h"
#include "engine/clock.h"
#include "engine/data/bytes.h"
#include "engine/data/field.h"
#include "engine/data/labels.h"
#include "engine/data/missing.h"
#include "engine/words.h"

#include <stdio.h>
#include <stdlib.h>

#define FINE 8192                          /* rows of fewer words are counted exactly, */
#define COARSE_WORDS 1024                  /* longer ones by the thousand */

/* While the survey is made: rows by the number of their words. */
struct counting {
	struct label_counter labels;
	uint64_t fine[FINE], coarse[FINE];
};

static uint64_t count_words(struct span text)
{
	char tail[BYTES_BLOCK];
	uint64_t words = 0, before = 1; /* the byte before was a space */
	size_t i = 0;

	for (; i + BYTES_BLOCK <= text.size; i += BYTES_BLOCK) {
		uint64_t spaces = bytes_spaces(text.data + i);
		words += (uint64_t)__builtin_popcountll(~spaces & (spaces << 1 | before));
		before = spaces >> 63;
	}
	if (i < text.size) {
		uint64_t spaces;
		memset(tail, ' ', sizeof tail);
		memcpy(tail, text.data + i, text.size - i);
		spaces = bytes_spaces(tail);
		words += (uint64_t)__builtin_popcountll(~spaces & (spaces << 1 | before));
	}
	return words;
}

static void count_length(struct survey *survey, struct counting *counting, uint64_t words)
{
	uint64_t thousand = words / COARSE_WORDS;

	survey->words_total += words;
	if (words > survey->words_longest)
		survey->words_longest = words;
	if (words < FINE)
		counting->fine[words]++;
	else
		counting->coarse[thousand < FINE ? thousand : FINE - 1]++;
}

void survey_count(struct survey *survey, const struct row *row)
{
	survey->rows++;
	survey->used += row->status == ROW_OK;
	survey->replaced += row->replaced;
	survey->rows_replaced += row->replaced > 0;
	survey->repeated_keys += row->repeated_keys;
	survey->empty += row->status == ROW_OK && span_trim(row->text).size == 0;
	if (row->status == ROW_NO_LABEL && row->missing >= 0 && row->missing < SURVEY_MISSING)
		survey->missing[row->missing]++;
	if (row->status != ROW_OK && survey->skipped[row->status]++ == 0)
		survey->first_line[row->status] = row->line;
}

void survey_count_set(struct survey *survey, int labels)
{
	survey->set_rows[labels < 2 ? labels : 2]++;
}

/* False: out of memory. */
static bool count_labels(struct survey *survey, struct counting *counting, const struct row *row)
{
	int labels = label_counter_add_set(&counting->labels, row->labels, row->label_count, NULL);

	if (labels >= 0)
		survey_count_set(survey, labels);
	return labels != LABEL_NO_MEMORY;
}

/* Labels that no row may have are there all the same. False: out of memory. */
static bool know_labels(const struct dataset *dataset, struct label_counter *counter)
{
	char digits[16];
	int known = 0;

	for (int i = 0; known != LABEL_NO_MEMORY && i < dataset_fixed_labels(dataset); i++)
		known = label_counter_know(counter, dataset_fixed_label(dataset, i, digits));
	return known != LABEL_NO_MEMORY;
}

static bool count_row(const struct dataset *dataset, struct survey *survey, struct counting *counting,
                      const struct row *row)
{
	survey_count(survey, row);
	if (row->status != ROW_OK)
		return true;
	if (dataset_text_column(dataset) >= 0)
		count_length(survey, counting, count_words(row->text));
	return dataset_label_column(dataset) < 0 || count_labels(survey, counting, row);
}

/* The words that 95 of 100 used rows do not exceed. */
static uint64_t usual_length(const struct survey *survey, const struct counting *counting)
{
	uint64_t wanted = survey->used - survey->used / 20, seen = 0;

	for (uint64_t i = 0; i < FINE; i++)
		if ((seen += counting->fine[i]) >= wanted)
			return i;
	for (uint64_t i = 0; i < FINE; i++)
		if ((seen += counting->coarse[i]) >= wanted)
			return (i + 1) * COARSE_WORDS - 1;
	return 0;
}

/* 1, 2, 5, 10, 20, 50, ... */
static uint32_t round_width(uint64_t width)
{
	static const uint32_t steps[] = {1, 2, 5};
	uint32_t ten = 1;

	for (; ten < 10000000; ten *= 10)
		for (int i = 0; i < 3; i++)
			if (steps[i] * ten >= width)
				return steps[i] * ten;
	return ten;
}

static void add_bin(struct survey *survey, uint64_t words, uint64_t rows)
{
	uint64_t bin = words / survey->bin_words;

	survey->histogram[bin < SURVEY_BINS ? bin : SURVEY_BINS - 1] += rows;
}

static void fill_histogram(struct survey *survey, const struct counting *counting)
{
	survey->bin_words = round_width((usual_length(survey, counting) + SURVEY_BINS - 1) / (SURVEY_BINS - 1));
	for (uint64_t i = 0; i < FINE; i++)
		if (counting->fine[i])
			add_bin(survey, i, counting->fine[i]);
	for (uint64_t i = 0; i < FINE; i++)
		if (counting->coarse[i])
			add_bin(survey, i * COARSE_WORDS, counting->coarse[i]);
}

static bool interrupted(const struct dataset *dataset, uint64_t done, const struct progress *progress,
                        struct error *error)
{
	bool complete;
	uint64_t rows = dataset_rows(dataset, &complete);

	if (progress_report(progress, "reading", done, complete ? rows : 0))
		return false;
	error_set(error, ERROR_INTERRUPTED, "%s: reading was interrupted", dataset_path(dataset));
	return true;
}

/* Reads the rows that are indexed, indexes more, until there are no more. */
static bool count_rows(struct dataset *dataset, struct survey *survey, struct counting *counting, struct row *row,
                       const struct progress *progress, struct error *error)
{
	double reported = 0;
	bool complete = false;

	for (uint64_t next = 0; !complete;) {
		uint64_t rows = dataset_rows(dataset, &complete);

		for (; next < rows; next++) {
			if (!dataset_read(dataset, next, row, error))
				return false;
			if (!count_row(dataset, survey, counting, row))
				return error_memory(error, "counting labels");
			if (next % 64 != 0 || clock_seconds() - reported < 0.05)
				continue;
			reported = clock_seconds();
			if (interrupted(dataset, next, progress, error))
				return false;
		}
		if (!complete)
			dataset_index_step(dataset);
	}
	if (dataset_index_error(dataset) && error)
		*error = *dataset_index_error(dataset);
	return !dataset_index_error(dataset);
}

static bool take_labels(struct survey *survey, struct label_counter *labels, struct error *error)
{
	bool sorted = label_counter_sort(labels, NULL) || error_memory(error, "sorting labels");

	survey->too_many_labels = labels->too_many;
	survey->labels = label_counter_take(labels, &survey->label_count);
	return sorted;
}

bool dataset_survey(struct dataset *dataset, struct survey *survey, const struct progress *progress,
                    struct error *error)
{
	struct counting *counting = calloc(1, sizeof *counting);
	struct row *row = row_new(NULL);
	bool done;

	if (!counting || !row) {
		done = error_memory(error, "reading a file");
	} else if (!know_labels(dataset, &counting->labels)) {
		done = error_memory(error, "counting labels");
	} else {
		survey->label_sets = dataset_has_label_sets(dataset);
		done = count_rows(dataset, survey, counting, row, progress, error);
		fill_histogram(survey, counting);
		done = take_labels(survey, &counting->labels, done ? error : NULL) && done;
		survey->complete = done;
		survey->empty = dataset_text_column(dataset) >= 0 ? survey->empty : 0;
	}
	row_free(row);
	free(counting);
	return done;
}

void survey_free(struct survey *survey)
{
	for (int i = 0; i < survey->label_count; i++)
		free(survey->labels[i].name);
	free(survey->labels);
	*survey = (struct survey){0};
}

int survey_label_after(const struct survey *survey, int after)
{
	return survey->label_count == 0 ? -1 : by_count_after(&survey->labels[0].count, sizeof *survey->labels, survey->label_count,
	                                                      after, false);
}

static bool add_count(struct buffer *out, uint64_t count)
{
	return buffer_add_text(out, words_count(count).text);
}

/* " (N/A 10, NULL 10)", where more than empty fields say that there is none. */
static void add_missing(struct buffer *out, const struct survey *survey)
{
	const char *between = " (";

	if (survey->missing[MISSING_EMPTY] == survey->skipped[ROW_NO_LABEL])
		return;
	for (int i = 0; i < SURVEY_MISSING && missing_word(i); i++) {
		if (survey->missing[i] == 0)
			continue;
		buffer_format(out, "%s%s ", between, missing_word(i));
		add_count(out, survey->missing[i]);
		between = ", ";
	}
	buffer_add_text(out, ")");
}

static void add_reasons(struct buffer *out, const struct survey *survey)
{
	const char *between = " (";

	for (int i = ROW_OK + 1; i < ROW_STATUS_COUNT; i++) {
		if (survey->skipped[i] == 0)
			continue;
		buffer_add_text(out, between);
		add_count(out, survey->skipped[i]);
		buffer_format(out, " %s", row_status_name((enum row_status)i));
		if (i == ROW_NO_LABEL)
			add_missing(out, survey);
		if (survey->first_line[i] > 0) {
			buffer_add_text(out, survey->skipped[i] > 1 ? ", first on line " : i == ROW_HEADER ? ", on line " : " on line ");
			add_count(out, survey->first_line[i]);
		}
		between = "; ";
	}
	buffer_add_text(out, ")");
}

void survey_describe(const struct survey *survey, char *out, size_t capacity)
{
	struct buffer text = {.maximum = 4096};
	uint64_t skipped = survey->rows - survey->used;

	add_count(&text, survey->rows);
	buffer_add_text(&text, survey->rows == 1 ? " row: " : " rows: ");
	add_count(&text, survey->used);
	buffer_add_text(&text, " used, ");
	add_count(&text, skipped);
	buffer_add_text(&text, " skipped");
	if (skipped > 0)
		add_reasons(&text, survey);
	if (survey->set_rows[0] + survey->set_rows[2] > 0) {
		buffer_add_text(&text, ", ");
		add_count(&text, survey->set_rows[2]);
		buffer_add_text(&text, " with several labels, ");
		add_count(&text, survey->set_rows[0]);
		buffer_add_text(&text, " with none");
	}
	if (survey->empty > 0) {
		buffer_add_text(&text, ", ");
		add_count(&text, survey->empty);
		buffer_add_text(&text, survey->empty == 1 ? " empty text" : " empty texts");
	}
	if (survey->replaced > 0) {
		buffer_add_text(&text, ", ");
		add_count(&text, survey->replaced);
		buffer_add_text(&text, survey->replaced == 1 ? " invalid UTF-8 sequence replaced"
		                                             : " invalid UTF-8 sequences replaced");
	}
	if (survey->repeated_keys > 0) {
		buffer_add_text(&text, ", ");
		add_count(&text, survey->repeated_keys);
		buffer_add_text(&text, survey->repeated_keys == 1 ? " repeated key overruled" : " repeated keys overruled");
	}
	snprintf(out, capacity, "%s", text.data ? text.data : "");
	buffer_free(&text);
}

bool survey_refuse(const struct survey *survey, const char *path, const char *what, struct error *error)
{
	char counts[512];

	survey_describe(survey, counts, sizeof counts);
	return error_set(error, ERROR_DATA, "%s: %s; %s", path, what, counts);
}
