/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/network_loss.h"

#include "engine/model/classifier.h"

void network_loss(struct model *model, const struct pass *pass, const struct batch *batch,
                  const struct train_pass *train)
{
	const struct backend_operations *ops = model->network.backend->ops;
	struct backend *backend = model->network.backend;
	const struct loss how = {train->scale, train->label_smoothing, train->weights};
	const struct soft_loss soft = {train->scale, train->temperature, batch->targets != NULL};
	const float *logits = classifier_pool(model, pass);
	float *dlogits = classifier_pooled_gradient(model, pass), *loss = model->network.activations.losses;
	int32_t reviews = batch_reviews(batch), labels = model->config.num_labels;

	if (batch->targets)
		ops->binary_cross_entropy(backend, loss, dlogits, logits, batch->targets, reviews, labels, &how);
	else
		ops->cross_entropy(backend, loss, dlogits, logits, batch->labels, reviews, labels, &how);
	if (batch->soft)
		ops->soften(backend, loss, dlogits, logits, batch->soft, batch->shares, reviews, labels, &soft);
	classifier_pool_backward(model, pass);
	if (pass->filled)
		ops->zero(backend, model->network.activations.dlogits + (size_t)batch->sequences * (size_t)labels,
		          (size_t)labels * sizeof(float));
}
