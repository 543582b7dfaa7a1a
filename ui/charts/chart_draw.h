/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A chart on the terminal: its title with the values, axes, marks and the crosshair. */
#ifndef REVUE_UI_CHART_DRAW_H
#define REVUE_UI_CHART_DRAW_H

#include "ui/charts/chart.h"
#include "ui/terminal/terminal.h"

/* A letter on the line below the points. */
struct chart_mark {
	double x;
	char letter;
	bool bad;
};

struct chart_frame {
	const char *title;
	bool focused;
	bool heavy;                        /* axes that are seen from the last row of a room */
	const char *axis;                  /* what stands along the bottom */
	struct chart_source sources[CHART_SERIES];
	char legend[CHART_SERIES][48];     /* "train 0.4312", in the title, in the colour of the series; "": none */
	enum style styles[CHART_SERIES];
	const struct chart_mark *marks;    /* later ones lie on top */
	size_t mark_count;
	double cross;                      /* NaN: no crosshair */
	char empty[96];                    /* what is said as long as there is no point */
};

/* Nothing is drawn of it where there is no memory. */
void draw_chart(struct terminal *terminal, struct rect rect, struct chart *chart, const struct chart_frame *frame);

/* The columns that a chart in `rect` has for points. */
int draw_chart_columns(struct rect rect);
struct rect draw_chart_plot(struct rect rect); /* where they stand */

#endif
