/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The zip form of torch.save (torch 1.6 and later). */
#ifndef REVUE_FORMAT_TORCH_ZIP_H
#define REVUE_FORMAT_TORCH_ZIP_H

#include "engine/format/table.h"

/* Adds the rows of the file that was opened as `source`. */
bool torch_read_zip(struct tensor_file *file, size_t source, struct error *error);

#endif
