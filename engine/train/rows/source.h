/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files that a run depends on: where they are, and a hash by which a resumed run knows that they are the same.
 *
 * Source of the hash: FIPS 180-4 (SHA-256). */
#ifndef REVUE_TRAIN_SOURCE_H
#define REVUE_TRAIN_SOURCE_H

#include "engine/base/sha256.h"
#include "engine/dataset.h"

/* SHA-256 of a file, or of a folder's files, three levels deep, with their names, in the order of the names. It is taken
 * beside the reading of a data set, so that the bytes are read once: begin, step after every step of its index, end. Start
 * with {0}; source_hash_end frees it, also when it was given up (out NULL). */
struct source_hash {
	struct sha256_ctx context;
	uint8_t *block;
	uint64_t done; /* bytes of the file */
};
bool source_hash_begin(struct source_hash *hash, struct error *error);
bool source_hash_step(struct source_hash *hash, const struct dataset *dataset, struct error *error);
bool source_hash_end(struct source_hash *hash, const struct dataset *dataset, char out[65],
                     const struct progress *progress, struct error *error);

/* The absolute path without links; false when there is no such file or folder. */
bool source_path(char *out, size_t capacity, const char *path, struct error *error);

#endif
