/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/trainer_state.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/train/run/checkpoint.h"
#include "engine/train/run/record.h"
#include "engine/train/run/run_figures.h"

#include <math.h>

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* The log */

static json_t *point_to_json(const struct run_point *point)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "epoch", real_or_null(point->epoch), "grad_norm",
	                 real_or_null(point->grad_norm), "learning_rate", real_or_null(point->learning_rate), "loss",
	                 real_or_null(point->loss), "step", (json_int_t)point->step);
}

static json_t *evaluation_to_json(const struct run_evaluation *evaluation, const struct best_rule *rule)
{
	json_t *object = json_pack("{s:o, s:I}", "epoch", real_or_null(evaluation->epoch), "step", (json_int_t)evaluation->step);
	bool done = object && run_figures_put(evaluation, object);
	char key[64];

	if (done && rule->name) {
		snprintf(key, sizeof key, "eval_%s", rule->name);
		done = json_object_set_new(object, key, real_or_null(evaluation->metric)) == 0;
	}
	return json_complete(object, done);
}

/* What of the log is told: all lines up to a step. */
struct lines {
	const struct run_evaluation *evaluations;
	const struct run_point *points;
	size_t evaluation_count, point_count;
};

static struct lines lines_up_to(const struct run *run, uint64_t step)
{
	struct lines lines = {0};

	lines.points = run_points(run, &lines.point_count);
	lines.evaluations = run_evaluations(run, &lines.evaluation_count);
	while (lines.point_count > 0 && lines.points[lines.point_count - 1].step > step)
		lines.point_count--;
	while (lines.evaluation_count > 0 && lines.evaluations[lines.evaluation_count - 1].step > step)
		lines.evaluation_count--;
	return lines;
}

/* Steps and evaluations in one list, ordered by step; at the same step the training comes first. */
static json_t *history_to_json(const struct lines *lines, const struct best_rule *rule)
{
	json_t *history = json_array();
	bool done = history != NULL;
	size_t next = 0;

	for (size_t i = 0; done && i <= lines->point_count; i++) {
		uint64_t step = i < lines->point_count ? lines->points[i].step : UINT64_MAX;
		while (done && next < lines->evaluation_count && lines->evaluations[next].step < step)
			done = json_array_append_new(history, evaluation_to_json(&lines->evaluations[next++], rule)) == 0;
		if (done && i < lines->point_count)
			done = json_array_append_new(history, point_to_json(&lines->points[i])) == 0;
	}
	return json_complete(history, done);
}

/* Members */

static json_t *best_metric_to_json(const struct best *best)
{
	return best->step > 0 ? real_or_null(best->metric) : json_null();
}

static json_t *best_step_to_json(const struct best *best)
{
	return best->step > 0 ? json_integer((json_int_t)best->step) : json_null();
}

static json_t *best_checkpoint_to_json(const char *run, const struct best *best)
{
	char name[CHECKPOINT_NAME], path[RECORD_PATH_MAX];

	if (best->saved == 0)
		return json_null();
	checkpoint_name(name, best->saved);
	return path_join(path, sizeof path, run, name, NULL) ? json_string(path) : json_null();
}

static uint64_t eval_steps(const struct trainer_constants *constants)
{
	return constants->occasions->evaluate == OCCASION_STEPS ? constants->occasions->evaluate_steps
	                                                        : constants->schedule->steps_per_epoch;
}

/* As EarlyStoppingCallback.state tells of itself. */
static json_t *callbacks_to_json(const struct best_rule *rule, const struct best *best)
{
	if (rule->patience == 0)
		return json_object();
	return json_pack("{s:{s:{s:I, s:f}, s:{s:I}}}", "EarlyStoppingCallback", "args", "early_stopping_patience",
	                 (json_int_t)rule->patience, "early_stopping_threshold", rule->threshold, "attributes",
	                 "early_stopping_patience_counter", (json_int_t)best->without);
}

/* Keys in the order of their names. */
static json_t *members_to_json(const struct trainer_constants *constants, const struct checkpoint_state *state,
                               json_t *history)
{
	const struct schedule *schedule = constants->schedule;
	const struct occasions *occasions = constants->occasions;
	const struct best *best = &state->mark;

	return json_pack("{s:o, s:o, s:o, s:f, s:I, s:I, s:b, s:b, s:b, s:o, s:I, s:I, s:i, s:I, s:I, s:o, s:f, s:I, s:n, s:n}",
	                 "best_global_step", best_step_to_json(best), "best_metric", best_metric_to_json(best),
	                 "best_model_checkpoint", best_checkpoint_to_json(constants->run, best), "epoch",
	                 schedule_epochs(schedule, state->step), "eval_steps", (json_int_t)eval_steps(constants), "global_step",
	                 (json_int_t)state->step, "is_hyper_param_search", 0, "is_local_process_zero", 1,
	                 "is_world_process_zero", 1, "log_history", history, "logging_steps", (json_int_t)occasions->log_steps,
	                 "max_steps", (json_int_t)schedule->steps, "num_input_tokens_seen", 0, "num_train_epochs",
	                 (json_int_t)schedule_epoch_count(schedule), "save_steps", (json_int_t)occasions->save_steps,
	                 "stateful_callbacks", callbacks_to_json(constants->rule, best), "total_flos", 0.0, "train_batch_size",
	                 (json_int_t)schedule->batch, "trial_name", "trial_params");
}

static json_t *state_to_json(const struct trainer_constants *constants, const struct checkpoint_state *state,
                             const struct run *run, json_t *last)
{
	struct lines lines = lines_up_to(run, state->step);
	json_t *history = history_to_json(&lines, constants->rule);

	if (last)
		history = json_complete(history, history && json_array_append(history, last) == 0);
	return history ? members_to_json(constants, state, history) : NULL;
}

char *trainer_state_text(const struct trainer_constants *constants, const struct checkpoint_state *state,
                         const struct run *run, json_t *last, struct error *error)
{
	json_t *document = state_to_json(constants, state, run, last);
	char *text = document ? json_text(document, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) : NULL;

	json_decref(document);
	if (!text)
		error_memory(error, "writing " CHECKPOINT_TRAINER_STATE);
	return text;
}

char *trainer_state_read(const struct trainer_constants *constants, const struct checkpoint_state *state,
                         struct error *error)
{
	struct run *run = run_open(constants->run, error);
	char *text = NULL;

	if (run && run_check_log(run, error))
		text = trainer_state_text(constants, state, run, NULL, error);
	run_close(run);
	return text;
}
