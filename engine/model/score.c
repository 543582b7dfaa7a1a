/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scoring texts in packed batches. There is no padding and a row never depends on its neighbours, so texts are
 * taken in their order, as many as fit in a budget of tokens. */
#include "engine/model/inside.h"

#include "engine/base/size.h"
#include "engine/model/kind.h"
#include "engine/model/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BUDGET = 1024, DEVICE_TOKEN_BUDGET = 8192, SEQUENCES_MAX = 512 };

/* A processor has its hands full with a few texts, and the next result is there sooner; a GPU wants thousands of rows. */
static int32_t token_budget(const struct model *model)
{
	return model->network.backend->ops->host_memory ? TOKEN_BUDGET : DEVICE_TOKEN_BUDGET;
}

/* A sequence of the batch: which text it is of, and whether it is its last. */
struct place {
	size_t text;
	bool last;
};

/* A batch that fills up. A text with many windows may need several: the sums of its logits go on. */
struct scorer {
	struct model *model;
	struct cut cut;
	struct sequences text;  /* the text that is being added */
	int32_t capacity;       /* tokens of the batch */
	int32_t sequences_max;
	int32_t *ids;           /* [capacity] */
	int32_t *starts;        /* [sequences_max + 1] */
	int32_t *part_starts;   /* [sequences_max + 1] of those that are computed at once, from the first of them */
	struct place *places;   /* [sequences_max] */
	float *logits;          /* [sequences_max][labels] */
	double *sums;           /* [labels] of the windows so far of a text that is not complete: sum or maximum */
	struct score *scores;   /* of all texts */
	int32_t sequences, longest;
	bool going_on;          /* the batch begins with further windows of a text */
};

static void scorer_free(struct scorer *scorer)
{
	tokenizer_cut_free(&scorer->text);
	free(scorer->ids);
	free(scorer->starts);
	free(scorer->part_starts);
	free(scorer->places);
	free(scorer->logits);
	free(scorer->sums);
}

static bool scorer_init(struct scorer *scorer, struct model *model, size_t count, int32_t max_length,
                        struct error *error)
{
	size_t labels = (size_t)model->config.num_labels;
	int32_t budget = token_budget(model);

	*scorer = (struct scorer){.model = model, .cut = model_cut(model, max_length)};
	scorer->capacity = scorer->cut.max_length > budget ? scorer->cut.max_length : budget;
	scorer->sequences_max = count < SEQUENCES_MAX && scorer->cut.truncation != TRUNCATION_WINDOWS ? (int32_t)count
	                                                                                              : SEQUENCES_MAX;
	scorer->ids = size_calloc((size_t)scorer->capacity, sizeof *scorer->ids);
	scorer->starts = size_calloc((size_t)scorer->sequences_max + 1, sizeof *scorer->starts);
	scorer->part_starts = size_calloc((size_t)scorer->sequences_max + 1, sizeof *scorer->part_starts);
	scorer->places = size_calloc((size_t)scorer->sequences_max, sizeof *scorer->places);
	scorer->logits = size_calloc((size_t)scorer->sequences_max * labels, sizeof *scorer->logits);
	scorer->sums = size_calloc(labels, sizeof *scorer->sums);
	if (scorer->ids && scorer->starts && scorer->part_starts && scorer->places && scorer->logits && scorer->sums)
		return true;
	scorer_free(scorer);
	return error_memory(error, "scoring");
}

static bool scorer_begin(struct scorer *scorer, struct span text, struct score *score, struct error *error)
{
	const struct sequences *s = &scorer->text;

	if (!tokenizer_cut(scorer->model->tokenizer, text, &scorer->cut, &scorer->text))
		return error_memory(error, "scoring");
	score->tokens = 0;
	score->tokens_read = s->tokens_read;
	score->windows = s->count;
	score->truncated = s->truncated;
	score->unread_from = s->unread_from;
	score->unread_to = s->unread_to;
	return true;
}

static void scorer_add(struct scorer *scorer, size_t text, int32_t index)
{
	int32_t start = scorer->starts[scorer->sequences];
	int32_t count = tokenizer_cut_take(&scorer->text, index, scorer->ids + start);

	scorer->places[scorer->sequences] = (struct place){text, index == scorer->text.count - 1};
	scorer->scores[text].tokens += count;
	if (count > scorer->longest)
		scorer->longest = count;
	scorer->starts[++scorer->sequences] = start + count;
}

static bool scorer_full(const struct scorer *scorer)
{
	return scorer->sequences == scorer->sequences_max ||
	       scorer->starts[scorer->sequences] > scorer->capacity - scorer->cut.max_length;
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

	if (logits != score->logits)
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

static bool check_score(const struct model *model, struct score *score, const float *logits, struct error *error)
{
	RETURN_IF(!fill_score(score, logits, &model->config), error, ERROR_DATA,
	          "%s: scores are not finite: the model is damaged, or its training failed", model->folder);
	return true;
}

/* The logits of one more window; what comes out is what the backend's pooling_forward makes of all windows, to the bit. */
static void add_window(struct scorer *scorer, const float *logits, bool first)
{
	bool maximum = scorer->model->config.own.reading.pooling == POOLING_MAX;

	for (int32_t i = 0; i < scorer->model->config.num_labels; i++) {
		double value = (double)logits[i], *sum = &scorer->sums[i];

		if (first || (maximum && (value > *sum || isnan(value))))
			*sum = value;
		else if (!maximum)
			*sum += value;
	}
}

/* Takes a sequence's logits; with the last of a text its score is made. */
static bool take_logits(struct scorer *scorer, int32_t sequence, bool first, struct error *error)
{
	const struct model *model = scorer->model;
	const struct place *place = &scorer->places[sequence];
	struct score *score = &scorer->scores[place->text];
	int32_t labels = model->config.num_labels;
	float *logits = scorer->logits + (size_t)sequence * (size_t)labels;

	add_window(scorer, logits, first);
	if (!place->last)
		return true;
	for (int32_t i = 0; i < labels; i++)
		logits[i] = model->config.own.reading.pooling == POOLING_MAX ? (float)scorer->sums[i]
		                                                          : (float)(scorer->sums[i] / (double)score->windows);
	return check_score(model, score, logits, error);
}

/* Whether fewer rows at once may have room, where so many have none: on a device that did not fail. Batches are smaller from
 * then on. */
static bool scorer_shrink(struct scorer *scorer, const struct error *why)
{
	struct model *model = scorer->model;
	const int32_t least = scorer->cut.max_length, half = scorer->capacity / 2;

	if (model->network.backend->ops->host_memory || why->kind != ERROR_FAILED || !network_status(model, NULL))
		return false;
	scorer->capacity = half > least ? half : least;
	if (!model->gradients)
		network_release_pass(model);
	return true;
}

/* Some sequences of the batch at once, or where there is no room for them, their halves. */
static bool score_sequences(struct scorer *scorer, int32_t first, int32_t count, struct error *error)
{
	struct model *model = scorer->model;
	const int32_t *starts = scorer->starts + first, tokens = starts[count] - starts[0];
	const struct batch batch = {.ids = scorer->ids + starts[0], .starts = scorer->part_starts, .sequences = count};
	struct error why = {0};

	if (!network_reserve(model, tokens, count, scorer->longest, false, 0, &why)) {
		if (count > 1 && scorer_shrink(scorer, &why))
			return score_sequences(scorer, first, count / 2, error) &&
			       score_sequences(scorer, first + count / 2, count - count / 2, error);
		if (error)
			*error = why;
		return false;
	}
	for (int32_t i = 0; i <= count; i++)
		scorer->part_starts[i] = starts[i] - starts[0];
	network_score(model, &batch, scorer->logits + (size_t)first * (size_t)model->config.num_labels);
	return network_status(model, error);
}

/* Memory for full batches, once; where there is none they will be smaller. */
static void reserve_full(struct scorer *scorer)
{
	struct error why = {0};

	if (!network_reserve(scorer->model, scorer->capacity, scorer->sequences_max, scorer->cut.max_length, false, 0, &why))
		scorer_shrink(scorer, &why);
}

/* Computes the batch and empties it. With `more` to come memory for full batches is taken at once. */
static bool scorer_flush(struct scorer *scorer, bool more, struct error *error)
{
	if (more)
		reserve_full(scorer);
	if (!score_sequences(scorer, 0, scorer->sequences, error))
		return error_prefix(error, "scoring");
	for (int32_t s = 0; s < scorer->sequences; s++) {
		if (!take_logits(scorer, s, !scorer->going_on, error))
			return false;
		scorer->going_on = !scorer->places[s].last;
	}
	scorer->sequences = 0;
	scorer->longest = 0;
	return true;
}

/* The text's windows, each time that the batch is full computed with what is in it. `others`: more texts come. */
static bool score_text(struct scorer *scorer, size_t text, size_t count, const struct progress *progress,
                       struct error *error)
{
	for (int32_t i = 0; i < scorer->text.count; i++) {
		bool last = i == scorer->text.count - 1, all = last && text + 1 == count;

		scorer_add(scorer, text, i);
		if (!scorer_full(scorer) && !all)
			continue;
		if (!scorer_flush(scorer, !all, error))
			return false;
		RETURN_IF(!progress_report(progress, "scoring", text + last, count), error, ERROR_INTERRUPTED, "interrupted");
	}
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

/* A model without a network reads each text whole. */
static bool score_whole(struct model *model, const struct span *texts, size_t count, struct score *scores,
                        const struct progress *progress, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		struct score *score = &scores[i];

		if (!model->kind->logits(model, texts[i], score->logits, &score->tokens))
			return error_memory(error, "scoring");
		score->tokens_read = (int32_t)(score->tokens < INT32_MAX ? score->tokens : INT32_MAX);
		score->windows = 1;
		score->truncated = false;
		score->unread_from = score->unread_to = 0;
		if (!check_score(model, score, score->logits, error))
			return false;
		RETURN_IF(!progress_report(progress, "scoring", i + 1, count), error, ERROR_INTERRUPTED, "interrupted");
	}
	return true;
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
	if (model->kind)
		return score_whole(model, texts, count, scores, progress, error);
	if (!scorer_init(&scorer, model, count, max_length, error))
		return false;
	scorer.scores = scores;
	for (size_t i = 0; done && i < count; i++)
		done = scorer_begin(&scorer, texts[i], &scores[i], error) && score_text(&scorer, i, count, progress, error);
	scorer_free(&scorer);
	return done;
}

bool model_score_reserve(struct model *model, struct error *error)
{
	struct cut cut = model_cut(model, 0);
	bool windows = cut.truncation == TRUNCATION_WINDOWS;
	int32_t budget = model->kind ? 0 : token_budget(model);
	int32_t tokens = windows && cut.max_length < budget ? budget : cut.max_length;

	return model->kind || network_reserve(model, tokens, windows ? SEQUENCES_MAX : 1, cut.max_length, false, 0, error);
}
