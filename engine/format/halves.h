/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers in files to f32. Little-endian bytes at any alignment in; f16 and bf16 exactly (subnormals, infinities,
 * the payload of a NaN), f64 rounded to nearest even. */
#ifndef REVUE_FORMAT_HALVES_H
#define REVUE_FORMAT_HALVES_H

#include "engine/format/tensor.h"

/* One value; alone it is called for tests only. */
float f16_to_f32(uint16_t bits);
float bf16_to_f32(uint16_t bits);

/* The nearest, ties to even; of f16 beyond its range infinity. */
uint16_t f32_to_f16(float value);
uint16_t f32_to_bf16(float value);

/* count elements of a floating-point type. */
void floats_convert(float *out, const unsigned char *bytes, size_t count, enum dtype dtype);

#endif
