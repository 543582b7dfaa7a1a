/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What happens inside a teacher, layer by layer, on its way to the host: another backend computes the student. */
#include "engine/model/network.h"

#include "engine/model/bind.h"
#include "engine/model/encoder.h"
#include "engine/model/linear.h"
#include "engine/model/pass_begin.h"

#include <assert.h>
#include <string.h>

void network_prepare_reveal(struct model *model)
{
	model->network.reveals = true;
}

void network_imitate(struct model *model, const struct imitation *imitation)
{
	assert(!imitation || !model_lora(model));
	model->network.imitation = imitation;
}

/* out [student's tokens][width]: of rows [teacher's tokens][width] the means of those that are matched. */
static void match_rows(const struct revealed *revealed, size_t width, const float *rows, float *out)
{
	for (int32_t t = 0; t < revealed->tokens; t++) {
		const struct matched *from = &revealed->matched[t];
		const float *row = rows + (size_t)from->first * width;
		float *to = out + (size_t)t * width;

		memcpy(to, row, width * sizeof *to);
		for (int32_t i = 1; i < from->count; i++)
			for (size_t k = 0; k < width; k++)
				to[k] += row[(size_t)i * width + k];
		for (size_t k = 0; from->count > 1 && k < width; k++)
			to[k] /= (float)from->count;
	}
}

/* rows [teacher's tokens][width] of the backend. */
static void reveal_rows(struct model *model, const struct revealed *revealed, const float *rows, size_t tokens, size_t width,
                        float *out)
{
	struct backend *backend = model->network.backend;

	backend->ops->download(backend, revealed->matched ? revealed->room : out, rows, tokens * width * sizeof *out);
	if (revealed->matched)
		match_rows(revealed, width, revealed->room, out);
}

/* Of the last layer, which has queries of [CLS] alone, those of all tokens are made, and laid beside keys and values. */
static void reveal_last(struct model *model, const struct pass *pass, int32_t layer, size_t tokens,
                        const struct revealed *revealed, float *out)
{
	struct network *net = &model->network;
	const struct activations *a = &net->activations;
	const size_t hidden = (size_t)model->config.hidden_size, bytes = hidden * sizeof(float);
	float *queries = revealed->room, *pairs = queries + tokens * hidden; /* [tokens][hidden], [tokens][2 hidden] */
	float *all = revealed->matched ? pairs + tokens * 2 * hidden : out;

	linear_forward(model, pass, a->all_queries, NULL, a->layers[layer].input, &net->layers[layer].query, (int32_t)tokens,
	               ACTIVATION_NONE);
	net->backend->ops->download(net->backend, queries, a->all_queries, tokens * bytes);
	net->backend->ops->download(net->backend, pairs, a->layers[layer].projection, tokens * 2 * bytes);
	for (size_t t = 0; t < tokens; t++) {
		memcpy(all + t * 3 * hidden, queries + t * hidden, bytes);
		memcpy(all + t * 3 * hidden + hidden, pairs + t * 2 * hidden, 2 * bytes);
	}
	if (revealed->matched)
		match_rows(revealed, 3 * hidden, all, out);
}

static void reveal_projection(struct model *model, const struct pass *pass, int32_t layer, size_t tokens,
                              const struct revealed *revealed, float *out)
{
	if (layer == model->config.num_hidden_layers - 1)
		reveal_last(model, pass, layer, tokens, revealed, out);
	else
		reveal_rows(model, revealed, model->network.activations.layers[layer].projection, tokens,
		            3 * (size_t)model->config.hidden_size, out);
}

/* Layers that have to compute for what is wanted of them. */
static int32_t layers_wanted(const struct imitation *imitation, const struct model *model)
{
	int32_t wanted = 0;

	for (int32_t s = 0; s < imitation->layers; s++) {
		if (imitates_hidden(imitation) && imitation_input_of(imitation, s) > wanted)
			wanted = imitation_input_of(imitation, s);
		if (imitates_attention(imitation, s) && imitation_attention_of(imitation, s) >= wanted)
			wanted = imitation_attention_of(imitation, s) + 1;
	}
	return wanted < model->config.num_hidden_layers ? wanted : model->config.num_hidden_layers;
}

/* A layer's input is there until the layer has computed, its projections after that. */
void network_reveal(struct model *model, const struct batch *batch, const struct imitation *imitation,
                    const struct revealed *revealed)
{
	struct network *net = &model->network;
	const struct pass pass = pass_begin(model, batch, false);
	const size_t tokens = (size_t)batch->starts[batch->sequences];
	const int32_t wanted = layers_wanted(imitation, model);

	network_pack(model);
	encoder_embed(model, &pass);
	for (int32_t layer = 0;; layer++) {
		for (int32_t s = 0; s < imitation->layers; s++)
			if (imitates_hidden(imitation) && imitation_input_of(imitation, s) == layer)
				reveal_rows(model, revealed, net->activations.layers[layer].input, tokens,
				            (size_t)model->config.hidden_size, revealed->inputs[s]);
		if (layer == wanted)
			break;
		encoder_forward_layer(model, &pass, layer);
		for (int32_t s = 0; s < imitation->layers; s++)
			if (imitates_attention(imitation, s) && imitation_attention_of(imitation, s) == layer)
				reveal_projection(model, &pass, layer, tokens, revealed, revealed->projections[s]);
	}
}
