/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/linear.h"

struct dropout pass_dropout(const struct pass *pass, float p, uint32_t site)
{
	return (struct dropout){.p = pass->dropout ? p : 0.0f, .seed = pass->seed, .step = pass->step, .site = site};
}

static struct dropout adapter_dropout(const struct model *model, const struct pass *pass, const struct adapter *adapter)
{
	return pass_dropout(pass, model->lora.dropout,
	                    (uint32_t)SITE_LORA + (uint32_t)adapter->layer * LORA_TARGETS + (uint32_t)adapter->target);
}

/* What A reads: x, or a copy of it with dropout, which forward and backward make alike. */
static const float *adapter_input(struct model *model, const struct pass *pass, const struct adapter *adapter,
                                  const float *x, int32_t rows)
{
	struct backend *backend = model->network.backend;
	struct dropout dropout = adapter_dropout(model, pass, adapter);
	float *copy = model->network.activations.lora_input;
	size_t count = (size_t)rows * (size_t)adapter->a.columns;

	if (dropout.p <= 0)
		return x;
	backend->ops->activation_forward(backend, copy, x, count, ACTIVATION_NONE);
	backend->ops->dropout(backend, copy, count, dropout);
	return copy;
}

/* Where a pass keeps x A^T, [rows][rank]. */
static float *adapter_middle(const struct model *model, const struct adapter *adapter)
{
	const struct activations *a = &model->network.activations;

	return adapter->layer < model->config.num_hidden_layers ? a->layers[adapter->layer].lora[adapter->target] : a->lora_head;
}

static void adapter_forward(struct model *model, const struct pass *pass, float *out, const float *x,
                            const struct linear *linear, const struct adapter *adapter, int32_t rows)
{
	struct backend *backend = model->network.backend;
	float *middle = adapter_middle(model, adapter);

	backend->ops->linear_forward(backend, middle, NULL, adapter_input(model, pass, adapter, x, rows), &adapter->a, NULL,
	                             rows, ACTIVATION_NONE);
	backend->ops->lora_forward(backend, out + adapter->first, linear->weight.rows, middle, adapter->b, model->lora.scale,
	                           rows, adapter->count, adapter->a.rows);
}

void linear_forward(struct model *model, const struct pass *pass, float *out, float *pre, const float *x,
                    const struct linear *linear, int32_t rows, enum activation activation)
{
	struct backend *backend = model->network.backend;
	float *sum = pre ? pre : out;

	if (linear->adapter_count == 0) {
		backend->ops->linear_forward(backend, out, pre, x, &linear->weight, linear->bias, rows, activation);
		return;
	}
	backend->ops->linear_forward(backend, sum, NULL, x, &linear->weight, linear->bias, rows, ACTIVATION_NONE);
	for (int i = 0; i < linear->adapter_count; i++)
		adapter_forward(model, pass, sum, x, linear, &linear->adapters[i], rows);
	if (pre || activation != ACTIVATION_NONE)
		backend->ops->activation_forward(backend, out, sum, (size_t)rows * (size_t)linear->weight.rows, activation);
}

/* dx += dropout(dmiddle A), after dA and dB where they are not frozen. */
static void adapter_backward(struct model *model, const struct pass *pass, float *dx, const float *dy, const float *x,
                             const struct linear *linear, const struct adapter *adapter, int32_t rows)
{
	struct backend *backend = model->network.backend;
	struct activations *a = &model->network.activations;
	struct dropout dropout = adapter_dropout(model, pass, adapter);
	int32_t rank = adapter->a.rows, in = adapter->a.columns;
	size_t count = (size_t)rows * (size_t)in;

	if (!dx && !adapter->da && !adapter->db)
		return;
	backend->ops->lora_backward(backend, a->dlora, adapter->db, dy + adapter->first, linear->weight.rows,
	                            adapter_middle(model, adapter), adapter->b, model->lora.scale, rows, adapter->count, rank);
	if (adapter->da)
		backend->ops->linear_backward_weight(backend, adapter->da, NULL, a->dlora,
		                                     adapter_input(model, pass, adapter, x, rows), rows, rank, in);
	if (!dx)
		return;
	if (dropout.p <= 0) {
		backend->ops->linear_backward_input(backend, dx, a->dlora, &adapter->a, rows, true);
		return;
	}
	backend->ops->linear_backward_input(backend, a->lora_input, a->dlora, &adapter->a, rows, false);
	backend->ops->dropout(backend, a->lora_input, count, dropout);
	backend->ops->add(backend, dx, a->lora_input, count);
}

bool linear_reads_input(const struct linear *linear)
{
	return linear->dweight || linear->adapter_count > 0;
}

void linear_backward(struct model *model, const struct pass *pass, float *dx, bool add, const float *dy, const float *x,
                     const struct linear *linear, int32_t rows)
{
	struct backend *backend = model->network.backend;

	if (linear->dweight || linear->dbias)
		backend->ops->linear_backward_weight(backend, linear->dweight, linear->dbias, dy, x, rows, linear->weight.rows,
		                                     linear->weight.columns);
	if (dx)
		backend->ops->linear_backward_input(backend, dx, dy, &linear->weight, rows, add);
	for (int i = 0; i < linear->adapter_count; i++)
		adapter_backward(model, pass, dx, dy, x, linear, &linear->adapters[i], rows);
}
