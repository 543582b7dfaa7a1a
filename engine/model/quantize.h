/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the table whose values are in four bits: the weight matrices of the layers, never embeddings, norms, biases or
 * the head. Each is quantised as a tensor of its own, as bitsandbytes does; query, key and value lie one after the other
 * and are one matrix of several parts to the network. Such rows have `codes` in the place of `value`, in an arena of their
 * own, and are not trained. */
#ifndef REVUE_MODEL_QUANTIZE_H
#define REVUE_MODEL_QUANTIZE_H

#include "engine/model/inside.h"

/* Takes the arena for the rows whose type says so. True where there are none. */
bool model_take_codes(struct model *model, struct error *error);

/* A row's codes and scales, as one block of four_bits_size(count) bytes in host memory, to its place. */
void parameter_set_codes(struct backend *backend, struct parameter *parameter, const void *block);

/* Rounds the matrices of the layers to values that 4 bits can hold; they stay floats. Those of an adapter's base, before it is
 * added. */
bool model_round_to_four_bits(struct model *model, const struct quantization *settings, struct error *error);

/* The values of a row in four bits, which are those that the network computes with, to out[count] in host memory. False: no
 * memory. */
bool parameter_dequantise(struct backend *backend, const struct parameter *parameter, float *out, struct error *error);

#endif
