/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/readers.h"

#include "engine/data/fasttext.h"
#include "engine/data/folder.h"
#include "engine/data/json.h"
#include "engine/data/lines.h"
#include "engine/data/table.h"

#include <stddef.h>

const struct reader *const readers_all[] = {
	&reader_folder, &reader_fasttext, &reader_jsonl, &reader_json, &reader_csv, &reader_tsv, &reader_lines, NULL,
};
