/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train against transformers, torch and accelerate: the learning rate of every step, the order of the rows, and what
 * happens after which step. The expected values are those of tests/golden/make_steps.py. */
#include "tests/unit/check.h"

#include "engine/base/json.h"
#include "engine/train/optimize/occasions.h"
#include "engine/train/optimize/plateau.h"
#include "engine/train/optimize/sampling.h"
#include "engine/train/options/best.h"
#include "engine/train/options/options_json.h"

#define LINE_MAX_SIZE 8192

static FILE *golden(const char *name)
{
	char path[100];
	FILE *file;

	snprintf(path, sizeof path, "tests/golden/steps/%s", name);
	file = fopen(check_source(path), "r");
	assert_non_null(file);
	return file;
}

static bool next_line(FILE *file, char line[LINE_MAX_SIZE])
{
	if (!fgets(line, LINE_MAX_SIZE, file))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static void must_set(struct train_options *options, const char *name, const char *text)
{
	struct error error = {0};

	if (!train_option_set(options, train_option_find(name), text, &error))
		fail_msg("%s", error.text);
}

/* Rates */

static void assert_near(double got, double expected, const char *what, uint64_t step)
{
	if (fabs(got - expected) > 1e-12 * fabs(expected))
		fail_msg("%s, step %llu: %.17g instead of %.17g", what, (unsigned long long)step, got, expected);
}

static void check_rates(FILE *file, const struct schedule *schedule, const char *what)
{
	char line[LINE_MAX_SIZE];

	for (uint64_t step = 0; step < schedule->steps; step++) {
		assert_true(next_line(file, line));
		assert_near(schedule_rate(schedule, step), strtod(line, NULL), what, step);
	}
}

static void check_plateau(FILE *file, const struct schedule *schedule, const char *what)
{
	struct plateau_rule rule = plateau_rule_of(schedule->scheduler, &schedule->plan, false);
	struct plateau plateau = plateau_begin(&rule, schedule->plan.rate);
	char line[LINE_MAX_SIZE], *rest;

	for (uint64_t step = 0; step < schedule->steps; step++) {
		assert_true(next_line(file, line));
		plateau_step(&plateau, &rule, strtod(line, &rest));
		assert_near(plateau.rate, strtod(rest, NULL), what, step);
	}
}

/* A header's fields, separated by tabs, as a plan of one row a step. */
static struct schedule plan_of(char *header)
{
	static const char *const names[] = {"lr-scheduler-type", "lr-scheduler-kwargs", "learning-rate", "warmup-steps",
	                                    "max-steps"};
	struct train_options options;
	struct schedule schedule;
	struct error error = {0};
	char *rest = header;

	train_options_init(&options);
	for (int i = 0; i < 5; i++) {
		char *field = rest;
		rest += strcspn(rest, "\t");
		if (*rest)
			*rest++ = '\0';
		must_set(&options, names[i], field);
	}
	if (!schedule_plan(&schedule, &options, 1000, &error))
		fail_msg("%s", error.text);
	return schedule;
}

static void learning_rates_are_those_of_transformers(void **state)
{
	FILE *file = golden("rates.txt");
	char line[LINE_MAX_SIZE];
	int cases = 0;

	(void)state;
	for (; next_line(file, line); cases++) {
		char what[LINE_MAX_SIZE];
		struct schedule schedule;

		memcpy(what, line, sizeof what);
		schedule = plan_of(line);
		if (schedule.scheduler->measures)
			check_plateau(file, &schedule, what);
		else
			check_rates(file, &schedule, what);
	}
	assert_int_equal(cases, 27);
	fclose(file);
}

/* Orders */

static void orders_are_those_of_a_trainer(void **state)
{
	FILE *file = golden("orders.txt");
	char line[LINE_MAX_SIZE], strategy[64];
	long long seed, data_seed;
	unsigned count, per_step, epochs, start, each;
	int cases = 0;

	(void)state;
	for (; next_line(file, line); cases++) {
		uint32_t order[200], room[200];
		uint64_t starts[201] = {0};

		assert_int_equal(sscanf(line, "%63s %lld %lld %u %u %u %u %u", strategy, &seed, &data_seed, &count, &per_step, &epochs,
		                        &start, &each), 8);
		assert_in_range(count, 1, 200);
		for (unsigned i = 0; i < count; i++)
			starts[i + 1] = starts[i] + i * 7919 % 23 + 3;
		for (unsigned epoch = 0; epoch < epochs; epoch++) {
			enum sampling sampling = sampling_find(strategy);
			bool own = sampling == SAMPLING_RANDOM && data_seed >= 0;
			char *rest = line;

			sampling_order(sampling, &(struct sampling_rows){count, per_step, starts},
			               &(struct sampling_epoch){(uint64_t)(own ? data_seed : seed), epoch, start + epoch * each},
			               order, room);
			assert_true(next_line(file, line));
			for (unsigned i = 0; i < count; i++)
				assert_int_equal(order[i], strtoul(rest, &rest, 10));
		}
	}
	assert_int_equal(cases, 10);
	fclose(file);
}

/* Runs */

/* Options as an arguments file has them; what it does not name is as in a Trainer. */
static struct train_options options_of(const char *text)
{
	struct train_options options;
	struct error error = {0};
	json_t *object = json_parse(span_of(text), "runs.txt", &error);
	static const char *const trainer[][2] = {
		{"save_strategy", "steps"}, {"save_steps", "500"}, {"logging_steps", "500"}, {"num_train_epochs", "3"},
	};

	assert_non_null(object);
	for (size_t i = 0; i < sizeof trainer / sizeof trainer[0]; i++)
		if (!json_object_get(object, trainer[i][0]))
			json_object_set_new(object, trainer[i][0], json_string(trainer[i][1]));
	if (!options_from_json(object, &options, "runs.txt", &error))
		fail_msg("%s", error.text);
	json_decref(object);
	options.per_device_train_batch_size = 4;
	if (!train_options_check(&options, &error))
		fail_msg("%s: %s", text, error.text);
	return options;
}

struct play {
	struct occasions occasions;
	struct schedule schedule;
	struct best_rule rule;
	struct best best;
	double script[32];
	int scripted, evaluations;
	bool saved[200];
	uint64_t step;
	char happened[LINE_MAX_SIZE];
};

static void happens(struct play *play, const char *what)
{
	size_t used = strlen(play->happened);

	snprintf(play->happened + used, sizeof play->happened - used, "%s%s %llu", used ? ", " : "", what,
	         (unsigned long long)play->step);
}

static double evaluate_scripted(struct play *play)
{
	double loss = play->script[play->evaluations++ % play->scripted];

	happens(play, "evaluate");
	return play->rule.name && strcmp(play->rule.name, "accuracy") == 0 ? 1 - loss : loss;
}

/* As transformers' rotate_checkpoints: the best and the newest stay. */
static void save(struct play *play, int64_t limit)
{
	int64_t kept = 1;

	happens(play, "save");
	play->saved[play->step] = true;
	if (play->best.step > 0 && play->saved[play->best.step])
		play->best.saved = play->best.step;
	kept += play->best.saved > 0 && play->best.saved < play->step;
	for (uint64_t step = play->step; limit > 0 && step-- > 0;)
		if (play->saved[step] && step != play->best.saved)
			play->saved[step] = kept++ < limit;
}

/* The last step's own line is none of a Trainer's, unless it is due. */
static bool logs(const struct play *play)
{
	bool last = play->step == play->schedule.steps && play->occasions.log == OCCASION_STEPS;

	return occasions_log(&play->occasions, &play->schedule, play->step) &&
	       !(last && play->step % play->occasions.log_steps != 0);
}

/* A step, as engine/train/training_steps.c orders what follows it. True: it was the last. */
static bool make_step(struct play *play, int64_t limit)
{
	bool over;

	play->step++;
	if (logs(play))
		happens(play, "log");
	if (occasions_evaluate(&play->occasions, &play->schedule, play->step))
		best_take(&play->best, &play->rule, play->step, evaluate_scripted(play));
	over = play->step == play->schedule.steps || best_is_exhausted(&play->best, &play->rule);
	if (occasions_save(&play->occasions, &play->schedule, play->step, over, play->best.step == play->step))
		save(play, limit);
	return over;
}

static void play_run(struct play *play, const char *text, const char *script)
{
	struct train_options options = options_of(text);
	struct error error = {0};
	char *rest = (char *)script;
	int64_t limit = strstr(text, "save_total_limit") ? options.save_total_limit : 0;

	*play = (struct play){0};
	assert_true(schedule_plan(&play->schedule, &options, 26, &error));
	assert_true(best_rule_of(&options, &play->rule, &error));
	play->occasions = occasions_plan(&options, &play->schedule);
	while (*rest && play->scripted < 32)
		play->script[play->scripted++] = strtod(rest, &rest);
	if (options.eval_on_start)
		evaluate_scripted(play);
	while (!make_step(play, limit))
		;
	/* At the end a Trainer that keeps one checkpoint removes the last one, too, where it is not the best. */
	if (limit == 1 && play->best.saved > 0 && play->best.saved < play->step)
		play->saved[play->step] = false;
}

static void what_happens_after_which_step_is_as_in_a_trainer(void **state)
{
	FILE *file = golden("runs.txt");
	char options[LINE_MAX_SIZE], script[LINE_MAX_SIZE], happened[LINE_MAX_SIZE], left[LINE_MAX_SIZE];
	static struct play play;
	int cases = 0;

	(void)state;
	for (; next_line(file, options); cases++) {
		char ours[LINE_MAX_SIZE];
		size_t used;

		assert_true(next_line(file, script) && next_line(file, happened) && next_line(file, left));
		play_run(&play, options, script);
		if (strcmp(play.happened, happened) != 0)
			fail_msg("%s\n  got  %s\n  not  %s", options, play.happened, happened);
		used = (size_t)snprintf(ours, sizeof ours, "%llu %llu ", (unsigned long long)play.step,
		                        (unsigned long long)play.best.step);
		for (uint64_t step = 1; step < 200; step++)
			if (play.saved[step])
				used += (size_t)snprintf(ours + used, sizeof ours - used, "%llu ", (unsigned long long)step);
		ours[used - 1] = '\0';
		if (strncmp(left, ours, strlen(ours)) != 0)
			fail_msg("%s\n  left %s\n  not  %s", options, ours, left);
	}
	assert_int_equal(cases, 11);
	fclose(file);
}

/* The closed form against the steps one by one. */
static void evaluations_are_counted_as_they_come(void **state)
{
	static const char *const plans[] = {
		"{\"eval_strategy\": \"no\"}",
		"{\"eval_strategy\": \"epoch\", \"num_train_epochs\": 2.5}",
		"{\"eval_strategy\": \"epoch\", \"eval_delay\": 1.5, \"num_train_epochs\": 3.2}",
		"{\"eval_strategy\": \"epoch\", \"eval_delay\": 9}",
		"{\"eval_strategy\": \"steps\", \"eval_steps\": 3}",
		"{\"eval_strategy\": \"steps\", \"eval_steps\": 0.25, \"eval_delay\": 7}",
		"{\"eval_strategy\": \"steps\", \"eval_steps\": 1000}",
		"{\"eval_strategy\": \"steps\", \"eval_steps\": 2, \"eval_delay\": 1e15}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		struct train_options options = options_of(plans[i]);
		struct schedule schedule;
		uint64_t count = 0;

		assert_true(schedule_plan(&schedule, &options, 26, NULL));
		struct occasions occasions = occasions_plan(&options, &schedule);
		for (uint64_t step = 1; step <= schedule.steps; step++) {
			count += occasions_evaluate(&occasions, &schedule, step);
			assert_int_equal(occasions_evaluations(&occasions, &schedule, step), count);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(learning_rates_are_those_of_transformers),
		cmocka_unit_test(orders_are_those_of_a_trainer),
		cmocka_unit_test(evaluations_are_counted_as_they_come),
		cmocka_unit_test(what_happens_after_which_step_is_as_in_a_trainer),
	};

	return cmocka_run_group_tests_name("train golden", tests, NULL, NULL);
}
