/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which part of the x axis the charts show: all of it, its end, or what was chosen; all charts show the same. Pure. */
#ifndef REVUE_UI_WINDOW_H
#define REVUE_UI_WINDOW_H

#include <stdbool.h>

enum window_mode {
	WINDOW_FIT,    /* all there is */
	WINDOW_FOLLOW, /* as much as `span`, at the end: it moves on by a tick when the end comes */
	WINDOW_FIXED,  /* [low, high] */
};

/* Start with {0}. */
struct window {
	enum window_mode mode;
	double span, low, high;
};

/* What there is to show. */
struct window_data {
	double first, last; /* of all charts */
	double limit;       /* > 0: no more will come after it */
	bool live;          /* more may come */
	double least;       /* no window is smaller */
};

struct window_range {
	double low, high;
};

struct window_range window_range(const struct window *window, const struct window_data *data);

/* Half as much around `at`, or twice as much, which ends as all where it would be. Of a run that lives, without a chosen
 * place (`placed` false), its end stays in sight. */
void window_zoom_in(struct window *window, const struct window_data *data, bool placed, double at);
void window_zoom_out(struct window *window, const struct window_data *data, bool placed, double at);

/* By a quarter, direction -1 or 1, not beyond what there is. */
void window_pan(struct window *window, const struct window_data *data, int direction);

/* The end, as wide as what is shown now; of all that is shown: the last quarter. */
void window_follow(struct window *window, const struct window_data *data);

/* Moves it so far that `at` can be seen. */
void window_show(struct window *window, const struct window_data *data, double at);

#endif
