/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vocab.txt: one piece a line, whose id is the number of the line counted from 0. An empty line is an id without a
 * piece. */
#ifndef REVUE_TEXT_VOCAB_TEXT_H
#define REVUE_TEXT_VOCAB_TEXT_H

#include "engine/text/pieces.h"

#define VOCAB_TEXT_BYTES_MAX ((size_t)256 << 20)

bool vocab_text_read(struct pieces *pieces, const char *path, struct error *error);

/* Writes no file, and that is no error, when a piece could not be read back from its line. */
bool vocab_text_write(const struct pieces *pieces, const char *path, struct error *error);

#endif
