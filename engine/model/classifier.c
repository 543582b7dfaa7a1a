/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The head on [CLS]: a dense layer (BERT's pooler, DistilBERT's pre_classifier), dropout, classifier. S rows. Its
 * activation, and whether dropout comes before the dense layer too, are the architecture's. */
#include "engine/model/classifier.h"

#include "engine/model/linear.h"

/* In place, and the same mask forward and backward. */
static void head_dropout(struct model *model, const struct pass *pass, float *x /* [S][H] */, enum dropout_site site)
{
	struct backend *backend = model->network.backend;
	size_t count = (size_t)pass->read_count * (size_t)model->config.hidden_size;

	if (pass->dropout)
		backend->ops->dropout(backend, x, count, pass_dropout(pass, model->config.classifier_dropout, (uint32_t)site));
}

/* pooled = dropout(act(first W^T + b));  logits = pooled W^T + b. With dropout before the dense layer, first is the
 * output of the encoder after it: nothing else reads that output. */
void classifier_forward(struct model *model, const struct pass *pass)
{
	struct network *net = &model->network;
	struct activations *a = &net->activations;
	float *first = a->layers[model->config.num_hidden_layers - 1].output; /* [S][H] */
	int32_t rows = pass->read_count;

	if (model->config.architecture->head_input_dropout)
		head_dropout(model, pass, first, SITE_HEAD_INPUT);
	linear_forward(model, pass, a->pooled, a->pooled_pre, first, &net->head, rows,
	               model->config.architecture->head_activation);
	head_dropout(model, pass, a->pooled, SITE_CLASSIFIER);
	linear_forward(model, pass, a->logits, NULL, a->pooled, &net->classifier, rows, ACTIVATION_NONE);
}

void classifier_backward(struct model *model, const struct pass *pass)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	struct activations *a = &net->activations;
	const float *first = a->layers[model->config.num_hidden_layers - 1].output; /* [S][H] */
	int32_t rows = pass->read_count;

	linear_backward(model, pass, a->dpooled, false, a->dlogits, a->pooled, &net->classifier, rows);
	head_dropout(model, pass, a->dpooled, SITE_CLASSIFIER);
	backend->ops->activation_backward(backend, a->dpooled, a->pooled_pre,
	                                  (size_t)rows * (size_t)model->config.hidden_size,
	                                  model->config.architecture->head_activation);
	linear_backward(model, pass, a->dhidden[0], false, a->dpooled, first, &net->head, rows);
	if (model->config.architecture->head_input_dropout)
		head_dropout(model, pass, a->dhidden[0], SITE_HEAD_INPUT);
}

const float *classifier_pool(struct model *model, const struct pass *pass)
{
	struct backend *backend = model->network.backend;
	struct activations *a = &model->network.activations;

	if (!pass->reviews.starts)
		return a->logits;
	backend->ops->pooling_forward(backend, a->review_logits, a->logits, &pass->reviews, model->config.num_labels,
	                              model->config.own.reading.pooling);
	return a->review_logits;
}

float *classifier_pooled_gradient(struct model *model, const struct pass *pass)
{
	struct activations *a = &model->network.activations;

	return pass->reviews.starts ? a->dreview_logits : a->dlogits;
}

void classifier_pool_backward(struct model *model, const struct pass *pass)
{
	struct backend *backend = model->network.backend;
	struct activations *a = &model->network.activations;

	if (pass->reviews.starts)
		backend->ops->pooling_backward(backend, a->dlogits, a->dreview_logits, a->logits, &pass->reviews,
		                               model->config.num_labels, model->config.own.reading.pooling);
}
