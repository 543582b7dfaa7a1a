/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/runs.h"

#include <string.h>

const struct run_row *runs_chosen(const struct runs_state *runs)
{
	struct study_trial trial;

	if (runs->page != RUNS_PAGE_STUDY)
		return runs_table_row(&runs->table, (size_t)runs->list.chosen);
	if (runs->lines.chosen >= (uint64_t)study_view_trials(&runs->study))
		return NULL;
	study_trial(runs->study.study, (int)runs->lines.chosen, &trial);
	return runs_table_row(&runs->table, runs_table_find(&runs->table, trial.run));
}

const char *runs_page_title(enum runs_page page)
{
	static const char *const titles[] = {
#define P(id, name, title) [RUNS_PAGE_##id] = title,
		RUNS_PAGES(P)
#undef P
	};

	return titles[page];
}

bool runs_page_is_of_one(enum runs_page page)
{
	return page != RUNS_PAGE_TABLE && page != RUNS_PAGE_DIFFERENCE && page != RUNS_PAGE_MCNEMAR &&
	       page != RUNS_PAGE_STUDY;
}

uint64_t runs_page_lines(const struct runs_state *runs)
{
	const struct figures *figures = runs->figures.figures;

	switch (runs->page) {
	case RUNS_PAGE_TABLE:
		return runs->table.shown_count;
	case RUNS_PAGE_CONFUSION:
		return figures && figures->matrix ? (uint64_t)figures->held.labels : 0;
	case RUNS_PAGE_LABELS:
		return figures ? (uint64_t)figures->held.labels : 0;
	case RUNS_PAGE_CALIBRATION:
		return CALIBRATION_BINS;
	case RUNS_PAGE_CUT:
		return FIGURES_CUTS;
	case RUNS_PAGE_WORST:
		return figures ? figures->worst_count : 0;
	case RUNS_PAGE_DIFFERENCE:
		return (uint64_t)runs->differing;
	case RUNS_PAGE_STUDY:
		return (uint64_t)study_view_trials(&runs->study);
	case RUNS_PAGE_MCNEMAR:
	case RUNS_PAGE_COUNT:
		break;
	}
	return 0;
}

void runs_find_trial(struct runs_state *runs)
{
	for (int i = 0; *runs->sought && i < study_view_trials(&runs->study); i++) {
		struct study_trial trial;

		study_trial(runs->study.study, i, &trial);
		if (strcmp(trial.run, runs->sought) == 0)
			runs->lines.chosen = (uint64_t)i;
	}
	if (runs->study.study)
		runs->sought[0] = '\0';
}
