/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/masked_head.h"

#include "engine/model/host.h"
#include "engine/model/linear.h"
#include "engine/model/norm.h"

/* Masked tokens from `first` on whose logits are computed at once. */
struct part {
	int32_t first, rows;
};

static struct part part_from(const struct model *model, const struct pass *pass, int32_t first)
{
	const int32_t left = pass->read_count - first, most = masked_at_once(&model->config, pass->read_count);

	return (struct part){first, left < most ? left : most};
}

static size_t place_of(const struct model *model, const struct part *part)
{
	return (size_t)part->first * (size_t)model->config.hidden_size;
}

/* transformed = LayerNorm(act(last layer W^T + b)) */
static void transform_forward(struct model *model, const struct pass *pass)
{
	const struct network *net = &model->network;
	const struct activations *a = &net->activations;
	const float *output = a->layers[model->config.num_hidden_layers - 1].output; /* [R][H] */

	linear_forward(model, pass, a->transform_sum, a->transform_pre, output, &net->transform, pass->read_count,
	               model->config.hidden_act);
	norm_forward(model, pass, a->transformed, a->transform_sum, a->transform_mean, a->transform_rstd, NULL,
	             &net->transform_norm, pass->read_count, (struct dropout){0});
}

static void transform_backward(struct model *model, const struct pass *pass)
{
	const struct network *net = &model->network;
	struct backend *backend = net->backend;
	const struct activations *a = &net->activations;
	const float *output = a->layers[model->config.num_hidden_layers - 1].output; /* [R][H] */
	const size_t count = (size_t)pass->read_count * (size_t)model->config.hidden_size;

	norm_backward(model, a->dtransformed, NULL, a->dtransformed, a->transform_sum, a->transform_mean, a->transform_rstd,
	              &net->transform_norm, pass->read_count, (struct dropout){0});
	backend->ops->activation_backward(backend, a->dtransformed, a->transform_pre, count, model->config.hidden_act);
	linear_backward(model, pass, a->dhidden[0], false, a->dtransformed, output, &net->transform, pass->read_count);
}

/* predictions = transformed E^T + b, E the embeddings of words, and their losses. */
static void predict(struct model *model, const struct pass *pass, const struct batch *batch, const struct part *part,
                    const struct loss *how)
{
	const struct network *net = &model->network;
	struct backend *backend = net->backend;
	const struct activations *a = &net->activations;

	linear_forward(model, pass, a->predictions, NULL, a->transformed + place_of(model, part), &net->decoder, part->rows,
	               ACTIVATION_NONE);
	backend->ops->cross_entropy(backend, a->losses + part->first, a->dpredictions, a->predictions, batch->masked.ids + part->first,
	                            part->rows, model->config.vocab_size, how);
}

void masked_head_train(struct model *model, const struct pass *pass, const struct batch *batch, const struct train_pass *train)
{
	const struct network *net = &model->network;
	const struct activations *a = &net->activations;
	const struct loss how = {.scale = train->scale};

	transform_forward(model, pass);
	for (int32_t first = 0; first < pass->read_count;) {
		const struct part part = part_from(model, pass, first);
		const size_t place = place_of(model, &part);

		predict(model, pass, batch, &part, &how);
		linear_backward(model, pass, a->dtransformed + place, false, a->dpredictions, a->transformed + place, &net->decoder,
		                part.rows);
		first += part.rows;
	}
	transform_backward(model, pass);
}

/* The first of the highest. */
static bool is_highest(const float *logits, int32_t count, int32_t id)
{
	for (int32_t i = 0; i < count; i++)
		if (logits[i] > logits[id] || (i < id && logits[i] == logits[id]))
			return false;
	return true;
}

void masked_head_measure(struct model *model, const struct pass *pass, const struct batch *batch, float *losses, bool *right)
{
	const struct network *net = &model->network;
	const int32_t vocab = model->config.vocab_size;

	transform_forward(model, pass);
	for (int32_t first = 0; first < pass->read_count;) {
		const struct part part = part_from(model, pass, first);
		const float *logits;

		predict(model, pass, batch, &part, &(struct loss){0});
		logits = parameter_to_host(net->backend, net->activations.predictions, (size_t)part.rows * (size_t)vocab,
		                           net->arrays.logits);
		for (int32_t row = 0; row < part.rows; row++)
			right[first + row] = is_highest(logits + (size_t)row * (size_t)vocab, vocab, batch->masked.ids[first + row]);
		first += part.rows;
	}
	net->backend->ops->download(net->backend, losses, net->activations.losses, (size_t)pass->read_count * sizeof *losses);
}
