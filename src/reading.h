/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long reviews are read, as options of the commands that read some: what is not said is as the model has it. */
#ifndef REVUE_SRC_READING_H
#define REVUE_SRC_READING_H

#include "engine/model.h"
#include "src/args.h"

struct reading_arguments {
	const char *truncation, *pooling; /* NULL: not said */
	int64_t head_tokens, max_windows; /* -1: not said */
	double stride;                    /* 0: not said */
};

/* What a command's struct begins with. */
#define READING_UNSAID {.head_tokens = -1, .max_windows = -1}

/* The rows of a command's table; its struct has a `struct reading_arguments reading`, and AT tells where. The first for a
 * command that only cuts: `unsaid` tells what happens where nothing is said. */
#define READING_CUT_ROWS(unsaid) \
	{0, "truncation", ARGUMENT_CHOICE, TRUNCATION_WORDS, .offset = AT(reading.truncation), \
	 .help = "which tokens count of a review that has too many; " unsaid " where not given"}, \
	{0, "head-tokens", ARGUMENT_INTEGER, "N", .minimum = 0, .maximum = 65536, .offset = AT(reading.head_tokens), \
	 .help = "tokens before the gap of head+tail; 0: a quarter"}, \
	{0, "stride", ARGUMENT_REAL, "X", .minimum = 0.001, .maximum = 65536, .offset = AT(reading.stride), \
	 .help = "from window to window: up to 1 as a share of --max-length, above it in tokens"}, \
	{0, "max-windows", ARGUMENT_INTEGER, "N", .minimum = 0, .maximum = 65536, .offset = AT(reading.max_windows), \
	 .help = "windows of a review that count, the first ones; 0: all"},
#define READING_ROWS \
	READING_CUT_ROWS("as the model has it") \
	{0, "pooling", ARGUMENT_CHOICE, POOLING_WORDS, .offset = AT(reading.pooling), \
	 .help = "what becomes of the logits of a review's windows"},

/* Changes `reading` to what was said. ERROR_USAGE where an option means nothing to its truncation. */
bool reading_take(const struct reading_arguments *arguments, struct model_reading *reading, struct error *error);

/* The same for a model. */
bool reading_use(const struct reading_arguments *arguments, struct model *model, struct error *error);

#endif
