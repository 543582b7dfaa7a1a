/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REVUE_DATA_JSONL_H
#define REVUE_DATA_JSONL_H

#include "engine/data/reader.h"

extern const struct reader reader_jsonl; /* a JSON object a line */

#endif
