/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Runs screen in lines, for `revue --plain`. */
#include "engine/words.h"
#include "ui/plain/spoken.h"
#include "ui/plain/teller.h"
#include "ui/runs/runs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_BYTES 600

/* "finished, accuracy 0.81, ...": what the row has, with the names of its columns but that of the state. */
static void write_cells(const struct app *app, const struct runs_state *runs, const struct run_row *run, char out[CELLS_BYTES])
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < runs->column_count && used < CELLS_BYTES - 1; i++) {
		const int column = runs->columns[i];
		const char *name = column == RUN_COLUMN_STATE ? "" : run_column_name(column);
		char path[WIDGET_NAME_MAX];
		struct run_cell cell;

		run_column_value(run, column, &cell);
		if (!cell.there || !cell.text[0])
			continue;
		if (column == RUN_COLUMN_MODEL || column == RUN_COLUMN_DATA)
			app_path_name(app, cell.text, TELL_PATH_COLUMNS, path);
		else
			snprintf(path, sizeof path, "%s", cell.is_number ? spoken_number(cell.number).text : cell.text);
		used += (size_t)snprintf(out + used, CELLS_BYTES - used, "%s%s%s%.100s", used > 0 ? ", " : "", name, *name ? " " : "",
		                         path);
	}
}

static void tell_run(const struct app *app, const struct runs_state *runs, uint64_t index, struct teller *teller)
{
	const struct run_row *run = runs_table_row(&runs->table, (size_t)index);
	const char *marked = runs_table_is_marked(&runs->table, (size_t)index) ? ", marked" : "";
	char cells[CELLS_BYTES];

	if (!run->readable) {
		tell_line(teller, index, NULL, "%s%s: %s", run->name, marked, run->problem);
		return;
	}
	write_cells(app, runs, run, cells);
	tell_line(teller, index, NULL, "%s%s: %s", run->name, marked, cells);
}

static void tell_table(const struct app *app, struct runs_state *runs, struct teller *teller)
{
	const struct runs_table *table = &runs->table;
	const struct told_range range = tell_range(teller, runs->list.chosen, runs->list.top, (int)runs->rows, table->shown_count);

	tell_list(teller, &runs->list.chosen, table->shown_count, runs->list.chosen, ACTION_LOOK_AT);
	tell_title(teller, "Runs%s%s%s%s%s", table->filter ? ", with " : "", table->filter ? table->filter : "",
	           table->order >= 0 ? ", by " : "", table->order >= 0 ? run_column_name(table->order) : "",
	           table->order >= 0 && table->reverse ? " reverse" : "");
	if (teller->part == TELL_ALL)
		tell(teller, "%s run%s below %s%s%s.", words_count(table->count).text, table->count == 1 ? "" : "s",
		     strcmp(table->folder, ".") == 0 ? "this folder" : table->folder, table->job ? ", looking for more" : "",
		     table->shown_count < table->count ? "; not all are listed" : "");
	if (teller->part == TELL_ALL && range.end - range.first < table->shown_count)
		tell(teller, "%s to %s of %s:", words_count(range.first + 1).text, words_count(range.end).text,
		     words_count(table->shown_count).text);
	for (uint64_t i = range.first; i < range.end; i++)
		tell_run(app, runs, i, teller);
}

/* The marked runs */

static void tell_difference(const struct runs_state *runs, struct teller *teller)
{
	const struct run_row *rows[RUNS_COMPARED];
	const size_t marked = runs_table_marked(&runs->table, rows, RUNS_COMPARED);
	int *list = calloc((size_t)run_column_count(), sizeof *list), found = list ? runs_compare_list(runs, list) : 0;

	if (found == 0)
		tell(teller, "The marked runs differ in nothing.");
	for (int i = 0; i < found; i++) {
		char line[CELLS_BYTES] = "";
		size_t used = 0;

		for (size_t run = 0; run < marked && run < RUNS_COMPARED && used < sizeof line - 1; run++) {
			struct run_cell cell;

			run_column_value(rows[run], list[i], &cell);
			used += (size_t)snprintf(line + used, sizeof line - used, "%s%.60s %.80s", run > 0 ? "; " : "", rows[run]->name,
			                         cell.there ? cell.text : "nothing");
		}
		tell_line(teller, (uint64_t)i, NULL, "%s: %s", run_column_name(list[i]), line);
	}
	free(list);
}

static void tell_mcnemar(const struct runs_state *runs, struct teller *teller)
{
	const struct run_figures *a = &runs->figures, *b = &runs->other;
	struct mcnemar test;
	struct error error = {0};

	if (a->job || b->job) {
		tell(teller, "Their scores are being read.");
	} else if (!a->figures || !b->figures) {
		tell(teller, "Error: %s.", messages_words(a->figures ? b->error.text : a->error.text).text);
	} else if (!figures_mcnemar(a->figures, b->figures, &test, &error)) {
		tell(teller, "Error: %s.", messages_words(error.text).text);
	} else {
		tell(teller, "First %s, second %s.", a->path, b->path);
		tell(teller, "Both right %" PRIu64 ", only the first right %" PRIu64 ", only the second right %" PRIu64
		     ", both wrong %" PRIu64 ".", test.both_right, test.only_a, test.only_b, test.both_wrong);
		tell(teller, "p is %s, two-sided.", spoken_number(test.exact).text);
		tell(teller, test.exact < 0.05 ? "%s is better: chance alone would seldom make such a difference."
		     : "No difference is shown: chance alone may well have made it.", test.only_a > test.only_b ? a->path : b->path);
	}
}

void runs_tell(struct app *app, void *state, struct teller *teller)
{
	struct runs_state *runs = state;
	const struct run_row *run = runs_chosen(runs);

	if (runs->page == RUNS_PAGE_TABLE) {
		tell_table(app, runs, teller);
		return;
	}
	if (runs->page == RUNS_PAGE_STUDY) {
		study_tell(runs, teller);
		return;
	}
	tell_title(teller, "Runs, %s%s%s", runs_page_title(runs->page), runs_page_is_of_one(runs->page) ? " of " : "",
	           !runs_page_is_of_one(runs->page) ? "" : run ? run->name : runs->figures.path);
	tell_list(teller, &runs->lines.chosen, runs_page_lines(runs), runs->lines.chosen, ACTION_NONE);
	if (runs->page == RUNS_PAGE_DIFFERENCE)
		tell_difference(runs, teller);
	else if (runs->page == RUNS_PAGE_MCNEMAR)
		tell_mcnemar(runs, teller);
	else
		figures_tell(runs, teller);
}
