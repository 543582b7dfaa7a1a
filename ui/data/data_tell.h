/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data screen in lines, for `revue --plain`. */
#ifndef REVUE_UI_DATA_TELL_H
#define REVUE_UI_DATA_TELL_H

#include "engine/dataset.h"
#include "ui/app.h"
#include "ui/data/dialect_page.h"
#include "ui/data/file_chooser.h"
#include "ui/data/outlook_page.h"
#include "ui/plain/teller.h"

/* `list` is that of the columns, of which `rows` are in sight; `example`: the first row that can be used, NULL: none. */
void data_tell_file(struct app *app, struct list *list, int rows, const struct row *example, struct teller *teller);

/* What covers it: how it is written, the files to choose from, and what a training would meet. */
void data_tell_dialect(struct app *app, struct dialect_page *page, struct teller *teller);
void data_tell_files(struct file_chooser *chooser, struct teller *teller);
void data_tell_outlook(struct app *app, const struct outlook_page *page, struct teller *teller);

#endif
