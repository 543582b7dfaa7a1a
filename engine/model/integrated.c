/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source  Sundararajan, Taly & Yan 2017, as captum's LayerIntegratedGradients computes it on a model's `embeddings` layer: of
 *         each number x of what that layer puts out for the text, and x' for the baseline, (x - x') times the mean of its
 *         gradient at x' + a (x - x'), a in 0 .. 1; a token's weight is the sum over its numbers. */
#include "engine/model/integrated.h"

#include "engine/base/size.h"
#include "engine/model/network.h"
#include "engine/model/token_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BUDGET = 512, STEPS_MAX = 1024 };

void gauss_legendre(int32_t count, double *nodes, double *weights)
{
	const double pi = acos(-1);

	for (int32_t i = 0; i < count; i++) {
		double x = cos(pi * (i + 0.75) / (count + 0.5)), slope = 1, move = 1;

		for (int round = 0; round < 100 && fabs(move) > 1e-15; round++) {
			double value = x, before = 1; /* Legendre polynomials of this and of the degree before */

			for (int32_t n = 2; n <= count; n++) {
				const double next = ((2.0 * n - 1) * x * value - (n - 1.0) * before) / n;

				before = value;
				value = next;
			}
			slope = count * (x * value - before) / (x * x - 1);
			move = value / slope;
			x -= move;
		}
		nodes[count - 1 - i] = (1 + x) / 2;
		weights[count - 1 - i] = 1 / ((1 - x * x) * slope * slope);
	}
}

struct integral {
	struct model *model;
	int32_t label, labels, hidden, steps;
	struct token_words text;
	int32_t length;       /* tokens of the sequence */
	int32_t at_once;      /* points that are computed together */
	int32_t *ids, *starts; /* [2 length] the text and the baseline; [1 + the most sequences of a batch] */
	float *ends;          /* [2][length][hidden] embeddings of the text, of the baseline */
	float *points, *gradient; /* [at_once][length][hidden] */
	float *logits, *wanted;   /* [at_once][labels] */
	double *sums;         /* [length][hidden] of weights times gradients */
	double *nodes, *weights; /* [steps] */
};

static void integral_free(struct integral *in)
{
	token_words_free(&in->text);
	free(in->ids);
	free(in->starts);
	free(in->ends);
	free(in->points);
	free(in->gradient);
	free(in->logits);
	free(in->wanted);
	free(in->sums);
	free(in->nodes);
	free(in->weights);
}

static bool integral_take_memory(struct integral *in, struct error *error)
{
	size_t of_one, of_points, length = (size_t)in->text.text.cut.max_length, most = (size_t)in->at_once;

	if (!size_multiply(length, (size_t)in->hidden, &of_one) || !size_multiply(of_one, most, &of_points))
		return error_memory(error, "telling what counts");
	in->ids = size_calloc(2 * length, sizeof *in->ids);
	in->starts = size_calloc(most + 1, sizeof *in->starts);
	in->ends = size_calloc(of_one, 2 * sizeof *in->ends);
	in->points = size_calloc(of_points, sizeof *in->points);
	in->gradient = size_calloc(of_points, sizeof *in->gradient);
	in->logits = size_calloc(most, (size_t)in->labels * sizeof *in->logits);
	in->wanted = size_calloc(most, (size_t)in->labels * sizeof *in->wanted);
	in->sums = size_calloc(of_one, sizeof *in->sums);
	in->nodes = size_calloc((size_t)in->steps, sizeof *in->nodes);
	in->weights = size_calloc((size_t)in->steps, sizeof *in->weights);
	return in->ids && in->starts && in->ends && in->points && in->gradient && in->logits && in->wanted && in->sums &&
	       in->nodes && in->weights ? true : error_memory(error, "telling what counts");
}

/* The text's tokens, and after them the baseline's: [PAD] where the text has its own. */
static void fill_ids(struct integral *in)
{
	in->length = tokenizer_cut_take(&in->text.text, 0, in->ids);
	for (int32_t i = 0; i < in->length; i++)
		in->ids[in->length + i] = tokenizer_cut_token(&in->text.text, 0, i) < 0 ? in->ids[i]
		                                                                      : model_config(in->model)->pad_token_id;
}

/* So many sequences of the same length. */
static struct batch batch_of(struct integral *in, int32_t sequences)
{
	for (int32_t s = 0; s <= sequences; s++)
		in->starts[s] = s * in->length;
	return (struct batch){.ids = in->ids, .starts = in->starts, .sequences = sequences};
}

static bool embed(struct integral *in, struct error *error)
{
	struct batch batch = batch_of(in, 2);

	if (!network_reserve_attribution(in->model, in->at_once * in->length, in->at_once, in->length, error))
		return error_prefix(error, "telling what counts");
	network_embed(in->model, &batch, in->ends);
	return network_status(in->model, error);
}

static size_t numbers_of(const struct integral *in)
{
	return (size_t)in->length * (size_t)in->hidden;
}

/* The batch's point `place` at a share of the way from the baseline to the text. */
static void put_point(struct integral *in, int32_t place, double share)
{
	const size_t count = numbers_of(in);
	float *point = in->points + (size_t)place * count;

	for (size_t i = 0; i < count; i++)
		point[i] = (float)((double)in->ends[count + i] + share * ((double)in->ends[i] - (double)in->ends[count + i]));
}

/* Logits and gradients of the points that were put. */
static bool compute(struct integral *in, int32_t count, struct error *error)
{
	struct batch batch = batch_of(in, count);

	for (int32_t i = 0; i < count * in->labels; i++)
		in->wanted[i] = i % in->labels == in->label;
	network_attribute(in->model, &batch, in->points, in->wanted, in->logits, in->gradient);
	return network_status(in->model, error);
}

static void add_gradient(struct integral *in, int32_t place, double weight)
{
	const size_t count = numbers_of(in);
	const float *gradient = in->gradient + (size_t)place * count;

	for (size_t i = 0; i < count; i++)
		in->sums[i] += weight * (double)gradient[i];
}

static bool walk(struct integral *in, const struct progress *progress, struct error *error)
{
	for (int32_t first = 0; first < in->steps; first += in->at_once) {
		const int32_t count = in->steps - first < in->at_once ? in->steps - first : in->at_once;

		RETURN_IF(!progress_report(progress, "integrating gradients", (uint64_t)first, (uint64_t)in->steps), error,
		          ERROR_INTERRUPTED, "interrupted");
		for (int32_t i = 0; i < count; i++)
			put_point(in, i, in->nodes[first + i]);
		if (!compute(in, count, error))
			return false;
		for (int32_t i = 0; i < count; i++)
			add_gradient(in, i, in->weights[first + i]);
	}
	return true;
}

/* The logits at both ends of the way. */
static bool tell_ends(struct integral *in, struct attribution *out, struct error *error)
{
	put_point(in, 0, 1);
	put_point(in, 1, 0);
	if (!compute(in, 2, error))
		return false;
	out->logit = (double)in->logits[in->label];
	out->bias = (double)in->logits[in->labels + in->label];
	return true;
}

static double weight_of(const struct integral *in, int32_t place)
{
	const float *text = in->ends, *baseline = in->ends + numbers_of(in);
	double sum = 0;

	for (size_t i = (size_t)place * (size_t)in->hidden, end = i + (size_t)in->hidden; i < end; i++)
		sum += ((double)text[i] - (double)baseline[i]) * in->sums[i];
	return sum;
}

static bool tell_parts(struct integral *in, struct span text, struct attribution *out, struct error *error)
{
	double sum = 0;

	out->parts = size_calloc((size_t)in->length, sizeof *out->parts);
	if (!out->parts)
		return error_memory(error, "telling what counts");
	for (int32_t place = 0; place < in->length; place++) {
		const int64_t token = tokenizer_cut_token(&in->text.text, 0, place);
		const double weight = weight_of(in, place); /* 0 where text and baseline are the same */

		if (token < 0)
			continue;
		sum += weight;
		out->parts[out->count++] = (struct contribution){
			.from = token_words_start(&in->text, text, token), .to = in->text.text.ends[token], .words = 1, .weight = weight,
		};
	}
	out->error = sum - (out->logit - out->bias);
	return true;
}

static bool integral_begin(struct integral *in, struct span text, int32_t max_length, struct error *error)
{
	const struct model_config *config = model_config(in->model);
	int32_t longest;

	if (!token_words_cut(&in->text, in->model, text, max_length, error))
		return false;
	RETURN_IF(in->text.text.count > 1, error, ERROR_USAGE,
	          "gradients are not integrated over the windows of a long review: mask words instead (occlusion)");
	longest = in->text.text.tokens_read > 0 ? in->text.text.tokens_read : in->text.text.cut.max_length;
	in->labels = config->num_labels;
	in->hidden = config->hidden_size;
	in->at_once = longest < TOKEN_BUDGET / 2 ? TOKEN_BUDGET / longest : 2;
	in->at_once = in->at_once > in->steps && in->steps > 1 ? in->steps : in->at_once;
	if (!integral_take_memory(in, error))
		return false;
	gauss_legendre(in->steps, in->nodes, in->weights);
	fill_ids(in);
	return embed(in, error);
}

bool integrated_attribute(struct model *model, struct span text, const struct attribution_request *request,
                          struct attribution *out, const struct progress *progress, struct error *error)
{
	struct integral in = {.model = model, .label = out->label, .steps = request->steps > 0 ? request->steps : ATTRIBUTION_STEPS};
	bool done;

	RETURN_IF(in.steps > STEPS_MAX, error, ERROR_USAGE, "at most %d steps are integrated", STEPS_MAX);
	done = integral_begin(&in, text, request->max_length, error) && walk(&in, progress, error) && tell_ends(&in, out, error) &&
	       tell_parts(&in, text, out, error);
	integral_free(&in);
	return done;
}
