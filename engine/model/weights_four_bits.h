/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the table from tensors in four bits. A matrix of a layer stays as the file has it, to the bit; the head, and a
 * matrix whose neighbours in the same product are stored otherwise, become floats of the same values. */
#ifndef REVUE_MODEL_WEIGHTS_FOUR_BITS_H
#define REVUE_MODEL_WEIGHTS_FOUR_BITS_H

#include "engine/format/bitsandbytes.h"
#include "engine/model/inside.h"

/* For each row of the table the tensor of `matches` where that is in four bits, else one without codes; and the types of
 * the rows that stay so. The caller frees the result. NULL: no memory, or one that cannot be read. */
struct four_bit_tensor *rows_open_four_bits(struct model *model, struct tensor_file *file,
                                            const struct tensor *const *matches, struct error *error);

/* Reads one into its row. `values` is where the row's floats go, where it is of floats. */
bool row_read_four_bits(struct model *model, int row, struct tensor_file *file, const struct four_bit_tensor *tensor,
                        float *values, struct error *error);

#endif
