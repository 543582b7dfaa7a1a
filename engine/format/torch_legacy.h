/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The form that torch.save wrote before 1.6. */
#ifndef REVUE_FORMAT_TORCH_LEGACY_H
#define REVUE_FORMAT_TORCH_LEGACY_H

#include "engine/format/table.h"

/* Adds the rows of the file that was opened as `source`. */
bool torch_read_legacy(struct tensor_file *file, size_t source, struct error *error);

#endif
