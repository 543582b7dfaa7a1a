/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON documents (RFC 8259): Jansson keeps and writes them. They are read by our own scanner, because Jansson's writes
 * past its memory when it has none for a longer token, and calls short memory bad JSON. With the limits that hostile
 * files need: duplicate keys are refused, depth is bounded, errors say file, line and column. Integers that do not fit
 * in 64 bits are read as reals. */
#ifndef REVUE_BASE_JSON_H
#define REVUE_BASE_JSON_H

#include "engine/error.h"
#include "engine/span.h"

#include <jansson.h>

#define JSON_NESTING_MAX 64

/* Parses a whole document. `name` is for messages. The caller json_decrefs the result; NULL on failure. */
json_t *json_parse(struct span text, const char *name, struct error *error);

/* Reads and parses a file of at most `limit` bytes. */
json_t *json_read(const char *path, size_t limit, struct error *error);

/* The document, or NULL, and it is freed, where it is not complete: short memory must not make one that lacks something. */
json_t *json_complete(json_t *document, bool complete);

/* A member that is true, false, or missing or null (then *out is `otherwise`); anything else is an error. */
bool json_read_flag(const json_t *object, const char *name, bool otherwise, bool *out, struct error *error);

/* The document as a text that the caller frees, as json_dumps writes it, which for lack of memory leaves keys out. NULL: out
 * of memory, or something that is not UTF-8. */
char *json_text(const json_t *document, size_t flags);

/* Writes a document by file_replace, indented by two, keys in their order, a final newline. */
bool json_write(const char *path, const json_t *document, struct error *error);

#endif
