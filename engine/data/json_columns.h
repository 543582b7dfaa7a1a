/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON by columns: {"text": ["good", "bad"], "label": [1, 0]}, or {"text": {"0": "good", "1": "bad"}, ...} as pandas'
 * to_json writes it. The fields of a row stand far apart in such a file, so it is read into memory as a whole. */
#ifndef REVUE_DATA_JSON_COLUMNS_H
#define REVUE_DATA_JSON_COLUMNS_H

#include "engine/data/reader.h"

#define JSON_COLUMNS_FILE_MAX ((uint64_t)256 << 20) /* bytes of a file; a larger one is refused and says what to do */

struct json_columns;

/* Reads the file, adds its columns and what there is to tell to *shape. NULL with an error. */
struct json_columns *json_columns_open(const struct opening *opening, struct shape *shape, struct error *error);
void json_columns_close(struct json_columns *file);

uint64_t json_columns_rows(const struct json_columns *file);

/* See struct reader. */
bool json_columns_read(const struct json_columns *file, uint64_t index, const struct columns *columns, struct row *row,
                       struct error *error);

#endif
