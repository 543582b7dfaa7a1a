/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoding of a file: what its user says, its byte order mark, or its bytes. The rules stand in engine/data/README. */
#ifndef REVUE_DATA_DETECT_H
#define REVUE_DATA_DETECT_H

#include "engine/data/encoding.h"
#include "engine/data/reader.h"

/* Sets opening->encoding and opening->mark from opening->head; shape->encoding_name where that is ENCODING_NAMED: the source
 * wants converting then. What was guessed stands in shape->notices. False: the file is no text, or cannot be read. */
bool detect_encoding(struct opening *opening, struct shape *shape, struct error *error);

/* UTF-8 or Windows-1252 by the evidence; the sample, some of the text, says what else it may be. False: neither fits, or out of
 * memory. */
bool detect_by_evidence(const char *path, const struct encoding_evidence *evidence, struct span sample,
                        enum dataset_encoding *encoding, struct notices *notices, struct error *error);

#endif
