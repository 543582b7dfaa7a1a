/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/usual_rate.h"

#include <stdio.h>
#include <string.h>

/* Weights of the layers: embeddings, of which a batch moves a few rows only, say nothing of how far a step reaches. */
static double weights_of_layers(const struct model_config *config)
{
	const double hidden = config->hidden_size;

	return (double)config->num_hidden_layers * (4 * hidden * hidden + 2 * hidden * (double)config->intermediate_size);
}

struct usual_rate usual_rate(const struct model_config *config, const struct train_options *options)
{
	static const struct {
		double weights; /* up to so many */
		struct usual_rate rate;
	} sizes[] = {
		{3e6, {1e-4, 5e-4, 2e-4}},  /* BERT-tiny, BERT-mini */
		{3e7, {5e-5, 3e-4, 1e-4}},  /* TinyBERT, MiniLM */
		{2e8, {2e-5, 5e-5, 3e-5}},  /* DistilBERT, BERT-base */
		{1e12, {1e-5, 3e-5, 2e-5}}, /* BERT-large */
	};
	size_t size = 0;

	if (strcmp(options->optim, "sgd") == 0 || strcmp(options->optim, "adafactor") == 0 || strncmp(options->optim, "lion", 4) == 0)
		return (struct usual_rate){0};
	if (options->lora_r > 0)
		return (struct usual_rate){1e-4, 5e-4, 2e-4};
	while (size + 1 < sizeof sizes / sizeof *sizes && weights_of_layers(config) > sizes[size].weights)
		size++;
	return sizes[size].rate;
}

bool usual_rate_warns(const struct model_config *config, const struct train_options *options, char *out, size_t capacity)
{
	const struct usual_rate usual = usual_rate(config, options);
	const bool above = options->learning_rate > 10 * usual.high, below = options->learning_rate < usual.low / 10;

	out[0] = '\0';
	if (usual.high == 0 || (!above && !below))
		return false;
	snprintf(out, capacity, "--learning-rate %g is far %s what %s usually trained with, %g to %g", options->learning_rate,
	         above ? "above" : "below", options->lora_r > 0 ? "adapters are" : "a model of this size is", usual.low, usual.high);
	return true;
}
