/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data screen in lines, for `revue --plain`. */
#ifndef REVUE_UI_DATA_TELL_H
#define REVUE_UI_DATA_TELL_H

#include "engine/dataset.h"
#include "ui/app.h"
#include "ui/plain/teller.h"

/* `list` is that of the columns, of which `rows` are in sight; `example`: the first row that can be used, NULL: none. */
void data_tell_file(struct app *app, struct list *list, int rows, const struct row *example, struct teller *teller);

#endif
