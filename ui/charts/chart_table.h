/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The final numbers of the run that is shown and of those laid over it, one below the other. */
#ifndef REVUE_UI_CHART_TABLE_H
#define REVUE_UI_CHART_TABLE_H

#include "ui/charts/overlays.h"
#include "ui/terminal/terminal.h"

void chart_table_draw(struct terminal *terminal, struct rect rect, const struct run *run, const char *path,
                      const struct overlays *overlays);

#endif
