/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the lines of the chart of probes are: their numbers, last scores and sentences. */
#ifndef REVUE_UI_PROBE_LIST_H
#define REVUE_UI_PROBE_LIST_H

#include "engine/options.h"
#include "ui/app.h"

/* Draws them below, and returns what is left for the chart: all of it where there is no room for both. */
struct rect probe_list_draw(struct terminal *terminal, struct rect rect, const struct run *run);

/* Follows one more sentence: before a training as one of its options, else (NULL) in the folder of the run that is shown. Asks
 * for it where the text is empty. */
void probe_follow(struct app *app, struct train_options *options, const char *text);

#endif
