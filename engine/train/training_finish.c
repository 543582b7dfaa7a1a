/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_finish.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/train/run/card.h"
#include "engine/train/run/run_figures.h"
#include "engine/train/run/trainer_state.h"
#include "engine/train/training_adapter.h"
#include "engine/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_BYTES_MAX ((size_t)16 << 20)

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* trainer_state.json */

static json_t *summary_to_json(struct training *training)
{
	const struct checkpoint_state *state = &training->state;
	double seconds = training_seconds(training) > 0 ? state->seconds : 1, examples = (double)state->total_examples;

	return json_pack("{s:f, s:I, s:f, s:f, s:f, s:f, s:f}", "epoch",
	                 schedule_epochs(&training->schedule, state->step), "step", (json_int_t)state->step, "total_flos",
	                 0.0, "train_loss", examples > 0 ? state->total_loss / examples : 0.0, "train_runtime", seconds,
	                 "train_samples_per_second", examples / seconds, "train_steps_per_second",
	                 (double)state->step / seconds);
}

static bool write_state(struct training *training, const void *what, struct error *error)
{
	const struct trainer_constants constants = training_constants(training);
	json_t *summary = summary_to_json(training);
	char path[RECORD_PATH_MAX], *text;
	bool done = summary ? path_join(path, sizeof path, training->run, CHECKPOINT_TRAINER_STATE, error)
	                    : error_memory(error, "writing " CHECKPOINT_TRAINER_STATE);

	text = done ? trainer_state_text(&constants, &training->state, what, summary, error) : NULL;
	done = text && file_replace(path, text, strlen(text), error);
	free(text);
	json_decref(summary);
	return done;
}

/* Results, as Trainer.save_metrics writes them: flat, sorted, indented by four */

static bool put(json_t *object, const char *name, double value)
{
	return json_object_set_new(object, name, real_or_null(value)) == 0;
}

static bool put_count(json_t *object, const char *name, uint64_t value)
{
	return json_object_set_new(object, name, json_integer((json_int_t)value)) == 0;
}

/* Of the steps. */
static bool put_train_results(const struct training *training, json_t *out)
{
	const struct checkpoint_state *state = &training->state;
	double seconds = state->seconds > 0 ? state->seconds : 1, examples = (double)state->total_examples;

	return put(out, "epoch", schedule_epochs(&training->schedule, state->step)) && put(out, "total_flos", 0) &&
	       put(out, "train_loss", examples > 0 ? state->total_loss / examples : 0) && put(out, "train_runtime", seconds) &&
	       put_count(out, "train_samples", training->to_train.count) &&
	       put(out, "train_samples_per_second", examples / seconds) &&
	       put(out, "train_steps_per_second", (double)state->step / seconds);
}

static bool put_best(json_t *object, const char *metric, double value)
{
	char name[64];

	snprintf(name, sizeof name, "eval_%s", metric);
	return put(object, name, value);
}

/* Of the weights that were saved; nothing where they were not measured. */
static bool put_eval_results(const struct training *training, const struct run *run, json_t *out)
{
	const struct run_evaluation *evaluations, *found = NULL;
	size_t count;

	evaluations = run_evaluations(run, &count);
	for (size_t i = 0; i < count; i++)
		found = evaluations[i].step == training->record.model_step ? &evaluations[i] : found;
	if (!found)
		return true;
	return put(out, "epoch", found->epoch) && run_figures_put(found, out) &&
	       put_count(out, "eval_samples", training->held_out.count) &&
	       (!training->rule.name || put_best(out, training->rule.name, found->metric));
}

static bool write_results_file(const struct training *training, const char *name, json_t *results, struct error *error)
{
	char path[RECORD_PATH_MAX], *text;
	bool done;

	if (json_object_size(results) == 0)
		return true;
	if (!path_join(path, sizeof path, training->run, name, error))
		return false;
	text = json_text(results, JSON_INDENT(4) | JSON_SORT_KEYS);
	done = text ? file_replace(path, text, strlen(text), error) : error_memory(error, "writing the results");
	free(text);
	return done;
}

static bool write_results(struct training *training, const void *what, struct error *error)
{
	json_t *train = json_object(), *eval = json_object(), *all = json_object();
	bool done = train && eval && all && put_train_results(training, train) && put_eval_results(training, what, eval) &&
	            json_object_update(all, eval) == 0 && json_object_update(all, train) == 0;

	done = done ? write_results_file(training, "train_results.json", train, error) &&
	                      write_results_file(training, "eval_results.json", eval, error) &&
	                      write_results_file(training, "all_results.json", all, error)
	            : error_memory(error, "writing the results");
	json_decref(train);
	json_decref(eval);
	json_decref(all);
	return done;
}

static bool write_model(struct training *training, const void *what, struct error *error)
{
	char path[RECORD_PATH_MAX];

	(void)what;
	return path_join(path, sizeof path, training->run, "model", error) &&
	       model_save_as(training->model, path, training_saved_as(training), error);
}

/* The base's name on the Hub, from its config.json, which RUN/base keeps; "" where that says none, or a path. */
static void find_origin(const struct training *training, char *out, size_t capacity)
{
	char path[RECORD_PATH_MAX];
	json_t *config = NULL;
	const char *name;

	out[0] = '\0';
	if (path_join(path, sizeof path, training->run, BASE_FOLDER "/config.json", NULL))
		config = json_read(path, CONFIG_BYTES_MAX, NULL);
	name = json_string_value(json_object_get(config, "_name_or_path"));
	if (name && card_is_hub_name(name))
		snprintf(out, capacity, "%s", name);
	json_decref(config);
}

static bool write_card_of(struct training *training, const char *name, const struct run *run, const char *folder,
                          struct error *error)
{
	char origin[256];
	struct card card = {
		.name = name,
		.origin = origin,
		.architecture = architecture_name(model_config(training->model)->architecture),
		.independent_labels = model_config(training->model)->independent_labels,
		.parameters = model_parameter_count(training->model),
		.step = training->record.model_step,
		.record = &training->record,
	};

	find_origin(training, origin, sizeof origin);
	card.points = run_points(run, &card.point_count);
	card.evaluations = run_evaluations(run, &card.evaluation_count);
	return card_write(&card, folder, error);
}

/* The model has the name of the run's folder, also where the run was named ".". */
static bool write_card(struct training *training, const void *what, struct error *error)
{
	char folder[RECORD_PATH_MAX], *whole = realpath(training->run, NULL);
	bool done = path_join(folder, sizeof folder, training->run, "model", error) &&
	            write_card_of(training, card_base_name(whole ? whole : training->run), what, folder, error);

	free(whole);
	return done;
}

/* The log from its beginning to its end, for the card and trainer_state.json: a part of it would be a wrong history. */
static bool read_log(struct training *training, const void *what, struct error *error)
{
	struct run **run = *(struct run **const *)what;

	run_close(*run);
	*run = run_open(training->run, error);
	return *run && run_check_log(*run, error);
}

static void tell_damage(struct training *training, const struct run *run)
{
	size_t lines = run ? run_damaged_lines(run) : 0;

	if (lines > 0)
		training_event(training, JOURNAL_NOTE,
		               JOURNAL_FILE ": %zu damaged line%s left out of trainer_state.json and the model card", lines,
		               lines == 1 ? " is" : "s are");
}

/* The best model */

/* Puts the weights of a step's checkpoint into the model. From then on no checkpoint of the last step can be written. */
static bool load_step(struct training *training, uint64_t step, struct error *error)
{
	struct checkpoint_state state;
	char name[CHECKPOINT_NAME];

	checkpoint_name(name, step);
	if (!checkpoint_verify(training->run, name, &state, error))
		return false;
	training->saved = training->state.step;
	if (!checkpoint_load(training->run, name, &state, &training->optimizer, error))
		return false;
	training->record.model_step = step;
	return true;
}

/* As transformers does it, the last weights are taken, which is said, where the best cannot be read any more. */
static bool take_best(struct training *training, struct error *error)
{
	uint64_t best = training->state.mark.step, last = training->state.step;
	struct error why = {0};

	training->record.model_step = last;
	if (!training->record.options.load_best_model_at_end || best == last)
		return true;
	if (best > 0 && load_step(training, best, &why))
		return true;
	training_event(training, JOURNAL_NOTE, "the best model is not there, the result is that of the last step: %.900s",
	               best > 0 ? why.text : "no evaluation gave a number");
	/* Half of it may have been read. */
	return training->saved != last || best == 0 || !checkpoint_is_there(training->run, last) ||
	       load_step(training, last, error);
}

static bool write_step(struct training *training, const void *what, struct error *error)
{
	(void)what;
	return run_record_write(training->run, &training->record, error);
}

/* "; step 13 was better (accuracy 0.8125, not 0.7812), which --load-best-model-at-end keeps": where the last weights are the
 * result and an earlier evaluation was better. */
static void describe_better(const struct training *training, char *out, size_t capacity)
{
	const struct run_evaluation *best = &training->state.best, *last = &training->state.last;
	const char *name = training->rule.name;
	double better = best->metric, result = last->metric;

	out[0] = '\0';
	if (training->record.options.load_best_model_at_end || best->step == 0 || best->step >= last->step ||
	    last->step != training->record.model_step || !best_is_better(&training->rule, best, last))
		return;
	if (!name) {
		const bool accuracy = best->accuracy > last->accuracy;

		name = accuracy ? "accuracy" : "loss";
		better = accuracy ? best->accuracy : best->loss;
		result = accuracy ? last->accuracy : last->loss;
	}
	snprintf(out, capacity, "; step %s was better (%s %.4f, not %.4f), which --load-best-model-at-end keeps",
	         words_count(best->step).text, name, better, result);
}

static void describe_end(const struct training *training, char *out, size_t capacity)
{
	const struct best *best = &training->state.mark;
	int used = snprintf(out, capacity, "finished");
	uint32_t mended, broken;
	char better[160];

	if (best_is_exhausted(best, &training->rule))
		used += snprintf(out + used, capacity - (size_t)used, " early after step %llu, as eval_%s did not improve in %llu "
		                 "evaluation%s", (unsigned long long)training->state.step, training->rule.name,
		                 (unsigned long long)best->without, best->without == 1 ? "" : "s");
	if (before_after_count(&training->story, &mended, &broken))
		used += snprintf(out + used, capacity - (size_t)used, ", %s held-out review%s mended and %s broken",
		                 words_count(mended).text, mended == 1 ? "" : "s", words_count(broken).text);
	if (training->record.options.load_best_model_at_end && training->record.model_step == best->step)
		snprintf(out + used, capacity - (size_t)used, ": the model of step %llu, the best with eval_%s %.4f, is in",
		         (unsigned long long)best->step, training->rule.name, best->metric);
	else {
		describe_better(training, better, sizeof better);
		snprintf(out + used, capacity - (size_t)used, "%s: the %smodel is in", better, *better ? "last " : "");
	}
}

void training_say_finished(struct training *training)
{
	char what[400];

	describe_end(training, what, sizeof what);
	training_event(training, JOURNAL_FINISHED, "%s %.600s/model", what, training->run);
}

bool training_finish(struct training *training, struct error *error)
{
	struct run *run = NULL, **log = &run;
	bool done;

	training_set_phase(training, TRAINER_SAVING, "saving the model", training->state.step, training->schedule.steps);
	done = take_best(training, error) && training_persist(training, write_step, NULL, error) &&
	       training_persist(training, write_model, NULL, error) && training_save_adapter(training, error) &&
	       training_check_saved(training, error) && training_persist(training, read_log, &log, error) &&
	       training_persist(training, write_card, run, error) && training_persist(training, write_state, run, error) &&
	       training_persist(training, write_results, run, error);
	if (done)
		tell_damage(training, run);
	run_close(run);
	return done;
}
