/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Named tensors in files, one table whatever the container: safetensors, torch's zip form and torch's legacy form,
 * each in one file or in shards that an index lists. Floor: on base.
 *
 * Reading never runs anything that a file says and never maps it: exact sizes are checked first, then pread.
 * The torch readers are strict table extractors (no unpickler): an allow-list of names, typed operands,
 * every storage checked against the file. Everything else is refused by name and offset. */
#ifndef REVUE_FORMAT_TENSORS_H
#define REVUE_FORMAT_TENSORS_H

#include "engine/error.h"
#include "engine/format/tensor.h"

struct tensor_file;

/* Opens the weights of a model folder, in the first of the forms of weights_form.h that is there. Says what is wrong in
 * one line (what is there instead of weights, a Git LFS pointer, a truncated download, a hole, an overlap, ...). The
 * caller closes it. */
struct tensor_file *tensor_file_open_folder(const char *folder, struct error *error);

/* Opens one file; the container is found by its content. */
struct tensor_file *tensor_file_open(const char *path, struct error *error);
void tensor_file_close(struct tensor_file *file);

/* What the file is, and its tensors. The container is told for tests and messages. */
const char *tensor_file_container(const struct tensor_file *file); /* "safetensors", "safetensors, 2 shards", "torch zip", "torch legacy" */
size_t tensor_file_count(const struct tensor_file *file);
const struct tensor *tensor_file_at(const struct tensor_file *file, size_t index); /* in name order */
const struct tensor *tensor_file_find(const struct tensor_file *file, const char *name);

/* Reads a whole tensor as f32 into out[count], row-major. f16, bf16 and f64 are converted (f16 with
 * subnormals, NaN kept). False: an integer or other type, or the file changed. */
bool tensor_file_read(struct tensor_file *file, const struct tensor *tensor, float *out, struct error *error);

/* Reads a whole tensor of bytes (U8) into out[count]. False: another type, or the file changed. */
bool tensor_file_read_bytes(struct tensor_file *file, const struct tensor *tensor, void *out, struct error *error);

/* Below 0 where `a` lies before `b`, as qsort wants it: in this order every byte is read once. Both of one tensor_file. */
int tensor_compare_places(const struct tensor *a, const struct tensor *b);

/* Hashes the files from here on as their tensors are read. tensor_file_digest reads what is left of the one of that name, and
 * tells its SHA-256; "" where there is none of that name. */
bool tensor_file_hash(struct tensor_file *file, struct error *error);
bool tensor_file_digest(struct tensor_file *file, const char *name, char out[65], struct error *error);

/* Writing safetensors: floats in memory as f32, or rounded to the nearest f16 or bf16, sorted by name, header padded to 8
 * bytes, metadata {"format":"pt"}. One that no 16 bits hold is refused with its tensor (ERROR_DATA). By unique temporary in the
 * same directory, fsync, rename, fsync of the directory: the old file is whole until the new one is. */
struct tensor_out {
	const char *name;
	int rank;
	int64_t shape[TENSOR_RANK_MAX];
	const float *data;
	enum dtype dtype; /* in the file: F32, F16 or BF16 */
};
bool safetensors_write(const char *path, const struct tensor_out *tensors, size_t count, struct error *error);

/* The same; `hash` gets the SHA-256 of what was written, by which it can be seen whether the file holds it. */
bool safetensors_write_hashed(const char *path, const struct tensor_out *tensors, size_t count, char hash[65],
                              struct error *error);

#endif
