/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/guess.h"

#include "engine/data/csv.h"
#include "engine/data/field.h"

#define EXTRA_ROWS 4      /* fewer rows that are all wider than the first one tell nothing */
#define ESCAPE_CLEARER 10 /* with an escape so many times fewer quotes close in mid-field, and are doubled */

bool guess_read(struct sample *sample, int i, const struct sample_view *view)
{
	sample->row->status = ROW_OK;
	return csv_split(sample->row, sample_row(sample, i), &view->marks);
}

/* The share of rows as wide as the first, or, where a column of two or more has no name, of those that are wider by it. */
static double evenness(const struct sample *sample, int width, int same, int wider, bool *named)
{
	*named = width >= 2 && sample->rows >= EXTRA_ROWS && 10 * wider >= 9 * (sample->rows - 1);
	if (*named)
		same = wider + 1;
	return sample->rows > 0 ? (double)same / sample->rows : 0;
}

bool guess_cut(struct sample *sample, struct sample_view *view)
{
	int same = 0, wider = 0;

	sample_find_rows(sample, view);
	view->width = 0;
	for (int i = 0; i < sample->rows; i++) {
		if (!guess_read(sample, i, view))
			return false;
		if (i == 0)
			view->width = sample->row->count;
		same += sample->row->count == view->width;
		wider += sample->row->count == view->width + 1;
	}
	view->same = evenness(sample, view->width, same, wider, &view->unnamed);
	return true;
}

bool guess_prefers_escape(const struct sample_view *doubled, const struct sample_view *escaped)
{
	return escaped->escaped > 0 && ESCAPE_CLEARER * escaped->doubled <= escaped->escaped &&
	       ESCAPE_CLEARER * escaped->bad < doubled->bad;
}

static char said_mark(char said)
{
	return said == DIALECT_NONE ? 0 : said;
}

/* Cuts with this quote, and with the escape that was said, or with a backslash where quotes close in mid-field without it. */
static bool cut_quoted(struct sample *sample, const struct dataset_dialect *said, char quote, struct sample_view *view)
{
	const char escape = said_mark(said->escape);
	struct sample_view escaped;

	view->marks.quote = quote;
	view->marks.escape = escape == quote ? 0 : escape;
	if (!guess_cut(sample, view))
		return false;
	if (said->escape || view->bad == 0)
		return true;
	escaped = *view;
	escaped.marks.escape = '\\';
	if (!guess_cut(sample, &escaped))
		return false;
	if (guess_prefers_escape(view, &escaped))
		*view = escaped;
	return true;
}

/* Nearly every row has a field between these quotes, or only so the rows are even. */
static bool are_quotes(const struct sample_view *quoted, const struct sample_view *other)
{
	return quoted->opened && !quoted->broken && !quoted->open_line && quoted->same >= other->same &&
	       (quoted->same > other->same || 10 * quoted->quoted >= 9 * quoted->rows);
}

/* Most texts have apostrophes, few at the beginning of a line or a field. */
static bool begins_with_apostrophe(struct span text, char delimiter)
{
	const char *at = text.data, *end = text.data + text.size;

	while (at < end && (at = memchr(at, '\'', (size_t)(end - at)))) {
		if (at == text.data || at[-1] == delimiter || strchr("\n\r \t", at[-1]))
			return true;
		at++;
	}
	return false;
}

static bool try_apostrophes(struct sample *sample, const struct dataset_dialect *said, struct sample_view *view)
{
	struct sample_view single = {.marks.delimiter = view->marks.delimiter};

	if (!begins_with_apostrophe(sample->text, view->marks.delimiter))
		return true;
	if (!cut_quoted(sample, said, '\'', &single))
		return false;
	if (are_quotes(&single, view))
		*view = single;
	return true;
}

static bool guess_quoting_of_tabs(struct sample *sample, const struct dataset_dialect *said, struct sample_view *view)
{
	struct sample_view raw = {.marks.delimiter = view->marks.delimiter};

	raw.marks.escape = said_mark(said->escape);
	if (!guess_cut(sample, &raw))
		return false;
	if (!view->opened || view->broken || view->same < raw.same || (view->rows != raw.rows && raw.same >= 1))
		*view = raw;
	return true;
}

/* Quote and escape, by the delimiter of the view, which is filled in. */
static bool guess_quoting(struct sample *sample, const struct dataset_dialect *said, struct sample_view *view)
{
	if (!cut_quoted(sample, said, said->quote ? said_mark(said->quote) : '"', view))
		return false;
	if (said->quote)
		return true;
	if ((!view->opened || view->broken || view->same < 1) && !try_apostrophes(sample, said, view))
		return false;
	return view->marks.delimiter != '\t' || guess_quoting_of_tabs(sample, said, view);
}

static bool cut_by_delimiter(struct sample *sample, const struct dataset_dialect *said, char delimiter,
                             struct sample_view *view)
{
	*view = (struct sample_view){.marks.delimiter = delimiter};
	return guess_quoting(sample, said, view);
}

/* What quotes or escapes delimits nothing. */
static bool is_taken(const struct dataset_dialect *said, char delimiter)
{
	return delimiter == said->quote || delimiter == said->escape;
}

/* Whether row 1 may have more than one column so: cutting a megabyte to see that it has not takes milliseconds. */
static bool may_delimit(const struct sample *sample, const struct dataset_dialect *said, char delimiter)
{
	struct span line = sample_line(sample);
	bool plain = !said->quote && !said->escape && span_trim(line).size > 0;

	for (size_t i = 0; plain && i < line.size; i++)
		plain = !line.data[i] || !strchr("\"'\\", line.data[i]);
	if (!plain)
		line = sample->text; /* row 1 ends somewhere */
	return line.size > 0 && memchr(line.data, delimiter, line.size);
}

/* Commas that the text of one column has without quotes do not cut it. */
static bool cut_one_column(struct sample *sample, const struct dataset_dialect *said, struct sample_view *view)
{
	if (!cut_by_delimiter(sample, said, is_taken(said, ',') ? 0 : ',', view))
		return false;
	if (view->same < 1)
		view->marks.delimiter = 0;
	return true;
}

/* R's write.table: blanks between names in quotes, and no quote anywhere that stands for itself. */
static bool has_quoted_names(const struct sample *sample, const struct sample_view *view)
{
	struct span row = sample->rows > 1 ? span_trim(sample_row(sample, 0)) : (struct span){"", 0};
	int quotes = 0;

	for (size_t i = 0; i < row.size; i++)
		quotes += row.data[i] == '"';
	return view->width >= 2 && view->marks.quote == '"' && !view->broken && row.size > 0 && row.data[0] == '"' &&
	       quotes == 2 * view->width;
}

bool guess_delimiter(struct sample *sample, const struct dataset_dialect *said, struct sample_view *best)
{
	static const char candidates[] = {',', ';', '\t', '|'};

	if (said->delimiter)
		return cut_by_delimiter(sample, said, said->delimiter, best);
	*best = (struct sample_view){0};
	for (size_t i = 0; i < sizeof candidates; i++) {
		struct sample_view view;

		if (is_taken(said, candidates[i]) || !may_delimit(sample, said, candidates[i]))
			continue;
		if (!cut_by_delimiter(sample, said, candidates[i], &view))
			return false;
		if (view.width >= 2 && (view.same > best->same || (view.same == best->same && view.width > best->width)))
			*best = view;
	}
	if (best->width >= 2)
		return true;
	if (!is_taken(said, ' ') && !cut_by_delimiter(sample, said, ' ', best))
		return false;
	return has_quoted_names(sample, best) || cut_one_column(sample, said, best);
}

bool guess_extra_column(struct sample *sample, const struct sample_view *view, bool *before, bool *after)
{
	int wider = 0, empty = 0;

	for (int i = 1; i < sample->rows; i++) {
		if (!guess_read(sample, i, view))
			return false;
		if (sample->row->count != view->width + 1)
			continue;
		wider++;
		empty += sample->row->fields[view->width].size == 0;
	}
	if (wider == 0 || 10 * wider < 9 * (sample->rows - 1))
		return true;
	*after = empty == wider;
	*before = !*after;
	return true;
}
