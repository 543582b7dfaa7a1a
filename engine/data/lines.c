/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A text file with a review a line: one column, "text". Blank lines are rows too, so that row N is line N. */
#include "engine/data/lines.h"

#include "engine/data/row.h"
#include "engine/data/textfile.h"

static struct span without_line_end(struct span line)
{
	if (line.size > 0 && line.data[line.size - 1] == '\n')
		line.size--;
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

static int lines_fit(struct sample *sample)
{
	(void)sample;
	return FITS_AT_LEAST;
}

static void *lines_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	static const struct textfile_rules rules = {.blank_rows = true};

	if (!columns_add(&shape->columns, span_of("text"))) {
		error_memory(error, "opening a file");
		return NULL;
	}
	shape->columns.text = 0;
	return textfile_open(opening, &rules, error);
}

static bool lines_read(void *state, uint64_t index, const struct columns *columns, struct row *row,
                       struct error *error)
{
	struct span bytes;

	(void)columns;
	if (!textfile_fetch(state, index, row, &bytes, error))
		return false;
	if (row->status != ROW_OK)
		return true;
	bytes = without_line_end(bytes);
	if (bytes.size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	return row_add_field(row, bytes) || error_memory(error, "reading a row");
}

static const char *const suffixes[] = {".txt", ".text", NULL};

const struct reader reader_lines = {
	.name = "lines",
	.format = DATASET_LINES,
	.text = true,
	.suffixes = suffixes,
	.fits_text = lines_fit,
	.open = lines_open,
	.index_step = textfile_index_step,
	.rows = textfile_rows,
	.can_grow = textfile_can_grow,
	.settled = textfile_settled,
	.index_more = textfile_index_more,
	.read = lines_read,
	.close = textfile_close,
};
