/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/runs.h"

const struct run_row *runs_chosen(const struct runs_state *runs)
{
	return runs_table_row(&runs->table, (size_t)runs->list.chosen);
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
	return page != RUNS_PAGE_TABLE && page != RUNS_PAGE_DIFFERENCE && page != RUNS_PAGE_MCNEMAR;
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
	case RUNS_PAGE_MCNEMAR:
	case RUNS_PAGE_COUNT:
		break;
	}
	return 0;
}
