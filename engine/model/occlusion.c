/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text as it is, and a copy for each stretch of words that is masked, go through the network in batches. Of a text in
 * windows a copy needs only those that its stretch stands in: the others have the logits that they had. */
#include "engine/model/occlusion.h"

#include "engine/base/size.h"
#include "engine/model/network.h"
#include "engine/model/token_words.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_BUDGET = 1024, SEQUENCES_MAX = 512 };

/* A sequence of the batch: whose window it is. */
struct place {
	size_t copy; /* 0: the text as it is */
	int32_t window;
};

struct occluder {
	struct model *model;
	int32_t label, labels;
	struct token_words text;
	size_t stretches, words_each; /* the last one may have fewer words */
	int32_t mask;
	int32_t capacity;             /* tokens of the batch */
	int32_t *ids, *starts;        /* [capacity] [SEQUENCES_MAX + 1] */
	struct place *places;         /* [SEQUENCES_MAX] */
	float *logits;                /* [SEQUENCES_MAX][labels] */
	double *values;               /* [1 + stretches][windows] the label's logits */
	int32_t sequences, longest;
};

static void occluder_free(struct occluder *o)
{
	token_words_free(&o->text);
	free(o->ids);
	free(o->starts);
	free(o->places);
	free(o->logits);
	free(o->values);
}

/* [MASK] where the tokenizer has it, as BERT's all do. */
static int32_t mask_of(const struct model *model)
{
	int32_t mask = tokenizer_special(model_tokenizer(model), SPECIAL_MASK);

	return mask >= 0 && mask < model_config(model)->vocab_size ? mask : model_config(model)->pad_token_id;
}

static bool occluder_init(struct occluder *o, int32_t passes, struct error *error)
{
	const size_t words = o->text.count;
	const int32_t longest = o->text.text.cut.max_length;
	size_t copies;

	o->words_each = passes > 0 && words > (size_t)passes ? (words + (size_t)passes - 1) / (size_t)passes : 1;
	o->stretches = (words + o->words_each - 1) / o->words_each;
	o->labels = model_config(o->model)->num_labels;
	o->mask = mask_of(o->model);
	o->capacity = longest > TOKEN_BUDGET ? longest : TOKEN_BUDGET;
	o->ids = size_calloc((size_t)o->capacity, sizeof *o->ids);
	o->starts = size_calloc(SEQUENCES_MAX + 1, sizeof *o->starts);
	o->places = size_calloc(SEQUENCES_MAX, sizeof *o->places);
	o->logits = size_calloc((size_t)SEQUENCES_MAX * (size_t)o->labels, sizeof *o->logits);
	if (size_multiply(o->stretches + 1, (size_t)o->text.text.count, &copies))
		o->values = size_calloc(copies, sizeof *o->values);
	return o->ids && o->starts && o->places && o->logits && o->values ? true : error_memory(error, "telling what counts");
}

static double *value_of(const struct occluder *o, size_t copy, int32_t window)
{
	return &o->values[copy * (size_t)o->text.text.count + (size_t)window];
}

static bool flush(struct occluder *o, struct error *error)
{
	const struct batch batch = {.ids = o->ids, .starts = o->starts, .sequences = o->sequences};

	if (o->sequences == 0)
		return true;
	if (!network_reserve(o->model, o->starts[o->sequences], o->sequences, o->longest, false, 0, error))
		return error_prefix(error, "telling what counts");
	network_score(o->model, &batch, o->logits);
	if (!network_status(o->model, error))
		return error_prefix(error, "telling what counts");
	for (int32_t s = 0; s < o->sequences; s++)
		*value_of(o, o->places[s].copy, o->places[s].window) = (double)o->logits[s * o->labels + o->label];
	o->sequences = o->longest = 0;
	return true;
}

/* The words of a stretch as tokens first .. end - 1. */
static void stretch_tokens(const struct occluder *o, size_t stretch, int64_t *first, int64_t *end)
{
	const size_t begin = stretch * o->words_each, left = o->text.count - begin;
	const struct token_word *last = &o->text.words[begin + (left < o->words_each ? left : o->words_each) - 1];

	*first = o->text.words[begin].first;
	*end = last->first + last->count;
}

/* Puts a window into the batch, tokens first .. end - 1 of the text masked; false: none of them stands in it. */
static bool add_window(struct occluder *o, size_t copy, int32_t window, int64_t first, int64_t end)
{
	const int32_t start = o->starts[o->sequences];
	const int32_t count = tokenizer_cut_take(&o->text.text, window, o->ids + start);
	bool masked = first == end;

	for (int32_t place = 0; place < count && first < end; place++) {
		const int64_t token = tokenizer_cut_token(&o->text.text, window, place);

		if (token >= first && token < end) {
			o->ids[start + place] = o->mask;
			masked = true;
		}
	}
	if (!masked)
		return false;
	o->places[o->sequences++] = (struct place){copy, window};
	o->starts[o->sequences] = start + count;
	o->longest = count > o->longest ? count : o->longest;
	return true;
}

static bool is_full(const struct occluder *o)
{
	return o->sequences == SEQUENCES_MAX || o->starts[o->sequences] > o->capacity - o->text.text.cut.max_length;
}

/* All windows of a copy; those that nothing changed in have the values of the text as it is. */
static bool add_copy(struct occluder *o, size_t copy, const struct progress *progress, struct error *error)
{
	int64_t first = 0, end = 0;

	if (copy > 0)
		stretch_tokens(o, copy - 1, &first, &end);
	for (int32_t window = 0; window < o->text.text.count; window++) {
		if (!add_window(o, copy, window, first, end))
			*value_of(o, copy, window) = *value_of(o, 0, window);
		if (!is_full(o))
			continue;
		if (!flush(o, error))
			return false;
		RETURN_IF(!progress_report(progress, "weighing words", copy, o->stretches + 1), error, ERROR_INTERRUPTED, "interrupted");
	}
	return true;
}

static double pooled(const struct occluder *o, size_t copy)
{
	const bool maximum = model_reading(o->model)->pooling == POOLING_MAX;
	double sum = *value_of(o, copy, 0);

	for (int32_t window = 1; window < o->text.text.count; window++) {
		const double value = *value_of(o, copy, window);

		sum = !maximum ? sum + value : value > sum ? value : sum;
	}
	return maximum ? sum : sum / o->text.text.count;
}

static bool tell_parts(const struct occluder *o, struct attribution *out, struct error *error)
{
	out->logit = pooled(o, 0);
	out->parts = size_calloc(o->stretches + 1, sizeof *out->parts);
	if (!out->parts)
		return error_memory(error, "telling what counts");
	for (size_t i = 0; i < o->stretches; i++) {
		const size_t first = i * o->words_each, left = o->text.count - first;
		const size_t words = left < o->words_each ? left : o->words_each;

		out->parts[out->count++] = (struct contribution){
			.from = o->text.words[first].from, .to = o->text.words[first + words - 1].to,
			.words = (int32_t)words, .weight = out->logit - pooled(o, i + 1),
		};
	}
	return true;
}

/* The windows of the text as it is come first: the copies fall back on them. */
static bool run(struct occluder *o, const struct progress *progress, struct error *error)
{
	if (!add_copy(o, 0, progress, error) || (o->text.text.count > 1 && !flush(o, error)))
		return false;
	for (size_t copy = 1; copy <= o->stretches; copy++)
		if (!add_copy(o, copy, progress, error))
			return false;
	return flush(o, error);
}

bool occlusion_attribute(struct model *model, struct span text, const struct attribution_request *request,
                         struct attribution *out, const struct progress *progress, struct error *error)
{
	struct occluder o = {.model = model, .label = out->label};
	bool done = token_words_cut(&o.text, model, text, request->max_length, error) && occluder_init(&o, request->passes, error) &&
	            run(&o, progress, error) && tell_parts(&o, out, error);

	occluder_free(&o);
	return done;
}
