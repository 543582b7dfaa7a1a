/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/imitate.h"

#include "engine/model/linear.h"

static const struct imitation *imitation_of(const struct model *model, const struct pass *pass)
{
	return pass->imitated > 0 ? model->network.imitation : NULL;
}

static int32_t token_count(const struct pass *pass)
{
	return pass->tokens.starts[pass->tokens.sequences];
}

/* The sequences of which the teacher shows what it makes; never what fills a batch up. */
static struct packing imitated_sequences(const struct pass *pass)
{
	return (struct packing){pass->tokens.starts, pass->imitated};
}

/* Where all sequences are imitated, what fills the batch up is computed with them, as the backend likes it. */
static int32_t imitated_rows(const struct pass *pass)
{
	const int32_t all = pass->tokens.sequences - (pass->filled ? 1 : 0);

	return pass->imitated == all ? token_count(pass) : pass->tokens.starts[pass->imitated];
}

static bool has_all_queries(const struct model *model, int32_t layer)
{
	return layer != model->config.num_hidden_layers - 1;
}

void imitate_upload(struct model *model, const struct pass *pass, const struct revealed *revealed)
{
	const struct imitation *imitation = imitation_of(model, pass);
	const struct packing imitated = imitated_sequences(pass);
	struct backend *backend = model->network.backend;
	size_t bytes;

	if (!imitation)
		return;
	bytes = (size_t)imitated.starts[imitated.sequences] * (size_t)imitation->teacher_hidden * sizeof(float);
	for (int32_t layer = 0; layer < imitation->layers; layer++) {
		const struct layer_activations *a = &model->network.activations.layers[layer];

		if (imitates_hidden(imitation))
			backend->ops->upload(backend, a->teacher_input, revealed->inputs[layer], bytes);
		if (imitates_attention(imitation, layer))
			backend->ops->upload(backend, a->teacher_projection, revealed->projections[layer], 3 * bytes);
	}
}

void imitate_queries(struct model *model, const struct pass *pass, int32_t layer)
{
	const struct activations *a = &model->network.activations;

	if (imitates_attention(imitation_of(model, pass), layer))
		linear_forward(model, pass, a->all_queries, NULL, a->layers[layer].input, &model->network.layers[layer].query,
		               token_count(pass), ACTIVATION_NONE);
}

/* One relation: of a with b, beside that of the teacher. */
struct related {
	const float *a, *b, *teacher_a, *teacher_b;
	float *da, *db;
	int32_t stride, b_stride, teacher_stride;
	float weight;
	bool squares;
};

static void relate(struct model *model, const struct pass *pass, const struct related *related)
{
	const struct imitation *imitation = model->network.imitation;
	struct backend *backend = model->network.backend;
	const struct relation how = {
		.tokens = imitated_sequences(pass),
		.heads = imitation->heads,
		.size = model->config.hidden_size / imitation->heads,
		.stride = related->stride,
		.b_stride = related->b_stride,
		.teacher_size = imitation->teacher_hidden / imitation->heads,
		.teacher_stride = related->teacher_stride,
		.squares = related->squares,
		.weight = related->weight,
		.scale = pass->loss_scale,
	};

	backend->ops->relate(backend, model->network.activations.losses, related->da, related->db,
	                     model->network.activations.relation_work, related->a, related->b, related->teacher_a,
	                     related->teacher_b, &how);
}

/* Queries of all tokens of the last layer have an array of their own. */
static void take_all_queries(struct model *model, const struct pass *pass, struct related *related)
{
	struct activations *a = &model->network.activations;
	struct backend *backend = model->network.backend;
	const int32_t hidden = model->config.hidden_size;

	backend->ops->zero(backend, a->dall_queries, (size_t)token_count(pass) * (size_t)hidden * sizeof(float));
	related->a = a->all_queries;
	related->da = a->dall_queries;
	related->stride = hidden;
}

void imitate_attention(struct model *model, const struct pass *pass, int32_t layer, float *dquery, float *dkey, float *dvalue)
{
	const struct imitation *imitation = imitation_of(model, pass);
	const struct layer_activations *a = &model->network.activations.layers[layer];
	const int32_t hidden = imitation ? imitation->teacher_hidden : 0;
	struct related related;

	if (!imitates_attention(imitation, layer))
		return;
	related = (struct related){
		.a = a->query, .b = a->key, .teacher_a = a->teacher_projection, .teacher_b = a->teacher_projection + hidden, .da = dquery,
		.db = dkey, .stride = a->query_stride, .b_stride = a->key_stride, .teacher_stride = 3 * hidden,
		.weight = imitation->attention, .squares = imitation->scores,
	};
	if (!has_all_queries(model, layer))
		take_all_queries(model, pass, &related);
	relate(model, pass, &related);
	if (imitation->scores)
		return;
	related.a = related.b = a->value;
	related.da = related.db = dvalue;
	related.stride = related.b_stride;
	related.teacher_a = related.teacher_b = a->teacher_projection + 2 * hidden;
	relate(model, pass, &related);
}

void imitate_queries_backward(struct model *model, const struct pass *pass, int32_t layer, float *dinput)
{
	const struct activations *a = &model->network.activations;

	if (imitates_attention(imitation_of(model, pass), layer))
		linear_backward(model, pass, dinput, true, a->dall_queries, a->layers[layer].input, &model->network.layers[layer].query,
		                token_count(pass));
}

static void imitate_rows(struct model *model, const struct pass *pass, float *dx, const float *x, const float *teacher,
                         int32_t columns)
{
	const struct packing imitated = imitated_sequences(pass);
	struct backend *backend = model->network.backend;

	backend->ops->imitate(backend, model->network.activations.losses, dx, x, teacher, &imitated, columns,
	                      &(struct imitation_loss){model->network.imitation->hidden, pass->loss_scale});
}

/* The rows are brought to the teacher's width first. */
static void imitate_fitted(struct model *model, const struct pass *pass, const struct layer_activations *a, float *dinput)
{
	const struct activations *shared = &model->network.activations;
	const int32_t rows = imitated_rows(pass), columns = model->network.imitation->teacher_hidden;
	struct backend *backend = model->network.backend;

	linear_forward(model, pass, shared->fitted, NULL, a->input, &model->network.fit, rows, ACTIVATION_NONE);
	backend->ops->zero(backend, shared->dfitted, (size_t)rows * (size_t)columns * sizeof(float));
	imitate_rows(model, pass, shared->dfitted, shared->fitted, a->teacher_input, columns);
	linear_backward(model, pass, dinput, true, shared->dfitted, a->input, &model->network.fit, rows);
}

/* Rows of another width that are not brought to the teacher's have no differences, but relations to each other. */
void imitate_input(struct model *model, const struct pass *pass, int32_t layer, float *dinput)
{
	const struct imitation *imitation = imitation_of(model, pass);
	const struct layer_activations *a = &model->network.activations.layers[layer];
	const int32_t hidden = model->config.hidden_size;

	if (!imitates_hidden(imitation))
		return;
	if (imitation->fits)
		imitate_fitted(model, pass, a, dinput);
	else if (imitation->teacher_hidden == hidden)
		imitate_rows(model, pass, dinput, a->input, a->teacher_input, hidden);
	else
		relate(model, pass, &(struct related){
			.a = a->input, .b = a->input, .teacher_a = a->teacher_input, .teacher_b = a->teacher_input, .da = dinput,
			.db = dinput, .stride = hidden, .b_stride = hidden, .teacher_stride = imitation->teacher_hidden,
			.weight = imitation->hidden,
		});
}
