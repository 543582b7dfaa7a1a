/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/scheduler.h"

#include "engine/base/json.h"
#include "engine/base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PI 3.14159265358979323846

/* Common to the factors */

static double at_least_one(double value)
{
	return value > 1 ? value : 1;
}

static double not_negative(double value)
{
	return value > 0 ? value : 0;
}

static double warming(const struct scheduler_plan *plan, uint64_t step)
{
	return (double)step / (double)plan->warmup;
}

/* Of the steps after the warm-up, the share that is done. */
static double progress_of(const struct scheduler_plan *plan, uint64_t step)
{
	return (double)(step - plan->warmup) / at_least_one((double)plan->steps - (double)plan->warmup);
}

static double wave(double cycles, double progress)
{
	return 0.5 * (1.0 + cos(PI * cycles * 2.0 * progress));
}

/* The factors. Each is the lambda of the same name in optimization.py. */

static double constant(const struct scheduler_plan *plan, uint64_t step)
{
	(void)plan;
	(void)step;
	return 1;
}

static double constant_with_warmup(const struct scheduler_plan *plan, uint64_t step)
{
	return step < plan->warmup ? warming(plan, step) : 1;
}

static double linear(const struct scheduler_plan *plan, uint64_t step)
{
	if (step < plan->warmup)
		return warming(plan, step);
	return not_negative(((double)plan->steps - (double)step) /
	                    at_least_one((double)plan->steps - (double)plan->warmup));
}

enum { CYCLES };

static double cosine(const struct scheduler_plan *plan, uint64_t step)
{
	if (step < plan->warmup)
		return warming(plan, step);
	return not_negative(wave(plan->values[CYCLES], progress_of(plan, step)));
}

static double cosine_with_restarts(const struct scheduler_plan *plan, uint64_t step)
{
	double progress;

	if (step < plan->warmup)
		return warming(plan, step);
	progress = progress_of(plan, step);
	if (progress >= 1)
		return 0;
	return not_negative(0.5 * (1.0 + cos(PI * fmod(plan->values[CYCLES] * progress, 1.0))));
}

enum { LR_END, POWER };

static double polynomial(const struct scheduler_plan *plan, uint64_t step)
{
	double end = plan->values[LR_END], left;

	if (step < plan->warmup)
		return warming(plan, step);
	if (step >= plan->steps)
		return end / plan->rate;
	left = 1 - (double)(step - plan->warmup) / ((double)plan->steps - (double)plan->warmup);
	return ((plan->rate - end) * pow(left, plan->values[POWER]) + end) / plan->rate;
}

static bool check_polynomial(const struct scheduler_plan *plan, struct error *error)
{
	RETURN_IF(!(plan->rate > plan->values[LR_END]), error, ERROR_USAGE,
	          "--lr-scheduler-type polynomial: lr_end %g must be smaller than --learning-rate %g: say so in "
	          "--lr-scheduler-kwargs", plan->values[LR_END], plan->rate);
	return true;
}

enum { TIMESCALE };

static double inverse_sqrt(const struct scheduler_plan *plan, uint64_t step)
{
	double scale = plan->values[TIMESCALE], warmup = (double)plan->warmup;

	if (step < plan->warmup)
		return warming(plan, step);
	if (isnan(scale))
		scale = plan->warmup ? warmup : 10000;
	return 1.0 / sqrt(((double)step + (scale - warmup)) / scale);
}

enum { FLOOR_CYCLES, FLOOR_RATE, FLOOR_SHARE, FLOOR_WARMUP };

/* The least factor, given as a rate or as a share of the peak. */
static double floor_of(const struct scheduler_plan *plan)
{
	return isnan(plan->values[FLOOR_RATE]) ? plan->values[FLOOR_SHARE] : plan->values[FLOOR_RATE] / plan->rate;
}

static double above_floor(const struct scheduler_plan *plan, double progress)
{
	double least = floor_of(plan);

	return not_negative(wave(plan->values[FLOOR_CYCLES], progress) * (1 - least) + least);
}

static double cosine_with_min_lr(const struct scheduler_plan *plan, uint64_t step)
{
	return step < plan->warmup ? warming(plan, step) : above_floor(plan, progress_of(plan, step));
}

static double cosine_warmup_with_min_lr(const struct scheduler_plan *plan, uint64_t step)
{
	double start = plan->values[FLOOR_WARMUP], warmup = (double)plan->warmup, now = (double)step;

	if (step < plan->warmup && isnan(start))
		return (now + 1.0) / at_least_one(warmup);
	if (step < plan->warmup)
		return start + (1.0 - start) * now / at_least_one(warmup - 1);
	return above_floor(plan, (now - warmup + 1.0) / at_least_one((double)plan->steps - warmup));
}

static bool check_floor(const struct scheduler_plan *plan, struct error *error)
{
	RETURN_IF(isnan(plan->values[FLOOR_RATE]) == isnan(plan->values[FLOOR_SHARE]), error, ERROR_USAGE,
	          "--lr-scheduler-kwargs: this scheduler needs one of min_lr and min_lr_rate");
	RETURN_IF(!(plan->rate > 0), error, ERROR_USAGE, "--learning-rate: must be above 0 for this --lr-scheduler-type");
	return true;
}

enum { DECAY_STEPS, STABLE_STEPS, WARMUP_TYPE, DECAY_TYPE, LEAST_SHARE, DECAY_CYCLES };
enum { LINEAR, COSINE, ONE_MINUS_SQRT };
#define STRETCHES "linear|cosine|1-sqrt"

static double rising(double type, double progress)
{
	if (type == COSINE)
		return 0.5 * (1.0 - cos(PI * progress));
	return type == ONE_MINUS_SQRT ? 1.0 - sqrt(1.0 - progress) : progress;
}

static double falling(double type, double cycles, double progress)
{
	if (type == COSINE)
		return wave(cycles, progress);
	return type == ONE_MINUS_SQRT ? 1.0 - sqrt(progress) : 1.0 - progress;
}

static double warmup_stable_decay(const struct scheduler_plan *plan, uint64_t step)
{
	double least = plan->values[LEAST_SHARE], decay = plan->values[DECAY_STEPS], stable = plan->values[STABLE_STEPS];
	double after, factor;

	if (step < plan->warmup) {
		factor = rising(plan->values[WARMUP_TYPE], warming(plan, step));
		return not_negative(factor * (1.0 - least) + least);
	}
	if (isnan(stable))
		stable = (double)plan->steps - (double)plan->warmup - decay;
	after = (double)step - (double)plan->warmup - stable;
	if (after < 0)
		return 1;
	if (after >= decay)
		return least;
	factor = falling(plan->values[DECAY_TYPE], plan->values[DECAY_CYCLES], after / at_least_one(decay));
	return not_negative(factor * (1.0 - least) + least);
}

static bool check_decay(const struct scheduler_plan *plan, struct error *error)
{
	double decay = plan->values[DECAY_STEPS], left = (double)plan->steps - (double)plan->warmup;

	RETURN_IF(isnan(decay), error, ERROR_USAGE,
	          "--lr-scheduler-type warmup_stable_decay needs num_decay_steps: --lr-scheduler-kwargs "
	          "num_decay_steps=100");
	RETURN_IF(isnan(plan->values[STABLE_STEPS]) && decay > left, error, ERROR_USAGE,
	          "--lr-scheduler-kwargs: num_decay_steps %g is more than the %g steps that the warm-up leaves", decay, left);
	return true;
}

/* The table */

#define STEPS_MAX 1e15
#define NONE ((double)NAN)
#define NUM_CYCLES(otherwise) {"num_cycles", NULL, 0, 1e9, otherwise}
#define FLOOR {"min_lr", NULL, 0, 10, NONE}, {"min_lr_rate", NULL, 0, 1, NONE}

static const struct scheduler schedulers[] = {
	{.name = "linear", .factor = linear, .warms_up = true},
	{.name = "cosine", .factor = cosine, .warms_up = true, .arguments = {NUM_CYCLES(0.5)}},
	{.name = "cosine_with_restarts", .factor = cosine_with_restarts, .warms_up = true, .arguments = {NUM_CYCLES(1)}},
	{.name = "polynomial", .factor = polynomial, .check = check_polynomial, .warms_up = true,
	 .arguments = {{"lr_end", NULL, 0, 10, 1e-7}, {"power", NULL, 0, 1000, 1}}},
	{.name = "constant", .factor = constant},
	{.name = "constant_with_warmup", .factor = constant_with_warmup, .warms_up = true},
	{.name = "inverse_sqrt", .factor = inverse_sqrt, .warms_up = true,
	 .arguments = {{"timescale", NULL, 1, STEPS_MAX, NONE}}},
	{.name = "cosine_with_min_lr", .factor = cosine_with_min_lr, .check = check_floor, .warms_up = true,
	 .arguments = {NUM_CYCLES(0.5), FLOOR}},
	{.name = "cosine_warmup_with_min_lr", .factor = cosine_warmup_with_min_lr, .check = check_floor, .warms_up = true,
	 .arguments = {NUM_CYCLES(0.5), FLOOR, {"warmup_lr_rate", NULL, 0, 1, NONE}}},
	{.name = "warmup_stable_decay", .factor = warmup_stable_decay, .check = check_decay, .warms_up = true,
	 .arguments = {{"num_decay_steps", NULL, 0, STEPS_MAX, NONE}, {"num_stable_steps", NULL, 0, STEPS_MAX, NONE},
	               {"warmup_type", STRETCHES, 0, 0, LINEAR}, {"decay_type", STRETCHES, 0, 0, COSINE},
	               {"min_lr_ratio", NULL, 0, 1, 0}, NUM_CYCLES(0.5)}},
	{.name = "reduce_lr_on_plateau", .factor = constant, .measures = true,
	 .arguments = {{"mode", "min|max", 0, 0, NONE}, {"factor", NULL, 0, 0.999999999999, 0.1},
	               {"patience", NULL, 0, STEPS_MAX, 10}, {"threshold", NULL, 0, 1e9, 1e-4},
	               {"threshold_mode", "rel|abs", 0, 0, 0}, {"cooldown", NULL, 0, STEPS_MAX, 0},
	               {"min_lr", NULL, 0, 10, 0}, {"eps", NULL, 0, 10, 1e-8}}},
};

const struct scheduler *scheduler_find(const char *name)
{
	for (size_t i = 0; i < sizeof schedulers / sizeof schedulers[0]; i++)
		if (strcmp(schedulers[i].name, name) == 0)
			return &schedulers[i];
	return NULL;
}

double scheduler_value(const struct scheduler *scheduler, const struct scheduler_plan *plan, const char *key)
{
	for (int i = 0; scheduler->arguments[i].key; i++)
		if (strcmp(scheduler->arguments[i].key, key) == 0)
			return plan->values[i];
	return NONE;
}

/* Reading */

/* The place of a word among others that are separated by '|'; -1: it is none of them. */
static int place_of(const char *words, const char *word)
{
	size_t size = strlen(word);

	for (int place = 0; *words; place++) {
		size_t length = strcspn(words, "|");
		if (length == size && memcmp(words, word, size) == 0)
			return place;
		words += length + (words[length] == '|');
	}
	return -1;
}

static bool read_word(const struct scheduler_argument *argument, const json_t *value, double *out, struct error *error)
{
	const char *word = json_string_value(value);
	int place = word ? place_of(argument->choices, word) : -1;

	RETURN_IF(place < 0, error, ERROR_USAGE, "--lr-scheduler-kwargs: %s is not one of %s", argument->key,
	          argument->choices);
	*out = place;
	return true;
}

static bool read_number(const struct scheduler_argument *argument, const json_t *value, double *out,
                        struct error *error)
{
	char minimum[NUMBER_TEXT], maximum[NUMBER_TEXT];

	*out = json_is_number(value) ? json_number_value(value) : NONE;
	if (*out >= argument->minimum && *out <= argument->maximum)
		return true;
	number_format(minimum, argument->minimum);
	number_format(maximum, argument->maximum);
	return error_set(error, ERROR_USAGE, "--lr-scheduler-kwargs: %s is no number from %s to %s", argument->key, minimum,
	                 maximum);
}

/* null stands for what would be taken anyway, as in transformers. */
static bool read_argument(const struct scheduler *scheduler, const char *key, const json_t *value,
                          struct scheduler_plan *plan, struct error *error)
{
	for (int i = 0; scheduler->arguments[i].key; i++) {
		const struct scheduler_argument *argument = &scheduler->arguments[i];
		if (strcmp(argument->key, key) != 0)
			continue;
		if (json_is_null(value))
			return true;
		return argument->choices ? read_word(argument, value, &plan->values[i], error)
		                         : read_number(argument, value, &plan->values[i], error);
	}
	return error_set(error, ERROR_USAGE, "--lr-scheduler-kwargs: --lr-scheduler-type %s has no \"%.60s\"",
	                 scheduler->name, key);
}

static bool read_object(const struct scheduler *scheduler, json_t *object, struct scheduler_plan *plan,
                        struct error *error)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
		if (!read_argument(scheduler, key, value, plan, error))
			return false;
	return true;
}

#define PAIR_MAX 100

/* "num_cycles=2", a number or else a word. */
static bool add_pair(json_t *object, const char *text, size_t size)
{
	char pair[PAIR_MAX], *value;
	double number;

	if (size >= sizeof pair)
		return false;
	snprintf(pair, sizeof pair, "%.*s", (int)size, text);
	value = strchr(pair, '=');
	if (!value)
		return false;
	*value++ = '\0';
	return json_object_set_new(object, pair, number_parse(value, &number) ? json_real(number) : json_string(value)) == 0;
}

/* "num_cycles=2,min_lr=1e-6", as the command line writes pairs. */
static json_t *parse_pairs(const char *text)
{
	json_t *object = json_object();
	bool done = object != NULL;

	while (done && *text) {
		size_t size = strcspn(text, ",");
		done = add_pair(object, text, size);
		text += size + (text[size] == ',');
	}
	return json_complete(object, done);
}

/* NULL with one line: it is none, or there was no memory for it. */
static json_t *parse_object(const char *text, struct error *error)
{
	struct error why = {0};
	json_t *object = text[0] == '{' ? json_parse(span_of(text), "--lr-scheduler-kwargs", &why) : parse_pairs(text);

	if (object)
		return object;
	if (why.kind == ERROR_FAILED && error)
		*error = why;
	else
		error_set(error, ERROR_USAGE, "--lr-scheduler-kwargs: is neither pairs like num_cycles=2,min_lr=1e-6 nor a JSON object");
	return NULL;
}

bool scheduler_read_arguments(const struct scheduler *scheduler, const char *text, struct scheduler_plan *plan,
                              struct error *error)
{
	json_t *object;
	bool done = true;

	for (int i = 0; scheduler->arguments[i].key; i++)
		plan->values[i] = scheduler->arguments[i].otherwise;
	if (text[0] != '\0') {
		object = parse_object(text, error);
		done = object && read_object(scheduler, object, plan, error);
		json_decref(object);
	}
	return done;
}
