/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/preamble.h"

#include "engine/data/csv.h"
#include "engine/data/field.h"
#include "engine/data/guess.h"
#include "engine/data/header.h"

#include <strings.h>

#define NAMES_SEPARATOR "sep="

/* "sep=;", also in quotes, as Excel reads and writes it. */
static char separator_of(struct span line)
{
	char separator;

	while (line.size > 0 && line.data[line.size - 1] == ' ')
		line.size--;
	if (line.size >= 2 && line.data[0] == '"' && line.data[line.size - 1] == '"')
		line = (struct span){line.data + 1, line.size - 2};
	if (line.size != sizeof NAMES_SEPARATOR || strncasecmp(line.data, NAMES_SEPARATOR, line.size - 1) != 0)
		return 0;
	separator = line.data[line.size - 1];
	return separator == '\t' || (separator > ' ' && separator < 127 && separator != '"') ? separator : 0;
}

/* Goes past lines that begin with "#" and empty ones between them; returns how many of the former. */
static uint64_t pass_comments(struct sample *sample)
{
	struct sample before = *sample;
	uint64_t comments = 0;

	for (;;) {
		struct span line = sample_line(sample);

		if (span_trim(line).size > 0 && line.data[0] != '#')
			break;
		if (!sample_skip_lines(sample, 1))
			break;
		if (line.size > 0 && line.data[0] == '#') {
			comments++;
			before = *sample;
		}
	}
	*sample = before;
	return comments;
}

/* A line that begins with "#" and has as many fields as the table below it may be the table's own: then it is a comment
 * only if it looks like one and names of columns follow it. */
static bool is_comment(struct sample *sample, struct span line, const struct sample_view *table, bool header, bool *comment)
{
	const bool looks = line.size < 2 || line.data[1] == ' ' || line.data[1] == '#' || line.data[1] == '!';

	if (!csv_split(sample->row, line, &table->marks))
		return false;
	*comment = (table->width > 1 && sample->row->count != table->width) || (looks && header);
	return true;
}

/* How many of the first lines of `above`, which begins where the table would begin if there were no comments, are
 * none of the table's. */
static bool count_comments(struct sample *above, struct sample *table, const struct dataset_dialect *said,
                           uint64_t *lines, uint64_t *comments)
{
	struct sample_view view;
	struct header_facts facts;
	bool comment = true;

	*lines = *comments = 0;
	if (!guess_delimiter(table, said, &view) || !guess_cut(table, &view) || !header_find(table, &view, &facts))
		return false;
	while (above->line < table->line) {
		struct span line = sample_line(above);

		if (line.size > 0 && line.data[0] == '#') {
			if (!is_comment(table, line, &view, facts.header, &comment))
				return false;
			if (!comment)
				return true;
			++*comments;
		}
		sample_skip_lines(above, 1);
		++*lines;
	}
	return true;
}

static bool skip_comments(struct sample *sample, const struct dataset_dialect *said, char usual, struct preamble *preamble)
{
	struct sample above = *sample, table = *sample;
	struct dataset_dialect with = *said;
	uint64_t lines = 0;
	bool done = true;

	if (pass_comments(&table) == 0 || table.text.size == 0)
		return true;
	if (!with.delimiter)
		with.delimiter = preamble->separator ? preamble->separator : usual;
	done = count_comments(&above, &table, &with, &lines, &preamble->comments);
	preamble->lines += lines;
	sample_skip_lines(sample, lines);
	return done;
}

bool preamble_skip(struct sample *sample, const struct dataset_dialect *said, char usual, struct preamble *preamble)
{
	*preamble = (struct preamble){.separator = separator_of(sample_line(sample))};
	if (said->header > 1) {
		preamble->lines = (uint64_t)said->header - 1;
		return sample_skip_lines(sample, preamble->lines);
	}
	if (preamble->separator) {
		if (!sample_skip_lines(sample, 1))
			return false;
		preamble->lines = 1;
	}
	return skip_comments(sample, said, usual, preamble);
}
