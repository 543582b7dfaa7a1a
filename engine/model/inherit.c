/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Embeddings of words that another model has learned, for a new one with a vocabulary and a width of its own. A piece that
 * the other knows begins as it does there, another one as the mean of its parts there. Where the new model is narrower,
 * the rows are projected on the principal components of all of them, which keep more of their variance than any other
 * directions do (Pearson 1901). */
#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/model/host.h"
#include "engine/model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	PARTS_MAX = 64, /* of a piece, special tokens included */
	ROUNDS = 40,    /* of subspace iteration: what is still missing then differs little from what was taken instead */
};

/* The embeddings of words of an open model, on the host. */
struct rows {
	const float *values; /* [vocab_size][width] */
	float *staging;
	int32_t vocab_size, width;
};

static struct parameter *word_embeddings(const struct model *model)
{
	return parameters_find(model->parameters, model->parameter_count, ROLE_WORD_EMBEDDINGS, OUTSIDE_LAYERS);
}

static bool rows_read(const struct model *model, struct rows *rows, struct error *error)
{
	const struct parameter *row = word_embeddings(model);

	*rows = (struct rows){.vocab_size = row->shape[0], .width = row->shape[1]};
	if (!parameter_staging(model->network.backend, row->count, &rows->staging, "reading embeddings", error))
		return false;
	rows->values = parameter_to_host(model->network.backend, row->value, row->count, rows->staging);
	return true;
}

/* Adds the mean of what the other model has for the parts of a piece. False: it has none that it knows. */
static bool add_parts(const struct model *from, const struct rows *rows, const char *word, float *out)
{
	const struct tokenizer *tokenizer = from->tokenizer;
	const int32_t unknown = tokenizer_special(tokenizer, SPECIAL_UNKNOWN);
	int32_t ids[PARTS_MAX];
	const int32_t count = tokenizer_encode(tokenizer, (struct span){word, strlen(word)}, PARTS_MAX, ids, NULL, NULL);

	for (int32_t i = 1; i < count - 1; i++)
		if (ids[i] == unknown || ids[i] >= rows->vocab_size)
			return false;
	for (int32_t i = 1; i < count - 1; i++)
		for (int32_t k = 0; k < rows->width; k++)
			out[k] += rows->values[(size_t)ids[i] * (size_t)rows->width + (size_t)k] / (float)(count - 2);
	return count > 2;
}

static void gather(const struct model *model, const struct model *from, const struct rows *rows, float *gathered, bool *known,
                   struct embeddings_taken *out)
{
	for (int32_t id = 0; id < model->config.vocab_size; id++) {
		const char *piece = tokenizer_piece(model->tokenizer, id), *inner = tokenizer_inner_piece(model->tokenizer, id);
		const int32_t found = *piece ? tokenizer_find(from->tokenizer, piece) : -1;
		const bool same = found >= 0 && found < rows->vocab_size;
		float *row = gathered + (size_t)id * (size_t)rows->width;

		if (id == model->config.pad_token_id)
			continue; /* stays zeros */
		if (same)
			memcpy(row, rows->values + (size_t)found * (size_t)rows->width, (size_t)rows->width * sizeof *row);
		known[id] = same || (*piece && add_parts(from, rows, inner ? inner : piece, row));
		out->same += same;
		out->parts += known[id] && !same;
		out->none += !known[id];
	}
}

/* Takes the mean of the known rows from each of them, and writes their covariance, width x width. Double sums: there may be
 * many rows. */
static void center(float *gathered, const bool *known, int32_t count, size_t width, double *mean, double *covariance)
{
	double used = 0;

	for (int32_t id = 0; id < count; id++) {
		used += known[id];
		for (size_t k = 0; known[id] && k < width; k++)
			mean[k] += (double)gathered[(size_t)id * width + k];
	}
	for (int32_t id = 0; id < count; id++) {
		float *row = gathered + (size_t)id * width;

		for (size_t k = 0; known[id] && k < width; k++)
			row[k] -= (float)(mean[k] / used);
		for (size_t i = 0; known[id] && i < width; i++)
			for (size_t j = 0; j <= i; j++)
				covariance[i * width + j] += (double)row[i] * (double)row[j] / used;
	}
	for (size_t i = 0; i < width; i++)
		for (size_t j = 0; j < i; j++)
			covariance[j * width + i] = covariance[i * width + j];
}

static double dot(const double *a, const double *b, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Makes the rows orthogonal to those before them and of length 1, by modified Gram-Schmidt, twice for what rounding left. A row
 * of which nothing is left becomes zeros: there are fewer directions than were asked for. */
static void orthonormalise(double *rows, size_t count, size_t width)
{
	for (size_t i = 0; i < count; i++) {
		double *row = rows + i * width;
		const double before = sqrt(dot(row, row, width));
		double length;

		for (int again = 0; again < 2; again++)
			for (size_t j = 0; j < i; j++) {
				const double along = dot(row, rows + j * width, width);

				for (size_t k = 0; k < width; k++)
					row[k] -= along * rows[j * width + k];
			}
		length = sqrt(dot(row, row, width));
		for (size_t k = 0; k < width; k++)
			row[k] = length > 1e-12 * before ? row[k] / length : 0;
	}
}

/* directions [count][width], each of length 1: a basis of the span of the `count` first principal components, by subspace
 * iteration (Bauer 1957). scratch: as large. Returns the share of the variance that they keep. */
static double principal(const double *covariance, size_t width, double *directions, size_t count, double *scratch)
{
	double kept = 0, all = 0;

	orthonormalise(directions, count, width);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < count; i++)
			for (size_t k = 0; k < width; k++)
				scratch[i * width + k] = dot(directions + i * width, covariance + k * width, width);
		memcpy(directions, scratch, count * width * sizeof *directions);
		orthonormalise(directions, count, width);
	}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < width; k++)
			kept += directions[i * width + k] * dot(directions + i * width, covariance + k * width, width);
	for (size_t k = 0; k < width; k++)
		all += covariance[k * width + k];
	return all > 0 ? kept / all : 1;
}

/* Where the rows go: into `values` [vocab_size][hidden_size], whose other numbers stay as they are. */
static void write_rows(const struct model *model, const float *gathered, const bool *known, size_t width,
                       const double *directions, float *values)
{
	const size_t hidden = (size_t)model->config.hidden_size;

	for (int32_t id = 0; id < model->config.vocab_size; id++) {
		const float *row = gathered + (size_t)id * width;
		float *out = values + (size_t)id * hidden;

		for (size_t i = 0; known[id] && !directions && i < width; i++)
			out[i] = row[i];
		for (size_t i = 0; known[id] && directions && i < hidden; i++) {
			double sum = 0;

			for (size_t k = 0; k < width; k++)
				sum += directions[i * width + k] * (double)row[k];
			out[i] = (float)sum;
		}
	}
}

/* directions: NULL where none are needed. False: no memory. */
static bool find_directions(const struct model *model, float *gathered, const bool *known, size_t width, double **directions,
                            struct embeddings_taken *out)
{
	const size_t hidden = (size_t)model->config.hidden_size;
	double *mean = size_calloc(width, sizeof *mean), *covariance = size_calloc(width * width, sizeof *covariance);
	double *scratch = size_calloc(hidden * width, sizeof *scratch);
	float *start = size_calloc(hidden * width, sizeof *start);
	const bool done = mean && covariance && scratch && start && (*directions = size_calloc(hidden * width, sizeof **directions));

	if (done) {
		center(gathered, known, model->config.vocab_size, width, mean, covariance);
		random_normal(start, hidden * width, 1, 0, 0);
		for (size_t i = 0; i < hidden * width; i++)
			(*directions)[i] = (double)start[i];
		out->kept = principal(covariance, width, *directions, hidden, scratch);
	}
	free(mean);
	free(covariance);
	free(scratch);
	free(start);
	return done;
}

static bool take(struct model *model, const struct model *from, const struct rows *rows, struct embeddings_taken *out)
{
	struct parameter *own = word_embeddings(model);
	const size_t width = (size_t)rows->width, vocabulary = (size_t)model->config.vocab_size;
	float *gathered = size_calloc(vocabulary * width, sizeof *gathered), *values = size_calloc(own->count, sizeof *values);
	bool *known = size_calloc(vocabulary, sizeof *known);
	double *directions = NULL;
	bool done = gathered && values && known;

	if (done) {
		gather(model, from, rows, gathered, known, out);
		out->kept = 1;
		if (rows->width > model->config.hidden_size && out->same + out->parts > 0)
			done = find_directions(model, gathered, known, width, &directions, out);
	}
	if (done) {
		memcpy(values, parameter_to_host(model->network.backend, own->value, own->count, values), own->count * sizeof *values);
		write_rows(model, gathered, known, width, directions, values);
		parameter_from_host(model->network.backend, own->value, values, own->count);
	}
	free(directions);
	free(gathered);
	free(values);
	free(known);
	return done;
}

bool model_take_embeddings(struct model *model, const struct model *from, struct embeddings_taken *out, struct error *error)
{
	struct rows rows;
	bool done;

	*out = (struct embeddings_taken){0};
	RETURN_IF(!from->tokenizer || !word_embeddings(from) || !word_embeddings(from)->value, error, ERROR_DATA,
	          "%s has no embeddings of words to begin with", from->folder);
	if (!rows_read(from, &rows, error))
		return false;
	done = take(model, from, &rows, out) || error_memory(error, "taking embeddings");
	free(rows.staging);
	return done;
}
