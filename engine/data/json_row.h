/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a row of JSON. A field is what Python's str() makes of the value: strings as they are, whole numbers with
 * their digits, others as the shortest decimal (1e2 is 100.0), NaN is nan; true and false as JSON writes them, null is empty;
 * arrays and objects are short JSON to look at. What no C string of UTF-8 can hold (\u0000, half a surrogate pair) becomes
 * U+FFFD and is counted in row->replaced. */
#ifndef REVUE_DATA_JSON_ROW_H
#define REVUE_DATA_JSON_ROW_H

#include "engine/data/json_keys.h"
#include "engine/data/row.h"

/* The members of an object as fields by `keys`: one for each column, empty where there is none. The last of a repeated key
 * counts, row->repeated_keys counts the others. The status becomes ROW_MALFORMED where the bytes are no JSON object, and
 * ROW_NO_TEXT where the text column is no string. The fields lie in `bytes` or in the row. `rest`: what may follow in the
 * bytes beside white space; NULL: anything. False: out of memory. */
bool json_row_object(struct row *row, struct span bytes, const struct json_keys *keys, const struct columns *columns,
                     const char *rest);

/* The elements of an array as fields, as many as there are; a string alone is a field, too. */
bool json_row_array(struct row *row, struct span bytes, const struct columns *columns, const char *rest);

/* Before json_row_value: room for values of `size` bytes of JSON in all, and no fields yet. False: out of memory. */
bool json_row_begin(struct row *row, size_t size, int keys);

/* The value at the beginning of `bytes` as the field of a column, for which there is an entry in row->fields. False: it is
 * no JSON. */
bool json_row_value(struct row *row, struct span bytes, int column, const struct columns *columns);

#endif
