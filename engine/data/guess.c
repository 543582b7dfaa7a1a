/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Delimiter, quoting and header of a table. */
#include "engine/base/number.h"
#include "engine/data/sniff.h"

#include <stdlib.h>
#include <strings.h>

#define HEADER_WORDS 4  /* more words than this are a sentence, not a name */
#define HEADER_BYTES 64

static bool keep_row(void *context, uint64_t start, uint64_t line)
{
	struct sample *sample = context;

	(void)line;
	if (sample->full)
		return true;
	sample->starts[sample->rows] = (size_t)start;
	sample->full = sample->rows == SAMPLE_ROWS || (sample->rows > 1 && start > SAMPLE_BYTES);
	sample->rows += !sample->full;
	return true;
}

/* Bounds of the rows, looking at all of the sample. */
static void find_rows(struct sample *sample, struct sample_view *view)
{
	struct scan scan = {.delimiter = view->delimiter, .quoting = view->quoting};

	sample->rows = 0;
	sample->full = false;
	scan_begin(&scan, 0);
	scan_feed(&scan, sample->text.data, sample->text.size, keep_row, sample);
	if (sample->whole)
		scan_finish(&scan, keep_row, sample);
	if (!sample->full)
		sample->starts[sample->rows] = sample->whole && scan.state != SCAN_QUOTED ? sample->text.size
		                                                                           : (size_t)scan.row_start;
	view->rows = scan.rows;
	view->opened = scan.quote_line > 0;
	view->broken = scan.malformed || (sample->whole && scan.state == SCAN_QUOTED);
	view->open_line = scan.state == SCAN_QUOTED ? scan.quote_line : 0;
}

bool sample_read(struct sample *sample, int i, const struct sample_view *view)
{
	struct span row = {sample->text.data + sample->starts[i], sample->starts[i + 1] - sample->starts[i]};

	sample->row->status = ROW_OK;
	return csv_split(sample->row, row, view->delimiter, view->quoting);
}

bool sample_cut(struct sample *sample, struct sample_view *view)
{
	int same = 0;

	find_rows(sample, view);
	view->width = 0;
	for (int i = 0; i < sample->rows; i++) {
		if (!sample_read(sample, i, view))
			return false;
		if (i == 0)
			view->width = sample->row->count;
		same += sample->row->count == view->width;
	}
	view->same = sample->rows > 0 ? (double)same / sample->rows : 0;
	return true;
}

bool guess_quoting(struct sample *sample, struct sample_view *view)
{
	struct sample_view quoted = {.delimiter = view->delimiter, .quoting = true};
	struct sample_view raw = {.delimiter = view->delimiter, .quoting = false};

	if (!sample_cut(sample, &quoted) || !sample_cut(sample, &raw))
		return false;
	view->quoting = quoted.opened && !quoted.broken && quoted.same >= raw.same &&
	                (quoted.rows == raw.rows || raw.same < 1);
	return true;
}

bool guess_delimiter(struct sample *sample, struct sample_view *best)
{
	static const char candidates[] = {',', ';', '\t', '|'};
	struct sample_view commas = {0};

	*best = (struct sample_view){.quoting = true};
	for (size_t i = 0; i < sizeof candidates; i++) {
		struct sample_view view = {.delimiter = candidates[i], .quoting = true};

		if (candidates[i] == '\t' && !guess_quoting(sample, &view))
			return false;
		if (!sample_cut(sample, &view))
			return false;
		if (i == 0)
			commas = view;
		if (view.width >= 2 && (view.same > best->same || (view.same == best->same && view.width > best->width)))
			*best = view;
	}
	if (best->width < 2) {
		/* One column: commas that its text has without quotes do not cut it. */
		*best = commas;
		if (commas.same < 1)
			best->delimiter = 0;
	}
	return true;
}

bool field_number(struct span field, double *value)
{
	char text[64];

	field = span_trim(field);
	if (field.size == 0 || field.size >= sizeof text)
		return false;
	memcpy(text, field.data, field.size);
	text[field.size] = '\0';
	return number_parse(text, value);
}

static bool reads_like_a_name(struct span field)
{
	int words = 1;

	field = span_trim(field);
	for (size_t i = 0; i < field.size; i++)
		words += field.data[i] == ' ';
	return words <= HEADER_WORDS && field.size <= HEADER_BYTES && !memchr(field.data, '\n', field.size);
}

uint64_t field_hash(struct span field)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < field.size; i++)
		hash = (hash ^ (unsigned char)field.data[i]) * 1099511628211u;
	return hash;
}

/* Whether fields of row 0 come again in their columns: then row 0 is data. Rows that repeat all of it do not count, as
 * files that were joined have their header twice. */
static bool first_row_recurs(struct sample *sample, const struct sample_view *view, bool *recurs)
{
	uint64_t *first;
	int width;

	*recurs = false;
	if (!sample_read(sample, 0, view))
		return false;
	width = sample->row->count;
	first = calloc((size_t)width + 1, sizeof *first);
	if (!first)
		return false;
	for (int c = 0; c < width; c++)
		first[c] = sample->row->fields[c].size > 0 ? field_hash(sample->row->fields[c]) : 0;
	for (int i = 1; i < sample->rows; i++) {
		int same = 0, filled = 0;

		if (!sample_read(sample, i, view)) {
			free(first);
			return false;
		}
		for (int c = 0; c < width && c < sample->row->count; c++) {
			filled += first[c] != 0;
			same += first[c] && first[c] == field_hash(sample->row->fields[c]);
		}
		*recurs = *recurs || (same > 0 && same < filled);
	}
	free(first);
	return true;
}

bool guess_header(struct sample *sample, const struct sample_view *view, bool *header)
{
	bool names = true, known = false, numbers = false, recurs;
	double value;

	*header = false;
	if (sample->rows == 0)
		return true;
	if (!sample_read(sample, 0, view))
		return false;
	for (int i = 0; i < sample->row->count; i++) {
		names = names && reads_like_a_name(sample->row->fields[i]);
		numbers = numbers || field_number(sample->row->fields[i], &value);
		known = known || column_name_known(sample->row->fields[i]);
	}
	if (!first_row_recurs(sample, view, &recurs))
		return false;
	*header = !recurs && !numbers && (names || known);
	return true;
}

bool guess_extra_column(struct sample *sample, const struct sample_view *view, bool *before, bool *behind)
{
	int wider = 0, empty = 0;

	for (int i = 1; i < sample->rows; i++) {
		if (!sample_read(sample, i, view))
			return false;
		if (sample->row->count != view->width + 1)
			continue;
		wider++;
		empty += sample->row->fields[view->width].size == 0;
	}
	if (wider == 0 || 10 * wider < 9 * (sample->rows - 1))
		return true;
	*behind = empty == wider;
	*before = !*behind;
	return true;
}
