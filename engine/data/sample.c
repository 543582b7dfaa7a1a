/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/sample.h"

#include "engine/data/field.h"

#include <stdlib.h>

/* The sample ends at a line end where the file goes on. */
static struct span whole_lines(struct span text, bool whole)
{
	size_t size = text.size;

	if (whole)
		return text;
	while (size > 0 && text.data[size - 1] != '\n' && text.data[size - 1] != '\r')
		size--;
	return (struct span){text.data, size > 0 ? size : text.size};
}

bool sample_init(struct sample *sample, char *bytes, size_t size, bool whole)
{
	sample->bytes = bytes;
	sample->text = whole_lines((struct span){bytes ? bytes : "", size}, whole);
	sample->line = 1;
	sample->whole = whole;
	sample->row = row_new(NULL);
	return sample->row != NULL;
}

void sample_free(struct sample *sample)
{
	free(sample->bytes);
	row_free(sample->row);
	sample->bytes = NULL;
	sample->row = NULL;
}

bool sample_keep_row(void *context, uint64_t start, uint64_t line)
{
	struct sample *sample = context;

	if (sample->full)
		return true;
	if (sample->rows == 0)
		sample->first_line = line;
	sample->starts[sample->rows] = (size_t)start;
	sample->full = sample->rows == SAMPLE_ROWS || (sample->rows > SAMPLE_ROWS_LEAST && start > SAMPLE_BYTES);
	sample->rows += !sample->full;
	return true;
}

void sample_find_rows(struct sample *sample, struct sample_view *view)
{
	struct scan scan = {.marks = view->marks};

	sample->rows = 0;
	sample->full = false;
	scan_begin(&scan, 0);
	scan.line = scan.row_line = sample->line;
	scan_feed(&scan, sample->text.data, sample->text.size, sample_keep_row, sample);
	if (sample->whole)
		scan_finish(&scan, sample_keep_row, sample);
	if (!sample->full)
		sample->starts[sample->rows] = sample->whole && scan.state != SCAN_QUOTED ? sample->text.size
		                                                                           : (size_t)scan.row_start;
	view->rows = scan.rows;
	view->opened = scan.quoted > 0;
	view->bad = scan.malformed + (sample->whole && scan.state == SCAN_QUOTED);
	view->broken = view->bad > 0;
	view->quoted = scan.quoted;
	view->doubled = scan.doubled;
	view->escaped = scan.escaped;
	view->open_line = scan.state == SCAN_QUOTED ? scan.quote_line : 0;
}

struct span sample_line(const struct sample *sample)
{
	size_t size = 0;

	while (size < sample->text.size && sample->text.data[size] != '\n' && sample->text.data[size] != '\r')
		size++;
	return (struct span){sample->text.data, size};
}

bool sample_skip_lines(struct sample *sample, uint64_t lines)
{
	for (; lines > 0; lines--) {
		size_t size = sample_line(sample).size;
		const char *end = sample->text.data + size;

		if (size == sample->text.size)
			return false;
		size += *end == '\r' && size + 1 < sample->text.size && end[1] == '\n' ? 2 : 1;
		sample->text = (struct span){sample->text.data + size, sample->text.size - size};
		sample->line++;
	}
	return true;
}

struct span sample_row(const struct sample *sample, int i)
{
	return (struct span){sample->text.data + sample->starts[i], sample->starts[i + 1] - sample->starts[i]};
}

bool sample_check(const struct sample *sample, const char *path, struct error *error)
{
	RETURN_IF(sample->whole && span_trim(sample->text).size == 0, error, ERROR_DATA, "%s: has no rows", path);
	return true;
}
