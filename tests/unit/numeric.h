/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models with weights that a formula gives: what tests/golden/make_numeric.py computes, computed again here.
 * Used by the tests of engine/model. */
#ifndef REVUE_TESTS_NUMERIC_H
#define REVUE_TESTS_NUMERIC_H

#include "tests/unit/check.h"

#include "engine/model/network.h"

/* The finaliser of MurmurHash3. */
static inline uint32_t numeric_mix(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x85EBCA6Bu;
	x ^= x >> 13;
	x *= 0xC2B2AE35u;
	return x ^ x >> 16;
}

/* CRC-32 as zlib's. */
static inline uint32_t numeric_crc32(const char *text)
{
	uint32_t crc = UINT32_MAX;

	for (; *text; text++) {
		crc ^= (unsigned char)*text;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
	}
	return ~crc;
}

static inline bool numeric_ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static inline float numeric_scale(const char *name)
{
	if (numeric_ends_with(name, "bias"))
		return 0.125f;
	if (strstr(name, "embeddings") || strncmp(name, "classifier", 10) == 0)
		return 0.5f;
	if (strstr(name, "query") || strstr(name, "key") || strstr(name, "q_lin") || strstr(name, "k_lin"))
		return 0.25f;
	return 0.125f;
}

/* The values of the tensor `name`. */
static inline void numeric_weights(const char *name, float *values, size_t count)
{
	bool norm = (strstr(name, "LayerNorm") || strstr(name, "layer_norm")) && numeric_ends_with(name, "weight");
	float scale = norm ? 0.125f : numeric_scale(name), base = norm ? 1.0f : 0.0f;
	uint32_t crc = numeric_crc32(name);

	for (size_t i = 0; i < count; i++) {
		uint32_t bits = numeric_mix((uint32_t)i * 0x9E3779B9u ^ crc) >> 8;

		values[i] = base + ((float)bits - 0x1p23f) / 0x1p23f * scale;
	}
}

/* Gives the rows whose names start with `prefix` the formula's values. */
static inline void numeric_fill(struct model *model, const char *prefix)
{
	struct backend *backend = model_backend(model);

	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *parameter = model_parameter(model, row);
		float *values;

		if (strncmp(parameter->name, prefix, strlen(prefix)) != 0)
			continue;
		values = calloc(parameter->count, sizeof *values);
		assert_non_null(values);
		numeric_weights(parameter->name, values, parameter->count);
		parameter_from_host(backend, parameter->value, values, parameter->count);
		free(values);
	}
	network_values_changed(model);
}

/* A vocabulary of `size` pieces in FOLDER/vocab.txt: the special ones, then w5, w6, ... */
static inline void numeric_write_vocabulary(const char *folder, int32_t size)
{
	static const char *const special[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/vocab.txt", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int32_t i = 0; i < size; i++)
		if (i < 5)
			fprintf(file, "%s\n", special[i]);
		else
			fprintf(file, "w%d\n", (int)i);
	assert_int_equal(fclose(file), 0);
}

static inline struct tokenizer *numeric_tokenizer(int32_t size)
{
	struct error error = {0};
	struct tokenizer *tokenizer;
	char folder[256];

	check_folder(folder, sizeof folder);
	numeric_write_vocabulary(folder, size);
	tokenizer = tokenizer_open(folder, &error);
	if (!tokenizer)
		fail_msg("%s", error.text);
	check_folder_remove(folder);
	return tokenizer;
}

/* A model of this configuration with the formula's values. */
static inline struct model *numeric_model(const struct model_config *config)
{
	struct error error = {0};
	struct model *model = model_new(config, numeric_tokenizer(config->vocab_size), 1, &error);

	if (!model)
		fail_msg("%s", error.text);
	numeric_fill(model, "");
	return model;
}

/* A batch with memory of its own. */
struct numeric_batch {
	struct batch batch;
	int32_t *ids, *starts, *labels;
	int32_t tokens, longest;
};

/* Sequences of these lengths; the ids of `step` as make_ids makes them. */
static inline struct numeric_batch numeric_batch(int32_t vocab, int32_t labels, const int32_t *lengths, int32_t count,
                                                 uint32_t step)
{
	struct numeric_batch b = {0};

	b.starts = calloc((size_t)count + 1, sizeof *b.starts);
	b.labels = calloc((size_t)count, sizeof *b.labels);
	assert_non_null(b.starts);
	assert_non_null(b.labels);
	for (int32_t s = 0; s < count; s++) {
		b.starts[s + 1] = b.starts[s] + lengths[s];
		b.labels[s] = (int32_t)(((uint32_t)s + step) % (uint32_t)labels);
		b.longest = lengths[s] > b.longest ? lengths[s] : b.longest;
	}
	b.tokens = b.starts[count];
	b.ids = calloc((size_t)b.tokens, sizeof *b.ids);
	assert_non_null(b.ids);
	for (int32_t t = 0; t < b.tokens; t++)
		b.ids[t] = (int32_t)(5 + numeric_mix((uint32_t)t + 100000 * step + 1) % (uint32_t)(vocab - 5));
	b.batch = (struct batch){.ids = b.ids, .starts = b.starts, .labels = b.labels, .sequences = count};
	return b;
}

static inline void numeric_batch_free(struct numeric_batch *b)
{
	free(b->ids);
	free(b->starts);
	free(b->labels);
}

static inline void numeric_reserve(struct model *model, const struct numeric_batch *b, bool training)
{
	struct error error = {0};

	if (!network_reserve(model, b->tokens, b->batch.sequences, b->longest, training, 0, &error))
		fail_msg("%s", error.text);
}

/* The values of a parameter's gradient (or of the parameter) in host memory; the caller frees them. */
static inline float *numeric_download(struct model *model, const float *from, size_t count)
{
	float *host = calloc(count, sizeof *host);

	assert_non_null(host);
	model_backend(model)->ops->download(model_backend(model), host, from, count * sizeof *host);
	return host;
}

static inline void numeric_upload(struct model *model, float *to, const float *host, size_t count)
{
	parameter_from_host(model_backend(model), to, host, count);
}

/* Values of one model and of another (or the same), to the bit. */
static inline void numeric_assert_same(struct model *model, const float *a, struct model *other, const float *b,
                                       size_t count)
{
	float *x = numeric_download(model, a, count), *y = numeric_download(other, b, count);

	assert_memory_equal(x, y, count * sizeof *x);
	free(x);
	free(y);
}

#endif
