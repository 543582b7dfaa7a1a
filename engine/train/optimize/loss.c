/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/loss.h"

#include "engine/base/number.h"
#include "engine/base/size.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX 1e6
#define WORD_MAX OPTION_TEXT_MAX
#define SMOOTHING_OF_ONE \
	"--label-smoothing-factor is for labels of which a review has one, not several (--problem-type): leave it out"

static void balance(struct train_loss *loss, const struct loss_labels *labels)
{
	int32_t occurring = 0;

	for (int32_t i = 0; i < labels->count; i++)
		occurring += labels->examples[i] > 0;
	for (int32_t i = 0; i < labels->count; i++) {
		double with = (double)labels->examples[i], total = (double)labels->total;

		if (labels->examples[i] == 0)
			loss->weights[i] = 1;
		else
			loss->weights[i] = (float)(labels->independent ? (total - with) / with : total / (occurring * with));
	}
}

static bool read_weight(const char *text, float *weight, struct error *error)
{
	double value;

	RETURN_IF(!number_parse(text, &value) || !(value >= 0 && value <= WEIGHT_MAX), error, ERROR_USAGE,
	          "--class-weights: \"%.40s\" is not a number from 0 to %g", text, WEIGHT_MAX);
	*weight = (float)value;
	return true;
}

/* "label=number" */
static bool read_named(struct train_loss *loss, const struct loss_labels *labels, char *word, struct error *error)
{
	char *equal = strrchr(word, '=');

	*equal = '\0';
	for (int32_t i = 0; i < labels->count; i++)
		if (strcmp(labels->names[i], word) == 0)
			return read_weight(equal + 1, &loss->weights[i], error);
	return error_set(error, ERROR_USAGE, "--class-weights: \"%.80s\" is not one of the labels, such as \"%.80s\"", word,
	                 labels->names[0]);
}

/* The next word of a list, without the blanks and brackets of JSON around it. */
static bool next_word(const char **list, char word[WORD_MAX])
{
	static const char around[] = ", []{}";
	const char *start = *list + strspn(*list, around);
	size_t size = strcspn(start, ",");

	*list = start + size;
	while (size > 0 && strchr(around, start[size - 1]))
		size--;
	if (size >= WORD_MAX)
		size = WORD_MAX - 1;
	memcpy(word, start, size);
	word[size] = '\0';
	return size > 0;
}

static bool read_list(struct train_loss *loss, const struct loss_labels *labels, const char *list, struct error *error)
{
	char word[WORD_MAX];
	int32_t numbers = 0, named = 0;

	for (int32_t i = 0; i < labels->count; i++)
		loss->weights[i] = 1;
	while (next_word(&list, word)) {
		float beyond, *weight = numbers < labels->count ? &loss->weights[numbers] : &beyond;
		bool by_name = strchr(word, '=') != NULL;

		if (!(by_name ? read_named(loss, labels, word, error) : read_weight(word, weight, error)))
			return false;
		*(by_name ? &named : &numbers) += 1;
	}
	RETURN_IF(named == 0 && numbers != labels->count, error, ERROR_USAGE,
	          "--class-weights: %d numbers for %d labels: one each, the first for \"%.80s\"", (int)numbers,
	          (int)labels->count, labels->names[0]);
	return true;
}

/* What is wrong with a list whatever the labels are. */
static bool check_list(const char *list, struct error *error)
{
	char word[WORD_MAX];
	int numbers = 0, named = 0;
	double sum = 0;

	while (next_word(&list, word)) {
		const char *equal = strrchr(word, '=');
		float weight;
		if (!read_weight(equal ? equal + 1 : word, &weight, error))
			return false;
		sum += (double)weight;
		*(equal ? &named : &numbers) += 1;
	}
	RETURN_IF(named > 0 && numbers > 0, error, ERROR_USAGE, "--class-weights: either numbers alone or label=number alone");
	RETURN_IF(named == 0 && numbers < 2, error, ERROR_USAGE, "--class-weights: %d number%s: each of two or more labels needs one",
	          numbers, numbers == 1 ? "" : "s");
	RETURN_IF(named == 0 && !(sum > 0), error, ERROR_USAGE, "--class-weights: no label counts: give one a weight above 0");
	return true;
}

static bool weighs(const char *text)
{
	return text[0] != '\0' && strcmp(text, "none") != 0;
}

bool train_loss_check(const struct train_options *options, struct error *error)
{
	const char *weights = options->class_weights;
	bool several = strcmp(options->problem_type, "multi_label_classification") == 0;

	RETURN_IF(several && options->label_smoothing_factor > 0, error, ERROR_USAGE, "%s", SMOOTHING_OF_ONE);
	return !weighs(weights) || strcmp(weights, "balanced") == 0 || check_list(weights, error);
}

/* One of the labels that occur must count, or there is nothing to learn. */
static bool check_sum(const struct train_loss *loss, const struct loss_labels *labels, struct error *error)
{
	double sum = 0;

	for (int32_t i = 0; i < labels->count; i++)
		sum += (double)loss->weights[i] * (double)labels->examples[i];
	RETURN_IF(!(sum > 0) && !labels->independent, error, ERROR_USAGE,
	          "--class-weights: no row that trains has a label that counts");
	return true;
}

static bool make_weights(struct train_loss *loss, const char *text, const struct loss_labels *labels, struct error *error)
{
	if (!weighs(text))
		return true;
	loss->weights = size_calloc((size_t)labels->count, sizeof *loss->weights);
	if (!loss->weights)
		return error_memory(error, "weighing the labels");
	if (strcmp(text, "balanced") == 0)
		balance(loss, labels);
	else if (!read_list(loss, labels, text, error))
		return false;
	return check_sum(loss, labels, error);
}

bool train_loss_init(struct train_loss *loss, const struct train_options *options, const struct loss_labels *labels,
                     struct error *error)
{
	*loss = (struct train_loss){
		.label_smoothing = (float)options->label_smoothing_factor,
		.labels = labels->count,
		.independent = labels->independent,
	};
	RETURN_IF(labels->independent && loss->label_smoothing > 0, error, ERROR_USAGE, "%s", SMOOTHING_OF_ONE);
	if (make_weights(loss, options->class_weights, labels, error))
		return true;
	train_loss_free(loss);
	return false;
}

void train_loss_free(struct train_loss *loss)
{
	free(loss->weights);
	*loss = (struct train_loss){0};
}

bool train_loss_is_own(const struct train_loss *loss)
{
	return loss->weights || loss->label_smoothing > 0;
}

double train_loss_weight(const struct train_loss *loss, int32_t label)
{
	return loss->weights && !loss->independent ? (double)loss->weights[label] : 1;
}

double train_loss_example(const struct train_loss *loss, const float *logits, int32_t label)
{
	double largest = -INFINITY, sum = 0, result = 0, smoothing = (double)loss->label_smoothing;

	assert(!loss->independent);
	for (int32_t c = 0; c < loss->labels; c++)
		largest = fmax(largest, (double)logits[c]);
	for (int32_t c = 0; c < loss->labels; c++)
		sum += exp((double)logits[c] - largest);
	for (int32_t c = 0; c < loss->labels; c++) {
		double share = ((c == label ? 1 - smoothing : 0) + smoothing / loss->labels) * train_loss_weight(loss, c);

		if (share > 0)
			result += share * (largest + log(sum) - (double)logits[c]);
	}
	return result;
}

/* log(1 + exp(x)), safe for any size of x. */
static double softplus(double x)
{
	return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

double train_loss_set(const struct train_loss *loss, const float *logits, const float *targets)
{
	double sum = 0;

	for (int32_t c = 0; c < loss->labels; c++) {
		double weight = loss->weights ? (double)loss->weights[c] : 1, x = (double)logits[c];

		sum += targets[c] > 0 ? weight * softplus(-x) : softplus(x);
	}
	return sum / loss->labels;
}

void train_loss_describe(const struct train_loss *loss, const char *const *names, char *out, size_t capacity)
{
	size_t used = 0;

	out[0] = '\0';
	for (int32_t i = 0; loss->weights && i < loss->labels && used < capacity; i++) {
		int written = snprintf(out + used, capacity - used, "%s%.60s %.6g", i > 0 ? ", " : "", names[i],
		                       (double)loss->weights[i]);

		used += written > 0 ? (size_t)written : 0;
	}
}
