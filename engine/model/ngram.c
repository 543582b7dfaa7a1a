/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/ngram.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/config.h"
#include "engine/format/tensors.h"
#include "engine/model/model.h"
#include "engine/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t buckets_of(const struct ngram *ngram)
{
	return (size_t)1 << ngram->shape.bits;
}

static void release(struct model *model)
{
	struct ngram *ngram = model->ngram;

	if (!ngram)
		return;
	ngram_reader_free(&ngram->reader);
	free(ngram->weights);
	free(ngram->biases);
	free(ngram->sums);
	free(ngram);
	model->ngram = NULL;
}

static int32_t rows_for(int32_t labels, bool independent)
{
	return labels == 2 && !independent ? 1 : labels;
}

/* Before memory is taken. */
static bool check_size(const struct ngram_shape *shape, int32_t rows, struct error *error)
{
	size_t most = NGRAM_WEIGHTS_MAX >> shape->bits;

	RETURN_IF((size_t)rows > most, error, ERROR_DATA, "%" PRId32 " labels with %" PRId32 " buckets each are too many weights: at most "
	          "%zu labels", rows, (int32_t)1 << shape->bits, most);
	return true;
}

static bool take_memory(struct model *model, const struct ngram_shape *shape, int32_t rows, struct error *error)
{
	struct ngram *ngram = size_calloc(1, sizeof *ngram);

	model->ngram = ngram;
	if (!ngram)
		return error_memory(error, "making an n-gram model");
	ngram->shape = *shape;
	ngram->rows = rows;
	ngram->weights = size_calloc((size_t)rows << shape->bits, sizeof *ngram->weights);
	ngram->biases = size_calloc((size_t)rows, sizeof *ngram->biases);
	ngram->sums = size_calloc((size_t)rows, sizeof *ngram->sums);
	return (ngram->weights && ngram->biases && ngram->sums) || error_memory(error, "making an n-gram model");
}

struct model *ngram_new(const struct ngram_shape *shape, const char *const *names, int32_t labels, bool independent,
                        struct error *error)
{
	const struct model_config config = {.num_labels = labels, .independent_labels = independent};
	int32_t rows = rows_for(labels, independent);
	struct model *model;

	if (!check_size(shape, rows, error))
		return NULL;
	model = model_make_plain(&config, "", names, error);
	if (!model)
		return NULL;
	model->kind = &ngram_kind;
	if (take_memory(model, shape, rows, error))
		return model;
	model_close(model);
	return NULL;
}

struct ngram *model_ngram(const struct model *model)
{
	return model->kind == &ngram_kind ? model->ngram : NULL;
}

/* Reading */

/* The tensor of a name, of floats, with exactly this shape. */
static const struct tensor *find_tensor(struct tensor_file *file, const char *name, int32_t rows, size_t columns,
                                        struct error *error)
{
	const struct tensor *tensor = tensor_file_find(file, name);
	int rank = columns > 0 ? 2 : 1;

	if (!tensor) {
		error_set(error, ERROR_DATA, "the weights lack %s", name);
		return NULL;
	}
	if (!dtype_is_float(tensor->dtype) || tensor->rank != rank || tensor->shape[0] != rows ||
	    (rank == 2 && tensor->shape[1] != (int64_t)columns)) {
		error_set(error, ERROR_DATA, "%s must be numbers of shape [%" PRId32 "%s%.0zu]: config.json says how many labels and "
		          "buckets there are", name, rows, columns ? ", " : "", columns);
		return NULL;
	}
	return tensor;
}

/* What the file has was checked against its size before memory for it is taken. */
static bool read_weights(struct model *model, const struct ngram_shape *shape, struct tensor_file *file, struct error *error)
{
	int32_t rows = rows_for(model->config.num_labels, model->config.independent_labels);
	const struct tensor *weight = find_tensor(file, "weight", rows, (size_t)1 << shape->bits, error);
	const struct tensor *bias = weight ? find_tensor(file, "bias", rows, 0, error) : NULL;

	return bias && check_size(shape, rows, error) && take_memory(model, shape, rows, error) &&
	       tensor_file_read(file, weight, model->ngram->weights, error) &&
	       tensor_file_read(file, bias, model->ngram->biases, error);
}

static bool read_config(struct model *model, struct ngram_shape *shape, struct error *error)
{
	struct hf_config config;
	bool done = ngram_config_read(model->folder, &config, shape, error) &&
	            model_take_config(model, &config.model, (const char *const *)config.labels, error);

	if (done)
		model->document = json_incref(config.document);
	for (int i = 0; done && i < config.notices.count; i++)
		done = notices_add(&model->notices, "%s", config.notices.lines[i]) || error_memory(error, "opening a model");
	hf_config_free(&config);
	return done;
}

static bool read_folder(struct model *model, struct error *error)
{
	struct ngram_shape shape;
	struct tensor_file *file;
	bool done;

	if (!read_config(model, &shape, error))
		return false;
	file = tensor_file_open_folder(model->folder, error);
	if (!file)
		return false;
	done = read_weights(model, &shape, file, error);
	tensor_file_close(file);
	return done;
}

/* Writing */

static bool save_folder(const struct model *model, const char *folder, struct error *error)
{
	const struct ngram *ngram = model->ngram;
	const struct tensor_out tensors[] = {
		{.name = "bias", .rank = 1, .shape = {ngram->rows}, .data = ngram->biases},
		{.name = "weight", .rank = 2, .shape = {ngram->rows, (int64_t)buckets_of(ngram)}, .data = ngram->weights},
	};
	char path[4096];

	return path_join(path, sizeof path, folder, "model.safetensors", error) &&
	       safetensors_write(path, tensors, sizeof tensors / sizeof *tensors, error) &&
	       ngram_config_write(folder, &model->config, (const char *const *)model->labels, &ngram->shape, model->document, error);
}

/* Scoring */

static void begin_sums(struct ngram *ngram)
{
	for (int32_t row = 0; row < ngram->rows; row++)
		ngram->sums[row] = (double)ngram->biases[row];
}

static void add_bucket(struct ngram *ngram, uint32_t bucket)
{
	const float *weight = ngram->weights + bucket;

	for (int32_t row = 0; row < ngram->rows; row++)
		ngram->sums[row] += (double)weight[(size_t)row << ngram->shape.bits];
}

/* What a sum, or a part of one, counts for a label. */
static double share_of(const struct model *model, double sum, int32_t label)
{
	if (model->ngram->rows == model->config.num_labels)
		return sum;
	return label == 1 ? sum / 2 : -sum / 2;
}

static int32_t row_of(const struct model *model, int32_t label)
{
	return model->ngram->rows == model->config.num_labels ? label : 0;
}

static void take_sums(const struct model *model, float *logits)
{
	for (int32_t label = 0; label < model->config.num_labels; label++)
		logits[label] = (float)share_of(model, model->ngram->sums[row_of(model, label)], label);
}

void ngram_logits(const struct model *model, const uint32_t *buckets, size_t count, float *logits)
{
	begin_sums(model->ngram);
	for (size_t i = 0; i < count; i++)
		add_bucket(model->ngram, buckets[i]);
	take_sums(model, logits);
}

static bool score_text(struct model *model, struct span text, float *logits, int64_t *words)
{
	struct ngram *ngram = model->ngram;

	if (!ngram_read(&ngram->reader, &ngram->shape, text))
		return false;
	begin_sums(ngram);
	for (size_t i = 0; i < ngram->reader.count; i++)
		add_bucket(ngram, ngram->reader.found[i].bucket);
	take_sums(model, logits);
	*words = ngram->reader.words;
	return true;
}

static bool take_word(void *context, const struct ngram_found *found)
{
	struct attribution *out = context;

	out->words[out->word_count++] = (struct contribution){found->from, found->to, 1, 0};
	return true;
}

/* All words of the text, also those that came before. */
static bool take_words(const struct ngram *ngram, struct span text, struct attribution *out)
{
	const struct ngram_shape alone = {.words = 1, .bits = ngram->shape.bits};

	out->words = size_calloc((size_t)ngram->reader.words + 1, sizeof *out->words);
	if (out->words)
		ngram_each(&alone, text, take_word, out);
	return out->words != NULL;
}

static bool attribute(struct model *model, struct span text, int32_t label, struct attribution *out, struct error *error)
{
	struct ngram *ngram = model->ngram;
	const size_t row = (size_t)row_of(model, label) << ngram->shape.bits;

	if (!ngram_read(&ngram->reader, &ngram->shape, text) ||
	    !(out->parts = size_calloc(ngram->reader.count, sizeof *out->parts)) || !take_words(ngram, text, out))
		return error_memory(error, "telling what counts");
	out->count = ngram->reader.count;
	out->bias = share_of(model, (double)ngram->biases[row >> ngram->shape.bits], label);
	for (size_t i = 0; i < out->count; i++) {
		const struct ngram_found *found = &ngram->reader.found[i];

		out->parts[i] = (struct contribution){found->from, found->to, found->words,
		                                      share_of(model, (double)ngram->weights[row + found->bucket], label)};
	}
	return true;
}

static void describe(const struct model *model, char *out, size_t capacity)
{
	snprintf(out, capacity, "its words and up to %" PRId32 " of them in a row, hashed into %s buckets", model->ngram->shape.words,
	         words_count((uint64_t)1 << model->ngram->shape.bits).text);
}

static uint64_t parameters(const struct model *model)
{
	return (uint64_t)model->ngram->rows * (buckets_of(model->ngram) + 1);
}

const struct model_kind ngram_kind = {
	.type = NGRAM_TYPE,
	.title = "an n-gram model",
	.is = ngram_config_is,
	.read = read_folder,
	.save = save_folder,
	.logits = score_text,
	.attribute = attribute,
	.describe = describe,
	.parameters = parameters,
	.free = release,
};
