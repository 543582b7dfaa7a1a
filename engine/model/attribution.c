/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The way to the method, and from its parts to words. */
#include "engine/attribution.h"

#include "engine/base/size.h"
#include "engine/model/integrated.h"
#include "engine/model/kind.h"
#include "engine/model/occlusion.h"
#include "engine/model/token_words.h"

#include <math.h>
#include <stdlib.h>

const char *attribution_method_name(enum attribution_method method)
{
	static const char *const names[] = {"exact", "occlusion", "gradients"};

	return names[method];
}

void attribution_free(struct attribution *attribution)
{
	free(attribution->parts);
	free(attribution->words);
	*attribution = (struct attribution){0};
}

double attribution_greatest(const struct attribution *attribution)
{
	double greatest = 0;

	for (size_t i = 0; i < attribution->word_count; i++)
		greatest = fmax(greatest, fabs(attribution->words[i].weight));
	return greatest;
}

/* The label that is predicted. */
static bool predict(struct model *model, struct span text, int32_t max_length, int32_t *label, const struct progress *progress,
                    struct error *error)
{
	const size_t labels = (size_t)model->config.num_labels;
	float *numbers = size_calloc(labels, 2 * sizeof *numbers);
	struct score score = {.logits = numbers, .scores = numbers ? numbers + labels : NULL};
	bool done = numbers ? model_score(model, &text, 1, max_length, &score, progress, error)
	                    : error_memory(error, "telling what counts");

	*label = score.label;
	free(numbers);
	return done;
}

/* Words from the parts */

/* The first word that ends after `from`, of words in the order of the text. */
static size_t word_after(const struct attribution *out, uint32_t from)
{
	size_t low = 0, high = out->word_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (out->words[middle].to > from)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* A part's weight, evenly to the words that it covers. */
static void share_out(struct attribution *out, const struct contribution *part)
{
	const size_t first = word_after(out, part->from);
	size_t end = first;

	while (end < out->word_count && out->words[end].from < part->to)
		end++;
	for (size_t i = first; i < end; i++)
		out->words[i].weight += part->weight / (double)(end - first);
}

/* The words as the tokens make them up. */
static bool words_of_tokens(const struct model *model, struct span text, int32_t max_length, struct attribution *out,
                            struct error *error)
{
	struct token_words words = {0};
	bool done = token_words_cut(&words, model, text, max_length, error);

	out->words = done ? size_calloc(words.count + 1, sizeof *out->words) : NULL;
	for (size_t i = 0; out->words && i < words.count; i++)
		out->words[out->word_count++] = (struct contribution){words.words[i].from, words.words[i].to, 1, 0};
	token_words_free(&words);
	return !done || out->words ? done : error_memory(error, "telling what counts");
}

static bool add_up(struct model *model, struct span text, int32_t max_length, struct attribution *out, struct error *error)
{
	if (!model->kind && !words_of_tokens(model, text, max_length, out, error))
		return false;
	for (size_t i = 0; i < out->count; i++)
		share_out(out, &out->parts[i]);
	return true;
}

static bool attribute(struct model *model, struct span text, const struct attribution_request *request,
                      struct attribution *out, const struct progress *progress, struct error *error)
{
	if (out->method == ATTRIBUTION_OCCLUSION)
		return occlusion_attribute(model, text, request, out, progress, error);
	if (out->method == ATTRIBUTION_GRADIENTS)
		return integrated_attribute(model, text, request, out, progress, error);
	if (!model->kind->attribute(model, text, out->label, out, error))
		return false;
	out->logit = out->bias;
	for (size_t i = 0; i < out->count; i++)
		out->logit += out->parts[i].weight;
	return true;
}

bool model_attribute(struct model *model, struct span text, const struct attribution_request *request,
                     struct attribution *out, const struct progress *progress, struct error *error)
{
	*out = (struct attribution){.method = model->kind ? ATTRIBUTION_EXACT : request->method, .label = request->label};
	RETURN_IF(model->config.num_labels == 0, error, ERROR_DATA,
	          "%s has no trained classification head: train it first with revue train", model->folder);
	RETURN_IF(request->label >= model->config.num_labels, error, ERROR_USAGE, "the model has only %d labels",
	          (int)model->config.num_labels);
	if (request->label < 0 && !predict(model, text, request->max_length, &out->label, progress, error))
		return false;
	return attribute(model, text, request, out, progress, error) && add_up(model, text, request->max_length, out, error);
}
