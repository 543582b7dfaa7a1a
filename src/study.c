/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/study.h"

#include "engine/trainer.h"
#include "src/attend.h"
#include "src/output.h"
#include "src/run_folder.h"
#include "src/signals.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS_MAX 30

/* What a trial has of its own: "learning-rate 3e-05, seed 2". */
static void tell_settings(const struct study_trial *trial, char *out, size_t capacity)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < trial->settings && used < capacity; i++)
		used += (size_t)snprintf(out + used, capacity - used, "%s%s %s", i ? ", " : "", trial->names[i], trial->values[i]);
}

static const char *how_to_resume(const struct study *study)
{
	return study_kind(study) == STUDY_SEARCH ? "search" : "train";
}

/* A training */

static void announce(const struct study *study, const struct study_task *task)
{
	struct study_trial trial;
	char settings[600], until[64] = "";

	study_trial(study, task->trial, &trial);
	tell_settings(&trial, settings, sizeof settings);
	if (task->until < 1)
		snprintf(until, sizeof until, " to %.3g %% of its steps", 100 * task->until);
	else if (study_rungs(study) > 1)
		snprintf(until, sizeof until, " to its end");
	message_note("-- %s (of %d)%s%s: %s", trial.name, study_trials(study), task->resumes ? " goes on" : "", until, settings);
}

/* False with the line of the trainer, ERROR_INTERRUPTED where it stopped before its end, as it was to or not. */
static bool train(const struct study *study, const struct study_task *task, struct wake *wake, struct progress_line *line,
                  struct error *error)
{
	struct trainer_request request = {.run = task->run, .until = task->until};
	struct follower follower = {.line = line};
	struct trainer *trainer;
	struct run *run;

	if (task->resumes) {
		run = run_open(task->run, NULL);
		if (run)
			follow_from_here(&follower, run);
		run_close(run);
		trainer = trainer_resume(&request, wake, error);
	} else {
		request.data = study_data(study);
		request.model = study_model(study);
		request.options = task->options;
		trainer = trainer_start(&request, wake, error);
	}
	if (!trainer)
		return false;
	run_close(attend_training(trainer, wake, task->run, &follower));
	return trainer_join(trainer, error) && error->kind == ERROR_NONE;
}

/* Whether a trial that failed costs only itself: one of a search that came as far as its steps. */
static bool is_left_out(const struct study *study, const struct study_task *task)
{
	struct run_summary summary;

	return study_kind(study) == STUDY_SEARCH && run_summary_read(task->run, &summary, NULL) && summary.state == RUN_FAILED &&
	       summary.step > 0;
}

/* Whether the study goes on after a training that ended with that. */
static bool goes_on(const struct study *study, const struct study_task *task, struct error *error)
{
	if (error->kind == ERROR_NONE)
		return true;
	if (signals_stopped())
		return error_set(error, ERROR_INTERRUPTED, "stopped; go on with: revue %s --resume %s", how_to_resume(study),
		                 study_folder(study));
	if (error->kind == ERROR_INTERRUPTED)
		return true;
	if (!is_left_out(study, task))
		return error_prefix(error, "%s", task->run);
	message_note("%s failed and is left out: %s", task->run, error->text);
	return true;
}

/* All that is left to do. A trial that somebody else has stopped is not begun again at once. */
static bool train_all(struct study *study, struct wake *wake, struct progress_line *line, struct error *error)
{
	struct study_task task, before = {.trial = -1};

	while (study_next(study, &task, error)) {
		RETURN_IF(task.trial == before.trial && task.rung == before.rung, error, ERROR_INTERRUPTED,
		          "%s was stopped; go on with: revue %s --resume %s", task.run, how_to_resume(study), study_folder(study));
		announce(study, &task);
		train(study, &task, wake, line, error);
		progress_clear(line);
		if (!goes_on(study, &task, error))
			return false;
		before = task;
		if (!study_next(study, &(struct study_task){0}, error) && error->kind != ERROR_NONE)
			return false;
		if (!study_write_results(study, error))
			return false;
	}
	return error->kind == ERROR_NONE && study_write_results(study, error);
}

/* Results */

static void print_number(FILE *out, double value)
{
	if (isnan(value))
		fprintf(out, "  %10s", "-");
	else
		fprintf(out, "  %10.4f", value);
}

static void print_trial(FILE *out, const struct study *study, const struct study_trial *trial, int columns)
{
	static const char *const states[] = {[STUDY_WAITS] = "waits", [STUDY_TRAINS] = "trains", [STUDY_OUT] = "out",
	                                     [STUDY_FAILED] = "failed", [STUDY_FINISHED] = "finished"};
	char settings[600];

	write_column(out, span_of(trial->name), columns);
	fprintf(out, "  %-8s  %5.1f %%", states[trial->state], 100 * trial->share);
	if (*study_objective(study))
		print_number(out, trial->objective);
	print_number(out, trial->loss);
	print_number(out, trial->accuracy);
	print_number(out, trial->f1);
	tell_settings(trial, settings, sizeof settings);
	fputs("  ", out);
	write_column(out, span_of(settings), (int)strlen(settings));
	fputc('\n', out);
}

static void print_table(FILE *out, const struct study *study)
{
	struct study_trial trial;
	int columns = 5;

	for (int i = 0; i < study_trials(study); i++) {
		study_trial(study, i, &trial);
		columns = (int)strlen(trial.name) > columns ? (int)strlen(trial.name) : columns;
	}
	columns = columns > NAME_COLUMNS_MAX ? NAME_COLUMNS_MAX : columns;
	fprintf(out, "%-*s  %-8s  %7s", columns, "trial", "state", "steps");
	if (*study_objective(study))
		fprintf(out, "  %10.10s", study_objective(study) + (strncmp(study_objective(study), "eval_", 5) == 0 ? 5 : 0));
	fprintf(out, "  %10s  %10s  %10s  %s\n", "loss", "accuracy", "F1", "settings");
	for (int i = 0; i < study_trials(study); i++) {
		study_trial(study, i, &trial);
		print_trial(out, study, &trial, columns);
	}
}

/* Figures that the task does not have are left out: masked words have no F1, numbers no accuracy. */
static void print_all(FILE *out, const struct study *study)
{
	static const struct {
		enum study_figure figure;
		const char *name;
	} figures[] = {{STUDY_ACCURACY, "accuracy"}, {STUDY_F1, "F1"}, {STUDY_LOSS, "loss"}};
	const struct study_spread loss = study_spread(study, STUDY_LOSS);
	const char *before = ": ";

	fputs(loss.count > 1 ? "mean and sample deviation" : "mean", out);
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		const struct study_spread spread = study_spread(study, figures[i].figure);

		if (spread.count == 0)
			continue;
		fprintf(out, "%s%s %.4f", before, figures[i].name, spread.mean);
		if (spread.count > 1)
			fprintf(out, " +- %.4f", spread.deviation);
		before = ", ";
	}
	fprintf(out, " (%d %s)\n", loss.count, study_kind(study) == STUDY_SEEDS ? "seeds" : "folds");
}

static void print_best(FILE *out, const struct study *study)
{
	const int best = study_best(study);
	struct study_trial trial;
	char settings[600];

	if (best < 0) {
		fputs("no trial came to its end\n", out);
		return;
	}
	study_trial(study, best, &trial);
	tell_settings(&trial, settings, sizeof settings);
	fprintf(out, "best: %s, %s %.4f with %s; the model is in %s/model\n", trial.name, study_objective(study), trial.objective,
	        settings, trial.run);
}

static bool print_results(const struct study *study, struct error *error)
{
	struct output output;

	if (!output_open(&output, true, error))
		return false;
	print_table(output.record, study);
	if (study_kind(study) == STUDY_SEARCH)
		print_best(output.record, study);
	else
		print_all(output.record, study);
	output_commit(&output);
	return output_close(&output, true, error);
}

/* The whole */

static bool see_through(struct study *study, struct error *error)
{
	struct progress_line line;
	struct wake *wake;
	bool done;

	signals_catch(true);
	progress_begin(&line);
	wake = wake_new(error);
	if (!wake)
		return false;
	done = train_all(study, wake, &line, error);
	progress_clear(&line);
	wake_free(wake);
	return done && print_results(study, error);
}

static struct study *begin(struct study_request *request, struct error *error)
{
	char folder[PATH_MAX];
	bool named = request->folder != NULL, first = false;
	struct study *study;

	if (!named && !run_folder_make(request->data, folder, sizeof folder, &first, error))
		return NULL;
	request->folder = named ? request->folder : folder;
	study = study_make(request, error);
	if (!study && !named)
		run_folder_unmake(folder, first);
	return study;
}

bool study_run(struct study_request *request, const char *resume, struct error *error)
{
	struct study *study = resume ? study_open(resume, error) : begin(request, error);
	bool done = study && see_through(study, error);

	study_close(study);
	return done;
}
