/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The container of a source of weights, found by its content, and the reader for it. */
#ifndef REVUE_FORMAT_CONTAINER_H
#define REVUE_FORMAT_CONTAINER_H

#include "engine/format/identify.h"
#include "engine/format/table.h"

/* What the source is, by its first bytes. False: it could not be read, or is something that holds no weights, which the
 * error names. */
bool container_identify(const struct tensor_file *file, size_t source, enum content *content, struct error *error);

/* Adds the tensors of the source to the table and sets file->container. */
bool container_read(struct tensor_file *file, size_t source, enum content content, struct error *error);

#endif
