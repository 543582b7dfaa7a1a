/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers in four bits, as bitsandbytes stores the weights of a base that is not trained: a tensor is read row by row as
 * one long array, cut into blocks of 64, and each element becomes one of sixteen codes times the largest absolute value
 * of its block. Codes and scales equal those of bitsandbytes 0.50 on a CPU to the bit.
 *
 * Source: Dettmers et al. 2023 (QLoRA); bitsandbytes/functional.py, backends/default/ops.py and csrc/cpu_ops.cpp. */
#ifndef REVUE_BASE_FOUR_BITS_H
#define REVUE_BASE_FOUR_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOUR_BITS_BLOCK = 64, FOUR_BITS_NESTED_BLOCK = 256, FOUR_BITS_CODES = 16, FOUR_BITS_MAP = 256 };

enum four_bits_type { FOUR_BITS_NF4, FOUR_BITS_FP4, FOUR_BITS_TYPES };

/* "nf4", "fp4", the words of bnb_4bit_quant_type. */
const char *four_bits_type_name(enum four_bits_type type);

/* What the sixteen codes mean: -1 to 1. */
const float *four_bits_codes(enum four_bits_type type);

/* Where a tensor of `count` elements lies in memory: its codes, two a byte, the first in the upper half; at
 * four_bits_scales_at its scales, one float a block. four_bits_size is the whole, a multiple of 64 bytes: tensors that
 * are one matrix lie one after the other. `count` is at most SIZE_MAX / 2. */
size_t four_bits_code_bytes(size_t count);
size_t four_bits_blocks(size_t count);
size_t four_bits_scales_at(size_t count);
size_t four_bits_size(size_t count);

/* codes[four_bits_code_bytes], scales[four_bits_blocks] of values[count], which are finite. */
void four_bits_quantise(enum four_bits_type type, const float *values, size_t count, uint8_t *codes, float *scales);

/* out[i] = the element first + i. */
void four_bits_dequantise(enum four_bits_type type, const uint8_t *codes, const float *scales, size_t first, size_t count,
                          float *out);

/* Double quantisation: scales less their mean (in f32, as torch adds on one thread of a processor with AVX2), in blocks of
 * 256, become the numbers of a map of 256 values.
 *
 *   numbers   out [count]
 *   absmax    out [count / 256, rounded up]: the scale of each block
 *   returns   false where the mean of the scales is too large for a float */
bool four_bits_compress(const float *scales, size_t count, uint8_t *numbers, float *absmax, float *offset);

/* scales[i] = map[numbers[i]] * absmax[i / block] + offset */
void four_bits_expand(const uint8_t *numbers, size_t count, const float map[FOUR_BITS_MAP], const float *absmax,
                      size_t block, float offset, float *scales);

/* bitsandbytes' create_dynamic_map: rising from -0.993 to 1. */
void four_bits_dynamic_map(float map[FOUR_BITS_MAP]);

#endif
