/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts of other files, so that the rows of a file whose text stands there too are left out: reviews that were trained on say
 * nothing of how good a model is. Texts are the same as in the report of a training (engine/train/rows/text_facts.h), that is by
 * their words between white space; a text without a word is nobody's. Implemented in engine/train/rows/exclusion.c. */
#ifndef REVUE_ENGINE_EXCLUSION_H
#define REVUE_ENGINE_EXCLUSION_H

#include "engine/dataset.h"

#define EXCLUSION_FILES_MAX 8

struct exclusion;

struct exclusion *exclusion_new(struct error *error);
void exclusion_free(struct exclusion *exclusion);

/* Opens a file as dataset_open guesses, with the text column of `like`'s name where it has such a one, and no labels. NULL with
 * one line: it cannot be opened, or has no column of texts. */
struct dataset *exclusion_open(const char *path, const struct dataset *like, const struct progress *progress, struct error *error);

/* Reads all texts of a file that exclusion_open has opened for `like`; it can be closed then. At most EXCLUSION_FILES_MAX of
 * them. */
bool exclusion_add(struct exclusion *exclusion, struct dataset *other, const struct dataset *like, const struct progress *progress,
                   struct error *error);

/* Whether the text stands in one of the files, which is counted: of several in the first. */
bool exclusion_takes(struct exclusion *exclusion, struct span text);

/* The same for paths, one a line, whose files are closed at once. `like`: its text column is known. NULL with one line, which
 * names --exclude. */
struct exclusion *exclusion_read(const char *lines, const struct dataset *like, const struct progress *progress, struct error *error);

int exclusion_files(const struct exclusion *exclusion);

/* "61 rows left out: their text stands in FILE, too", or that none was. Always NUL-terminated; the path is not scrubbed. */
void exclusion_describe(const struct exclusion *exclusion, int file, char *out, size_t capacity);

/* Borrowed: the path; where the reviews stand under another name than those that rows are left out of, which one was taken, 'text
 * "body" (guessed; it has no "review")', since rows of no text would match nothing, else "", not scrubbed; and of what
 * exclusion_read read, SHA-256 of the file as in engine/train/rows/source.h, else "". */
const char *exclusion_path(const struct exclusion *exclusion, int file);
const char *exclusion_column(const struct exclusion *exclusion, int file);
const char *exclusion_hash(const struct exclusion *exclusion, int file);

/* Rows are counted from 0 again: those of the next file whose rows are left out. */
void exclusion_count_anew(struct exclusion *exclusion);

#endif
