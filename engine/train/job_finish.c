/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * After the last step: RUN/model with its card, and trainer_state.json as transformers' TrainerState reads it. */
#include "engine/train/job.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/train/card.h"
#include "engine/train/card_text.h"

#include <math.h>
#include <stdlib.h>

#define CONFIG_BYTES_MAX ((size_t)16 << 20)

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

/* The base's name on the Hub, from its config.json; "" where that says none, or a path. */
static void find_origin(const struct trainer *trainer, char *out, size_t capacity)
{
	char path[RECORD_PATH_MAX];
	json_t *config = NULL;
	const char *name;

	out[0] = '\0';
	if (path_join(path, sizeof path, trainer->record.model.path, "config.json", NULL))
		config = json_read(path, CONFIG_BYTES_MAX, NULL);
	name = json_string_value(json_object_get(config, "_name_or_path"));
	if (name && card_is_hub_name(name))
		snprintf(out, capacity, "%s", name);
	json_decref(config);
}

static bool write_card_of(struct trainer *trainer, const char *name, const struct run *run, const char *folder,
                          struct error *error)
{
	char origin[256];
	struct card card = {
		.name = name,
		.origin = origin,
		.architecture = architecture_name(model_config(trainer->model)->architecture),
		.parameters = model_parameter_count(trainer->model),
		.step = trainer->state.step,
		.record = &trainer->record,
	};

	find_origin(trainer, origin, sizeof origin);
	card.points = run_points(run, &card.point_count);
	card.evaluations = run_evaluations(run, &card.evaluation_count);
	return card_write(&card, folder, error);
}

/* The model is called as the run's folder, however the run was named: "." too. */
static bool write_card(struct trainer *trainer, const void *what, struct error *error)
{
	char folder[RECORD_PATH_MAX], *whole = realpath(trainer->run, NULL);
	struct run *run = run_open(trainer->run, error);
	bool done;

	(void)what;
	done = run && path_join(folder, sizeof folder, trainer->run, "model", error) &&
	       write_card_of(trainer, card_base_name(whole ? whole : trainer->run), run, folder, error);
	run_close(run);
	free(whole);
	return done;
}

bool job_finish(struct trainer *trainer, struct error *error)
{
	job_set_phase(trainer, TRAINER_SAVING, "saving the model", trainer->state.step, trainer->schedule.steps);
	return job_persist(trainer, write_model, NULL, error) && job_persist(trainer, write_card, NULL, error) &&
	       job_persist(trainer, write_state, NULL, error);
}
