/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/zip.h"

#include "engine/base/file.h"
#include "engine/base/little.h"
#include "engine/base/size.h"
#include "engine/format/tensor.h"

#include <stdlib.h>
#include <string.h>

enum {
	END_SIZE = 22, LOCATOR_SIZE = 20, END64_SIZE = 56, CENTRAL_SIZE = 46, LOCAL_SIZE = 30,
	FLAG_DESCRIPTOR = 1 << 3, FLAG_UTF8 = 1 << 11,
	ENTRIES_MAX = TENSOR_COUNT_MAX + 100,
	DIRECTORY_MAX = 64 << 20,
	EXTRA_ZIP64 = 1,
};

#define SIGNATURE_LOCAL 0x04034b50u
#define SIGNATURE_CENTRAL 0x02014b50u
#define SIGNATURE_DESCRIPTOR 0x08074b50u
#define SIGNATURE_END 0x06054b50u
#define SIGNATURE_END64 0x06064b50u
#define SIGNATURE_LOCATOR 0x07064b50u

/* The file with the place and size of its directory. */
struct archive {
	int fd;
	const char *path;
	uint64_t size;
	uint64_t directory, directory_size, entries;
	uint64_t directory_end; /* where it must end: at the first of the end records */
};

static bool read_at(const struct archive *archive, void *out, size_t size, uint64_t offset, struct error *error)
{
	return file_read_at(archive->fd, out, size, offset, archive->path, error);
}

/* A field of the old end record is saturated, or says the same as the 64-bit one. */
static bool agrees(uint64_t old, uint64_t saturated, uint64_t new)
{
	return old == saturated || old == new;
}

static bool read_end64(struct archive *archive, const unsigned char *end, struct error *error)
{
	unsigned char locator[LOCATOR_SIZE], record[END64_SIZE];
	uint64_t at;

	if (!read_at(archive, locator, sizeof locator, archive->size - END_SIZE - LOCATOR_SIZE, error))
		return false;
	RETURN_IF(archive->size < END_SIZE + LOCATOR_SIZE + END64_SIZE, error, ERROR_DATA, "zip: no 64-bit end record");
	at = archive->size - END_SIZE - LOCATOR_SIZE - END64_SIZE;
	RETURN_IF(little_32(locator + 4) != 0 || little_64(locator + 8) != at || little_32(locator + 16) != 1, error,
	          ERROR_DATA, "zip: the 64-bit end record is not where its locator says");
	if (!read_at(archive, record, sizeof record, at, error))
		return false;
	RETURN_IF(little_32(record) != SIGNATURE_END64 || little_64(record + 4) != END64_SIZE - 12 ||
	          little_32(record + 16) != 0 || little_32(record + 20) != 0 ||
	          little_64(record + 24) != little_64(record + 32),
	          error, ERROR_DATA, "zip: damaged 64-bit end record");
	archive->entries = little_64(record + 32);
	archive->directory_size = little_64(record + 40);
	archive->directory = little_64(record + 48);
	archive->directory_end = at;
	RETURN_IF(!agrees(little_16(end + 10), 0xffff, archive->entries) ||
	          !agrees(little_32(end + 12), 0xffffffff, archive->directory_size) ||
	          !agrees(little_32(end + 16), 0xffffffff, archive->directory),
	          error, ERROR_DATA, "zip: its two end records disagree");
	return true;
}

static bool has_locator(const struct archive *archive, bool *has, struct error *error)
{
	unsigned char signature[4];

	*has = false;
	if (archive->size < END_SIZE + LOCATOR_SIZE)
		return true;
	if (!read_at(archive, signature, sizeof signature, archive->size - END_SIZE - LOCATOR_SIZE, error))
		return false;
	*has = little_32(signature) == SIGNATURE_LOCATOR;
	return true;
}

static bool read_end(struct archive *archive, struct error *error)
{
	unsigned char end[END_SIZE];
	bool has64 = false;

	RETURN_IF(archive->size < END_SIZE, error, ERROR_DATA, "zip: too short: download it again");
	if (!read_at(archive, end, sizeof end, archive->size - END_SIZE, error) || !has_locator(archive, &has64, error))
		return false;
	RETURN_IF(little_32(end) != SIGNATURE_END || little_16(end + 20) != 0, error, ERROR_DATA,
	          "zip: the end of the archive is missing (a download that was not finished): download it again");
	RETURN_IF(little_16(end + 4) != 0 || little_16(end + 6) != 0 || little_16(end + 8) != little_16(end + 10), error,
	          ERROR_DATA, "zip: in several parts");
	archive->entries = little_16(end + 10);
	archive->directory_size = little_32(end + 12);
	archive->directory = little_32(end + 16);
	archive->directory_end = archive->size - END_SIZE;
	if (has64 && !read_end64(archive, end, error))
		return false;
	RETURN_IF(archive->directory > archive->directory_end ||
	          archive->directory_size != archive->directory_end - archive->directory,
	          error, ERROR_DATA, "zip: the directory is not where the end record says");
	RETURN_IF(archive->entries == 0 || archive->entries > ENTRIES_MAX || archive->directory_size > DIRECTORY_MAX ||
	          archive->directory_size / CENTRAL_SIZE < archive->entries,
	          error, ERROR_DATA, "zip: %llu entries in a directory of %llu bytes",
	          (unsigned long long)archive->entries, (unsigned long long)archive->directory_size);
	return true;
}

/* The field of an extra block by its id; size 0: there is none. False: the block is damaged, or has it twice. */
static bool find_extra(struct span extra, unsigned id, struct span *found)
{
	const unsigned char *at = (const unsigned char *)extra.data;
	size_t left = extra.size;

	*found = (struct span){NULL, 0};
	while (left > 0) {
		size_t size;
		if (left < 4 || (size = little_16(at + 2)) > left - 4)
			return false;
		if (little_16(at) == id) {
			if (found->data)
				return false;
			*found = (struct span){(const char *)at + 4, size};
		}
		at += 4 + size;
		left -= 4 + size;
	}
	return true;
}

/* A 32-bit field; where it is saturated its value is the next 8 bytes of the zip64 field. */
static bool take_64(const unsigned char *field, struct span *zip64, uint64_t *out)
{
	*out = little_32(field);
	if (*out != 0xffffffff)
		return true;
	if (zip64->size < 8)
		return false;
	*out = little_64((const unsigned char *)zip64->data);
	*zip64 = (struct span){zip64->data + 8, zip64->size - 8};
	return true;
}

static bool name_is_plain(struct span name)
{
	if (name.size == 0 || name.size > TENSOR_NAME_MAX || !tensor_text_is_clean(name) || name.data[0] == '/' ||
	    memchr(name.data, '\\', name.size))
		return false;
	for (size_t i = 0; i + 2 <= name.size; i++)
		if (name.data[i] == '.' && name.data[i + 1] == '.' && (i == 0 || name.data[i - 1] == '/') &&
		    (i + 2 == name.size || name.data[i + 2] == '/'))
			return false;
	return true;
}

static bool check_flags(const char *name, unsigned flags, unsigned method, struct error *error)
{
	RETURN_IF(flags & 1, error, ERROR_DATA, "zip: entry %.200s is encrypted", name);
	RETURN_IF(flags & ~(unsigned)(FLAG_DESCRIPTOR | FLAG_UTF8), error, ERROR_DATA,
	          "zip: entry %.200s has flags 0x%04x that torch does not use", name, flags);
	RETURN_IF(method != 0, error, ERROR_DATA,
	          "zip: entry %.200s is compressed (method %u), torch stores its files: load and save it again with torch",
	          name, method);
	return true;
}

/* One row of the central directory, `left` bytes of it at `at`; *used tells its length. */
static bool read_central(struct zip_entry *entry, const unsigned char *at, size_t left, size_t *used,
                         struct error *error)
{
	size_t name_size, extra_size;
	struct span name, zip64;
	uint64_t packed, header;

	RETURN_IF(left < CENTRAL_SIZE || little_32(at) != SIGNATURE_CENTRAL, error, ERROR_DATA, "zip: damaged directory");
	name_size = little_16(at + 28);
	extra_size = little_16(at + 30);
	*used = CENTRAL_SIZE + name_size + extra_size;
	RETURN_IF(*used > left || little_16(at + 32) != 0 || little_16(at + 34) != 0, error, ERROR_DATA,
	          "zip: damaged directory");
	name = (struct span){(const char *)at + CENTRAL_SIZE, name_size};
	RETURN_IF(!name_is_plain(name), error, ERROR_DATA, "zip: an entry's name of %zu bytes is not a plain path",
	          name_size);
	entry->name = strndup(name.data, name.size);
	if (!entry->name)
		return error_memory(error, "reading an archive");
	entry->flags = little_16(at + 8);
	if (!check_flags(entry->name, entry->flags, little_16(at + 10), error))
		return false;
	RETURN_IF(!find_extra((struct span){name.data + name_size, extra_size}, EXTRA_ZIP64, &zip64) ||
	          !take_64(at + 24, &zip64, &entry->size) || !take_64(at + 20, &zip64, &packed) ||
	          !take_64(at + 42, &zip64, &header),
	          error, ERROR_DATA, "zip: entry %.200s has a damaged extra field", entry->name);
	RETURN_IF(packed != entry->size, error, ERROR_DATA, "zip: entry %.200s is stored but has two sizes", entry->name);
	entry->crc32 = little_32(at + 16);
	entry->header = header;
	return true;
}

static bool read_directory(struct zip *zip, const struct archive *archive, const unsigned char *bytes,
                           struct error *error)
{
	size_t at = 0, used = 0, left = (size_t)archive->directory_size;

	for (size_t i = 0; i < archive->entries; i++, at += used, left -= used) {
		zip->count = i + 1; /* so that zip_free sees a name that was copied before a failure */
		if (!read_central(&zip->entries[i], bytes + at, left, &used, error))
			return false;
	}
	RETURN_IF(left != 0, error, ERROR_DATA, "zip: %zu bytes after the directory", left);
	return true;
}

/* A size of a local header: the central one's, 0 where a descriptor follows, or saturated with a zip64 field. */
static bool local_size_agrees(const struct zip_entry *entry, const unsigned char *field, struct span *zip64)
{
	uint64_t size;

	if ((entry->flags & FLAG_DESCRIPTOR) && little_32(field) == 0)
		return true;
	return take_64(field, zip64, &size) && size == entry->size;
}

/* Finds the data of an entry after its local header, which must say what the central one says. */
static bool read_local(struct zip_entry *entry, const struct archive *archive, struct error *error)
{
	unsigned char local[LOCAL_SIZE + TENSOR_NAME_MAX], extra[1 << 16];
	size_t name_size = strlen(entry->name), extra_size;
	struct span zip64;
	uint64_t end;

	RETURN_IF(entry->header > archive->directory || archive->directory - entry->header < LOCAL_SIZE + name_size, error,
	          ERROR_DATA, "zip: entry %.200s lies outside of the archive", entry->name);
	if (!read_at(archive, local, LOCAL_SIZE + name_size, entry->header, error))
		return false;
	RETURN_IF(little_32(local) != SIGNATURE_LOCAL || little_16(local + 6) != entry->flags ||
	          little_16(local + 8) != 0 || little_16(local + 26) != name_size ||
	          memcmp(local + LOCAL_SIZE, entry->name, name_size) != 0,
	          error, ERROR_DATA, "zip: the two headers of entry %.200s disagree", entry->name);
	extra_size = little_16(local + 28);
	entry->offset = entry->header + LOCAL_SIZE + name_size + extra_size;
	RETURN_IF(!u64_add(entry->offset, entry->size, &end) || end > archive->directory, error, ERROR_DATA,
	          "zip: entry %.200s lies outside of the archive", entry->name);
	if (!read_at(archive, extra, extra_size, entry->offset - extra_size, error))
		return false;
	RETURN_IF(!find_extra((struct span){(const char *)extra, extra_size}, EXTRA_ZIP64, &zip64) ||
	          !local_size_agrees(entry, local + 22, &zip64) || !local_size_agrees(entry, local + 18, &zip64) ||
	          (little_32(local + 14) != entry->crc32 &&
	           !((entry->flags & FLAG_DESCRIPTOR) && little_32(local + 14) == 0)),
	          error, ERROR_DATA, "zip: the two headers of entry %.200s disagree", entry->name);
	return true;
}

/* What lies between the data of an entry and the next header: nothing, or the descriptor that was announced. */
static bool check_gap(const struct zip_entry *entry, const struct archive *archive, uint64_t next, struct error *error)
{
	uint64_t end = entry->offset + entry->size, gap;
	unsigned char descriptor[24];
	bool agreed;

	RETURN_IF(next < end, error, ERROR_DATA, "zip: entry %.200s overlaps the next one", entry->name);
	gap = next - end;
	if (!(entry->flags & FLAG_DESCRIPTOR)) {
		RETURN_IF(gap != 0, error, ERROR_DATA, "zip: a gap after entry %.200s", entry->name);
		return true;
	}
	RETURN_IF(gap != 16 && gap != 24, error, ERROR_DATA, "zip: no data descriptor after entry %.200s", entry->name);
	if (!read_at(archive, descriptor, (size_t)gap, end, error))
		return false;
	agreed = little_32(descriptor) == SIGNATURE_DESCRIPTOR && little_32(descriptor + 4) == entry->crc32;
	if (gap == 16)
		agreed = agreed && little_32(descriptor + 8) == entry->size && little_32(descriptor + 12) == entry->size;
	else
		agreed = agreed && little_64(descriptor + 8) == entry->size && little_64(descriptor + 16) == entry->size;
	RETURN_IF(!agreed, error, ERROR_DATA, "zip: the data descriptor of entry %.200s disagrees with the directory",
	          entry->name);
	return true;
}

static int compare_headers(const void *a, const void *b)
{
	const struct zip_entry *x = a, *y = b;

	return (x->header > y->header) - (x->header < y->header);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct zip_entry *)a)->name, ((const struct zip_entry *)b)->name);
}

static bool check_entries(struct zip *zip, const struct archive *archive, struct error *error)
{
	for (size_t i = 0; i < zip->count; i++)
		if (!read_local(&zip->entries[i], archive, error))
			return false;
	qsort(zip->entries, zip->count, sizeof *zip->entries, compare_headers);
	RETURN_IF(zip->entries[0].header != 0, error, ERROR_DATA, "zip: %llu bytes before the first entry",
	          (unsigned long long)zip->entries[0].header);
	for (size_t i = 0; i < zip->count; i++)
		if (!check_gap(&zip->entries[i], archive,
		               i + 1 < zip->count ? zip->entries[i + 1].header : archive->directory, error))
			return false;
	qsort(zip->entries, zip->count, sizeof *zip->entries, compare_names);
	for (size_t i = 1; i < zip->count; i++)
		RETURN_IF(compare_names(&zip->entries[i - 1], &zip->entries[i]) == 0, error, ERROR_DATA,
		          "zip: entry %.200s occurs twice", zip->entries[i].name);
	return true;
}

bool zip_read(struct zip *zip, int fd, const char *path, uint64_t size, struct error *error)
{
	struct archive archive = {.fd = fd, .path = path, .size = size};
	unsigned char *directory;
	bool done;

	*zip = (struct zip){0};
	if (!read_end(&archive, error))
		return false;
	directory = malloc((size_t)archive.directory_size);
	zip->entries = size_calloc((size_t)archive.entries, sizeof *zip->entries);
	done = (directory && zip->entries) || error_memory(error, "reading an archive");
	done = done && read_at(&archive, directory, (size_t)archive.directory_size, archive.directory, error) &&
	       read_directory(zip, &archive, directory, error) && check_entries(zip, &archive, error);
	free(directory);
	return done;
}

const struct zip_entry *zip_find(const struct zip *zip, const char *name)
{
	const struct zip_entry key = {.name = (char *)(uintptr_t)name};

	return zip->count ? bsearch(&key, zip->entries, zip->count, sizeof key, compare_names) : NULL;
}

void zip_free(struct zip *zip)
{
	for (size_t i = 0; i < zip->count; i++)
		free(zip->entries[i].name);
	free(zip->entries);
	*zip = (struct zip){0};
}
