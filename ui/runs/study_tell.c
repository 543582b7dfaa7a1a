/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of a study in lines, for `revue --plain`. */
#include "ui/plain/spoken.h"
#include "ui/plain/teller.h"
#include "ui/runs/runs.h"

#include <string.h>

/* "finished, steps 100.0 %, accuracy 0.8, ...": what the trial has, with the names of the columns but those of state and
 * settings. */
static void tell_trial(const struct runs_state *runs, int index, struct teller *teller)
{
	const struct study *study = runs->study.study;
	char line[2 * STUDY_CELL_MAX] = "", cell[STUDY_CELL_MAX];
	struct study_trial trial;
	size_t used = 0;

	study_trial(study, index, &trial);
	for (enum study_column column = STUDY_COLUMN_STATE; column < STUDY_COLUMN_COUNT && used < sizeof line - 1; column++) {
		const bool bare = column == STUDY_COLUMN_STATE || column == STUDY_COLUMN_SETTINGS;

		if (!study_column_is_there(study, column))
			continue;
		study_cell(study, index, column, cell);
		if (strcmp(cell, "-") == 0 || !*cell)
			continue;
		used += (size_t)snprintf(line + used, sizeof line - used, "%s%s%s%s", used > 0 ? ", " : "",
		                         bare ? "" : study_column_name(study, column), bare ? "" : " ",
		                         column == STUDY_COLUMN_STATE && trial.state == STUDY_OUT ? "out by halving" : cell);
	}
	tell_line(teller, (uint64_t)index, NULL, "%s%s: %s%s%s", trial.name, study_view_is_best(&runs->study, index) ? ", best" : "", line,
	          trial.problem[0] ? ": " : "", trial.problem);
}

void study_tell(struct runs_state *runs, struct teller *teller)
{
	const uint64_t trials = (uint64_t)study_view_trials(&runs->study);
	const struct told_range range = tell_range(teller, runs->lines.chosen, runs->lines.top, (int)runs->rows, trials);
	char text[4096];

	tell_title(teller, "Runs, study %s", runs->study.path);
	tell_list(teller, &runs->lines.chosen, trials, runs->lines.chosen, ACTION_LOOK_AT);
	teller->live = study_view_is_live(&runs->study);
	if (!runs->study.study) {
		if (runs->study.job)
			tell(teller, "Its trials are being looked at.");
		else
			tell(teller, "Error: %s.", messages_words(runs->study.error.text).text);
		return;
	}
	study_view_describe(&runs->study, text, sizeof text);
	if (teller->part == TELL_ALL)
		tell(teller, "%s.", text);
	for (uint64_t i = range.first; i < range.end; i++)
		tell_trial(runs, (int)i, teller);
	study_describe(runs->study.study, text, sizeof text);
	if (teller->part == TELL_ALL)
		tell(teller, "%s.", text);
}
