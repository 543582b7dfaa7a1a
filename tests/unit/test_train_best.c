/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: the best model, early stopping, a rate that follows the evaluations, rows grouped by length; each stopped and
 * killed runs go on with to the bit. The program starts itself as another process where one has to die. */
#include "tests/unit/train_check.h"

#include "engine/base/json.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* The other process: "resume RUN". */
static int other_process(const char *run)
{
	struct error error = {0};
	struct trainer *trainer = train_resume(run, &error);

	return trainer && trainer_join(trainer, &error) ? 0 : 1;
}

static pid_t start_other(const char *run)
{
	char *const arguments[] = {(char *)"test_train_best", (char *)"resume", (char *)run, NULL};
	pid_t child;

	assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
	return child;
}

static void set_all(struct train_folder *folder, const char *const (*pairs)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		train_set(&folder->options, pairs[i][0], pairs[i][1]);
}
#define SET_ALL(folder, pairs) set_all(folder, pairs, sizeof(pairs) / sizeof *(pairs))

/* Evaluations often, little patience, a rate at which the loss soon jumps. */
static const char *const stopping[][2] = {
	{"num-train-epochs", "8"}, {"learning-rate", "2e-2"}, {"eval-strategy", "steps"}, {"eval-steps", "3"},
	{"load-best-model-at-end", "true"}, {"save-strategy", "best"}, {"early-stopping-patience", "3"},
};
static const char *const following[][2] = {
	{"num-train-epochs", "4"}, {"learning-rate", "2e-2"}, {"lr-scheduler-type", "reduce_lr_on_plateau"},
	{"lr-scheduler-kwargs", "{\"patience\": 0, \"factor\": 0.5, \"cooldown\": 1}"}, {"eval-strategy", "steps"},
	{"eval-steps", "4"}, {"metric-for-best-model", "eval_accuracy"},
};
static const char *const best_of_all[][2] = {
	{"num-train-epochs", "4"}, {"learning-rate", "2e-2"}, {"eval-strategy", "steps"}, {"eval-steps", "5"},
	{"load-best-model-at-end", "true"}, {"metric-for-best-model", "accuracy"}, {"save-total-limit", "1"},
	{"eval-on-start", "true"},
};
static const char *const grouped[][2] = {
	{"train-sampling-strategy", "group_by_length"}, {"gradient-accumulation-steps", "2"},
	{"per-device-train-batch-size", "3"}, {"logging-strategy", "epoch"}, {"eval-strategy", "steps"}, {"eval-steps", "0.2"},
};

/* Exactness */

static void goes_on_to_the_bit(struct train_folder *folder, const char *const (*pairs)[2], size_t count, uint64_t step)
{
	set_all(folder, pairs, count);
	train_whole(folder, folder->run);
	train_until(folder, folder->other, step);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void early_stopping_is_exact_after_a_stop(void **state)
{
	goes_on_to_the_bit(*state, stopping, sizeof stopping / sizeof *stopping, 8);
}

static void a_rate_that_follows_the_evaluations_is_exact_after_a_stop(void **state)
{
	goes_on_to_the_bit(*state, following, sizeof following / sizeof *following, 30);
}

static void the_best_model_is_exact_after_a_stop(void **state)
{
	goes_on_to_the_bit(*state, best_of_all, sizeof best_of_all / sizeof *best_of_all, 22);
}

/* Of steps that are not logged nobody sees where the run is: it is stopped at an evaluation. */
static void rows_grouped_by_length_are_exact_after_a_stop(void **state)
{
	struct train_folder *folder = *state;

	SET_ALL(folder, grouped);
	train_set(&folder->options, "logging-strategy", "steps");
	train_whole(folder, folder->run);
	train_until(folder, folder->other, 27);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* Kills at moments that nobody chose; where the run ends before, it was not killed at all. */
static void killed_often_goes_on_to_the_bit(struct train_folder *folder)
{
	unsigned seed = (unsigned)getpid();
	struct error error = {0};
	struct trainer *trainer;
	int kills = 0;

	train_whole(folder, folder->run);
	trainer = train_start(folder, folder->other, &error);
	assert_non_null(trainer);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	for (int attempt = 0; attempt < 8; attempt++) {
		pid_t child = start_other(folder->other);
		seed = seed * 1103515245u + 12345u;
		usleep(10000 + (seed >> 16) % 200000);
		kill(child, SIGKILL);
		if (train_end_of(child) == 0)
			break;
		kills++;
	}
	assert_true(kills > 0);
	if (!train_has_event(folder->other, "finished"))
		train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void early_stopping_is_exact_after_kills(void **state)
{
	SET_ALL((struct train_folder *)*state, stopping);
	killed_often_goes_on_to_the_bit(*state);
}

static void a_rate_that_follows_the_evaluations_is_exact_after_kills(void **state)
{
	SET_ALL((struct train_folder *)*state, following);
	killed_often_goes_on_to_the_bit(*state);
}

static void the_best_model_is_exact_after_kills(void **state)
{
	SET_ALL((struct train_folder *)*state, best_of_all);
	killed_often_goes_on_to_the_bit(*state);
}

static void rows_grouped_by_length_are_exact_after_kills(void **state)
{
	SET_ALL((struct train_folder *)*state, grouped);
	killed_often_goes_on_to_the_bit(*state);
}

/* What comes of it */

/* The first one with the lowest loss, or the highest accuracy. */
static const struct run_evaluation *best_of(const struct run *run, bool accuracy)
{
	size_t count;
	const struct run_evaluation *evaluations = run_evaluations(run, &count), *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (evaluations[i].step > 0 && (!best || (accuracy ? evaluations[i].accuracy > best->accuracy
		                                                   : evaluations[i].loss < best->loss)))
			best = &evaluations[i];
	return best;
}

static void assert_model_is_of(const char *run, uint64_t step)
{
	char path[400], one[65], two[65], name[CHECKPOINT_NAME];
	struct error error = {0};

	checkpoint_name(name, step);
	snprintf(path, sizeof path, "%s/%s/model.safetensors", run, name);
	assert_true(file_sha256(path, one, &error));
	snprintf(path, sizeof path, "%s/model/model.safetensors", run);
	assert_true(file_sha256(path, two, &error));
	assert_string_equal(one, two);
}

static void a_run_that_improves_no_more_ends_early_as_finished(void **state)
{
	struct train_folder *folder = *state;
	const struct run_evaluation *best, *evaluations;
	struct run *run;
	bool is_best;
	size_t count;

	SET_ALL(folder, stopping);
	train_whole(folder, folder->run);
	run = run_open(folder->run, NULL);
	assert_int_equal(run_state(run), RUN_FINISHED);
	evaluations = run_evaluations(run, &count);
	assert_true(evaluations[count - 1].step < run_total_steps(run));
	assert_true(train_has_event(folder->run, "finished early after step "));
	assert_true(train_has_event(folder->run, "as eval_loss did not improve in 3 evaluations: the model of step "));
	best = best_of(run, false);
	assert_ptr_equal(run_result(run, &is_best), best);
	assert_true(is_best);
	assert_int_equal(best->step, evaluations[count - 4].step);
	assert_true(best->metric == best->loss);
	assert_model_is_of(folder->run, best->step);
	run_close(run);
}

static json_t *read_json(const char *run, const char *name)
{
	char path[400];
	struct error error = {0};
	json_t *document;

	snprintf(path, sizeof path, "%s/%s", run, name);
	document = json_read(path, 1 << 22, &error);
	assert_non_null(document);
	return document;
}

static void the_best_and_the_last_checkpoint_stay_and_the_files_name_the_best(void **state)
{
	struct train_folder *folder = *state;
	const struct run_evaluation *best;
	struct run_summary summary;
	struct error error = {0};
	char name[CHECKPOINT_NAME], path[400];
	json_t *document;
	struct run *run;
	int left = 0;

	SET_ALL(folder, best_of_all);
	train_whole(folder, folder->run);
	run = run_open(folder->run, NULL);
	best = best_of(run, true);
	assert_true(best->step < run_total_steps(run));
	assert_model_is_of(folder->run, best->step);
	assert_true(checkpoint_is_there(folder->run, run_total_steps(run)));
	for (uint64_t step = 1; step <= run_total_steps(run); step++)
		left += checkpoint_is_there(folder->run, step);
	assert_int_equal(left, 2);
	document = read_json(folder->run, "trainer_state.json");
	assert_true(json_real_value(json_object_get(document, "best_metric")) == best->accuracy);
	checkpoint_name(name, best->step);
	snprintf(path, sizeof path, "%s/%s", folder->run, name);
	assert_string_equal(json_string_value(json_object_get(document, "best_model_checkpoint")), path);
	json_decref(document);
	document = read_json(folder->run, "run.json");
	assert_int_equal(json_integer_value(json_object_get(document, "model_step")), best->step);
	json_decref(document);
	assert_true(run_summary_read(folder->run, &summary, &error));
	assert_int_equal(summary.best.step, best->step);
	run_close(run);
}

static void a_best_checkpoint_that_is_damaged_leaves_the_last_weights_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;
	char path[500], name[CHECKPOINT_NAME], *text, *last;
	const struct run_evaluation *best;
	struct error error = {0};
	uint64_t steps;
	struct run *run;
	size_t size;

	SET_ALL(folder, best_of_all);
	train_whole(folder, folder->run);
	run = run_open(folder->run, NULL);
	best = best_of(run, true);
	steps = run_total_steps(run);
	checkpoint_name(name, best->step);
	run_close(run);
	snprintf(path, sizeof path, "%s/%s/model.safetensors", folder->run, name);
	assert_int_equal(truncate(path, 100), 0);
	/* As if it had been killed before it wrote its model. */
	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->run);
	text = file_read(path, 1 << 20, &size, &error);
	last = strstr(text, "\"finished\"");
	assert_non_null(last);
	assert_int_equal(truncate(path, last - text), 0);
	free(text);
	train_resume_whole(folder->run);
	assert_true(train_has_event(folder->run, "the best model is not there, the result is that of the last step"));
	assert_model_is_of(folder->run, steps);
}

static void a_rate_falls_where_the_evaluations_improve_no_more(void **state)
{
	struct train_folder *folder = *state;
	const struct run_point *points;
	struct run *run;
	size_t count;

	SET_ALL(folder, following);
	train_whole(folder, folder->run);
	run = run_open(folder->run, NULL);
	points = run_points(run, &count);
	assert_int_equal(count, run_total_steps(run));
	assert_true(points[0].learning_rate == 2e-2);
	assert_true(points[count - 1].learning_rate <= 1e-2);
	for (size_t i = 1; i < count; i++)
		assert_true(points[i].learning_rate == points[i - 1].learning_rate ||
		            (points[i].learning_rate == points[i - 1].learning_rate * 0.5 && points[i - 1].step % 4 == 0));
	run_close(run);
}

static void steps_in_all_and_a_measure_before_the_first(void **state)
{
	struct train_folder *folder = *state;
	const struct run_evaluation *evaluations;
	struct run *run;
	size_t count;

	train_set(&folder->options, "max-steps", "5");
	train_set(&folder->options, "eval-on-start", "yes");
	train_set(&folder->options, "logging-strategy", "no");
	train_whole(folder, folder->run);
	run = run_open(folder->run, NULL);
	assert_int_equal(run_total_steps(run), 5);
	run_points(run, &count);
	assert_int_equal(count, 0);
	evaluations = run_evaluations(run, &count);
	assert_int_equal(count, 2);
	assert_true(evaluations[0].step == 0 && evaluations[0].epoch == 0 && isfinite(evaluations[0].loss));
	assert_true(evaluations[1].step == 5 && isnan(evaluations[1].metric));
	assert_int_equal(run_damaged_lines(run), 0);
	run_close(run);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_run_that_improves_no_more_ends_early_as_finished),
		TRAIN(the_best_and_the_last_checkpoint_stay_and_the_files_name_the_best),
		TRAIN(a_best_checkpoint_that_is_damaged_leaves_the_last_weights_and_that_is_said),
		TRAIN(a_rate_falls_where_the_evaluations_improve_no_more),
		TRAIN(steps_in_all_and_a_measure_before_the_first),
		TRAIN(early_stopping_is_exact_after_a_stop),
		TRAIN(a_rate_that_follows_the_evaluations_is_exact_after_a_stop),
		TRAIN(the_best_model_is_exact_after_a_stop),
		TRAIN(rows_grouped_by_length_are_exact_after_a_stop),
		TRAIN(early_stopping_is_exact_after_kills),
		TRAIN(a_rate_that_follows_the_evaluations_is_exact_after_kills),
		TRAIN(the_best_model_is_exact_after_kills),
		TRAIN(rows_grouped_by_length_are_exact_after_kills),
	};

	if (count > 2)
		return other_process(arguments[2]);
	return cmocka_run_group_tests_name("train best", tests, NULL, NULL);
}
