/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/header.h"

#include "engine/base/size.h"
#include "engine/data/column_names.h"
#include "engine/data/field.h"
#include "engine/data/guess.h"
#include "engine/data/header_again.h"
#include "engine/data/missing.h"

#include <stdio.h>
#include <stdlib.h>

#define SURE_ROWS 4      /* so many figures below a word prove a header whatever else comes again */
#define FIGURE_ROWS 3    /* so many rows that have a figure each are no prose */
#define PROSE_ROWS 8     /* in fewer rows a column of few words proves nothing */
#define LABEL_VALUES 20
#define LABEL_BYTES 32
#define AGAIN_SHARE 5    /* the header comes again in one of so many rows at most */

/* What one column holds below row 0. */
struct column_below {
	int filled, figures, texts; /* texts: neither figures nor empty */
	int questions;
	int same;                   /* rows that hold what row 0 holds */
	int distinct;               /* up to LABEL_VALUES + 1 */
	bool brief;                 /* no field is longer than a label */
	uint64_t first;             /* hash of row 0's field; 0: it is empty */
	uint64_t seen[LABEL_VALUES + 1];
};

/* Row 0 as names, and what is below. */
struct below {
	struct columns names;
	struct column_below *of; /* [names.count] */
	int rows;                /* as wide as row 0, and not the same row once more */
	int again;               /* rows that would be the header once more */
};

static bool is_question(struct span field)
{
	return field.size > 0 && memchr(field.data, '?', field.size);
}

static void below_free(struct below *below)
{
	columns_free(&below->names);
	free(below->of);
}

static bool below_begin(struct sample *sample, const struct sample_view *view, struct below *below)
{
	below->names = (struct columns){.text = -1, .label = -1, .named = true};
	if (!guess_read(sample, 0, view))
		return false;
	for (int c = 0; c < sample->row->count; c++)
		if (!columns_add(&below->names, span_trim(sample->row->fields[c])))
			return false;
	below->of = size_calloc((size_t)below->names.count, sizeof *below->of);
	for (int c = 0; below->of && c < below->names.count; c++) {
		struct span field = span_trim(sample->row->fields[c]);

		below->of[c].first = field.size > 0 ? field_hash(field) : 0;
		below->of[c].brief = true;
	}
	return below->of != NULL;
}

static void see_value(struct column_below *column, uint64_t hash)
{
	for (int i = 0; i < column->distinct; i++)
		if (column->seen[i] == hash)
			return;
	if (column->distinct <= LABEL_VALUES)
		column->seen[column->distinct++] = hash;
}

static void see_field(struct column_below *column, struct span field)
{
	bool figure;

	field = span_trim(field);
	if (missing_find(field) >= 0 && !missing_is_minus_one(missing_find(field)))
		return;
	figure = field_is_figure(field);
	column->filled++;
	column->figures += figure;
	column->texts += !figure;
	column->questions += is_question(field);
	column->same += column->first && column->first == field_hash(field);
	column->brief = column->brief && field.size <= LABEL_BYTES;
	see_value(column, field_hash(field));
}

/* Rows that are row 0 once more say nothing of it: files that were joined have their header twice. */
static bool see_rows(struct sample *sample, const struct sample_view *view, struct below *below)
{
	for (int i = 1; i < sample->rows; i++) {
		const struct row *row = sample->row;

		if (!guess_read(sample, i, view))
			return false;
		if (row->count != below->names.count || header_again_exactly(&below->names, row->fields, row->count))
			continue;
		if (header_again(&below->names, row->fields, row->count) && AGAIN_SHARE * ++below->again <= sample->rows)
			continue;
		below->rows++;
		for (int c = 0; c < row->count; c++)
			see_field(&below->of[c], row->fields[c]);
	}
	return true;
}

static struct span first_field(const struct below *below, int c)
{
	return below->of[c].first ? span_of(below->names.names[c]) : (struct span){"", 0};
}

/* A word over figures or dates: a name over data. */
static bool proves_header(const struct below *below, int c, int least)
{
	const struct column_below *column = &below->of[c];
	struct span name = first_field(below, c);

	return name.size > 0 && missing_find(name) < 0 && !field_is_figure(name) && column->filled >= least &&
	       10 * column->figures >= 9 * column->filled;
}

static bool some_proves(const struct below *below, int least)
{
	for (int c = 0; c < below->names.count; c++)
		if (proves_header(below, c, least))
			return true;
	return false;
}

/* 0, 1, 2, ... as pandas names the columns of a table without names, with an empty name over its row numbers; and words
 * below a number. */
static bool is_counted(const struct below *below)
{
	int number = 0;
	bool words = false;
	char text[16];

	for (int c = 0; c < below->names.count; c++) {
		if (c == 0 && below->names.count > 1 && !below->of[0].first)
			continue;
		snprintf(text, sizeof text, "%d", number++);
		if (!span_equal(first_field(below, c), span_of(text)))
			return false;
		words = words || (below->of[c].texts > 0 && 10 * below->of[c].texts >= 9 * below->of[c].filled);
	}
	return number > 0 && words && below->rows > 0;
}

/* Forms export their questions as names: most of row 0 asks, and what is below answers. */
static bool is_asked(const struct below *below)
{
	int questions = 0;

	for (int c = 0; c < below->names.count; c++)
		questions += is_question(first_field(below, c)) && 2 * below->of[c].questions < below->of[c].filled;
	return questions >= 2 && 2 * questions >= below->names.count;
}

/* What row 0 is by its own words. */
struct first_row {
	bool names, known, numbers; /* all read like names; one is a usual name of a column; one is a number */
	int usual;                  /* how many are */
};

static struct first_row look_at_first(const struct below *below)
{
	struct first_row first = {.names = true};
	double value;

	for (int c = 0; c < below->names.count; c++) {
		struct span field = first_field(below, c);

		first.names = first.names && header_reads_like_name(field);
		first.numbers = first.numbers || field_number(field, &value);
		first.usual += column_name_known(field);
	}
	first.known = first.usual > 0;
	return first;
}

static bool recurs(const struct below *below)
{
	for (int c = 0; c < below->names.count; c++)
		if (below->of[c].same > 0)
			return true;
	return false;
}

/* Figures or dates in all rows, row 0 too where it is no header; or few words beside a column of others. */
static bool is_labelled(const struct below *below, int c, bool header)
{
	const struct column_below *column = &below->of[c];

	if (column->filled < below->rows)
		return false;
	if (column->figures == column->filled && (header || field_is_figure(first_field(below, c))))
		return column->filled + !header >= FIGURE_ROWS;
	return below->rows >= PROSE_ROWS && column->brief && column->distinct <= LABEL_VALUES && 4 * column->distinct <= below->rows;
}

/* In prose a blank follows a comma; a table has it too rarely to be told by less than two usual names. */
static bool is_spaced(const struct sample *sample, char delimiter)
{
	struct span row = sample_row(sample, 0);
	const char *at = delimiter ? memchr(row.data, delimiter, row.size) : NULL;

	return at && at + 1 < row.data + row.size && at[1] == ' ';
}

static void conclude(const struct sample *sample, const struct sample_view *view, const struct below *below,
                     struct header_facts *facts)
{
	struct first_row first = look_at_first(below);
	bool again = recurs(below);

	facts->header = (!first.numbers && (some_proves(below, SURE_ROWS) || (first.names && first.usual >= 2) ||
	                                    (!again && (first.names || first.known || some_proves(below, 1) || is_asked(below))))) ||
	                is_counted(below);
	facts->spaced = is_spaced(sample, view->marks.delimiter);
	facts->proved = facts->header && (some_proves(below, 2) || is_counted(below) || (first.names && first.usual > facts->spaced));
	for (int c = 0; c < below->names.count; c++)
		facts->labelled = facts->labelled || is_labelled(below, c, facts->header);
}

bool header_find(struct sample *sample, const struct sample_view *view, struct header_facts *facts)
{
	struct below below = {.rows = 0};
	bool done;

	*facts = (struct header_facts){.header = false};
	if (sample->rows == 0)
		return true;
	done = below_begin(sample, view, &below) && see_rows(sample, view, &below);
	if (done)
		conclude(sample, view, &below, facts);
	below_free(&below);
	return done;
}
