/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file: the magic, the origin's 64 hex digits, the number of records (8 bytes), the records with ascending keys, each its
 * key and then its bytes, CRC-32 of all before; numbers little-endian. */
#include "engine/base/kept_records.h"

#include "engine/base/crc32.h"
#include "engine/base/file.h"
#include "engine/base/little.h"
#include "engine/base/size.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC_BYTES 24
#define ORIGIN_BYTES 64
#define HEADER_BYTES (MAGIC_BYTES + ORIGIN_BYTES + 8)
#define KEY_BYTES 16

/* In memory records lie as in the file. */
struct kept_records {
	const struct record_kind *kind;
	char folder[4096], path[4096], origin[65];
	size_t size, stride;    /* bytes of a record without and with its key */
	enum kept_state state;
	unsigned char *kept;    /* [kept_count] keys ascending */
	unsigned char *fresh;   /* [fresh_count] in any order */
	size_t kept_count, fresh_count, fresh_capacity;
};

static struct record_key key_at(const unsigned char *at)
{
	return (struct record_key){little_64(at), little_64(at + 8)};
}

static int compare_keys(struct record_key a, struct record_key b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

static int compare_records(const void *a, const void *b)
{
	return compare_keys(key_at(a), key_at(b));
}

/* Reading */

static bool header_is_good(const struct kept_records *records, const unsigned char *data, size_t size)
{
	return size >= HEADER_BYTES + 4 && memcmp(data, records->kind->magic, MAGIC_BYTES) == 0 &&
	       memcmp(data + MAGIC_BYTES, records->origin, ORIGIN_BYTES) == 0 &&
	       (size - HEADER_BYTES - 4) % records->stride == 0 &&
	       little_64(data + MAGIC_BYTES + ORIGIN_BYTES) == (size - HEADER_BYTES - 4) / records->stride &&
	       crc32_update(0, data, size - 4) == little_32(data + size - 4);
}

/* All records, or none. The data becomes theirs. */
static bool take(struct kept_records *records, unsigned char *data, size_t size,
                 bool (*is_sound)(const unsigned char *record, const void *of), const void *of)
{
	const size_t count = header_is_good(records, data, size) ? (size - HEADER_BYTES - 4) / records->stride : 0;

	if (count == 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		const unsigned char *record = data + HEADER_BYTES + i * records->stride;

		if (!is_sound(record + KEY_BYTES, of) || (i > 0 && compare_records(record - records->stride, record) >= 0))
			return false;
	}
	memmove(data, data + HEADER_BYTES, count * records->stride);
	records->kept = data;
	records->kept_count = count;
	return true;
}

static void read_kept(struct kept_records *records, bool (*is_sound)(const unsigned char *record, const void *of), const void *of)
{
	struct error ignored = {0};
	size_t size = 0, most;
	char *data = NULL;

	if (!file_exists(records->path))
		return;
	if (size_multiply(records->kind->records, records->stride, &most) && most < SIZE_MAX - HEADER_BYTES - 4)
		data = file_read(records->path, HEADER_BYTES + 4 + most, &size, &ignored);
	records->state = KEPT_RECORDS;
	if (data && take(records, (unsigned char *)data, size, is_sound, of))
		return;
	records->state = KEPT_DAMAGED;
	free(data);
}

struct kept_records *kept_records_open(const struct record_kind *kind, const char *folder, const char origin[65], size_t size,
                                       bool (*is_sound)(const unsigned char *record, const void *of), const void *of,
                                       struct error *error)
{
	struct kept_records *records = size_calloc(1, sizeof *records);
	struct error ignored = {0};
	char name[128];

	if (!records) {
		error_memory(error, kind->what);
		return NULL;
	}
	records->kind = kind;
	records->size = size;
	records->stride = size + KEY_BYTES;
	snprintf(records->folder, sizeof records->folder, "%s", folder);
	snprintf(records->origin, sizeof records->origin, "%s", origin);
	snprintf(name, sizeof name, "%s%s", origin, kind->ending);
	if (path_join(records->path, sizeof records->path, folder, name, &ignored))
		read_kept(records, is_sound, of);
	else
		records->path[0] = '\0';
	return records;
}

bool kept_records_folder(const char *name, char *out, size_t capacity)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int size = -1;

	if (cache && *cache == '/')
		size = snprintf(out, capacity, "%s/revue/%s", cache, name);
	else if (home && *home == '/')
		size = snprintf(out, capacity, "%s/.cache/revue/%s", home, name);
	return size > 0 && (size_t)size < capacity;
}

void kept_records_free(struct kept_records *records)
{
	if (!records)
		return;
	free(records->kept);
	free(records->fresh);
	free(records);
}

enum kept_state kept_records_state(const struct kept_records *records)
{
	return records->state;
}

const char *kept_records_path(const struct kept_records *records)
{
	return records->path;
}

size_t kept_records_count(const struct kept_records *records)
{
	return records->kept_count + records->fresh_count;
}

const unsigned char *kept_records_find(const struct kept_records *records, struct record_key key)
{
	size_t low = 0, high = records->kept_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const unsigned char *record = records->kept + middle * records->stride;
		const int order = compare_keys(key, key_at(record));

		if (order == 0)
			return record + KEY_BYTES;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Adding */

bool kept_records_put(struct kept_records *records, struct record_key key, const unsigned char *record)
{
	unsigned char *at;

	if (records->fresh_count >= records->kind->records)
		return false;
	if (records->fresh_count == records->fresh_capacity) {
		const size_t capacity = records->fresh_capacity ? 2 * records->fresh_capacity : 1024;
		unsigned char *fresh = size_realloc(records->fresh, capacity, records->stride);

		if (!fresh)
			return false;
		records->fresh = fresh;
		records->fresh_capacity = capacity;
	}
	at = records->fresh + records->fresh_count++ * records->stride;
	little_put_64(at, key.high);
	little_put_64(at + 8, key.low);
	memcpy(at + KEY_BYTES, record, records->size);
	return true;
}

/* What is new goes into what is kept, which stays sorted; where that are too many, what was kept goes. */
static bool settle(struct kept_records *records, struct error *error)
{
	const size_t stride = records->stride;
	size_t count = records->kept_count + records->fresh_count > records->kind->records ? 0 : records->kept_count, out = 0;
	unsigned char *all;

	if (records->fresh_count == 0)
		return true;
	all = size_realloc(records->kept, count + records->fresh_count, stride);
	if (!all)
		return error_memory(error, records->kind->what);
	memcpy(all + count * stride, records->fresh, records->fresh_count * stride);
	count += records->fresh_count;
	qsort(all, count, stride, compare_records);
	for (size_t i = 0; i < count; i++)
		if (out == 0 || compare_records(all + (out - 1) * stride, all + i * stride) != 0)
			memmove(all + out++ * stride, all + i * stride, stride);
	records->kept = all;
	records->kept_count = out;
	records->fresh_count = 0;
	return true;
}

/* Writing */

static bool is_of_kind(const char *name, const struct record_kind *kind)
{
	const size_t size = strlen(name), ending = strlen(kind->ending);

	return size == ORIGIN_BYTES + ending && strcmp(name + ORIGIN_BYTES, kind->ending) == 0;
}

/* One file, the oldest, where there are too many. */
static void prune(const struct kept_records *records)
{
	char path[4096 + 128], oldest[4096 + 128] = "";
	struct error ignored = {0};
	struct dirent **entries;
	struct stat status;
	time_t time = 0;
	int files = 0;
	const int count = scandir(records->folder, &entries, NULL, NULL);

	for (int i = 0; i < count; i++) {
		if (is_of_kind(entries[i]->d_name, records->kind) &&
		    path_join(path, sizeof path, records->folder, entries[i]->d_name, &ignored) && lstat(path, &status) == 0) {
			files++;
			if (!*oldest || status.st_mtime < time) {
				snprintf(oldest, sizeof oldest, "%s", path);
				time = status.st_mtime;
			}
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (files > records->kind->files)
		unlink(oldest);
}

static bool write_file(const struct kept_records *records, struct error *error)
{
	const size_t bytes = records->kept_count * records->stride;
	unsigned char header[HEADER_BYTES], check[4];
	struct file_writer writer;
	bool good;

	memcpy(header, records->kind->magic, MAGIC_BYTES);
	memcpy(header + MAGIC_BYTES, records->origin, ORIGIN_BYTES);
	little_put_64(header + MAGIC_BYTES + ORIGIN_BYTES, records->kept_count);
	little_put_32(check, crc32_update(crc32_update(0, header, sizeof header), records->kept, bytes));
	if (!file_writer_begin(&writer, records->path, error))
		return false;
	good = file_writer_write(&writer, header, sizeof header, error) &&
	       file_writer_write(&writer, records->kept, bytes, error) &&
	       file_writer_write(&writer, check, sizeof check, error);
	if (good)
		return file_writer_commit(&writer, error);
	file_writer_abort(&writer);
	return false;
}

bool kept_records_save(struct kept_records *records, struct error *error)
{
	if (records->fresh_count == 0 || !*records->path)
		return true;
	if (!folder_make(records->folder, error) || !settle(records, error) || !write_file(records, error))
		return false;
	prune(records);
	return true;
}
