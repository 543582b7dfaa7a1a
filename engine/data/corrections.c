/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/corrections.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/little.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20)
#define HASH_DIGITS 32

struct key {
	uint64_t high, low;
};

struct correction {
	struct key key;
	size_t order; /* as they came: the last of a row counts */
	char *to;     /* NULL: taken back. Kept until the end also where another one has taken its place: rows point to it */
};

struct corrections {
	char path[4096];
	pthread_mutex_t lock; /* guards what follows */
	struct correction *all; /* [count] keys ascending, each once */
	size_t count, capacity, order;
	char **gone; /* [gone_count] labels that do not count any more */
	size_t gone_count, gone_capacity;
};

/* Keys */

/* As its hexadecimal digits stand. */
static uint64_t big_64(const uint8_t *at)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | at[i];
	return value;
}

static struct key key_of(struct span text, struct span label)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, label.size, (const uint8_t *)label.data);
	sha256_update(&hash, 1, (const uint8_t *)"");
	sha256_update(&hash, text.size, (const uint8_t *)text.data);
	sha256_digest(&hash, sizeof digest, digest);
	return (struct key){big_64(digest), big_64(digest + 8)};
}

static int compare_keys(struct key a, struct key b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

static bool key_read(const char *digits, struct key *key)
{
	char half[17] = "";

	if (strlen(digits) != HASH_DIGITS || strspn(digits, "0123456789abcdef") != HASH_DIGITS)
		return false;
	memcpy(half, digits, 16);
	key->high = strtoull(half, NULL, 16);
	key->low = strtoull(digits + 16, NULL, 16);
	return true;
}

/* In memory */

/* The place of the key, or where it would stand. */
static size_t place_of(const struct corrections *corrections, struct key key)
{
	size_t low = 0, high = corrections->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare_keys(corrections->all[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_there(const struct corrections *corrections, size_t place, struct key key)
{
	return place < corrections->count && compare_keys(corrections->all[place].key, key) == 0;
}

static bool grow(void **array, size_t *capacity, size_t count, size_t size)
{
	void *more;

	if (count < *capacity)
		return true;
	more = size_realloc(*array, 2 * count + 64, size);
	if (!more)
		return false;
	*array = more;
	*capacity = 2 * count + 64;
	return true;
}

static bool reserve(struct corrections *corrections)
{
	return grow((void **)&corrections->all, &corrections->capacity, corrections->count, sizeof *corrections->all) &&
	       grow((void **)&corrections->gone, &corrections->gone_capacity, corrections->gone_count, sizeof *corrections->gone);
}

/* Takes over `to`. There is room: reserve. */
static void put(struct corrections *corrections, struct key key, char *to)
{
	const size_t place = place_of(corrections, key);
	struct correction *at = corrections->all + place;

	if (is_there(corrections, place, key)) {
		if (at->to)
			corrections->gone[corrections->gone_count++] = at->to;
	} else {
		memmove(at + 1, at, (corrections->count - place) * sizeof *at);
		corrections->count++;
	}
	*at = (struct correction){key, corrections->order++, to};
}

/* Reading */

static int compare_corrections(const void *a, const void *b)
{
	const struct correction *left = a, *right = b;
	const int order = compare_keys(left->key, right->key);

	return order != 0 ? order : left->order < right->order ? -1 : 1;
}

/* Adds at the end, out of order. */
static bool take_line(struct corrections *corrections, struct span line, uint64_t number, struct error *error)
{
	struct error ignored = {0};
	json_t *object = json_parse(line, corrections->path, &ignored), *to = json_object_get(object, "new");
	const char *row = json_string_value(json_object_get(object, "row")), *word = json_string_value(to);
	struct key key;
	const bool good = row && key_read(row, &key) && (json_is_null(to) || (word && *word));
	char *copy = good && word ? strdup(word) : NULL;

	json_decref(object);
	RETURN_IF(!good, error, ERROR_DATA, "%s: line %llu is no correction (\"row\" with %d hexadecimal digits, and \"new\")",
	          corrections->path, (unsigned long long)number, HASH_DIGITS);
	if ((word && !copy) || !reserve(corrections)) {
		free(copy);
		return error_memory(error, "reading corrections");
	}
	corrections->all[corrections->count++] = (struct correction){key, corrections->order++, copy};
	return true;
}

static bool take_lines(struct corrections *corrections, struct span text, struct error *error)
{
	const char *end;
	uint64_t number = 0;

	for (; (end = text.size > 0 ? memchr(text.data, '\n', text.size) : NULL); number++) {
		const struct span line = {text.data, (size_t)(end - text.data)};

		if (line.size > 0 && !take_line(corrections, line, number + 1, error))
			return false;
		text = (struct span){end + 1, text.size - line.size - 1};
	}
	return true;
}

/* Of each row the last one. */
static void settle(struct corrections *corrections)
{
	size_t out = 0;

	if (corrections->count > 0)
		qsort(corrections->all, corrections->count, sizeof *corrections->all, compare_corrections);
	for (size_t i = 0; i < corrections->count; i++) {
		if (i + 1 < corrections->count && compare_keys(corrections->all[i].key, corrections->all[i + 1].key) == 0)
			free(corrections->all[i].to);
		else
			corrections->all[out++] = corrections->all[i];
	}
	corrections->count = out;
}

struct corrections *corrections_open(const char *path, bool needed, struct error *error)
{
	struct corrections *corrections = size_calloc(1, sizeof *corrections);
	bool good = true;
	size_t size = 0;
	char *text = NULL;

	if (!corrections) {
		error_memory(error, "reading corrections");
		return NULL;
	}
	pthread_mutex_init(&corrections->lock, NULL);
	snprintf(corrections->path, sizeof corrections->path, "%s", path);
	if (needed || file_exists(path)) {
		text = file_read(path, FILE_MAX, &size, error);
		good = text && take_lines(corrections, (struct span){text, size}, error);
	}
	free(text);
	settle(corrections);
	if (good)
		return corrections;
	corrections_free(corrections);
	return NULL;
}

void corrections_free(struct corrections *corrections)
{
	if (!corrections)
		return;
	for (size_t i = 0; i < corrections->count; i++)
		free(corrections->all[i].to);
	for (size_t i = 0; i < corrections->gone_count; i++)
		free(corrections->gone[i]);
	free(corrections->all);
	free(corrections->gone);
	pthread_mutex_destroy(&corrections->lock);
	free(corrections);
}

const char *corrections_path(const struct corrections *corrections)
{
	return corrections->path;
}

uint64_t corrections_count(struct corrections *corrections)
{
	uint64_t count = 0;

	pthread_mutex_lock(&corrections->lock);
	for (size_t i = 0; i < corrections->count; i++)
		count += corrections->all[i].to != NULL;
	pthread_mutex_unlock(&corrections->lock);
	return count;
}

const char *corrections_find(struct corrections *corrections, struct span text, struct span label)
{
	const char *found = NULL;
	struct key key;
	size_t place;

	pthread_mutex_lock(&corrections->lock);
	if (corrections->count > 0) {
		key = key_of(text, label);
		place = place_of(corrections, key);
		found = is_there(corrections, place, key) ? corrections->all[place].to : NULL;
	}
	pthread_mutex_unlock(&corrections->lock);
	return found;
}

void corrections_mix(struct corrections *corrections, char hash[65])
{
	struct sha256_ctx mixed;
	bool any = false;

	sha256_init(&mixed);
	sha256_update(&mixed, 64, (const uint8_t *)hash);
	pthread_mutex_lock(&corrections->lock);
	for (size_t i = 0; i < corrections->count; i++) {
		const struct correction *at = &corrections->all[i];
		uint8_t key[16];

		if (!at->to)
			continue;
		little_put_64(key, at->key.high);
		little_put_64(key + 8, at->key.low);
		sha256_update(&mixed, sizeof key, key);
		sha256_update(&mixed, strlen(at->to) + 1, (const uint8_t *)at->to);
		any = true;
	}
	pthread_mutex_unlock(&corrections->lock);
	if (any)
		sha256_hex(&mixed, hash);
}

/* Writing */

/* A line with its end, which the caller frees. NULL: out of memory, or no UTF-8. */
static char *line_of(struct key key, struct span label, const char *to)
{
	char hash[HASH_DIGITS + 1], when[32];
	const time_t now = time(NULL);
	struct tm utc;
	json_t *object;
	char *text, *line;

	snprintf(hash, sizeof hash, "%016llx%016llx", (unsigned long long)key.high, (unsigned long long)key.low);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	object = json_pack("{s:s, s:s%, s:o, s:s}", "row", hash, "old", label.data, label.size, "new",
	                   to ? json_string(to) : json_null(), "time", when);
	text = object ? json_text(object, JSON_COMPACT) : NULL;
	json_decref(object);
	line = text ? malloc(strlen(text) + 3) : NULL;
	if (line)
		snprintf(line, strlen(text) + 3, "\n%s\n", text);
	free(text);
	return line;
}

/* Whether the file ends within a line: then that one is ended first, so that it spoils no other. */
static bool ends_in_a_line(int fd)
{
	const off_t size = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static bool append(const char *path, const char *line, struct error *error)
{
	const bool is_new = !file_exists(path);
	const int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
	char folder[4096];
	char *slash;
	bool good;

	if (fd < 0)
		return error_errno(error, "write", path);
	line += !ends_in_a_line(fd);
	good = file_write_all(fd, line, strlen(line), path, error) && (fsync(fd) == 0 || error_errno(error, "write", path));
	close(fd);
	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	return good && (!is_new || folder_sync(slash ? folder : ".", error));
}

bool corrections_add(struct corrections *corrections, struct span text, struct span label, const char *to, struct error *error)
{
	const struct key key = key_of(text, label);
	char *line = line_of(key, label, to), *copy = to ? strdup(to) : NULL;
	bool good = line && (copy || !to);

	pthread_mutex_lock(&corrections->lock);
	good = good && reserve(corrections);
	pthread_mutex_unlock(&corrections->lock);
	if (!good)
		error_memory(error, "writing a correction");
	good = good && append(corrections->path, line, error);
	free(line);
	if (!good) {
		free(copy);
		return false;
	}
	pthread_mutex_lock(&corrections->lock);
	put(corrections, key, copy);
	pthread_mutex_unlock(&corrections->lock);
	return true;
}
