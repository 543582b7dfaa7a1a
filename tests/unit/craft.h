/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Builds small files of the formats that engine/format reads, right or wrong in one place: for the tables of hostile
 * files and the fuzzers. Independent of the readers: nothing of engine/format is used. */
#ifndef REVUE_TESTS_CRAFT_H
#define REVUE_TESTS_CRAFT_H

#include "engine/base/buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRAFT_MAX ((size_t)256 << 20)

static inline void craft_add(struct buffer *out, const void *data, size_t size)
{
	if (!buffer_add(out, data, size))
		abort();
}

static inline void craft_number(struct buffer *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		craft_add(out, &(unsigned char){(unsigned char)(value >> 8 * i)}, 1);
}

/* A new file each time: ext4 writes a truncated one to the disk when it is closed, and there are thousands. */
static inline void craft_write(const char *path, const void *data, size_t size)
{
	FILE *file;

	remove(path);
	file = fopen(path, "wb");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		abort();
}

/* The checksum of zip bit by bit. */
static inline uint32_t craft_crc32(const void *data, size_t size)
{
	const unsigned char *at = data;
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
	}
	return ~crc;
}

/* length, header, `data` bytes of zeros. */
static inline void craft_safetensors(struct buffer *out, uint64_t length, const void *header, size_t size, size_t data)
{
	craft_number(out, length, 8);
	craft_add(out, header, size);
	for (size_t i = 0; i < data; i++)
		craft_add(out, "", 1);
}

/* Whether a reader did what a row of a table says: took a file (fragment NULL) or refused it in one line with these
 * words. False, and the reason on stderr, when not. */
static inline bool craft_verdict(const char *what, bool taken, const char *text, const char *fragment)
{
	if (taken == !fragment && (!fragment || (strstr(text, fragment) && !strchr(text, '\n'))))
		return true;
	fprintf(stderr, "# %.300s: %s, expected %s\n", what, taken ? "taken" : text, fragment ? fragment : "to be taken");
	return false;
}

/* An entry of a zip; what is not 0 makes it wrong in one place. */
struct craft_entry {
	const char *name;
	const void *data;
	size_t size;
	const char *local_name;       /* another name in the local header */
	uint16_t flags, local_flags_xor, method, local_method, extra_id;
	uint32_t crc_xor, local_crc_xor;
	int64_t size_add, packed_add, local_size_add, offset_add;
	size_t gap;                   /* zero bytes after the data */
	bool no_descriptor;           /* though flag 3 announces one */
	bool zip64;                   /* sizes in a zip64 field, in both headers */
	size_t extra;                 /* bytes of padding in the local extra field, as torch's alignment */
};

struct craft_zip {
	const char *prefix, *comment; /* before the first entry; behind the end */
	bool end64;
	int64_t entries_add, directory_add, directory_size_add;
	int64_t end64_entries_add, locator_add;
	bool two_ends, no_end;
};

struct craft_place {
	uint64_t offset;
	uint32_t crc;
};

static inline void craft_zip64_field(struct buffer *out, const struct craft_entry *entry)
{
	craft_number(out, 1, 2);
	craft_number(out, 16, 2);
	craft_number(out, entry->size + (uint64_t)entry->size_add, 8);
	craft_number(out, entry->size + (uint64_t)entry->packed_add, 8);
}

static inline struct craft_place craft_local(struct buffer *out, const struct craft_entry *entry)
{
	const char *name = entry->local_name ? entry->local_name : entry->name;
	struct craft_place place = {out->size, craft_crc32(entry->data, entry->size)};
	bool later = entry->flags & 8;
	uint64_t size = later ? 0 : entry->zip64 ? 0xffffffff : entry->size + (uint64_t)entry->local_size_add;
	size_t extra = (entry->zip64 && !later ? 20 : 0) + (entry->extra ? entry->extra + 4 : 0);

	craft_number(out, 0x04034b50, 4);
	craft_number(out, 0, 2);
	craft_number(out, entry->flags ^ entry->local_flags_xor, 2);
	craft_number(out, entry->method ^ entry->local_method, 2);
	craft_number(out, 0, 4);
	craft_number(out, (later ? 0 : place.crc) ^ entry->local_crc_xor, 4);
	craft_number(out, size, 4);
	craft_number(out, size, 4);
	craft_number(out, strlen(name), 2);
	craft_number(out, extra, 2);
	craft_add(out, name, strlen(name));
	if (entry->zip64 && !later)
		craft_zip64_field(out, entry);
	if (entry->extra) {
		craft_number(out, entry->extra_id ? entry->extra_id : 0x4246, 2);
		craft_number(out, entry->extra, 2);
		for (size_t i = 0; i < entry->extra; i++)
			craft_add(out, "Z", 1);
	}
	craft_add(out, entry->data, entry->size);
	if (later && !entry->no_descriptor) {
		craft_number(out, 0x08074b50, 4);
		craft_number(out, place.crc ^ entry->crc_xor, 4);
		craft_number(out, entry->size + (uint64_t)entry->local_size_add, entry->zip64 ? 8 : 4);
		craft_number(out, entry->size + (uint64_t)entry->local_size_add, entry->zip64 ? 8 : 4);
	}
	for (size_t i = 0; i < entry->gap; i++)
		craft_add(out, "", 1);
	return place;
}

static inline void craft_central(struct buffer *out, const struct craft_entry *entry, struct craft_place place)
{
	craft_number(out, 0x02014b50, 4);
	craft_number(out, 0, 4);
	craft_number(out, entry->flags, 2);
	craft_number(out, entry->method, 2);
	craft_number(out, 0, 4);
	craft_number(out, place.crc ^ entry->crc_xor, 4);
	craft_number(out, entry->zip64 ? 0xffffffff : entry->size + (uint64_t)entry->packed_add, 4);
	craft_number(out, entry->zip64 ? 0xffffffff : entry->size + (uint64_t)entry->size_add, 4);
	craft_number(out, strlen(entry->name), 2);
	craft_number(out, entry->zip64 ? 20 : 0, 2);
	craft_number(out, 0, 2);
	craft_number(out, 0, 8);
	craft_number(out, place.offset + (uint64_t)entry->offset_add, 4);
	craft_add(out, entry->name, strlen(entry->name));
	if (entry->zip64)
		craft_zip64_field(out, entry);
}

static inline void craft_end(struct buffer *out, const struct craft_zip *zip, uint64_t count, uint64_t directory,
                             uint64_t size)
{
	const char *comment = zip->comment ? zip->comment : "";
	uint64_t end64 = out->size;

	if (zip->end64) {
		craft_number(out, 0x06064b50, 4);
		craft_number(out, 44, 8);
		craft_number(out, 0, 4);
		craft_number(out, 0, 8);
		craft_number(out, count + (uint64_t)zip->end64_entries_add, 8);
		craft_number(out, count + (uint64_t)zip->end64_entries_add, 8);
		craft_number(out, size, 8);
		craft_number(out, directory, 8);
		craft_number(out, 0x07064b50, 4);
		craft_number(out, 0, 4);
		craft_number(out, end64 + (uint64_t)zip->locator_add, 8);
		craft_number(out, 1, 4);
	}
	craft_number(out, 0x06054b50, 4);
	craft_number(out, 0, 4);
	craft_number(out, count + (uint64_t)zip->entries_add, 2);
	craft_number(out, count + (uint64_t)zip->entries_add, 2);
	craft_number(out, size + (uint64_t)zip->directory_size_add, 4);
	craft_number(out, directory + (uint64_t)zip->directory_add, 4);
	craft_number(out, strlen(comment), 2);
	craft_add(out, comment, strlen(comment));
}

static inline void craft_zip(struct buffer *out, const struct craft_entry *entries, size_t count,
                             const struct craft_zip *zip)
{
	struct craft_place *places = calloc(count + 1, sizeof *places);
	uint64_t directory;

	if (!places)
		abort();
	craft_add(out, zip->prefix ? zip->prefix : "", zip->prefix ? strlen(zip->prefix) : 0);
	for (size_t i = 0; i < count; i++)
		places[i] = craft_local(out, &entries[i]);
	directory = out->size;
	for (size_t i = 0; i < count; i++)
		craft_central(out, &entries[i], places[i]);
	if (!zip->no_end)
		craft_end(out, zip, count, directory, out->size - directory);
	if (zip->two_ends)
		craft_end(out, zip, count, directory, out->size - directory);
	free(places);
}

#endif
