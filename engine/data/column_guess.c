/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/column_guess.h"

#include "engine/base/size.h"
#include "engine/data/column_facts.h"
#include "engine/data/column_names.h"
#include "engine/data/header_again.h"
#include "engine/data/missing.h"

#include <stdlib.h>

#define LABELS_BY_CONTENT 20 /* values that a label column found by its contents may have; the usual sets have 2 to 20 */
#define LABEL_BYTES 64       /* longer fields are texts */
#define FEW_ROWS 20          /* in so few rows a column need not repeat itself to be believed by its name */
#define OWN_NAME_SHARE 5     /* in one row of so many a column's name is a value like others */

struct column_facts {
	int rows;
	struct column_fact of[]; /* [columns->count] */
};

struct column_facts *columns_observe_begin(const struct columns *columns)
{
	size_t size;

	if (!size_multiply((size_t)columns->count, sizeof(struct column_fact), &size) ||
	    !size_add(size, sizeof(struct column_facts), &size))
		return NULL;
	return calloc(1, size);
}

/* Rows that are the header once more are none of the data; what holds a name or two may be a row of data all the same. */
static bool is_header(struct column_facts *facts, const struct columns *columns, const struct span *fields)
{
	if (!columns->named)
		return false;
	if (header_again_exactly(columns, fields, columns->count))
		return true;
	for (int c = 0; c < columns->count; c++)
		facts->of[c].own_names += header_is_own_name(columns, c, fields[c]);
	return header_again(columns, fields, columns->count);
}

void columns_observe(struct column_facts *facts, const struct columns *columns, const struct span *fields)
{
	if (is_header(facts, columns, fields))
		return;
	facts->rows++;
	for (int c = 0; c < columns->count; c++)
		column_fact_observe(&facts->of[c], fields[c]);
}

void columns_observe_end(struct column_facts *facts)
{
	free(facts);
}

/* The text */

static bool may_be_text(const struct column_facts *facts, int c)
{
	return facts->rows == 0 || column_fact_is_text(&facts->of[c]);
}

/* `empty`: among those that hold nothing in the sample, for which only the name can speak. */
static int text_by_name(const struct columns *columns, const struct column_facts *facts, bool empty)
{
	int best = -1, best_rank = NAME_RANK_NONE;

	for (int c = 0; c < columns->count; c++) {
		int rank = NAME_RANK_NONE;

		if (!columns->traits[c].numbered && (empty ? facts->of[c].filled == 0 : may_be_text(facts, c)))
			rank = column_name_text_rank(span_of(columns->names[c]));
		if (rank < best_rank) {
			best = c;
			best_rank = rank;
		}
	}
	return best;
}

/* The most text; identities and languages, which may be longer, only where there is nothing else. */
static int text_by_content(const struct columns *columns, const struct column_facts *facts)
{
	int best = -1;

	for (int c = 0; c < columns->count; c++)
		if (may_be_text(facts, c) && !column_fact_is_other(&facts->of[c]) &&
		    (best < 0 || facts->of[c].bytes > facts->of[best].bytes))
			best = c;
	for (int c = 0; c < columns->count && best < 0; c++)
		best = may_be_text(facts, c) ? c : -1;
	return best;
}

/* The label */

/* A label column repeats itself; one that is called "label" is believed without. */
static bool name_is_believed(const struct columns *columns, const struct column_facts *facts, int c, int rank)
{
	const struct column_fact *fact = &facts->of[c];

	if (column_name_is_label(span_of(columns->names[c])) || facts->rows == 0)
		return true;
	if (fact->filled == 0 || (column_name_is_weak(rank) && fact->distinct < 2))
		return false;
	return facts->rows < FEW_ROWS || 2 * fact->distinct <= facts->rows;
}

static int label_by_name(const struct columns *columns, const struct column_facts *facts)
{
	int best = -1, best_rank = NAME_RANK_NONE;

	for (int c = 0; c < columns->count; c++) {
		int rank = columns->traits[c].numbered ? NAME_RANK_NONE : column_name_label_rank(span_of(columns->names[c]));

		if (c != columns->text && rank < best_rank && name_is_believed(columns, facts, c, rank)) {
			best = c;
			best_rank = rank;
		}
	}
	return best;
}

/* Filled in every row with few values, and of no other kind by its name or by what it holds. True and false are a label
 * only where there is nothing else beside the text. */
static bool may_be_label(const struct columns *columns, const struct column_facts *facts, int c)
{
	const struct column_fact *fact = &facts->of[c];

	return c != columns->text && facts->rows > 1 && fact->filled == facts->rows && fact->distinct <= LABELS_BY_CONTENT &&
	       fact->longest <= LABEL_BYTES &&
	       (facts->rows < 10 ? fact->distinct < facts->rows : 5 * fact->distinct <= facts->rows) &&
	       !column_fact_is_other(fact) && !(column_fact_is_flag(fact) && columns->count > 2) &&
	       (columns->traits[c].numbered || !column_name_is_other(span_of(columns->names[c])));
}

/* Several columns of 0 and 1 are the labels of a multi-label set: which of them is meant only the user knows. */
static bool note_binaries(struct columns *columns, const struct column_facts *facts)
{
	int both = 0;

	for (int c = 0; c < columns->count; c++) {
		const struct column_fact *fact = &facts->of[c];
		bool binary = c != columns->text && fact->filled == facts->rows && column_fact_is_binary(fact) &&
		              (columns->traits[c].numbered || !column_name_is_other(span_of(columns->names[c])));

		columns->traits[c].binary = binary;
		both += binary && fact->zeros > 0 && fact->ones > 0;
	}
	for (int c = 0; c < columns->count && both < 2; c++)
		columns->traits[c].binary = false;
	return both >= 2;
}

/* The fewest values; one value only where there is nothing better (a file that is sorted by label begins so). */
static int label_by_content(struct columns *columns, const struct column_facts *facts)
{
	int best = -1;

	if (note_binaries(columns, facts))
		return -1;
	for (int c = 0; c < columns->count; c++) {
		const struct column_fact *fact = &facts->of[c];

		if (!may_be_label(columns, facts, c))
			continue;
		if (best < 0 || (facts->of[best].distinct < 2 && fact->distinct > 1) ||
		    (fact->distinct > 1 && fact->distinct < facts->of[best].distinct))
			best = c;
	}
	return best;
}

static void note_traits(struct column_trait *trait, struct column_fact *fact, int rows)
{
	trait->minus_one = column_fact_minus_one_is_label(fact);
	trait->none = column_fact_none_is_label(fact);
	trait->holds_own_name = fact->own_names >= 2 && OWN_NAME_SHARE * fact->own_names >= rows;
	trait->missing = fact->missing;
	if (trait->none) {
		fact->filled += fact->nones;
		fact->distinct++;
	}
}

bool columns_guess(struct columns *columns, struct column_facts *facts)
{
	for (int c = 0; c < columns->count; c++)
		note_traits(&columns->traits[c], &facts->of[c], facts->rows);
	columns->text = text_by_name(columns, facts, false);
	if (columns->text < 0)
		columns->text = text_by_name(columns, facts, true);
	columns->text_guessed = columns->text < 0 && columns->count > 1;
	if (columns->text < 0)
		columns->text = text_by_content(columns, facts);
	columns->label = label_by_name(columns, facts);
	columns->label_guessed = true;
	if (columns->label < 0)
		columns->label = label_by_content(columns, facts);
	columns_observe_end(facts);
	return true;
}
