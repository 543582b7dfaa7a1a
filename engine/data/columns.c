/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which column holds the text and which the label: by the names that data sets use, else by what is in them. */
#include "engine/data/sniff.h"

#include <stdlib.h>
#include <strings.h>

#define DISTINCT_MAX 256
#define LABELS_BY_CONTENT 20
#define LABEL_BYTES 64

static const char *const text_names[] = {
	"text", "sentence", "review", "content", "review_body", "reviewText", "review_text", "comment", "tweet", "body",
	"message",
};

static const char *const label_names[] = {
	"label", "labels", "sentiment", "target", "class", "category", "stars", "star", "rating", "score", "y",
	"airline_sentiment", "polarity", "star_rating",
};

/* What the sample's rows hold in one column. */
struct column_facts {
	int filled, numbers, distinct;
	int measured;           /* figures other than -1, and between what they lie */
	double lowest, highest;
	int minus_ones;
	uint64_t bytes;
	size_t longest;
	uint64_t seen[DISTINCT_MAX];
};

static bool span_is_name(struct span name, const char *wanted)
{
	return name.size == strlen(wanted) && strncasecmp(name.data, wanted, name.size) == 0;
}

bool column_name_known(struct span name)
{
	name = span_trim(name);
	for (size_t i = 0; i < sizeof text_names / sizeof *text_names; i++)
		if (span_is_name(name, text_names[i]))
			return true;
	for (size_t i = 0; i < sizeof label_names / sizeof *label_names; i++)
		if (span_is_name(name, label_names[i]))
			return true;
	return false;
}

static bool is_numeric(struct span field)
{
	for (size_t i = 0; i < field.size; i++)
		if (!memchr("0123456789+-.eE:/", field.data[i], 17))
			return false;
	return true;
}

static void observe_value(struct column_facts *facts, double value)
{
	if (value == -1) {
		facts->minus_ones++;
		return;
	}
	facts->lowest = facts->measured == 0 || value < facts->lowest ? value : facts->lowest;
	facts->highest = facts->measured == 0 || value > facts->highest ? value : facts->highest;
	facts->measured++;
}

static void observe_field(struct column_facts *facts, struct span field)
{
	double value;
	uint64_t hash;

	field = span_trim(field);
	if (field.size == 0)
		return;
	facts->filled++;
	facts->bytes += field.size;
	facts->numbers += is_numeric(field);
	if (field_number(field, &value))
		observe_value(facts, value);
	if (field.size > facts->longest)
		facts->longest = field.size;
	hash = field_hash(field);
	for (int i = 0; i < facts->distinct; i++)
		if (facts->seen[i] == hash)
			return;
	if (facts->distinct < DISTINCT_MAX)
		facts->seen[facts->distinct++] = hash;
}

static bool read_row(const struct dataset *dataset, struct sample *sample, int i, const struct sample_view *view)
{
	struct span line = {sample->text.data + sample->starts[i], sample->starts[i + 1] - sample->starts[i]};

	if (dataset->format != DATASET_JSONL)
		return sample_read(sample, i, view);
	sample->row->status = ROW_OK;
	return jsonl_split(sample->row, line, dataset->names, dataset->columns, -1);
}

/* Rows of the right width only; *rows counts them. */
static bool observe_rows(const struct dataset *dataset, struct sample *sample, const struct sample_view *view,
                         struct column_facts *facts, int *rows)
{
	*rows = 0;
	for (int i = dataset->header; i < sample->rows; i++) {
		if (!read_row(dataset, sample, i, view))
			return false;
		if (sample->row->status != ROW_OK || sample->row->count != dataset->columns)
			continue;
		++*rows;
		for (int c = 0; c < dataset->columns; c++)
			observe_field(&facts[c], sample->row->fields[c]);
	}
	return true;
}

/* Words, not figures, dates or nothing. */
static bool holds_text(const struct column_facts *facts)
{
	return facts->filled > 0 && 2 * facts->numbers < facts->filled;
}

static int text_by_name(const struct dataset *dataset, const struct column_facts *facts, int rows)
{
	for (size_t n = 0; n < sizeof text_names / sizeof *text_names; n++)
		for (int c = 0; c < dataset->columns; c++)
			if (span_is_name(span_of(dataset->names[c]), text_names[n]) && (rows == 0 || holds_text(&facts[c])))
				return c;
	return -1;
}

static int text_by_content(const struct dataset *dataset, const struct column_facts *facts, int rows)
{
	int best = -1;

	for (int c = 0; c < dataset->columns; c++)
		if ((rows == 0 || holds_text(&facts[c])) && (best < 0 || facts[c].bytes > facts[best].bytes))
			best = c;
	return best;
}

/* A label column repeats itself. */
static int label_by_name(const struct dataset *dataset, const struct column_facts *facts, int rows)
{
	for (size_t n = 0; n < sizeof label_names / sizeof *label_names; n++)
		for (int c = 0; c < dataset->columns; c++)
			if (c != dataset->text_column && span_is_name(span_of(dataset->names[c]), label_names[n]) &&
			    (rows < 20 || 2 * facts[c].distinct <= rows))
				return c;
	return -1;
}

/* The fewest values of all columns that are filled in every row; one value only where there is nothing better (a file
 * that is sorted by label begins so). */
static int label_by_content(const struct dataset *dataset, const struct column_facts *facts, int rows)
{
	int best = -1;

	for (int c = 0; c < dataset->columns; c++) {
		const struct column_facts *f = &facts[c];
		bool fits = c != dataset->text_column && f->filled == rows && f->distinct <= LABELS_BY_CONTENT &&
		            f->longest <= LABEL_BYTES && (rows < 10 ? f->distinct < rows : 5 * f->distinct <= rows);

		if (!fits || rows < 2)
			continue;
		if (best < 0 || (facts[best].distinct < 2 && f->distinct > 1) ||
		    (f->distinct > 1 && f->distinct < facts[best].distinct))
			best = c;
	}
	return best;
}

/* -1 is a label beside 0 and 1 or beside other negative numbers: sentiment on a scale with 0 in its middle. Alone, or
 * before 0, 1, 2, ..., or among words, it says that there is none. */
static bool minus_one_is_label(const struct column_facts *facts)
{
	return facts->minus_ones > 0 && facts->measured > 0 && facts->measured + facts->minus_ones == facts->filled &&
	       (facts->highest <= 1 || facts->lowest < 0);
}

static bool note_minus_ones(struct dataset *dataset, const struct column_facts *facts)
{
	dataset->minus_one = calloc((size_t)dataset->columns + 1, sizeof *dataset->minus_one);
	for (int c = 0; dataset->minus_one && c < dataset->columns; c++)
		dataset->minus_one[c] = minus_one_is_label(&facts[c]);
	return dataset->minus_one != NULL;
}

bool guess_columns(struct dataset *dataset, struct sample *sample, const struct sample_view *view)
{
	struct column_facts *facts = calloc((size_t)dataset->columns + 1, sizeof *facts);
	int rows;

	if (!facts || !observe_rows(dataset, sample, view, facts, &rows) || !note_minus_ones(dataset, facts)) {
		free(facts);
		return false;
	}
	dataset->text_column = text_by_name(dataset, facts, rows);
	if (dataset->text_column < 0)
		dataset->text_column = text_by_content(dataset, facts, rows);
	dataset->label_column = label_by_name(dataset, facts, rows);
	if (dataset->label_column < 0)
		dataset->label_column = label_by_content(dataset, facts, rows);
	free(facts);
	return true;
}
