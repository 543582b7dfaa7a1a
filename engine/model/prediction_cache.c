/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file: MAGIC, the model's 64 hex digits, the number of records (8 bytes), the records with ascending keys, CRC-32 of all
 * before; numbers little-endian, one after the other:
 *
 *   key 16, label 4, score 4 (f32), loss 4 (f32), verdict 4 */
#include "engine/prediction_cache.h"

#include "engine/base/crc32.h"
#include "engine/base/file.h"
#include "engine/base/little.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "revue predictions 1\n\n\n\n"
#define HEADER_BYTES (24 + 64 + 8)
#define RECORD_BYTES 32
#define RECORDS_MAX ((size_t)4 << 20)
#define FILE_ENDING ".predictions"

struct record {
	struct prediction_key key;
	struct prediction prediction;
};

struct prediction_cache {
	char folder[4096], path[4096], id[65];
	int32_t labels;
	struct record *kept;  /* [kept_count], keys ascending: what the file holds */
	struct record *fresh; /* [fresh_count] in any order */
	size_t kept_count, fresh_count, fresh_capacity;
};

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
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int size = -1;

	if (cache && *cache == '/')
		size = snprintf(out, capacity, "%s/revue/predictions", cache);
	else if (home && *home == '/')
		size = snprintf(out, capacity, "%s/.cache/revue/predictions", home);
	return size > 0 && (size_t)size < capacity;
}

/* Reading */

static int compare_keys(const struct prediction_key *a, const struct prediction_key *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return a->low < b->low ? -1 : a->low > b->low;
}

static int compare_records(const void *a, const void *b)
{
	return compare_keys(&((const struct record *)a)->key, &((const struct record *)b)->key);
}

static float read_float(const unsigned char *at)
{
	const uint32_t bits = little_32(at);
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

/* Whether a model with so many labels can have said that. */
static bool is_sound(const struct prediction *prediction, int32_t labels)
{
	return prediction->label >= 0 && prediction->label < labels && prediction->verdict < VERDICT_COUNT &&
	       prediction->score >= 0 && prediction->score <= 1 &&
	       (prediction->verdict == VERDICT_NONE ? isnan(prediction->loss) : prediction->loss >= 0);
}

static bool read_record(const unsigned char *at, int32_t labels, struct record *out)
{
	out->key = (struct prediction_key){little_64(at), little_64(at + 8)};
	out->prediction.label = (int32_t)little_32(at + 16);
	out->prediction.score = read_float(at + 20);
	out->prediction.loss = read_float(at + 24);
	out->prediction.verdict = (enum verdict)little_32(at + 28);
	return is_sound(&out->prediction, labels);
}

static bool header_is_good(const struct prediction_cache *cache, const unsigned char *data, size_t size)
{
	return size >= HEADER_BYTES + 4 && memcmp(data, MAGIC, 24) == 0 && memcmp(data + 24, cache->id, 64) == 0 &&
	       (size - HEADER_BYTES - 4) % RECORD_BYTES == 0 &&
	       little_64(data + 88) == (size - HEADER_BYTES - 4) / RECORD_BYTES &&
	       crc32_update(0, data, size - 4) == little_32(data + size - 4);
}

/* All records, or none. */
static void cache_take(struct prediction_cache *cache, const unsigned char *data, size_t size)
{
	const size_t count = header_is_good(cache, data, size) ? (size_t)little_64(data + 88) : 0;

	cache->kept = count ? size_calloc(count, sizeof *cache->kept) : NULL;
	for (size_t i = 0; cache->kept && i < count; i++) {
		struct record *record = &cache->kept[i];

		if (!read_record(data + HEADER_BYTES + i * RECORD_BYTES, cache->labels, record) ||
		    (i > 0 && compare_records(record - 1, record) >= 0))
			return;
		if (i + 1 == count)
			cache->kept_count = count;
	}
}

struct prediction_cache *prediction_cache_open(const char *folder, const char id[65], int32_t labels, struct error *error)
{
	struct prediction_cache *cache = size_calloc(1, sizeof *cache);
	struct error ignored = {0};
	char name[65 + sizeof FILE_ENDING], *data;
	size_t size = 0;

	if (!cache) {
		error_memory(error, "remembering predictions");
		return NULL;
	}
	snprintf(cache->folder, sizeof cache->folder, "%s", folder);
	snprintf(cache->id, sizeof cache->id, "%s", id);
	snprintf(name, sizeof name, "%s%s", id, FILE_ENDING);
	cache->labels = labels;
	if (!path_join(cache->path, sizeof cache->path, folder, name, &ignored))
		return cache;
	data = file_exists(cache->path) ? file_read(cache->path, HEADER_BYTES + 4 + RECORDS_MAX * RECORD_BYTES, &size, &ignored)
	                                : NULL;
	if (data)
		cache_take(cache, (const unsigned char *)data, size);
	free(data);
	return cache;
}

void prediction_cache_free(struct prediction_cache *cache)
{
	if (!cache)
		return;
	free(cache->kept);
	free(cache->fresh);
	free(cache);
}

bool prediction_cache_find(const struct prediction_cache *cache, struct prediction_key key, struct prediction *out)
{
	const struct record wanted = {.key = key};
	const struct record *found;

	if (cache->kept_count == 0)
		return false;
	found = bsearch(&wanted, cache->kept, cache->kept_count, sizeof *cache->kept, compare_records);
	if (found)
		*out = found->prediction;
	return found;
}

void prediction_cache_put(struct prediction_cache *cache, struct prediction_key key, const struct prediction *prediction)
{
	if (cache->fresh_count >= RECORDS_MAX || !is_sound(prediction, cache->labels))
		return;
	if (cache->fresh_count == cache->fresh_capacity) {
		const size_t capacity = cache->fresh_capacity ? 2 * cache->fresh_capacity : 1024;
		struct record *fresh = size_realloc(cache->fresh, capacity, sizeof *fresh);

		if (!fresh)
			return;
		cache->fresh = fresh;
		cache->fresh_capacity = capacity;
	}
	cache->fresh[cache->fresh_count++] = (struct record){key, *prediction};
}

/* Writing */

static void write_float(unsigned char *at, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	little_put_32(at, bits);
}

static void write_record(unsigned char *at, const struct record *record)
{
	little_put_64(at, record->key.high);
	little_put_64(at + 8, record->key.low);
	little_put_32(at + 16, (uint32_t)record->prediction.label);
	write_float(at + 20, record->prediction.score);
	write_float(at + 24, record->prediction.loss);
	little_put_32(at + 28, (uint32_t)record->prediction.verdict);
}

/* What is new goes into what is kept, which stays sorted; where that are too many, what was kept goes. False: no memory. */
static bool cache_merge(struct prediction_cache *cache)
{
	size_t count = cache->kept_count + cache->fresh_count > RECORDS_MAX ? 0 : cache->kept_count, out = 0;
	struct record *all = size_realloc(cache->kept, count + cache->fresh_count, sizeof *all);

	if (!all)
		return false;
	memcpy(all + count, cache->fresh, cache->fresh_count * sizeof *all);
	count += cache->fresh_count;
	qsort(all, count, sizeof *all, compare_records);
	for (size_t i = 0; i < count; i++) {
		if (out == 0 || compare_records(&all[out - 1], &all[i]) != 0)
			all[out++] = all[i];
	}
	cache->kept = all;
	cache->kept_count = out;
	cache->fresh_count = 0;
	return true;
}

static int is_cache(const struct dirent *entry)
{
	return strlen(entry->d_name) == 64 + strlen(FILE_ENDING) && text_ends_with(entry->d_name, FILE_ENDING);
}

/* One file, the oldest, where there are too many. */
static void cache_prune(const struct prediction_cache *cache)
{
	char path[4096 + 128], oldest[4096 + 128] = "";
	struct error ignored = {0};
	struct dirent **entries;
	struct stat status;
	time_t time = 0;
	const int count = scandir(cache->folder, &entries, is_cache, NULL);

	for (int i = 0; i < count; i++) {
		if (path_join(path, sizeof path, cache->folder, entries[i]->d_name, &ignored) && lstat(path, &status) == 0 &&
		    (!*oldest || status.st_mtime < time)) {
			snprintf(oldest, sizeof oldest, "%s", path);
			time = status.st_mtime;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (count > PREDICTION_CACHE_FILES)
		unlink(oldest);
}

static bool cache_write(const struct prediction_cache *cache, struct error *error)
{
	const size_t size = HEADER_BYTES + cache->kept_count * RECORD_BYTES + 4;
	unsigned char *data = size_calloc(size, 1);
	bool good;

	if (!data)
		return error_memory(error, "remembering predictions");
	memcpy(data, MAGIC, 24);
	memcpy(data + 24, cache->id, 64);
	little_put_64(data + 88, cache->kept_count);
	for (size_t i = 0; i < cache->kept_count; i++)
		write_record(data + HEADER_BYTES + i * RECORD_BYTES, &cache->kept[i]);
	little_put_32(data + size - 4, crc32_update(0, data, size - 4));
	good = file_replace(cache->path, data, size, error);
	free(data);
	return good;
}

bool prediction_cache_save(struct prediction_cache *cache, struct error *error)
{
	if (cache->fresh_count == 0 || !*cache->path)
		return true;
	if (!folder_make(cache->folder, error))
		return false;
	if (!cache_merge(cache))
		return error_memory(error, "remembering predictions");
	if (!cache_write(cache, error))
		return false;
	cache_prune(cache);
	return true;
}
