/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model said of texts, kept in a file from one visit to the next: a number for the model, a number for each text
 * with its labels, and what came of it. No text is kept. Part of the engine's face; implemented in
 * engine/model/prediction_cache.c. */
#ifndef REVUE_ENGINE_PREDICTION_CACHE_H
#define REVUE_ENGINE_PREDICTION_CACHE_H

#include "engine/model.h"

enum verdict {
	VERDICT_NONE,  /* the row has no label that the model knows */
	VERDICT_RIGHT,
	VERDICT_WRONG,
	VERDICT_COUNT,
};

/* What became of one text. */
struct prediction {
	int32_t label;   /* the one of the highest score */
	float score;     /* its score, 0 to 1 */
	float loss;      /* what the row adds to the mean loss; NaN without a verdict */
	enum verdict verdict;
};

/* The first half of a SHA-256. */
struct prediction_key {
	uint64_t high, low;
};

/* Of a text and the model's labels that its row has; none where it is not judged. */
struct prediction_key prediction_key_of(struct span text, const int32_t *labels, size_t count);

/* The number of a loaded model, as 64 hex digits: of its folder's files, and of the logits that it gives to some probes, so
 * that files which were replaced since it was loaded do not pass for it. */
bool prediction_model_id(const char *folder, const float *logits, size_t count, char out[65],
                         const struct progress *progress, struct error *error);

/* $XDG_CACHE_HOME/revue/predictions (else ~/.cache/...); false: there is no place for it. */
bool prediction_cache_folder(char *out, size_t capacity);

struct prediction_cache;

/* What FOLDER keeps of the model `id`, which has so many labels. Nothing is remembered where there is no file, or one that
 * is damaged, cut, of another model or too large: prediction_cache_save replaces it. NULL: out of memory. */
struct prediction_cache *prediction_cache_open(const char *folder, const char id[65], int32_t labels, struct error *error);
void prediction_cache_free(struct prediction_cache *cache); /* NULL is allowed */

/* False: not remembered. */
bool prediction_cache_find(const struct prediction_cache *cache, struct prediction_key key, struct prediction *out);

/* Remembers one that was not found, in memory. Where there are too many, or memory is short, it does not. */
void prediction_cache_put(struct prediction_cache *cache, struct prediction_key key, const struct prediction *prediction);

/* Writes the file, in whole, where there is something new, and removes those of models that were not
 * asked for longest, beyond PREDICTION_CACHE_FILES. */
#define PREDICTION_CACHE_FILES 16
bool prediction_cache_save(struct prediction_cache *cache, struct error *error);

#endif
