/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The head on [CLS]: BERT's pooler (tanh) or DistilBERT's pre_classifier (ReLU), dropout, classifier. S rows. */
#include "engine/model/internal.h"

static enum activation pooler_activation(const struct model *model)
{
	return model->config.architecture == ARCHITECTURE_DISTILBERT ? ACTIVATION_RELU : ACTIVATION_TANH;
}

static size_t pooled_count(const struct model *model, const struct pass *pass)
{
	return (size_t)pass->firsts.sequences * (size_t)model->config.hidden_size;
}

/* pooled = dropout(act(first W^T + b));  logits = pooled W^T + b */
void classifier_forward(struct model *model, const struct pass *pass)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	struct activations *a = &net->activations;
	const float *first = a->layers[model->config.num_hidden_layers - 1].output; /* [S][H] */
	int32_t rows = pass->firsts.sequences;

	backend->ops->linear_forward(backend, a->pooled, a->pooled_pre, first, &net->pooler.weight, net->pooler.bias, rows,
	                             pooler_activation(model));
	if (pass->dropout)
		backend->ops->dropout(backend, a->pooled, pooled_count(model, pass),
		                      pass_dropout(pass, model->config.classifier_dropout, SITE_CLASSIFIER));
	backend->ops->linear_forward(backend, a->logits, NULL, a->pooled, &net->classifier.weight, net->classifier.bias,
	                             rows, ACTIVATION_NONE);
}

void classifier_backward(struct model *model, const struct pass *pass)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;
	struct activations *a = &net->activations;
	const float *first = a->layers[model->config.num_hidden_layers - 1].output; /* [S][H] */
	int32_t rows = pass->firsts.sequences;

	linear_backward(backend, &net->classifier, a->dlogits, a->pooled, rows);
	backend->ops->linear_backward_input(backend, a->dpooled, a->dlogits, &net->classifier.weight, rows, false);
	if (pass->dropout)
		backend->ops->dropout(backend, a->dpooled, pooled_count(model, pass),
		                      pass_dropout(pass, model->config.classifier_dropout, SITE_CLASSIFIER));
	backend->ops->activation_backward(backend, a->dpooled, a->pooled_pre, pooled_count(model, pass),
	                                  pooler_activation(model));
	linear_backward(backend, &net->pooler, a->dpooled, first, rows);
	backend->ops->linear_backward_input(backend, a->dhidden[0], a->dpooled, &net->pooler.weight, rows, false);
}
