/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where every array of a pass lies in the arena of activations. The same function measures and places, so
 * that what is asked for is what is used. */
#include "engine/model/activations.h"

#include "engine/backend/backend.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64u /* bytes */

/* Arrays are cut off one after the other; base NULL only measures. */
struct carver {
	char *base;
	uint64_t used;
	bool overflow;
};

static float *carve(struct carver *carver, int32_t rows, int64_t columns)
{
	uint64_t bytes, start = carver->used;

	if (!u64_multiply((uint64_t)rows, (uint64_t)columns, &bytes) || !u64_multiply(bytes, sizeof(float), &bytes) ||
	    !u64_add(bytes, (0 - bytes) % ALIGNMENT, &bytes) || !u64_add(start, bytes, &carver->used) ||
	    carver->used > SIZE_MAX / 2)
		carver->overflow = true;
	return carver->base && !carver->overflow ? (float *)(void *)(carver->base + start) : NULL;
}

struct sizes {
	int32_t tokens, sequences, reads;
	int32_t hidden, intermediate, heads, labels;
	bool training;
	const struct lora *lora;
	struct activations_kept kept;
};

/* A row with a gradient, or an adapter, whose product reads the input of the matrix again. */
static bool reads_input(const struct parameter *parameter)
{
	return parameter->trainable || parameter->gradient || parameter->part != PART_BASE;
}

struct activations_kept activations_kept(const struct parameter *parameters, int count)
{
	struct activations_kept kept = {0};

	for (int row = 0; row < count; row++) {
		const struct parameter *p = &parameters[row];

		if (!reads_input(p))
			continue;
		kept.embedding_sum = kept.embedding_sum || (p->layer == OUTSIDE_LAYERS && p->role < ROLE_FIRST_OF_HEAD);
		kept.attention_out = kept.attention_out || p->role == ROLE_INTERMEDIATE_WEIGHT;
		kept.intermediate = kept.intermediate || p->role == ROLE_OUTPUT_WEIGHT;
	}
	return kept;
}

static void place_projection(struct carver *carver, struct layer_activations *layer, const struct sizes *size, bool last)
{
	int32_t hidden = size->hidden;
	int32_t parts = last ? 2 : 3;

	layer->projection = carve(carver, size->tokens, (int64_t)parts * hidden);
	layer->residual = last ? carve(carver, size->reads, hidden) : layer->input;
	layer->query = last ? carve(carver, size->reads, hidden) : layer->projection;
	layer->key = layer->projection ? layer->projection + (parts - 2) * hidden : NULL;
	layer->value = layer->projection ? layer->projection + (parts - 1) * hidden : NULL;
	layer->query_stride = last ? hidden : 3 * hidden;
	layer->key_stride = parts * hidden;
}

/* A layer whose output goes to memory of its own, or back into its input where nothing is kept. */
static void place_layer(struct carver *carver, const struct activations *a, struct layer_activations *layer,
                        const struct sizes *size, bool last, float *input)
{
	int32_t rows = last ? size->reads : size->tokens;

	*layer = (struct layer_activations){.input = input};
	place_projection(carver, layer, size, last);
	layer->context = carve(carver, rows, size->hidden);
	layer->attention_sum = carve(carver, rows, size->hidden);
	layer->attention_out = size->training && !size->kept.attention_out ? a->dhidden[1] : carve(carver, rows, size->hidden);
	if (!size->training) {
		layer->output_sum = layer->attention_sum;
		layer->output = layer->residual;
		return;
	}
	layer->lse = carve(carver, rows, size->heads);
	layer->attention_mean = carve(carver, rows, 1);
	layer->attention_rstd = carve(carver, rows, 1);
	layer->pre = carve(carver, rows, size->intermediate);
	layer->output_sum = carve(carver, rows, size->hidden);
	layer->output_mean = carve(carver, rows, 1);
	layer->output_rstd = carve(carver, rows, 1);
	layer->output = carve(carver, rows, size->hidden);
}

/* What the adapters of a layer make of its inputs. When scoring each is used up at once: then all share one. */
static void place_adapters(struct carver *carver, struct layer_activations *layer, const struct sizes *size, bool last,
                           unsigned targets, float *shared)
{
	for (int target = 0; target < LORA_LAYER_TARGETS; target++) {
		bool all = !last || target == LORA_KEY || target == LORA_VALUE;

		layer->lora[target] = shared;
		if (size->training && targets & LORA_BIT(target))
			layer->lora[target] = carve(carver, all ? size->tokens : size->reads, size->lora->rank);
	}
}

static void place_lora(struct carver *carver, struct activations *a, const struct sizes *size, int32_t layers)
{
	const struct lora *lora = size->lora;
	float *shared = NULL;
	unsigned targets = 0;

	if (lora->rank == 0)
		return;
	if (!size->training)
		shared = carve(carver, size->tokens, lora->rank);
	for (int32_t i = 0; i < layers; i++) {
		place_adapters(carver, &a->layers[i], size, i == layers - 1, lora->targets[i], shared);
		targets |= lora->targets[i];
	}
	a->lora_head = size->training ? carve(carver, size->sequences, lora->rank) : shared;
	if (!size->training)
		return;
	a->dlora = carve(carver, size->tokens, lora->rank);
	if (lora->dropout > 0)
		a->lora_input = carve(carver, size->tokens, targets & LORA_BIT(LORA_OUTPUT) && size->intermediate > size->hidden
		                                            ? size->intermediate : size->hidden);
}

static void place_layers(struct carver *carver, struct activations *a, const struct sizes *size, int32_t count)
{
	float *input = a->embedding_out;

	for (int32_t i = 0; i < count; i++) {
		bool last = i == count - 1;

		if (i > 0 && !last && !size->training)
			a->layers[i] = a->layers[0];
		else
			place_layer(carver, a, &a->layers[i], size, last, input);
		input = a->layers[i].output;
	}
}

/* What the forward pass may use too, and the activations of an intermediate layer. */
static void place_shared(struct carver *carver, struct activations *a, const struct sizes *size)
{
	int64_t wide = size->intermediate, wider = wide > 3 * (int64_t)size->hidden ? wide : 3 * (int64_t)size->hidden;

	for (int i = 0; size->training && i < 3; i++)
		a->dhidden[i] = carve(carver, size->tokens, size->hidden);
	a->intermediate = carve(carver, size->tokens, size->training && !size->kept.intermediate ? wider : wide);
	if (!size->training)
		return;
	a->dintermediate = size->kept.intermediate ? carve(carver, size->tokens, wider) : a->intermediate;
	a->dprojection = a->dintermediate;
}

static void place_classifier(struct carver *carver, struct activations *a, const struct sizes *size)
{
	a->pooled_pre = carve(carver, size->sequences, size->hidden);
	a->pooled = carve(carver, size->sequences, size->hidden);
	a->logits = carve(carver, size->sequences, size->labels);
	a->review_logits = carve(carver, size->sequences, size->labels);
	if (!size->training)
		return;
	a->dlogits = carve(carver, size->sequences, size->labels);
	a->dreview_logits = carve(carver, size->sequences, size->labels);
	a->losses = carve(carver, size->sequences, 1);
	a->dpooled = carve(carver, size->sequences, size->hidden);
}

static void place_masked_head(struct carver *carver, struct activations *a, const struct sizes *size,
                              const struct model_config *config)
{
	const int32_t rows = masked_at_once(config, size->reads);

	a->transform_pre = carve(carver, size->reads, size->hidden);
	a->transform_sum = carve(carver, size->reads, size->hidden);
	a->transformed = carve(carver, size->reads, size->hidden);
	a->predictions = carve(carver, rows, config->vocab_size);
	a->losses = carve(carver, size->reads, 1);
	if (!size->training)
		return;
	a->transform_mean = carve(carver, size->reads, 1);
	a->transform_rstd = carve(carver, size->reads, 1);
	a->dtransformed = carve(carver, size->reads, size->hidden);
	a->dpredictions = carve(carver, rows, config->vocab_size);
}

static void place_backward(struct carver *carver, struct activations *a, const struct sizes *size)
{
	a->dquery = carve(carver, size->reads, size->hidden);
	a->discard = carve(carver, 2, size->hidden);
}

/* What a teacher shows, and what it is compared by. */
static void place_imitation(struct carver *carver, struct activations *a, const struct sizes *size, int32_t layers)
{
	const struct imitation *imitation = size->training ? size->kept.imitation : NULL;

	if (size->kept.all_queries || imitates_attention(imitation, layers - 1))
		a->all_queries = carve(carver, size->tokens, size->hidden);
	if (!imitation)
		return;
	a->relation_work = carve(carver, size->tokens, (int64_t)RELATION_WORK * imitation->heads);
	if (imitates_attention(imitation, layers - 1))
		a->dall_queries = carve(carver, size->tokens, size->hidden);
	if (imitation->fits) {
		a->fitted = carve(carver, size->tokens, imitation->teacher_hidden);
		a->dfitted = carve(carver, size->tokens, imitation->teacher_hidden);
	}
	for (int32_t i = 0; i < layers; i++) {
		if (imitates_hidden(imitation))
			a->layers[i].teacher_input = carve(carver, size->tokens, imitation->teacher_hidden);
		if (imitates_attention(imitation, i))
			a->layers[i].teacher_projection = carve(carver, size->tokens, 3 * (int64_t)imitation->teacher_hidden);
	}
}

uint64_t activations_place(struct activations *a, const struct model_config *config, const struct lora *lora,
                           struct activations_kept kept, struct pass_size asked, bool training, void *base)
{
	struct carver carver = {.base = base};
	struct sizes size = {asked.tokens, asked.sequences, asked.reads, config->hidden_size, config->intermediate_size,
	                     config->num_attention_heads, config->num_labels, training, lora, kept};

	*a = (struct activations){.layers = a->layers};
	place_shared(&carver, a, &size);
	a->embedding_out = carve(&carver, size.tokens, size.hidden);
	a->embedding_sum = training && !kept.embedding_sum ? a->dhidden[0] : carve(&carver, size.tokens, size.hidden);
	if (training) {
		a->embedding_mean = carve(&carver, size.tokens, 1);
		a->embedding_rstd = carve(&carver, size.tokens, 1);
	}
	place_layers(&carver, a, &size, config->num_hidden_layers);
	place_lora(&carver, a, &size, config->num_hidden_layers);
	place_imitation(&carver, a, &size, config->num_hidden_layers);
	if (config->masked_lm)
		place_masked_head(&carver, a, &size, config);
	else
		place_classifier(&carver, a, &size);
	if (training)
		place_backward(&carver, a, &size);
	return carver.overflow ? 0 : carver.used;
}
