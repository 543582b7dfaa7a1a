/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json of a model of this program's own kind, "revue-ngram": a linear model on hashed n-grams of words
 * (engine/model/ngram.h). Beside the keys that it shares with models of transformers (id2label, label2id, problem_type,
 * "revue") it has an object "revue_ngram" with the members of struct ngram_shape. Floor: format. */
#ifndef REVUE_FORMAT_NGRAM_CONFIG_H
#define REVUE_FORMAT_NGRAM_CONFIG_H

#include "engine/format/config_parts.h"

#define NGRAM_TYPE "revue-ngram"
#define NGRAM_VERSION 1 /* of how texts are read and n-grams hashed; another one would give other scores */

enum {
	NGRAM_WORDS_MAX = 5,
	NGRAM_BITS_MIN = 8,
	NGRAM_BITS_MAX = 26,
};

/* "version", "words", "buckets" in config.json. */
struct ngram_shape {
	int32_t words; /* of an n-gram at most: 3 counts words, pairs and triples */
	int32_t bits;  /* n-grams are hashed into 2^bits buckets */
};

/* *is becomes whether FOLDER/config.json says that its model is of this kind; a file that cannot be read says nothing, and
 * whoever reads it next says why. False: out of memory. */
bool ngram_config_is(const char *folder, bool *is, struct error *error);

/* Reads and checks FOLDER/config.json; config->model.architecture stays NULL. The caller frees the result with
 * hf_config_free, also after a failure. */
bool ngram_config_read(const char *folder, struct hf_config *config, struct ngram_shape *shape, struct error *error);

/* Writes it: the keys of `base` (may be NULL) with what is given here over them. */
bool ngram_config_write(const char *folder, const struct model_config *model, const char *const *labels,
                        const struct ngram_shape *shape, const json_t *base, struct error *error);

#endif
