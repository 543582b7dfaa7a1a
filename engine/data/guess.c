/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/guess.h"

#include "engine/data/csv.h"

bool guess_read(struct sample *sample, int i, const struct sample_view *view)
{
	sample->row->status = ROW_OK;
	return csv_split(sample->row, sample_row(sample, i), view->delimiter, view->quoting);
}

bool guess_cut(struct sample *sample, struct sample_view *view)
{
	int same = 0;

	sample_find_rows(sample, view);
	view->width = 0;
	for (int i = 0; i < sample->rows; i++) {
		if (!guess_read(sample, i, view))
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

	if (!guess_cut(sample, &quoted) || !guess_cut(sample, &raw))
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
		if (!guess_cut(sample, &view))
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
