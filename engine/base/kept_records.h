/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records of one size by their keys, kept in a file from one visit to the next: what was computed of texts and takes long to
 * compute. A file belongs to one origin, 64 hex digits, which its name has too; what is damaged, or of another origin or size,
 * is forgotten. Floor: base. */
#ifndef REVUE_BASE_KEPT_RECORDS_H
#define REVUE_BASE_KEPT_RECORDS_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

/* The first half of a SHA-256. */
struct record_key {
	uint64_t high, low;
};

/* What a kind of record is. */
struct record_kind {
	char magic[25];      /* 24 bytes at the beginning of each file */
	const char *ending;  /* of the files' names, after the origin */
	int files;           /* of the kind in a folder, at most: those that were written longest ago go */
	size_t records;      /* of a file, at most */
	const char *what;    /* for messages: "remembering predictions" */
};

enum kept_state {
	KEPT_NOTHING, /* there was no file */
	KEPT_RECORDS,
	KEPT_DAMAGED, /* there was one, of which nothing is used; saving replaces it */
};

struct kept_records;

/* Where a person's records of that name lie: $XDG_CACHE_HOME/revue/NAME, else below the home. False: there is no such place. */
bool kept_records_folder(const char *name, char *out, size_t capacity);

/* The records of `size` bytes that FOLDER keeps of an origin. is_sound: whether they can be what they should be; one that is
 * not damages the file. NULL: out of memory. */
struct kept_records *kept_records_open(const struct record_kind *kind, const char *folder, const char origin[65], size_t size,
                                       bool (*is_sound)(const unsigned char *record, const void *of), const void *of,
                                       struct error *error);
void kept_records_free(struct kept_records *records); /* NULL is allowed */

enum kept_state kept_records_state(const struct kept_records *records); /* as they were opened */
const char *kept_records_path(const struct kept_records *records);      /* "": its name is too long */
size_t kept_records_count(const struct kept_records *records);          /* in memory, what is new included; for tests */

/* NULL: not there, or put since the last save. Borrowed until the next save. */
const unsigned char *kept_records_find(const struct kept_records *records, struct record_key key);

/* Adds one that was not found, in memory. False: there are too many, or memory is short: it is not kept. */
bool kept_records_put(struct kept_records *records, struct record_key key, const unsigned char *record);

/* Writes the file whole where there is something new, and removes files of the kind beyond their number. */
bool kept_records_save(struct kept_records *records, struct error *error);

#endif
