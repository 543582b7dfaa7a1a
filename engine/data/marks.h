/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The marks of a table that its first rows do not settle, and what is told about all of them. */
#ifndef REVUE_DATA_MARKS_H
#define REVUE_DATA_MARKS_H

#include "engine/data/preamble.h"
#include "engine/data/reader.h"

/* Where no quote was seen among the first rows of a file with TABs, or none inside quotes, the rest of the file decides
 * whether quotes quote there and what stands before a quote inside them: blocks of it are looked at. The sample is cut
 * by `view` afterwards. False: I/O, or out of memory. */
bool marks_observe(const struct opening *opening, const struct dataset_dialect *said, struct sample_view *view,
                   struct error *error);

/* A notice for each guess that is not what one would expect of the file's name. False: out of memory. */
bool marks_tell(const struct opening *opening, const struct marks *marks, const struct preamble *preamble,
                struct notices *notices);

/* "semicolons", for what is guessed: one of four, or blanks. */
const char *marks_delimiter_name(char delimiter);

#endif
