/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tensors of a file to rows of the table: names with the prefixes and spellings that occur in the wild, and
 * notices about what does not fit, as the Hugging Face tools give them. */
#include "engine/model/weights.h"

#include "engine/base/size.h"
#include "engine/model/host.h"
#include "engine/model/init.h"
#include "engine/model/model.h"
#include "engine/model/network.h"
#include "engine/model/quantize.h"
#include "engine/model/weights_four_bits.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 6 /* in one notice */

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Heads of other tasks and buffers, which every pre-trained checkpoint brings along. */
static bool is_foreign(const char *name, const struct architecture *architecture)
{
	for (int i = 0; architecture->other_heads[i]; i++)
		if (has_prefix(name, architecture->other_heads[i]))
			return true;
	return text_ends_with(name, "position_ids");
}

/* Whether the name's first word is that of a head's tensor: "classifier." needs no prefix. */
static bool is_head(const char *name, const struct architecture *architecture)
{
	for (int role = ROLE_FIRST_OF_HEAD; role < ROLE_COUNT; role++) {
		const char *head = architecture->tensors[role];
		size_t word = head && !has_prefix(head, architecture->prefix) ? strcspn(head, ".") + 1 : 0;

		if (word > 0 && strncmp(name, head, word) == 0)
			return true;
	}
	return false;
}

void weights_canonical_name(char *out, size_t capacity, const char *name, const struct architecture *architecture)
{
	size_t length;
	bool whole;

	while (has_prefix(name, "module.") || has_prefix(name, "model."))
		name = strchr(name, '.') + 1;
	whole = has_prefix(name, architecture->prefix) || is_head(name, architecture) || is_foreign(name, architecture);
	snprintf(out, capacity, "%s%s", whole ? "" : architecture->prefix, name);
	length = strlen(out);
	if (text_ends_with(out, ".gamma"))
		snprintf(out + length - 5, capacity - (length - 5), "weight");
	else if (text_ends_with(out, ".beta"))
		snprintf(out + length - 4, capacity - (length - 4), "bias");
}

/* Of a head on masked words the bias has two names: transformers ties the one to the other. */
static void find_decoder_bias(char *out, size_t capacity, const struct model_config *config)
{
	const struct architecture *architecture = config->architecture;

	if (config->masked_lm && architecture->decoder_bias && strcmp(out, architecture->decoder_bias) == 0)
		snprintf(out, capacity, "%s", architecture->tensors[ROLE_DECODER_BIAS]);
}

/* A list of names for one notice, cut after NAMES_MAX. */
struct names {
	char text[800];
	size_t size;
	int count;
};

static void names_add(struct names *names, const char *name)
{
	if (names->count++ < NAMES_MAX)
		names->size += (size_t)snprintf(names->text + names->size, sizeof names->text - names->size, "%s%.120s",
		                                names->count > 1 ? ", " : "", name);
}

static void names_report(const struct names *names, struct model *model, const char *what)
{
	if (names->count > NAMES_MAX)
		notices_add(&model->notices, "%s: %s and %d more", what, names->text, names->count - NAMES_MAX);
	else if (names->count > 0)
		notices_add(&model->notices, "%s: %s", what, names->text);
}

static int compare_rows(const void *a, const void *b)
{
	return strcmp((*(struct parameter *const *)a)->name, (*(struct parameter *const *)b)->name);
}

static int compare_name(const void *name, const void *row)
{
	return strcmp(name, (*(struct parameter *const *)row)->name);
}

/* The table's rows in name order, for searching; the caller frees it. */
static struct parameter **sorted_rows(struct model *model, struct error *error)
{
	struct parameter **rows = size_calloc((size_t)model->parameter_count, sizeof(struct parameter *));

	if (!rows) {
		error_memory(error, "reading weights");
		return NULL;
	}
	for (int row = 0; row < model->parameter_count; row++)
		rows[row] = &model->parameters[row];
	qsort(rows, (size_t)model->parameter_count, sizeof(struct parameter *), compare_rows);
	return rows;
}

/* Finds the tensor of each row. A name in the table's own spelling wins over an alias of it. */
static bool match_tensors(struct model *model, const struct tensor_file *file, const struct tensor **matches,
                          struct error *error)
{
	struct parameter **rows = sorted_rows(model, error), **found;
	struct names unused = {0};
	char name[TENSOR_NAME_MAX + 64];

	if (!rows)
		return false;
	for (size_t i = 0; i < tensor_file_count(file); i++) {
		const struct tensor *tensor = tensor_file_at(file, i);
		const struct tensor **match;

		weights_canonical_name(name, sizeof name, tensor->name, model->config.architecture);
		find_decoder_bias(name, sizeof name, &model->config);
		found = bsearch(name, rows, (size_t)model->parameter_count, sizeof(struct parameter *), compare_name);
		match = found ? &matches[*found - model->parameters] : NULL;
		if (match && (!*match || strcmp(name, tensor->name) == 0))
			*match = tensor;
		else if (!is_foreign(name, model->config.architecture) && !bitsandbytes_is_part(file, tensor))
			names_add(&unused, tensor->name);
	}
	free(rows);
	names_report(&unused, model, "tensors not used");
	return true;
}

static bool shape_fits(const struct parameter *parameter, int has, const int64_t *shape)
{
	int rank = parameter->shape[1] > 0 ? 2 : 1;

	return has == rank && shape[0] == parameter->shape[0] && (rank == 1 || shape[1] == parameter->shape[1]);
}

/* "[2, 128]" */
static void format_shape(char out[64], int rank, const int64_t *shape)
{
	size_t size = (size_t)snprintf(out, 64, "[");

	for (int i = 0; i < rank && i < 3; i++)
		size += (size_t)snprintf(out + size, 64 - size, "%s%" PRId64, i ? ", " : "", shape[i]);
	snprintf(out + size, 64 - size, "%s]", rank > 3 ? ", ..." : "");
}

/* A classifier for other labels is made new, with a notice; anything else that does not fit is an error. */
static bool check_shapes(struct model *model, const struct tensor **matches, const struct four_bit_tensor *packed,
                         struct error *error)
{
	for (int row = 0; row < model->parameter_count; row++) {
		struct parameter *parameter = &model->parameters[row];
		const int64_t *shape = packed[row].codes ? packed[row].shape : matches[row] ? matches[row]->shape : NULL;
		int rank = packed[row].codes ? 2 : matches[row] ? matches[row]->rank : 0;
		char there[64], here[64];

		if (!matches[row] || shape_fits(parameter, rank, shape))
			continue;
		format_shape(there, rank, shape);
		format_shape(here, parameter->shape[1] > 0 ? 2 : 1,
		             (int64_t[]){parameter->shape[0], parameter->shape[1]});
		RETURN_IF(!parameter_is_classifier(parameter), error, ERROR_DATA,
		          "tensor %.200s is %s, config.json says %s", matches[row]->name, there, here);
		if (!model->misfit[0])
			snprintf(model->misfit, sizeof model->misfit, "%s is %s in the weights, config.json says %s", parameter->name,
			         there, here);
		notices_add(&model->notices, "%s is %s in the weights, config.json says %s: newly initialised", parameter->name,
		                 there, here);
		matches[row] = NULL;
	}
	return true;
}

/* A file without the embeddings of words, or without any tensor of a whole layer, holds other weights than config.json
 * says. */
static bool check_body(const struct model *model, const struct tensor *const *matches, struct error *error)
{
	for (int row = 0, end; row < model->parameter_count && !parameter_is_head(&model->parameters[row]); row = end) {
		const struct parameter *first = &model->parameters[row];
		bool any = false;

		for (end = row; end < model->parameter_count && model->parameters[end].layer == first->layer; end++)
			any = any || (matches[end] && (first->layer != OUTSIDE_LAYERS || end == row));
		RETURN_IF(!any, error, ERROR_DATA, "the weights have no %s: they are not those that config.json describes",
		          first->name);
	}
	return true;
}

/* A weight that is no number makes every score none; the file is damaged or its training failed. */
static bool check_finite(const char *name, const float *values, size_t count, struct error *error)
{
	bool finite = true;

	for (size_t i = 0; i < count; i++)
		finite = finite && isfinite(values[i]);
	RETURN_IF(!finite, error, ERROR_DATA,
	          "tensor %.200s holds values that are not finite: the model is damaged, or its training failed", name);
	return true;
}

static bool read_values(struct model *model, int row, struct tensor_file *file, const struct tensor *tensor,
                        const struct four_bit_tensor *packed, float *values, struct error *error)
{
	if (packed->codes)
		return row_read_four_bits(model, row, file, packed, values, error);
	return tensor_file_read(file, tensor, values, error) &&
	       check_finite(tensor->name, values, model->parameters[row].count, error);
}

static bool read_row(struct model *model, int row, struct tensor_file *file, const struct tensor *tensor,
                     const struct four_bit_tensor *packed, float *staging, struct error *error)
{
	struct parameter *parameter = &model->parameters[row];
	float *values = parameter_place(parameter->value, staging);

	if (!tensor)
		return parameter_initialise(model, row, 42, error);
	if (!read_values(model, row, file, tensor, packed, values, error))
		return false;
	if (parameter->type == MATRIX_F32)
		parameter_from_host(model->network.backend, parameter->value, values, parameter->count);
	parameter->fresh = false;
	return true;
}

static size_t largest_row(const struct model *model)
{
	size_t largest = 0;

	for (int row = 0; row < model->parameter_count; row++)
		if (model->parameters[row].count > largest)
			largest = model->parameters[row].count;
	return largest;
}

/* A row of the table and its tensor, for reading in the order of the file. */
struct placed_row {
	const struct tensor *tensor; /* NULL: there is none */
	int row;
};

static int compare_places(const void *a, const void *b)
{
	const struct placed_row *x = a, *y = b;

	if (!x->tensor || !y->tensor)
		return (x->tensor != NULL) - (y->tensor != NULL);
	return tensor_compare_places(x->tensor, y->tensor);
}

static struct placed_row *place_rows(const struct model *model, const struct tensor *const *matches, struct error *error)
{
	struct placed_row *placed = size_calloc((size_t)model->parameter_count, sizeof *placed);

	if (!placed) {
		error_memory(error, "reading weights");
		return NULL;
	}
	for (int row = 0; row < model->parameter_count; row++)
		placed[row] = (struct placed_row){matches[row], row};
	qsort(placed, (size_t)model->parameter_count, sizeof *placed, compare_places);
	return placed;
}

static bool read_rows(struct model *model, struct tensor_file *file, const struct tensor *const *matches,
                      const struct four_bit_tensor *packed, const struct progress *progress, struct error *error)
{
	struct placed_row *placed = place_rows(model, matches, error);
	float *staging = NULL;
	bool done = placed && parameter_staging(model->network.backend, largest_row(model), &staging, "reading weights", error);

	for (int i = 0; done && i < model->parameter_count; i++) {
		done = read_row(model, placed[i].row, file, placed[i].tensor, &packed[placed[i].row], staging, error);
		if (done && !progress_report(progress, "reading the model", (uint64_t)i + 1, (uint64_t)model->parameter_count))
			done = error_set(error, ERROR_INTERRUPTED, "interrupted");
	}
	free(staging);
	free(placed);
	return done;
}

void weights_report_fresh(struct model *model)
{
	struct names names = {0};

	for (int row = 0; row < model->parameter_count; row++)
		if (model->parameters[row].fresh)
			names_add(&names, model->parameters[row].name);
	names_report(&names, model, "newly initialised, to be trained before use");
}

bool model_load_weights(struct model *model, struct tensor_file *file, const struct progress *progress,
                        struct error *error)
{
	const struct tensor **matches = size_calloc((size_t)model->parameter_count, sizeof(struct tensor *));
	struct four_bit_tensor *packed = NULL;
	bool done;

	if (!matches)
		return error_memory(error, "reading weights");
	done = match_tensors(model, file, matches, error) &&
	       (packed = rows_open_four_bits(model, file, matches, error)) != NULL &&
	       check_shapes(model, matches, packed, error) && check_body(model, matches, error) &&
	       model_take_codes(model, error) && model_take_values(model, error) &&
	       read_rows(model, file, matches, packed, progress, error);
	free(packed);
	free(matches);
	return done;
}
