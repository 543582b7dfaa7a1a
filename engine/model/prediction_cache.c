/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record of the file (engine/base/kept_records.h), numbers little-endian, one after the other:
 *
 *   label 4, score 4 (f32), loss 4 (f32), verdict 4 */
#include "engine/prediction_cache.h"

#include "engine/base/kept_records.h"
#include "engine/base/little.h"
#include "engine/base/sha256.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_BYTES 16

static const struct record_kind kind = {"revue predictions 1\n\n\n\n", ".predictions", PREDICTION_CACHE_FILES, (size_t)4 << 20,
                                        "remembering predictions"};

/* Numbers of texts and models */

struct prediction_key prediction_key_of(struct span text, const int32_t *labels, size_t count)
{
	uint8_t digest[SHA256_DIGEST_SIZE], number[4];
	struct sha256_ctx hash;

	sha256_init(&hash);
	for (size_t i = 0; i < count; i++) {
		little_put_32(number, (uint32_t)labels[i]);
		sha256_update(&hash, sizeof number, number);
	}
	sha256_update(&hash, 4, (const uint8_t *)"\xff\xff\xff\xff"); /* no label has that number */
	sha256_update(&hash, text.size, (const uint8_t *)text.data);
	sha256_digest(&hash, sizeof digest, digest);
	return (struct prediction_key){little_64(digest), little_64(digest + 8)};
}

bool prediction_model_id(const char *folder, const float *logits, size_t count, char out[65],
                         const struct progress *progress, struct error *error)
{
	struct sha256_ctx hash;
	char files[65];

	if (!model_hash(folder, files, progress, error))
		return false;
	sha256_init(&hash);
	sha256_update(&hash, 64, (const uint8_t *)files);
	sha256_update(&hash, count * sizeof *logits, (const uint8_t *)logits);
	sha256_hex(&hash, out);
	return true;
}

bool prediction_cache_folder(char *out, size_t capacity)
{
	return kept_records_folder("predictions", out, capacity);
}

/* Records */

static struct prediction read_record(const unsigned char *at)
{
	return (struct prediction){
		.label = (int32_t)little_32(at),
		.score = little_float(at + 4),
		.loss = little_float(at + 8),
		.verdict = (enum verdict)little_32(at + 12),
	};
}

/* Whether a model with so many labels can have said that. */
static bool is_sound(const struct prediction *prediction, int32_t labels)
{
	return prediction->label >= 0 && prediction->label < labels && prediction->verdict < VERDICT_COUNT &&
	       prediction->score >= 0 && prediction->score <= 1 &&
	       (prediction->verdict == VERDICT_NONE ? isnan(prediction->loss) : prediction->loss >= 0);
}

static bool record_is_sound(const unsigned char *record, const void *labels)
{
	const struct prediction prediction = read_record(record);

	return is_sound(&prediction, *(const int32_t *)labels);
}

/* The cache */

struct prediction_cache {
	struct kept_records *records;
	int32_t labels;
};

struct prediction_cache *prediction_cache_open(const char *folder, const char id[65], int32_t labels, struct error *error)
{
	struct prediction_cache *cache = calloc(1, sizeof *cache);

	if (!cache) {
		error_memory(error, kind.what);
		return NULL;
	}
	cache->labels = labels;
	cache->records = kept_records_open(&kind, folder, id, RECORD_BYTES, record_is_sound, &labels, error);
	if (cache->records)
		return cache;
	prediction_cache_free(cache);
	return NULL;
}

void prediction_cache_free(struct prediction_cache *cache)
{
	if (!cache)
		return;
	kept_records_free(cache->records);
	free(cache);
}

static struct record_key record_key(struct prediction_key key)
{
	return (struct record_key){key.high, key.low};
}

bool prediction_cache_find(const struct prediction_cache *cache, struct prediction_key key, struct prediction *out)
{
	const unsigned char *record = kept_records_find(cache->records, record_key(key));

	if (record)
		*out = read_record(record);
	return record;
}

void prediction_cache_put(struct prediction_cache *cache, struct prediction_key key, const struct prediction *prediction)
{
	unsigned char record[RECORD_BYTES];

	if (!is_sound(prediction, cache->labels))
		return;
	little_put_32(record, (uint32_t)prediction->label);
	little_put_float(record + 4, prediction->score);
	little_put_float(record + 8, prediction->loss);
	little_put_32(record + 12, (uint32_t)prediction->verdict);
	kept_records_put(cache->records, record_key(key), record);
}

bool prediction_cache_save(struct prediction_cache *cache, struct error *error)
{
	return kept_records_save(cache->records, error);
}
