/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REVUE_DATA_JSON_H
#define REVUE_DATA_JSON_H

#include "engine/data/reader.h"

/* Both read JSON of any form, and say in the shape which it was; they differ in what they fit. */
extern const struct reader reader_jsonl; /* objects one after the other, usually one a line */
extern const struct reader reader_json;  /* one value that holds all rows */

#endif
