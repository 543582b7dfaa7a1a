/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/columns.h"

#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/data/field.h"

#include <stdio.h>
#include <strings.h>

#define DISTINCT_MAX 256     /* as many as the sample has rows: more cannot be told apart there */
#define LABELS_BY_CONTENT 20 /* values that a label column found by its contents may have; the usual sets have 2 to 20 */
#define LABEL_BYTES 64       /* longer fields are texts */
#define FEW_ROWS 20          /* in so few rows a column need not repeat itself to be believed by its name */

static const char *const text_names[] = {
	"text", "sentence", "review", "content", "review_body", "reviewText", "review_text", "comment", "tweet", "body",
	"message",
};

static const char *const label_names[] = {
	"label", "labels", "sentiment", "target", "class", "category", "stars", "star", "rating", "score", "y",
	"airline_sentiment", "polarity", "star_rating",
};

/* What the sample's rows hold in one column. */
struct column_fact {
	int filled, numbers, distinct;
	int measured;           /* figures other than -1, which lie from lowest to highest */
	double lowest, highest;
	int minus_ones;
	uint64_t bytes;
	size_t longest;
	uint64_t seen[DISTINCT_MAX];
};

struct column_facts {
	int rows;
	struct column_fact of[]; /* [columns->count] */
};

/* The names are full at every power of two. */
static bool reserve_name(struct columns *columns)
{
	size_t count = (size_t)columns->count;
	char **names;

	if (columns->names && (count & (count - 1)) != 0)
		return true;
	names = size_realloc(columns->names, count ? 2 * count : 1, sizeof *names);
	if (names)
		columns->names = names;
	return names != NULL;
}

bool columns_add(struct columns *columns, struct span name)
{
	char number[32];

	if (!reserve_name(columns))
		return false;
	if (name.size == 0) {
		snprintf(number, sizeof number, "column %d", columns->count + 1);
		name = span_of(number);
	}
	columns->names[columns->count] = strndup(name.data, name.size);
	if (!columns->names[columns->count])
		return false;
	columns->count++;
	return true;
}

void columns_free(struct columns *columns)
{
	for (int i = 0; i < columns->count; i++)
		free(columns->names[i]);
	free(columns->names);
	free(columns->minus_one);
	*columns = (struct columns){.text = -1, .label = -1};
}

int columns_find(const struct columns *columns, const char *name)
{
	for (int i = 0; i < columns->count; i++)
		if (strcmp(columns->names[i], name) == 0)
			return i;
	for (int i = 0; i < columns->count; i++)
		if (strcasecmp(columns->names[i], name) == 0)
			return i;
	return -1;
}

static const char *name_of(const void *columns, int i)
{
	return ((const struct columns *)columns)->names[i];
}

/* By its number from 1 where no column is called so: a table without a header has no names. */
static int find_numbered(const struct columns *columns, const char *text)
{
	int64_t number;

	return number_parse_integer(text, &number) && number >= 1 && number <= columns->count ? (int)number - 1 : -1;
}

static bool wish_one(const struct columns *columns, const char *name, int *column, const char *path,
                     struct error *error)
{
	char list[400];

	if (!name)
		return true;
	*column = *name ? columns_find(columns, name) : -1;
	if (*column < 0 && *name)
		*column = find_numbered(columns, name);
	if (*column >= 0 || !*name)
		return true;
	names_list(list, sizeof list, columns->count, name_of, columns);
	return error_set(error, ERROR_DATA, "%s: has no column \"%.*s\"; it has: %s", path, NAME_ARGUMENTS(name), list);
}

bool columns_wish(struct columns *columns, const char *text, const char *label, const char *path,
                  struct error *error)
{
	if (!wish_one(columns, text, &columns->text, path, error) ||
	    !wish_one(columns, label, &columns->label, path, error))
		return false;
	if (columns->label == columns->text && !label)
		columns->label = -1; /* what is named as the review was a wrong guess at the label */
	return true;
}

bool columns_check(const struct columns *columns, bool labels, const char *path, struct error *error)
{
	RETURN_IF(columns->text < 0, error, ERROR_DATA,
	          "%s: no column looks like the reviews: --text-column names it", path);
	RETURN_IF(labels && columns->label < 0, error, ERROR_DATA,
	          "%s: no column looks like the labels: --label-column names it", path);
	RETURN_IF(labels && columns->label == columns->text, error, ERROR_USAGE,
	          "%s: \"%.*s\" cannot be both the review and the label: --text-column names the other", path,
	          NAME_ARGUMENTS(columns->names[columns->text]));
	return true;
}

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

static void observe_value(struct column_fact *facts, double value)
{
	if (value == -1) {
		facts->minus_ones++;
		return;
	}
	facts->lowest = facts->measured == 0 || value < facts->lowest ? value : facts->lowest;
	facts->highest = facts->measured == 0 || value > facts->highest ? value : facts->highest;
	facts->measured++;
}

static void observe_field(struct column_fact *facts, struct span field)
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

struct column_facts *columns_observe_begin(const struct columns *columns)
{
	size_t size;

	if (!size_multiply((size_t)columns->count, sizeof(struct column_fact), &size) ||
	    !size_add(size, sizeof(struct column_facts), &size))
		return NULL;
	return calloc(1, size);
}

void columns_observe(struct column_facts *facts, const struct columns *columns, const struct span *fields)
{
	facts->rows++;
	for (int c = 0; c < columns->count; c++)
		observe_field(&facts->of[c], fields[c]);
}

void columns_observe_end(struct column_facts *facts)
{
	free(facts);
}

/* Words, not figures, dates or nothing. */
static bool holds_text(const struct column_fact *facts)
{
	return facts->filled > 0 && 2 * facts->numbers < facts->filled;
}

static int text_by_name(const struct columns *columns, const struct column_facts *facts)
{
	for (size_t n = 0; n < sizeof text_names / sizeof *text_names; n++)
		for (int c = 0; c < columns->count; c++)
			if (span_is_name(span_of(columns->names[c]), text_names[n]) && (facts->rows == 0 || holds_text(&facts->of[c])))
				return c;
	return -1;
}

static int text_by_content(const struct columns *columns, const struct column_facts *facts)
{
	int best = -1;

	for (int c = 0; c < columns->count; c++)
		if ((facts->rows == 0 || holds_text(&facts->of[c])) && (best < 0 || facts->of[c].bytes > facts->of[best].bytes))
			best = c;
	return best;
}

/* A label column repeats itself. */
static int label_by_name(const struct columns *columns, const struct column_facts *facts)
{
	for (size_t n = 0; n < sizeof label_names / sizeof *label_names; n++)
		for (int c = 0; c < columns->count; c++)
			if (c != columns->text && span_is_name(span_of(columns->names[c]), label_names[n]) &&
			    (facts->rows < FEW_ROWS || 2 * facts->of[c].distinct <= facts->rows))
				return c;
	return -1;
}

/* The fewest values of all columns that are filled in every row; one value only where there is nothing better (a file
 * that is sorted by label begins so). */
static int label_by_content(const struct columns *columns, const struct column_facts *facts)
{
	int best = -1;

	for (int c = 0; c < columns->count; c++) {
		const struct column_fact *f = &facts->of[c];
		bool fits = c != columns->text && f->filled == facts->rows && f->distinct <= LABELS_BY_CONTENT &&
		            f->longest <= LABEL_BYTES && (facts->rows < 10 ? f->distinct < facts->rows : 5 * f->distinct <= facts->rows);

		if (!fits || facts->rows < 2)
			continue;
		if (best < 0 || (facts->of[best].distinct < 2 && f->distinct > 1) ||
		    (f->distinct > 1 && f->distinct < facts->of[best].distinct))
			best = c;
	}
	return best;
}

/* -1 is a label beside 0 and 1 or beside other negative numbers: sentiment on a scale with 0 in its middle. Alone, or
 * before 0, 1, 2, ..., or among words, it says that there is none. */
static bool minus_one_is_label(const struct column_fact *facts)
{
	return facts->minus_ones > 0 && facts->measured > 0 && facts->measured + facts->minus_ones == facts->filled &&
	       (facts->highest <= 1 || facts->lowest < 0);
}

static bool note_minus_ones(struct columns *columns, const struct column_facts *facts)
{
	columns->minus_one = size_calloc((size_t)columns->count, sizeof *columns->minus_one);
	for (int c = 0; columns->minus_one && c < columns->count; c++)
		columns->minus_one[c] = minus_one_is_label(&facts->of[c]);
	return columns->minus_one != NULL;
}

bool columns_guess(struct columns *columns, struct column_facts *facts)
{
	bool noted = note_minus_ones(columns, facts);

	columns->text = text_by_name(columns, facts);
	if (columns->text < 0)
		columns->text = text_by_content(columns, facts);
	columns->label = label_by_name(columns, facts);
	if (columns->label < 0)
		columns->label = label_by_content(columns, facts);
	columns_observe_end(facts);
	return noted;
}

/* Data sets without labels say -1 instead. */
bool columns_label_is_none(const struct columns *columns, struct span label)
{
	if (label.size == 0)
		return true;
	return !(columns->minus_one && columns->minus_one[columns->label]) &&
	       (span_equal(label, span_of("-1")) || span_equal(label, span_of("-1.0")));
}
