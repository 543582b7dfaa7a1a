/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the header of a safetensors file (https://github.com/huggingface/safetensors, "Format"). */
#ifndef REVUE_FORMAT_SAFETENSORS_H
#define REVUE_FORMAT_SAFETENSORS_H

#include "engine/format/table.h"

/* Adds the rows of the file that was opened as `source`. */
bool safetensors_read_table(struct tensor_file *file, size_t source, struct error *error);

#endif
