/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two forms of torch.save's files share: from the extracted pickle to rows of the table. */
#ifndef REVUE_FORMAT_TORCH_H
#define REVUE_FORMAT_TORCH_H

#include "engine/format/pickle.h"
#include "engine/format/table.h"

/* A storage of the file. Several tensors may share it; the pickle then describes it several times, equally. */
struct torch_storage {
	struct span key; /* borrowed from the pickle */
	enum dtype dtype;
	uint64_t count;  /* elements */
	uint64_t offset; /* of its bytes in the source: filled by the container's reader */
	size_t record;   /* its row in file->records, or NO_RECORD */
	bool found;      /* the container's reader filled the two above */
};

/* The distinct storages of a pickle in key order, with `index` from the pickle's storages into them. */
struct torch_storages {
	struct torch_storage *rows;
	uint32_t *index;
	size_t count;
};

bool torch_storages_collect(struct torch_storages *storages, const struct pickle *pickle, struct error *error);
struct torch_storage *torch_storages_find(const struct torch_storages *storages, struct span key);
void torch_storages_free(struct torch_storages *storages);

/* Bytes of a storage, checked; false: they do not fit in 64 bits. */
bool torch_storage_bytes(const struct torch_storage *storage, uint64_t *bytes);

/* Adds a row for every tensor of the pickle's table, which is its root, or the dict "state_dict" or "model" in it. */
bool torch_add_rows(struct tensor_file *file, size_t source, const struct pickle *pickle,
                    const struct torch_storages *storages, struct error *error);

#endif
