/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tensors that transformers saved in four bits by bitsandbytes. Weights X.weight are bytes of two codes each, and beside
 * them stand X.weight.absmax (the scales), .quant_map (what the codes mean), .quant_state.bitsandbytes__nf4 or __fp4 (a
 * JSON text in a tensor of bytes), and where the scales are quantised themselves .nested_absmax and .nested_quant_map.
 * Everything that these say is checked before anything is read. Floor: on base.
 *
 * Source: QuantState.as_dict of bitsandbytes/functional.py. */
#ifndef REVUE_FORMAT_BITSANDBYTES_H
#define REVUE_FORMAT_BITSANDBYTES_H

#include "engine/base/four_bits.h"
#include "engine/format/tensors.h"

/* What was found of a tensor; borrowed from its file. */
struct four_bit_tensor {
	const struct tensor *codes, *absmax, *nested_absmax, *nested_map; /* nested_*: NULL where scales are floats */
	enum four_bits_type type;
	int64_t shape[2];
	size_t count, block; /* elements, and how many of them have a scale: a multiple of FOUR_BITS_BLOCK */
	float offset;
};

/* Whether the tensor has a quant_state beside it, and whether a tensor is one of those that stand beside another. */
bool bitsandbytes_is_four_bits(const struct tensor_file *file, const struct tensor *tensor);
bool bitsandbytes_is_part(const struct tensor_file *file, const struct tensor *tensor);

/* Reads and checks what stands beside the tensor. */
bool bitsandbytes_open(struct tensor_file *file, const struct tensor *tensor, struct four_bit_tensor *out,
                       struct error *error);

/* The codes as they are in the file, and a scale for each FOUR_BITS_BLOCK elements:
 * codes[four_bits_code_bytes(count)], scales[four_bits_blocks(count)]. */
bool bitsandbytes_read(struct tensor_file *file, const struct four_bit_tensor *tensor, uint8_t *codes, float *scales,
                       struct error *error);

#endif
