/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/study.h"

#include "engine/trainer.h"
#include "src/attend.h"
#include "src/output.h"
#include "src/run_folder.h"
#include "src/signals.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS_MAX 30

static const char *how_to_resume(const struct study *study)
{
	return study_kind(study) == STUDY_SEARCH ? "search" : "train";
}

/* A training */

static void announce(const struct study *study, const struct study_task *task)
{
	struct study_trial trial;
	char settings[STUDY_CELL_MAX], until[64] = "";

	study_trial(study, task->trial, &trial);
	study_settings(&trial, settings);
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

static int column_width(const struct study *study, enum study_column column)
{
	char cell[STUDY_CELL_MAX];
	size_t width = strlen(study_column_name(study, column));

	for (int i = 0; i < study_trials(study) && column != STUDY_COLUMN_SETTINGS; i++) {
		study_cell(study, i, column, cell);
		width = strlen(cell) > width ? strlen(cell) : width;
	}
	return width > NAME_COLUMNS_MAX ? NAME_COLUMNS_MAX : (int)width;
}

/* Text stands at the left of its column and numbers at the right; the settings, which come last, are as long as they are. */
static void print_cell(FILE *out, enum study_column column, const char *text, int width)
{
	if (study_column_is_number(column))
		fprintf(out, "%*.*s", width, width, text);
	else
		write_column(out, span_of(text), column == STUDY_COLUMN_SETTINGS ? (int)strlen(text) : width);
	fputs(column == STUDY_COLUMN_SETTINGS ? "\n" : "  ", out);
}

/* Line -1: the names. */
static void print_line(FILE *out, const struct study *study, int trial, const int widths[STUDY_COLUMN_COUNT])
{
	for (enum study_column column = 0; column < STUDY_COLUMN_COUNT; column++) {
		char cell[STUDY_CELL_MAX];

		if (!study_column_is_there(study, column))
			continue;
		if (trial >= 0)
			study_cell(study, trial, column, cell);
		print_cell(out, column, trial >= 0 ? cell : study_column_name(study, column), widths[column]);
	}
}

void study_print(const struct study *study, FILE *out)
{
	int widths[STUDY_COLUMN_COUNT], best = study_best(study);
	char text[4096];

	for (enum study_column column = 0; column < STUDY_COLUMN_COUNT; column++)
		widths[column] = column_width(study, column);
	for (int i = -1; i < study_trials(study); i++)
		print_line(out, study, i, widths);
	study_describe(study, text, sizeof text);
	write_column(out, span_of(text), (int)strlen(text));
	if (study_kind(study) == STUDY_SEARCH && best >= 0) {
		struct study_trial trial;

		study_trial(study, best, &trial);
		fprintf(out, "; the model is in %s/model", trial.run);
	}
	fputc('\n', out);
}

static bool print_results(const struct study *study, struct error *error)
{
	struct output output;

	if (!output_open(&output, true, error))
		return false;
	study_print(study, output.record);
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
