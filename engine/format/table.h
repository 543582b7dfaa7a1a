/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a struct tensor_file is inside, shared by the readers of the containers. A reader opens its file as a
 * source, checks everything that the file says, and adds one row per tensor; table_finish sorts them.
 *
 * Invariant after table_finish: every row lies wholly inside its source, so that reading a tensor needs no
 * further check of sizes; names are unique and sorted. */
#ifndef REVUE_FORMAT_TABLE_H
#define REVUE_FORMAT_TABLE_H

#include "engine/base/sha256.h"
#include "engine/error.h"
#include "engine/format/tensor.h"

#include <time.h>

/* An open file: `size` and `changed` are of the moment of opening and compared when tensors are read. */
struct tensor_source {
	char *path; /* owned */
	int fd;
	uint64_t size;
	struct timespec changed;
	struct sha256_ctx *hash; /* of the first `hashed` bytes; owned. NULL: nobody asks for it */
	uint64_t hashed;
};

/* A run of bytes that carries a checksum (a record of a zip), verified before its first use. */
struct tensor_record {
	size_t source;
	uint64_t offset, size;
	uint32_t crc32;
	bool verified;
};

#define NO_RECORD SIZE_MAX

struct tensor_entry {
	struct tensor tensor; /* first: the face hands out &entry->tensor; its name is owned */
	size_t source, record;
	uint64_t offset;                   /* of the first element in the source */
	uint64_t span;                     /* elements from the first to the last one, both included; 0: empty */
	uint64_t stride[TENSOR_RANK_MAX];  /* in elements */
	bool contiguous;                   /* the elements lie in row-major order without gaps */
};

struct tensor_file {
	char container[64];
	struct tensor_source *sources;
	size_t source_count;
	struct tensor_record *records;
	size_t record_count;
	struct tensor_entry *entries;
	size_t entry_count, entry_capacity;
};

struct tensor_file *table_new(struct error *error);
void table_free(struct tensor_file *file); /* NULL is allowed */

/* Opens `path` as one more source and tells its index. */
bool table_open_source(struct tensor_file *file, const char *path, size_t *source, struct error *error);

/* Adds a row with its name copied; the caller fills the rest. NULL: too many, or a name that is not 1 to
 * TENSOR_NAME_MAX bytes of UTF-8 without controls. */
struct tensor_entry *table_add(struct tensor_file *file, struct span name, struct error *error);

/* The product of the shape into tensor->count; false when it does not fit in 63 bits. */
bool table_count_elements(struct tensor *tensor, struct error *error);

/* Row-major strides for the shape, and what goes with them. */
void table_set_contiguous(struct tensor_entry *entry);

/* Sorts by name and refuses names that occur twice. */
bool table_finish(struct tensor_file *file, struct error *error);

/* The row with this name, after table_finish; NULL: there is none. */
const struct tensor_entry *table_find(const struct tensor_file *file, const char *name);

/* Puts the file's name before an error that does not begin with it, as those of reading do. Returns false. */
bool table_name_source(const struct tensor_source *source, struct error *error);

/* Reads bytes of a source, and hashes those that were not hashed yet: each byte is read once where tensors are read in the
 * order in which they lie. */
bool table_read(struct tensor_source *source, void *out, size_t size, uint64_t offset, struct error *error);

/* Hashes the source up to `end`. */
bool table_hash_up_to(struct tensor_source *source, uint64_t end, struct error *error);

/* Compares a record's bytes with its checksum, once. */
bool table_verify_record(struct tensor_file *file, size_t record, struct error *error);

#endif
