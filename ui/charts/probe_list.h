/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the lines of the chart of probes are: their numbers, last scores and sentences. */
#ifndef REVUE_UI_PROBE_LIST_H
#define REVUE_UI_PROBE_LIST_H

#include "engine/run.h"
#include "ui/terminal/terminal.h"

/* Draws them below, and returns what is left for the chart: all of it where there is no room for both. */
struct rect probe_list_draw(struct terminal *terminal, struct rect rect, const struct run *run);

#endif
