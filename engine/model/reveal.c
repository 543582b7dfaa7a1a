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

/* Of the last layer, which has queries of [CLS] alone, those of all tokens are made, and laid beside keys and values. */
static void reveal_last(struct model *model, const struct pass *pass, int32_t layer, size_t tokens, float *room, float *out)
{
	struct network *net = &model->network;
	const struct activations *a = &net->activations;
	const size_t hidden = (size_t)model->config.hidden_size, bytes = hidden * sizeof(float);
	float *pairs = room + tokens * hidden; /* [tokens][2 hidden] after the queries */

	linear_forward(model, pass, a->all_queries, NULL, a->layers[layer].input, &net->layers[layer].query, (int32_t)tokens,
	               ACTIVATION_NONE);
	net->backend->ops->download(net->backend, room, a->all_queries, tokens * bytes);
	net->backend->ops->download(net->backend, pairs, a->layers[layer].projection, tokens * 2 * bytes);
	for (size_t t = 0; t < tokens; t++) {
		memcpy(out + t * 3 * hidden, room + t * hidden, bytes);
		memcpy(out + t * 3 * hidden + hidden, pairs + t * 2 * hidden, 2 * bytes);
	}
}

static void reveal_projection(struct model *model, const struct pass *pass, int32_t layer, size_t tokens, float *room, float *out)
{
	struct network *net = &model->network;

	if (layer == model->config.num_hidden_layers - 1)
		reveal_last(model, pass, layer, tokens, room, out);
	else
		net->backend->ops->download(net->backend, out, net->activations.layers[layer].projection,
		                            tokens * 3 * (size_t)model->config.hidden_size * sizeof *out);
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
	const size_t bytes = tokens * (size_t)model->config.hidden_size * sizeof(float);
	const int32_t wanted = layers_wanted(imitation, model);

	network_pack(model);
	encoder_embed(model, &pass);
	for (int32_t layer = 0;; layer++) {
		for (int32_t s = 0; s < imitation->layers; s++)
			if (imitates_hidden(imitation) && imitation_input_of(imitation, s) == layer)
				net->backend->ops->download(net->backend, revealed->inputs[s], net->activations.layers[layer].input, bytes);
		if (layer == wanted)
			break;
		encoder_forward_layer(model, &pass, layer);
		for (int32_t s = 0; s < imitation->layers; s++)
			if (imitates_attention(imitation, s) && imitation_attention_of(imitation, s) == layer)
				reveal_projection(model, &pass, layer, tokens, revealed->room, revealed->projections[s]);
	}
}
