/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What people open by mistake: archives, spreadsheets, tables of other programs, weights, pictures, web pages. Each is known
 * by its full magic number, so that a review that begins like one ("PK", "Rar!", "<br>") stays a review. */
#ifndef REVUE_DATA_OTHER_FILES_H
#define REVUE_DATA_OTHER_FILES_H

#include "engine/data/reader.h"

/* False, with one line that says what the file is and what to do, when its bytes are no text. */
bool other_files_check(const struct opening *opening, struct error *error);

/* The same for what is text: the beginning of the file as UTF-8, without a byte order mark. */
bool other_texts_check(const char *path, struct span text, struct error *error);

#endif
