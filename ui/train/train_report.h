/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report before the first step, as a run directory has it. */
#ifndef REVUE_UI_TRAIN_REPORT_H
#define REVUE_UI_TRAIN_REPORT_H

#include "engine/run.h"
#include "ui/terminal/widgets.h"

/* Its lines one below the other, each as long as it is; warnings, which are marked, come first, so that a small screen has
 * them. False, and nothing is drawn: the run has none. */
bool train_report_draw(struct terminal *terminal, struct rect rect, const struct run *run);

#endif
