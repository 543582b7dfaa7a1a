/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One more sentence whose scores are followed while a model learns. */
#ifndef REVUE_UI_PROBE_ASK_H
#define REVUE_UI_PROBE_ASK_H

#include "engine/options.h"
#include "ui/app.h"

/* Before a training as one of its options, else (NULL) in the folder of the run that is shown. Asks
 * for it where the text is empty. */
void probe_ask(struct app *app, struct train_options *options, const char *text);

#endif
