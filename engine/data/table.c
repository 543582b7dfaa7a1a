/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comma-separated values (RFC 4180) and what is called so: with semicolons, TABs or bars, with quotes or without, with
 * a header or without. */
#include "engine/data/table.h"

#include "engine/data/csv.h"
#include "engine/data/field.h"
#include "engine/data/guess.h"
#include "engine/data/header.h"
#include "engine/data/marks.h"
#include "engine/data/row.h"
#include "engine/data/textfile.h"

#define TABLE_EVEN 0.95 /* share of rows as wide as the first that makes a table: text with commas stays below */

static bool looks_like_json(const struct sample *sample)
{
	struct span text = span_trim(sample->text);

	return text.size > 0 && (text.data[0] == '{' || text.data[0] == '[');
}

/* Quotes at the beginning and the end of every row, and of fields in between: nobody writes so but a program. */
static bool is_quoted(const struct sample *sample, const struct sample_view *view)
{
	for (int i = 0; i < sample->rows; i++) {
		struct span row = span_trim(sample_row(sample, i));

		if (row.size < 2 || row.data[0] != '"' || row.data[row.size - 1] != '"')
			return false;
	}
	return view->marks.quote == '"' && view->opened && !view->broken && view->same >= 1;
}

/* So many rows that are all wider than the first by one are no accident: R writes the names of rows so. */
#define UNNAMED_ROWS 8

static int fits(struct sample *sample, const struct dataset_dialect *said)
{
	struct preamble preamble;
	struct sample_view view;
	struct header_facts facts;

	if (!preamble_skip(sample, said, 0, &preamble) || !guess_delimiter(sample, said, &view) || !guess_cut(sample, &view) ||
	    !header_find(sample, &view, &facts))
		return FITS_NO_MEMORY;
	if (view.width < 2 || sample->rows < 2 || view.same < TABLE_EVEN || looks_like_json(sample))
		return FITS_NOT;
	if (view.marks.delimiter == '\t' || facts.proved || facts.labelled || is_quoted(sample, &view) ||
	    (view.unnamed && view.same >= 1 && sample->rows > UNNAMED_ROWS))
		return FITS_WELL;
	return facts.header && !facts.spaced ? FITS_PERHAPS : FITS_NOT;
}

/* What stands above a table belongs to a file of another format. */
static int fits_above(struct sample *sample, const struct dataset_dialect *said)
{
	const struct span text = sample->text;
	const uint64_t line = sample->line;
	const int fit = fits(sample, said);

	sample->text = text;
	sample->line = line;
	return fit;
}

static int table_fits(struct sample *sample)
{
	static const struct dataset_dialect nothing;

	return fits_above(sample, &nothing);
}

static int tabs_fit(struct sample *sample)
{
	static const struct dataset_dialect tabs = {.delimiter = '\t'};

	return fits_above(sample, &tabs);
}

/* Nothing can be said about a table when not even one row ends in the first block. */
static bool refuse_endless_row(const char *path, const struct sample *sample, const struct sample_view *view,
                               struct error *error)
{
	if (sample->rows > 0)
		return true;
	RETURN_IF(view->open_line > 0 && sample->whole, error, ERROR_DATA,
	          "%s: line %llu: a quote opens here and does not close before the end of the file", path,
	          (unsigned long long)view->open_line);
	RETURN_IF(view->open_line > 0, error, ERROR_DATA,
	          "%s: line %llu: a quote opens here and does not close within %zu kB", path,
	          (unsigned long long)view->open_line, SAMPLE_HEAD >> 10);
	return error_set(error, ERROR_DATA, "%s: line %llu: the first row does not end within %zu kB", path,
	                 (unsigned long long)sample->line, SAMPLE_HEAD >> 10);
}

/* How the first rows are cut: the sample is cut so afterwards. */
static bool find_dialect(const struct opening *opening, const struct dataset_dialect *said, struct sample_view *view,
                         struct error *error)
{
	struct sample *sample = opening->sample;

	if (!guess_delimiter(sample, said, view) || !guess_cut(sample, view))
		return error_memory(error, "opening a file");
	return marks_observe(opening, said, view, error) && refuse_endless_row(opening->source->path, sample, view, error);
}

/* Takes `count` names from the fields of `row`, from field number `first` on (-1: a column comes before them); numbers the
 * columns where there is no row. */
static bool name_columns(struct columns *columns, const struct row *row, int first, int count)
{
	for (int i = 0; i < count; i++) {
		int field = i + first;
		bool named = row && field >= 0 && field < row->count;

		if (!columns_add(columns, named ? span_trim(row->fields[field]) : (struct span){"", 0}))
			return false;
	}
	return true;
}

static bool find_names(struct sample *sample, const struct dataset_dialect *said, const struct sample_view *view,
                       bool *header, struct columns *columns)
{
	bool before = false, after = false;
	struct header_facts facts;

	facts.header = said->header > 0;
	if (!said->header && !header_find(sample, view, &facts))
		return false;
	*header = columns->named = facts.header;
	return (!*header || guess_extra_column(sample, view, &before, &after)) && guess_read(sample, 0, view) &&
	       name_columns(columns, *header ? sample->row : NULL, -before, sample->row->count + before + after);
}

static bool find_columns(struct sample *sample, const struct sample_view *view, bool header, struct columns *columns)
{
	struct column_facts *facts = columns_observe_begin(columns);

	if (!facts)
		return false;
	for (int i = header; i < sample->rows; i++) {
		if (!guess_read(sample, i, view)) {
			columns_observe_end(facts);
			return false;
		}
		if (sample->row->status == ROW_OK && sample->row->count == columns->count)
			columns_observe(facts, columns, sample->row->fields);
	}
	return columns_guess(columns, facts);
}

/* The user's words, and what is known before anything is guessed. */
static bool say(const struct opening *opening, bool tabs, struct preamble *preamble, struct dataset_dialect *said,
                struct error *error)
{
	const char *path = opening->source->path;
	const char usual = tabs ? '\t' : 0;

	*said = opening->options->dialect;
	if (!preamble_skip(opening->sample, said, usual, preamble))
		return said->header > 1 ? error_set(error, ERROR_DATA, "%s: --header %lld: the file has no such line", path,
		                                    (long long)said->header)
		                        : error_memory(error, "opening a file");
	if (!said->delimiter)
		said->delimiter = preamble->separator ? preamble->separator : usual;
	RETURN_IF(said->delimiter && (said->delimiter == said->quote || said->delimiter == said->escape), error, ERROR_USAGE,
	          "%s: the delimiter cannot be the quote or the escape as well", path);
	return sample_check(opening->sample, path, error);
}

/* What was found out, as a dialect that reads the file in the same way. */
static void note_dialect(const struct sample *sample, const struct sample_view *view, bool header, struct shape *shape)
{
	shape->format = view->marks.delimiter == '\t' ? DATASET_TSV : DATASET_CSV;
	shape->dialect.delimiter = view->marks.delimiter;
	shape->dialect.quote = view->marks.quote ? view->marks.quote : DIALECT_NONE;
	shape->dialect.escape = view->marks.escape ? view->marks.escape : DIALECT_NONE;
	shape->dialect.header = header ? (int64_t)sample->first_line : DIALECT_NO_HEADER;
}

static void *open_dialect(const struct opening *opening, bool tabs, struct shape *shape, struct error *error)
{
	struct textfile_rules rules = {0};
	struct dataset_dialect said;
	struct preamble preamble;
	struct sample_view view;

	if (!say(opening, tabs, &preamble, &said, error) || !find_dialect(opening, &said, &view, error))
		return NULL;
	rules.marks = view.marks;
	rules.skip = preamble.lines;
	if (!find_names(opening->sample, &said, &view, &rules.header, &shape->columns) ||
	    !find_columns(opening->sample, &view, rules.header, &shape->columns) ||
	    !marks_tell(opening, &view.marks, &preamble, &shape->notices)) {
		error_memory(error, "opening a file");
		return NULL;
	}
	note_dialect(opening->sample, &view, rules.header, shape);
	return textfile_open(opening, &rules, error);
}

static void *csv_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	return open_dialect(opening, false, shape, error);
}

static void *tsv_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	return open_dialect(opening, true, shape, error);
}

static bool table_read(void *state, uint64_t index, const struct columns *columns, struct row *row,
                       struct error *error)
{
	const struct textfile_rules *rules = textfile_rules(state);
	struct span bytes;

	(void)columns;
	if (!textfile_fetch(state, index, row, &bytes, error))
		return false;
	return row->status != ROW_OK || csv_split(row, bytes, &rules->marks) ||
	       error_memory(error, "reading a row");
}

static const char *const csv_suffixes[] = {".csv", NULL}, *const tsv_suffixes[] = {".tsv", ".tab", NULL};

const struct reader reader_csv = {
	.name = "csv",
	.format = DATASET_CSV,
	.text = true,
	.suffixes = csv_suffixes,
	.fits_text = table_fits,
	.open = csv_open,
	.index_step = textfile_index_step,
	.rows = textfile_rows,
	.can_grow = textfile_can_grow,
	.settled = textfile_settled,
	.index_more = textfile_index_more,
	.waits = textfile_waits,
	.read = table_read,
	.close = textfile_close,
};

const struct reader reader_tsv = {
	.name = "tsv",
	.format = DATASET_TSV,
	.text = true,
	.suffixes = tsv_suffixes,
	.fits_text = tabs_fit,
	.open = tsv_open,
	.index_step = textfile_index_step,
	.rows = textfile_rows,
	.can_grow = textfile_can_grow,
	.settled = textfile_settled,
	.index_more = textfile_index_more,
	.waits = textfile_waits,
	.read = table_read,
	.close = textfile_close,
};
