/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a source of unknown format: its encoding, the reader that fits best, and what that reader finds. The rules
 * stand in engine/data/README; encodings are recognised by their marks (Unicode 15, section 23.8) or by their bytes. */
#ifndef REVUE_DATA_SNIFF_H
#define REVUE_DATA_SNIFF_H

#include "engine/data/reader.h"

/* Starts as {.shape.columns = {.text = -1, .label = -1}}. The owner closes the state with the reader, if there is one, and
 * frees the columns, also after a failure. */
struct opened {
	const struct reader *reader;
	void *state;
	struct shape shape;
};

/* Chooses among `readers`, up to NULL, and opens. False with one line that says why not: see dataset_open. `source`
 * stays open as long as the reader; it is converted where its encoding wants that. */
bool sniff_open(struct source *source, const struct dataset_options *options,
                const struct reader *const *readers, struct opened *opened, struct error *error);

#endif
