/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoder as a straight sequence of backend operations, each forward step followed by its backward twin. T rows
 * are the tokens of all sequences, one after the other; R rows are those of a layer after its keys and values: T, and
 * in the last layer the rows that the head reads, [CLS] of each sequence or the masked tokens, because nothing else of the
 * last layer is read (exact, also backward: the gradients of the others are zero). Where architectures differ, the row of
 * engine/format/architecture.h says how.
 *
 * source  Devlin et al. 2018 (BERT), Sanh et al. 2019 (DistilBERT); post-norm layers as in Vaswani et al. 2017. */
#include "engine/model/encoder.h"

#include "engine/model/imitate.h"
#include "engine/model/linear.h"
#include "engine/model/norm.h"

#include <math.h>

static struct dropout layer_dropout(const struct pass *pass, float p, int32_t layer, enum dropout_site site)
{
	return pass_dropout(pass, p, (uint32_t)SITE_LAYERS + (uint32_t)layer * SITES_PER_LAYER + (uint32_t)site);
}

static float attention_output_dropout(const struct model_config *config)
{
	return config->architecture->attention_output_dropout ? config->hidden_dropout_prob : 0.0f;
}

static int32_t token_count(const struct pass *pass)
{
	return pass->tokens.starts[pass->tokens.sequences];
}

static bool is_last(const struct model *model, int32_t layer)
{
	return layer == model->config.num_hidden_layers - 1;
}

static int32_t row_count(const struct model *model, const struct pass *pass, int32_t layer)
{
	return is_last(model, layer) ? pass->read_count : token_count(pass);
}

static struct attention attention_of(const struct model *model, const struct pass *pass, int32_t layer)
{
	const struct model_config *config = &model->config;
	const struct layer_activations *a = &model->network.activations.layers[layer];
	int32_t head_size = config->hidden_size / config->num_attention_heads;

	return (struct attention){
		.queries = is_last(model, layer) ? pass->reads : pass->tokens,
		.keys = pass->tokens,
		.heads = config->num_attention_heads,
		.head_size = head_size,
		.q_stride = a->query_stride,
		.kv_stride = a->key_stride,
		.out_stride = config->hidden_size,
		.scale = 1.0f / sqrtf((float)head_size),
		.dropout = layer_dropout(pass, config->attention_probs_dropout_prob, layer, SITE_ATTENTION),
	};
}

/* embedding_out = dropout(LayerNorm(word + position + type 0 + noise)) */
static void embeddings_forward(struct model *model, const struct pass *pass)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	struct activations *a = &net->activations;
	int32_t rows = token_count(pass), hidden = model->config.hidden_size;

	backend->ops->embedding_forward(backend, a->embedding_sum, net->word, net->position, net->type, pass->ids,
	                                pass->positions, rows, hidden);
	if (pass->noise > 0)
		backend->ops->noise(backend, a->embedding_sum, (size_t)rows * (size_t)hidden,
		                    (struct noise){pass->noise, pass->seed, pass->step, SITE_NOISE});
	norm_forward(model, pass, a->embedding_out, a->embedding_sum, a->embedding_mean, a->embedding_rstd, NULL,
	             &net->embedding_norm, rows, (struct dropout){0});
	if (pass->dropout)
		backend->ops->dropout(backend, a->embedding_out, (size_t)rows * (size_t)hidden,
		                      pass_dropout(pass, model->config.hidden_dropout_prob, SITE_EMBEDDINGS));
}

static void embeddings_backward(struct model *model, const struct pass *pass, float *dout /* [T][H] */)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	struct activations *a = &net->activations;
	int32_t rows = token_count(pass), hidden = model->config.hidden_size;

	if (pass->dropout)
		backend->ops->dropout(backend, dout, (size_t)rows * (size_t)hidden,
		                      pass_dropout(pass, model->config.hidden_dropout_prob, SITE_EMBEDDINGS));
	norm_backward(model, dout, NULL, dout, a->embedding_sum, a->embedding_mean, a->embedding_rstd,
	              &net->embedding_norm, rows, (struct dropout){0});
	if (net->dword)
		backend->ops->embedding_backward(backend, net->dword, net->dposition, net->dtype, dout, pass->ids,
		                                 pass->positions, rows, hidden);
}

/* context = softmax(q k^T / sqrt(head size)) v with q, k, v = input W^T + b */
static void attention_forward(struct model *model, const struct pass *pass, int32_t layer)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	const struct layer *w = &net->layers[layer];
	const struct layer_activations *a = &net->activations.layers[layer];
	struct attention attention = attention_of(model, pass, layer);
	int32_t reads = pass->read_count;

	linear_forward(model, pass, a->projection, NULL, a->input, &w->projection, token_count(pass), ACTIVATION_NONE);
	if (is_last(model, layer)) {
		backend->ops->gather_rows(backend, a->residual, a->input, pass->read_rows, reads,
		                          model->config.hidden_size);
		linear_forward(model, pass, a->query, NULL, a->residual, &w->query, reads, ACTIVATION_NONE);
	}
	if (is_last(model, layer))
		imitate_queries(model, pass, layer);
	backend->ops->attention_forward(backend, a->context, a->lse, a->query, a->key, a->value, &attention);
}

/* dcontext [R][H] to gradients of the projections and, where something below trains, of the input, dinput [T][H].
 * What came around the attention, dresidual [R][H], is added: in all layers but the last the two are one array. */
static void attention_backward(struct model *model, const struct pass *pass, int32_t layer, const float *dcontext,
                               float *dresidual, float *dinput)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	const struct layer *w = &net->layers[layer];
	const struct layer_activations *a = &net->activations.layers[layer];
	struct attention attention = attention_of(model, pass, layer);
	int32_t hidden = model->config.hidden_size, tokens = token_count(pass), reads = pass->read_count;
	bool last = is_last(model, layer), below = layer > net->lowest; /* whether anything trains there */
	float *dprojection = net->activations.dprojection; /* [T][3H]; last layer [T][2H] */
	float *dquery = last ? net->activations.dquery : dprojection;
	float *dkey = dprojection + (last ? 0 : hidden);

	backend->ops->attention_backward(backend, dquery, dkey, dkey + hidden, dcontext, a->context, a->lse, a->query,
	                                 a->key, a->value, &attention);
	imitate_attention(model, pass, layer, dquery, dkey, dkey + hidden);
	linear_backward(model, pass, below ? dinput : NULL, dinput == dresidual, dprojection, a->input, &w->projection, tokens);
	if (!last)
		return;
	imitate_queries_backward(model, pass, layer, below ? dinput : NULL);
	linear_backward(model, pass, below ? dresidual : NULL, true, dquery, a->residual, &w->query, reads);
	if (below)
		backend->ops->scatter_rows_add(backend, dinput, dresidual, pass->read_rows, reads, hidden);
}

/* attention_out = LayerNorm(dropout(attention(input) W^T + b) + input)
 * output = LayerNorm(dropout(act(attention_out W1^T + b1) W2^T + b2) + attention_out) */
static void post_norm_forward(struct model *model, const struct pass *pass, int32_t layer)
{
	struct network *net = &model->network;
	const struct model_config *config = &model->config;
	const struct layer *w = &net->layers[layer];
	const struct layer_activations *a = &net->activations.layers[layer];
	float *act = net->activations.intermediate; /* [R][I] */
	int32_t rows = row_count(model, pass, layer);

	attention_forward(model, pass, layer);
	linear_forward(model, pass, a->attention_sum, NULL, a->context, &w->attention_output, rows, ACTIVATION_NONE);
	norm_forward(model, pass, a->attention_out, a->attention_sum, a->attention_mean, a->attention_rstd, a->residual,
	             &w->attention_norm, rows,
	             layer_dropout(pass, attention_output_dropout(config), layer, SITE_ATTENTION_OUTPUT));

	linear_forward(model, pass, act, a->pre, a->attention_out, &w->intermediate, rows, config->hidden_act);
	linear_forward(model, pass, a->output_sum, NULL, act, &w->output, rows, ACTIVATION_NONE);
	norm_forward(model, pass, a->output, a->output_sum, a->output_mean, a->output_rstd, a->attention_out,
	             &w->output_norm, rows, layer_dropout(pass, config->hidden_dropout_prob, layer, SITE_OUTPUT));
}

/* d[0] [R][H] is the output's gradient. On return d[0] [T][H] is the input's. The activation is computed a
 * second time: I floats a token and layer less to keep, for an elementwise pass. */
static void post_norm_backward(struct model *model, const struct pass *pass, int32_t layer, float *d[3])
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	const struct model_config *config = &model->config;
	const struct layer *w = &net->layers[layer];
	const struct layer_activations *a = &net->activations.layers[layer];
	float *act = net->activations.intermediate;   /* [R][I] */
	float *dact = net->activations.dintermediate; /* [R][I] */
	int32_t rows = row_count(model, pass, layer);
	size_t count = (size_t)rows * (size_t)config->intermediate_size;

	norm_backward(model, d[0], d[1], d[0], a->output_sum, a->output_mean, a->output_rstd, &w->output_norm, rows,
	              layer_dropout(pass, config->hidden_dropout_prob, layer, SITE_OUTPUT));
	if (linear_reads_input(&w->output))
		backend->ops->activation_forward(backend, act, a->pre, count, config->hidden_act);
	linear_backward(model, pass, dact, false, d[0], act, &w->output, rows);
	backend->ops->activation_backward(backend, dact, a->pre, count, config->hidden_act);
	linear_backward(model, pass, d[1], true, dact, a->attention_out, &w->intermediate, rows);

	norm_backward(model, d[0], d[2], d[1], a->attention_sum, a->attention_mean, a->attention_rstd,
	              &w->attention_norm, rows,
	              layer_dropout(pass, attention_output_dropout(config), layer, SITE_ATTENTION_OUTPUT));
	linear_backward(model, pass, d[1], false, d[0], a->context, &w->attention_output, rows);
	attention_backward(model, pass, layer, d[1], d[2], is_last(model, layer) ? d[0] : d[2]);
	if (!is_last(model, layer)) {
		float *input = d[2];

		d[2] = d[0];
		d[0] = input;
	}
}

/* The twins of each layer form. */
static const struct {
	void (*forward)(struct model *model, const struct pass *pass, int32_t layer);
	void (*backward)(struct model *model, const struct pass *pass, int32_t layer, float *d[3]);
} layer_forms[LAYER_FORMS] = {
	[LAYER_POST_NORM] = {post_norm_forward, post_norm_backward},
};

void encoder_embed(struct model *model, const struct pass *pass)
{
	embeddings_forward(model, pass);
}

void encoder_forward_layers(struct model *model, const struct pass *pass)
{
	enum layer_form form = model->config.architecture->layer_form;

	for (int32_t layer = 0; layer < model->config.num_hidden_layers; layer++)
		layer_forms[form].forward(model, pass, layer);
}

void encoder_forward_layer(struct model *model, const struct pass *pass, int32_t layer)
{
	layer_forms[model->config.architecture->layer_form].forward(model, pass, layer);
}

void encoder_forward(struct model *model, const struct pass *pass)
{
	embeddings_forward(model, pass);
	encoder_forward_layers(model, pass);
}

/* Down to the lowest layer that has something to train, or below all of them. The gradient there. */
static float *layers_backward(struct model *model, const struct pass *pass)
{
	struct activations *a = &model->network.activations;
	float *d[3] = {a->dhidden[0], a->dhidden[1], a->dhidden[2]}; /* [T][H] each */
	enum layer_form form = model->config.architecture->layer_form;
	int32_t layer = model->config.num_hidden_layers - 1;

	for (; layer >= 0 && layer >= model->network.lowest; layer--) {
		layer_forms[form].backward(model, pass, layer, d);
		if (layer > model->network.lowest)
			imitate_input(model, pass, layer, d[0]);
	}
	return d[0];
}

void encoder_backward(struct model *model, const struct pass *pass)
{
	float *below = layers_backward(model, pass);

	if (model->network.lowest < 0)
		embeddings_backward(model, pass, below);
}

float *encoder_backward_layers(struct model *model, const struct pass *pass)
{
	int32_t lowest = model->network.lowest;
	float *below;

	model->network.lowest = -1;
	below = layers_backward(model, pass);
	model->network.lowest = lowest;
	return below;
}
