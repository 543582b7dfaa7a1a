/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Train screen in lines, for `revue --plain`: the form, and the charts as sentences with small tables. */
#ifndef REVUE_UI_TRAIN_TELL_H
#define REVUE_UI_TRAIN_TELL_H

#include "ui/app.h"
#include "ui/charts/run_charts.h"
#include "ui/plain/teller.h"
#include "ui/train/train_form.h"

/* `rows` of the list are in sight. */
void train_tell_form(struct app *app, const struct train_form *form, struct list *list, int rows, struct teller *teller);
void train_tell_run(struct app *app, struct run_charts *charts, struct teller *teller);

#endif
