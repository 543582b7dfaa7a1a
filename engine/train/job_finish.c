/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * After the last step: RUN/model, and trainer_state.json as transformers' TrainerState reads it. */
#include "engine/train/job.h"

#include "engine/base/file.h"
#include "engine/base/json.h"

#include <math.h>

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *point_to_json(const struct run_point *point)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "epoch", real_or_null(point->epoch), "grad_norm",
	                 real_or_null(point->grad_norm), "learning_rate", real_or_null(point->learning_rate), "loss",
	                 real_or_null(point->loss), "step", (json_int_t)point->step);
}

static json_t *evaluation_to_json(const struct run_evaluation *evaluation)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "epoch", real_or_null(evaluation->epoch), "eval_accuracy",
	                 real_or_null(evaluation->accuracy), "eval_f1", real_or_null(evaluation->f1), "eval_loss",
	                 real_or_null(evaluation->loss), "step", (json_int_t)evaluation->step);
}

static json_t *summary_to_json(struct trainer *trainer)
{
	const struct checkpoint_state *state = &trainer->state;
	double seconds = job_seconds(trainer) > 0 ? state->seconds : 1, examples = (double)state->total_examples;

	return json_pack("{s:f, s:I, s:f, s:f, s:f, s:f, s:f}", "epoch",
	                 schedule_epochs(&trainer->schedule, state->step), "step", (json_int_t)state->step, "total_flos",
	                 0.0, "train_loss", examples > 0 ? state->total_loss / examples : 0.0, "train_runtime", seconds,
	                 "train_samples_per_second", examples / seconds, "train_steps_per_second",
	                 (double)state->step / seconds);
}

/* Steps and evaluations in one row, by step; at one step the training comes first. */
static json_t *history_to_json(struct trainer *trainer)
{
	struct run *run = run_open(trainer->run, NULL);
	json_t *history = json_array();
	const struct run_evaluation *evaluations;
	const struct run_point *points;
	size_t point_count = 0, evaluation_count = 0, next = 0;

	points = run ? run_points(run, &point_count) : NULL;
	evaluations = run ? run_evaluations(run, &evaluation_count) : NULL;
	for (size_t i = 0; i < point_count; i++) {
		while (next < evaluation_count && evaluations[next].step < points[i].step)
			json_array_append_new(history, evaluation_to_json(&evaluations[next++]));
		json_array_append_new(history, point_to_json(&points[i]));
	}
	while (next < evaluation_count)
		json_array_append_new(history, evaluation_to_json(&evaluations[next++]));
	json_array_append_new(history, summary_to_json(trainer));
	run_close(run);
	return history;
}

/* Keys in the order of their names; a key that TrainerState does not know would be an error there. */
static json_t *state_to_json(struct trainer *trainer)
{
	const struct train_options *options = &trainer->record.options;
	uint64_t step = trainer->state.step;

	return json_pack("{s:n, s:n, s:f, s:I, s:I, s:b, s:b, s:b, s:o, s:I, s:I, s:i, s:I, s:I, s:{}, s:f, s:I, s:n, s:n}",
	                 "best_metric", "best_model_checkpoint", "epoch", schedule_epochs(&trainer->schedule, step),
	                 "eval_steps", (json_int_t)trainer->schedule.steps_per_epoch, "global_step", (json_int_t)step,
	                 "is_hyper_param_search", 0, "is_local_process_zero", 1, "is_world_process_zero", 1,
	                 "log_history", history_to_json(trainer), "logging_steps", (json_int_t)options->logging_steps,
	                 "max_steps", (json_int_t)trainer->schedule.steps, "num_input_tokens_seen", 0,
	                 "num_train_epochs", (json_int_t)ceil(options->num_train_epochs), "save_steps",
	                 (json_int_t)options->save_steps, "stateful_callbacks", "total_flos", 0.0, "train_batch_size",
	                 (json_int_t)options->per_device_train_batch_size, "trial_name", "trial_params");
}

static bool write_state(struct trainer *trainer, const void *what, struct error *error)
{
	char path[RECORD_PATH_MAX];
	json_t *document;
	bool done;

	(void)what;
	if (!path_join(path, sizeof path, trainer->run, "trainer_state.json", error))
		return false;
	document = state_to_json(trainer);
	if (!document)
		return error_memory(error, "writing trainer_state.json");
	done = json_write(path, document, error);
	json_decref(document);
	return done;
}

static bool write_model(struct trainer *trainer, const void *what, struct error *error)
{
	char path[RECORD_PATH_MAX];

	(void)what;
	return path_join(path, sizeof path, trainer->run, "model", error) && model_save(trainer->model, path, error);
}

bool job_finish(struct trainer *trainer, struct error *error)
{
	job_set_phase(trainer, TRAINER_SAVING, "saving the model", trainer->state.step, trainer->schedule.steps);
	return job_persist(trainer, write_model, NULL, error) && job_persist(trainer, write_state, NULL, error);
}
