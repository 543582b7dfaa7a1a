/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/weights_four_bits.h"

#include "engine/base/size.h"
#include "engine/model/quantize.h"

#include <stdlib.h>
#include <string.h>

/* Weights in eight bits are bytes too, with their scales in a tensor SCB. */
static bool refuse_eight_bits(const struct tensor_file *file, struct error *error)
{
	for (size_t i = 0; i < tensor_file_count(file); i++) {
		const char *name = tensor_file_at(file, i)->name;
		size_t length = strlen(name);

		RETURN_IF(length > 4 && strcmp(name + length - 4, ".SCB") == 0, error, ERROR_DATA,
		          "tensor %.200s belongs to weights in 8 bits (LLM.int8), which are not read: use the model that was not "
		          "quantized, or one in 4 bits", name);
	}
	return true;
}

static bool same_product(const struct parameter *a, const struct parameter *b)
{
	return a->unit == b->unit && a->layer == b->layer && b->shape[1] > 0;
}

/* Whether all matrices of the row's product are in four bits of the same type. */
static bool product_is_uniform(const struct model *model, const struct four_bit_tensor *tensors, int row)
{
	for (int other = 0; other < model->parameter_count; other++)
		if (same_product(&model->parameters[row], &model->parameters[other]) &&
		    (!tensors[other].codes || tensors[other].type != tensors[row].type))
			return false;
	return true;
}

static void choose_types(struct model *model, const struct four_bit_tensor *tensors)
{
	for (int row = 0; row < model->parameter_count; row++)
		if (tensors[row].codes && parameter_may_be_four_bits(&model->parameters[row]) &&
		    product_is_uniform(model, tensors, row))
			model->parameters[row].type = tensors[row].type == FOUR_BITS_FP4 ? MATRIX_FP4 : MATRIX_NF4;
}

struct four_bit_tensor *rows_open_four_bits(struct model *model, struct tensor_file *file,
                                            const struct tensor *const *matches, struct error *error)
{
	struct four_bit_tensor *tensors = size_calloc((size_t)model->parameter_count, sizeof *tensors);
	bool done = tensors ? refuse_eight_bits(file, error) : error_memory(error, "reading weights");

	for (int row = 0; done && row < model->parameter_count; row++)
		if (matches[row] && bitsandbytes_is_four_bits(file, matches[row]))
			done = bitsandbytes_open(file, matches[row], &tensors[row], error);
	if (done) {
		if (!model->floats)
			choose_types(model, tensors);
		return tensors;
	}
	free(tensors);
	return NULL;
}

bool row_read_four_bits(struct model *model, int row, struct tensor_file *file, const struct four_bit_tensor *tensor,
                        float *values, struct error *error)
{
	struct parameter *parameter = &model->parameters[row];
	uint8_t *block = calloc(1, four_bits_size(tensor->count));
	float *scales;
	bool done;

	if (!block)
		return error_memory(error, "reading weights in 4 bits");
	scales = (float *)(void *)(block + four_bits_scales_at(tensor->count));
	done = bitsandbytes_read(file, tensor, block, scales, error);
	if (done && parameter_is_four_bits(parameter))
		parameter_set_codes(model->network.backend, parameter, block);
	else if (done)
		four_bits_dequantise(tensor->type, block, scales, 0, tensor->count, values);
	free(block);
	return done;
}
