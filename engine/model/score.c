/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scoring texts in packed batches. There is no padding and a row never depends on its neighbours, so texts are
 * taken in their order, as many as fit in a budget of tokens. */
#include "engine/model/inside.h"

#include "engine/base/size.h"
#include "engine/model/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BUDGET = 1024, SEQUENCES_MAX = 512 };

/* A batch that fills up. scores[0 .. sequences-1] are the places of its texts. */
struct scorer {
	struct model *model;
	int32_t max_length, capacity; /* tokens: of one text, of the batch */
	int32_t sequences_max;
	int32_t *ids;     /* [capacity] */
	int32_t *starts;  /* [sequences_max + 1] */
	uint32_t *ends;   /* [max_length] */
	float *logits;    /* [sequences_max][labels] */
	struct score *scores;
	int32_t sequences, longest;
};

static void scorer_free(struct scorer *scorer)
{
	free(scorer->ids);
	free(scorer->starts);
	free(scorer->ends);
	free(scorer->logits);
}

static bool scorer_init(struct scorer *scorer, struct model *model, size_t count, int32_t max_length,
                        struct error *error)
{
	int32_t limit = model_max_length(model);
	size_t labels = (size_t)model->config.num_labels;

	*scorer = (struct scorer){.model = model};
	scorer->max_length = max_length > 0 && max_length < limit ? max_length : limit;
	if (scorer->max_length < 2)
		scorer->max_length = 2;
	scorer->capacity = scorer->max_length > TOKEN_BUDGET ? scorer->max_length : TOKEN_BUDGET;
	scorer->sequences_max = count < SEQUENCES_MAX ? (int32_t)count : SEQUENCES_MAX;
	scorer->ids = size_calloc((size_t)scorer->capacity, sizeof *scorer->ids);
	scorer->starts = size_calloc((size_t)scorer->sequences_max + 1, sizeof *scorer->starts);
	scorer->ends = size_calloc((size_t)scorer->max_length, sizeof *scorer->ends);
	scorer->logits = size_calloc((size_t)scorer->sequences_max * labels, sizeof *scorer->logits);
	if (scorer->ids && scorer->starts && scorer->ends && scorer->logits)
		return true;
	scorer_free(scorer);
	return error_memory(error, "scoring");
}

static void scorer_add(struct scorer *scorer, struct span text, struct score *score)
{
	int32_t start = scorer->starts[scorer->sequences];

	score->tokens = tokenizer_encode(scorer->model->tokenizer, text, scorer->max_length, scorer->ids + start,
	                                 scorer->ends, &score->truncated);
	score->end_byte = scorer->ends[score->tokens - 1];
	if (scorer->sequences == 0)
		scorer->scores = score;
	if (score->tokens > scorer->longest)
		scorer->longest = score->tokens;
	scorer->starts[++scorer->sequences] = start + score->tokens;
}

static bool scorer_full(const struct scorer *scorer)
{
	return scorer->sequences == scorer->sequences_max ||
	       scorer->starts[scorer->sequences] > scorer->capacity - scorer->max_length;
}

/* With the highest subtracted, as the Hugging Face pipeline does it. */
static void softmax(float *out, const float *logits, int32_t count, float highest, double temperature)
{
	double sum = 0;

	for (int32_t i = 0; i < count; i++)
		sum += exp(((double)logits[i] - (double)highest) / temperature);
	for (int32_t i = 0; i < count; i++)
		out[i] = (float)(exp(((double)logits[i] - (double)highest) / temperature) / sum);
}

static void sigmoids(float *out, const float *logits, int32_t count, double temperature)
{
	for (int32_t i = 0; i < count; i++)
		out[i] = (float)(1 / (1 + exp(-(double)logits[i] / temperature)));
}

/* False: weights that are numbers, but so large that the logits are none. */
static bool fill_score(struct score *score, const float *logits, const struct model_config *config)
{
	double temperature = config->own.temperature > 0 ? config->own.temperature : 1;
	int32_t count = config->num_labels;
	bool finite = true;

	memcpy(score->logits, logits, (size_t)count * sizeof *logits);
	score->label = 0;
	for (int32_t i = 1; i < count; i++)
		if (logits[i] > logits[score->label])
			score->label = i;
	for (int32_t i = 0; i < count; i++)
		finite = finite && isfinite(logits[i]);
	if (config->independent_labels)
		sigmoids(score->scores, logits, count, temperature);
	else
		softmax(score->scores, logits, count, logits[score->label], temperature);
	if (!config->independent_labels && count == 2 && config->own.threshold_count == 1)
		score->label = score->scores[1] >= config->own.thresholds[0];
	score->score = score->scores[score->label];
	return finite;
}

/* Computes the batch and empties it. With `more` to come memory for full batches is taken at once. */
static bool scorer_flush(struct scorer *scorer, bool more, struct error *error)
{
	struct model *model = scorer->model;
	int32_t tokens = scorer->starts[scorer->sequences], labels = model->config.num_labels;
	struct batch batch = {.ids = scorer->ids, .starts = scorer->starts, .sequences = scorer->sequences};

	if (!network_reserve(model, more ? scorer->capacity : tokens, more ? scorer->sequences_max : scorer->sequences,
	                     more ? scorer->max_length : scorer->longest, false, 0, error))
		return error_prefix(error, "scoring");
	network_score(model, &batch, scorer->logits);
	if (!network_status(model, error))
		return error_prefix(error, "scoring");
	for (int32_t s = 0; s < scorer->sequences; s++)
		RETURN_IF(!fill_score(&scorer->scores[s], scorer->logits + (size_t)s * (size_t)labels, &model->config),
		          error, ERROR_DATA, "%s: scores are not finite: the model is damaged, or its training failed",
		          model->folder);
	scorer->sequences = 0;
	scorer->longest = 0;
	return true;
}

bool score_has_label(const struct model *model, const struct score *score, int32_t label)
{
	return model->config.independent_labels ? model_label_is_on(model, label, score->scores[label]) : label == score->label;
}

static size_t append(char *out, size_t used, size_t capacity, const char *text)
{
	struct span fits = span_prefix(span_of(text), capacity - 1 - used);

	memcpy(out + used, fits.data, fits.size);
	return used + fits.size;
}

size_t score_labels(const struct model *model, const struct score *score, const char *separator, char *out, size_t capacity)
{
	size_t used = 0;

	for (int32_t label = 0; label < model->config.num_labels; label++) {
		if (!score_has_label(model, score, label))
			continue;
		used = append(out, used, capacity, used > 0 ? separator : "");
		used = append(out, used, capacity, model->labels[label]);
	}
	out[used] = '\0';
	return used;
}

bool model_score(struct model *model, const struct span *texts, size_t count, int32_t max_length,
                 struct score *scores, const struct progress *progress, struct error *error)
{
	struct scorer scorer;
	bool done = true;

	RETURN_IF(model->config.num_labels == 0, error, ERROR_DATA,
	          "%s has no trained classification head: train it first with revue train", model->folder);
	if (count == 0)
		return true;
	if (!scorer_init(&scorer, model, count, max_length, error))
		return false;
	for (size_t i = 0; done && i < count; i++) {
		scorer_add(&scorer, texts[i], &scores[i]);
		if (!scorer_full(&scorer) && i + 1 < count)
			continue;
		done = scorer_flush(&scorer, i + 1 < count, error);
		if (done && !progress_report(progress, "scoring", i + 1, count))
			done = error_set(error, ERROR_INTERRUPTED, "interrupted");
	}
	scorer_free(&scorer);
	return done;
}
