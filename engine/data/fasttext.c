/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fastText's input: a review a line, in which each word that begins with "__label__" is a label (fastText's
 * Dictionary::getLine). Columns "text" and "label", which has the labels of a line with a blank between them. */
#include "engine/data/fasttext.h"

#include "engine/data/field.h"
#include "engine/data/row.h"
#include "engine/data/textfile.h"

#define PREFIX "__label__"
#define PREFIX_SIZE (sizeof PREFIX - 1)
#define NEARLY_ALL 0.95 /* share of lines that begin or end with a label */

enum { TEXT, LABEL };

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

/* Takes the next word off the line, with the blanks before it where `word` is to be kept. False: there is none. */
static bool next_word(struct span *line, struct span *blanks, struct span *word)
{
	size_t start = 0, end;

	while (start < line->size && is_blank(line->data[start]))
		start++;
	for (end = start; end < line->size && !is_blank(line->data[end]);)
		end++;
	*blanks = (struct span){line->data, start};
	*word = (struct span){line->data + start, end - start};
	*line = (struct span){line->data + end, line->size - end};
	return word->size > 0;
}

static bool is_label(struct span word)
{
	return word.size > PREFIX_SIZE && memcmp(word.data, PREFIX, PREFIX_SIZE) == 0;
}

static struct span label_name(struct span word)
{
	return (struct span){word.data + PREFIX_SIZE, word.size - PREFIX_SIZE};
}

/* The labels of a line, and whether one of them is its first or last word. */
static int count_labels(struct span line, bool *outside)
{
	struct span blanks, word;
	int labels = 0;
	bool first = true, label = false;

	*outside = false;
	for (; next_word(&line, &blanks, &word); first = false) {
		label = is_label(word);
		labels += label;
		*outside = *outside || (first && label);
	}
	*outside = *outside || label;
	return labels;
}

/* Lines of the sample that are not blank, those with a label at an end, those with several. */
struct label_lines {
	int all, labelled, several;
};

static struct label_lines look(struct sample *sample)
{
	struct sample_view view = {0};
	struct label_lines lines = {0};
	bool outside;

	sample_find_rows(sample, &view);
	for (int i = 0; i < sample->rows; i++) {
		int labels = count_labels(sample_row(sample, i), &outside);

		lines.all++;
		lines.labelled += outside;
		lines.several += labels > 1;
	}
	return lines;
}

static int fasttext_fits(struct sample *sample)
{
	struct label_lines lines = look(sample);

	return lines.all > 0 && lines.labelled >= NEARLY_ALL * lines.all ? FITS_SURELY : FITS_NOT;
}

static bool name_columns(struct columns *columns)
{
	if (!columns_add(columns, span_of("text")) || !columns_add(columns, span_of("label")))
		return false;
	columns->text = TEXT;
	columns->label = LABEL;
	columns->traits[LABEL].marked = true;
	columns->traits[LABEL].separator = ' ';
	return true;
}

static void *fasttext_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	static const struct textfile_rules rules = {0};
	struct label_lines lines;

	if (!sample_check(opening->sample, opening->source->path, error))
		return NULL;
	lines = look(opening->sample);
	if (!name_columns(&shape->columns) ||
	    (lines.several > 0 && !notices_add(&shape->notices, "%d of the first %d lines have several labels", lines.several,
	                                       lines.all))) {
		error_memory(error, "opening a file");
		return NULL;
	}
	return textfile_open(opening, &rules, error);
}

/* The words that are labels or those that are not, one after the other; `bytes` has room. */
static struct span gather(struct buffer *bytes, struct span line, bool labels)
{
	struct span blanks, word, gathered = {bytes->data + bytes->size, 0};

	while (next_word(&line, &blanks, &word)) {
		if (is_label(word) != labels)
			continue;
		if (labels)
			blanks = (struct span){" ", 1};
		if (gathered.size > 0)
			buffer_add(bytes, blanks.data, blanks.size);
		word = labels ? label_name(word) : word;
		buffer_add(bytes, word.data, word.size);
		gathered.size = (size_t)(bytes->data + bytes->size - gathered.data);
	}
	return gathered;
}

/* False: out of memory. */
static bool split(struct row *row, struct span line)
{
	struct buffer *bytes = &row->buffers->bytes;
	struct span text;

	bytes->size = 0;
	if (!buffer_reserve(bytes, 2 * line.size + 2))
		return false;
	text = gather(bytes, line, false);
	if (text.size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	return row_add_field(row, text) && row_add_field(row, gather(bytes, line, true));
}

static bool fasttext_read(void *state, uint64_t index, const struct columns *columns, struct row *row,
                          struct error *error)
{
	struct span bytes;

	if (!textfile_fetch(state, index, row, &bytes, error))
		return false;
	(void)columns;
	return row->status != ROW_OK || split(row, bytes) || error_memory(error, "reading a row");
}

static const char *const suffixes[] = {".ft.txt", ".ft", NULL};

const struct reader reader_fasttext = {
	.name = "fasttext",
	.format = DATASET_FASTTEXT,
	.text = true,
	.suffixes = suffixes,
	.fits_text = fasttext_fits,
	.open = fasttext_open,
	.index_step = textfile_index_step,
	.rows = textfile_rows,
	.can_grow = textfile_can_grow,
	.settled = textfile_settled,
	.index_more = textfile_index_more,
	.read = fasttext_read,
	.close = textfile_close,
};
