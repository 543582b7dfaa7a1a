/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `revue info` says: pairs of a name and a value, written as text or as one JSON object. */
#ifndef REVUE_SRC_FACTS_H
#define REVUE_SRC_FACTS_H

#include "engine/dataset.h"
#include "engine/words.h"
#include "src/progress.h"

#include <stdio.h>

/* Writes facts in one of the two forms. */
struct facts {
	FILE *out;
	bool json, any;
};

void fact_text(struct facts *facts, const char *name, const char *value);
void fact_number(struct facts *facts, const char *name, double value, struct words words);
void fact_count(struct facts *facts, const char *name, uint64_t value);
void fact_real(struct facts *facts, const char *name, double value);
void fact_truth(struct facts *facts, const char *name, bool value);

/* A list of `count` texts; item gives number i of `of`. */
void fact_list(struct facts *facts, const char *name, const char *(*item)(const void *of, int i), const void *of, int count);

/* The labels of a survey and their counts, the most first: "a 3, b 2", and {"a": 3, "b": 2}. */
void fact_counts(struct facts *facts, const char *name, const struct survey *survey);

/* Everything about a file of reviews: reads every row. */
bool data_facts(struct facts *facts, const char *path, const struct dataset_options *options, struct progress_line *line,
                struct error *error);

#endif
