/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/session.h"

#include "ui/column_choice.h"
#include "ui/tasks.h"

#include <stdio.h>
#include <unistd.h>

/* News */

static const char *dataset_note(const void *of, int index)
{
	return dataset_notice(of, index);
}

static const char *model_note(const void *of, int index)
{
	return model_notice(of, index);
}

bool session_init(struct session *session, struct error *error)
{
	*session = (struct session){.scoring.in_flight = -1};
	session->wake = wake_new(error);
	if (!session->wake)
		return false;
	session->jobs = jobs_new(session->wake, error);
	session->dialects = dialect_memory_new(error);
	return session->jobs && session->dialects;
}

/* The survey */

static void session_forget_survey(struct session *session)
{
	job_let_go(&session->survey_job);
	session_growth_forget_counts(&session->growth);
	survey_free(&session->survey);
	session->survey = (struct survey){0};
	session->survey_ready = session->survey_given_up = false;
	session->survey_error = (struct error){0};
}

static bool session_wants_survey(const struct session *session)
{
	bool complete;

	if (!session->dataset || session->columns_wait || session->survey_ready || session->survey_job
	    || session->survey_error.kind || session->survey_given_up)
		return false;
	dataset_rows(session->dataset, &complete);
	return complete && !dataset_index_error(session->dataset);
}

/* The survey follows the index, so that it finds all rows. */
static void session_start_survey(struct session *session)
{
	if (!session_growth_wants_count(&session->growth) && !session_wants_survey(session))
		return;
	session_growth_counting(&session->growth);
	session->survey_job = task_start_survey(session->jobs, session->source, &session->survey_error);
}

static void session_take_survey(struct session *session)
{
	struct survey_task *task;

	if (!job_finished(session->survey_job))
		return;
	task = job_context(session->survey_job);
	session->survey_ready = !job_error(session->survey_job);
	if (session->survey_ready) {
		survey_free(&session->survey); /* of the labels before some were set right */
		session->survey = task->survey;
		task->survey = (struct survey){0};
	} else {
		session->survey_error = *job_error(session->survey_job);
		news_add(&session->news, NEWS_ERROR, "%s", session->survey_error.text);
	}
	job_let_go(&session->survey_job);
	session_growth_counted(&session->growth, session->survey_ready);
}

/* Data */

bool session_open_data(struct session *session, const char *path, bool tell, struct error *error)
{
	return session_open_data_as(session, path, NULL, tell, error);
}

bool session_open_data_as(struct session *session, const char *path, const struct dataset_dialect *dialect, bool tell,
                          struct error *error)
{
	return session_open_data_how(session, path, &(struct open_how){.dialect = dialect}, tell, error);
}

bool session_open_data_how(struct session *session, const char *path, const struct open_how *how, bool tell, struct error *error)
{
	RETURN_IF(strcmp(path, "-") == 0, error, ERROR_USAGE,
	          "the screens do not read standard input: save it in a file and open that");
	job_let_go(&session->open_job);
	session->open_job = task_start_open(session->jobs, session->dialects, path, how, tell, error);
	return session->open_job;
}

const char *session_opening(const struct session *session)
{
	const struct open_task *task = session->open_job ? job_context(session->open_job) : NULL;

	return task ? task->path : NULL;
}

static void session_close_data(struct session *session)
{
	session_forget_survey(session);
	session_growth_begin(&session->growth, NULL);
	source_drop(session->source);
	session->source = NULL;
	session->dataset = NULL;
	session->columns_wait = false;
}

static bool session_use_data(struct session *session, struct dataset *dataset, struct error *error)
{
	struct source *source = source_new(dataset, session->jobs, error);

	if (!source)
		return false;
	if (!dataset_index_start(dataset, session->wake, error)) {
		source_drop(source);
		return false;
	}
	session_close_data(session);
	session->source = source;
	session->dataset = dataset;
	session->dataset_generation++;
	session->index_told = false;
	session_growth_begin(&session->growth, dataset);
	return true;
}

static void session_tell_opened(struct session *session, const struct open_task *task)
{
	const struct dataset *dataset = session->dataset;
	const int notes = dataset_notice_count(dataset);

	if (task->forgot)
		news_add(&session->news, NEWS_ERROR, "%s cannot be read as you said before: how it is written was guessed", task->path);
	else if (task->tell)
		news_add(&session->news, notes > 0 ? NEWS_QUIET : NEWS_GOOD, "opened %s", task->path);
	news_add_notes(&session->news, task->path, dataset, notes, dataset_note);
}

static struct column_choice session_columns(const struct session *session)
{
	return (struct column_choice){session_text_column(session), session_label_column(session), session->text_said,
	                              session->label_said};
}

static void session_take_data(struct session *session)
{
	struct open_task *task;
	struct dataset *dataset;
	struct error error = {0};
	const struct dataset *before = session->dataset;
	struct column_choice choice;

	if (!job_finished(session->open_job))
		return;
	task = job_context(session->open_job);
	dataset = task->dataset;
	task->dataset = NULL;
	choice = (struct column_choice){-1, -1, task->text_column, task->label_column};
	if (dataset && task->said && !task->columns && before && strcmp(dataset_path(before), dataset_path(dataset)) == 0)
		choice = column_choice_keep(session_columns(session), before, dataset);
	if (job_error(session->open_job)) {
		news_add(&session->news, NEWS_ERROR, "%s", job_error(session->open_job)->text);
	} else if (!session_use_data(session, dataset, &error)) {
		news_add(&session->news, NEWS_ERROR, "%s", error.text);
	} else {
		session->text_said = choice.text_said;
		session->label_said = choice.label_said;
		session_tell_opened(session, task);
	}
	job_let_go(&session->open_job);
}

int session_text_column(const struct session *session)
{
	return session->columns_wait ? session->text_column : dataset_text_column(session->dataset);
}

int session_label_column(const struct session *session)
{
	return session->columns_wait ? session->label_column : dataset_label_column(session->dataset);
}

/* Jobs that were let go may still read the rows by the old columns. */
static void session_apply_columns(struct session *session)
{
	if (!session->columns_wait || session->source->readers > 0)
		return;
	session->columns_wait = false;
	/* The one that stays as it is may have been guessed. */
	if (session->text_column != dataset_text_column(session->dataset))
		dataset_set_text_column(session->dataset, session->text_column);
	if (session->label_column != dataset_label_column(session->dataset))
		dataset_set_label_column(session->dataset, session->label_column);
	session->dataset_generation++;
}

/* The generation counts up at once as well: whoever sees that lets its own jobs go. */
void session_set_columns(struct session *session, int text_column, int label_column)
{
	session->text_said = session->text_said || text_column != session_text_column(session);
	session->label_said = session->label_said || label_column != session_label_column(session);
	session_forget_survey(session);
	session->columns_wait = true;
	session->text_column = text_column;
	session->label_column = label_column;
	session->dataset_generation++;
	session_apply_columns(session);
	session_start_survey(session);
}

/* Why not all rows were found, until that was told; else NULL. */
static const struct error *session_index_news(const struct session *session)
{
	return session->dataset && !session->index_told ? dataset_index_error(session->dataset) : NULL;
}

static void session_look_at_index(struct session *session)
{
	const struct error *stopped = session_index_news(session);

	if (!stopped)
		return;
	session->index_told = true;
	news_add(&session->news, NEWS_ERROR, "%s", stopped->text);
}

static void session_update_data(struct session *session)
{
	session_take_data(session);
	if (session_growth_update(&session->growth, session->dataset, session->wake, &session->news))
		session->index_told = false;
	session_look_at_index(session);
	session_take_survey(session);
	session_apply_columns(session);
	session_start_survey(session);
}

/* Models */

void session_open_model(struct session *session, const char *folder, enum model_origin origin)
{
	job_let_go(&session->model_job);
	session->model_error = (struct error){0};
	snprintf(session->model_path, sizeof session->model_path, "%s", folder);
	session->model_is_quiet = false;
	session->model_job = task_start_model(session->jobs, session->wake, folder, &session->how, origin, &session->model_error);
	if (!session->model_job)
		news_add(&session->news, NEWS_ERROR, "%s", session->model_error.text);
}

void session_load_model(struct session *session, const char *folder)
{
	session_open_model(session, folder, ORIGIN_FOLDER);
}

bool session_is_loading(const struct session *session)
{
	return session->model_job;
}

static bool session_use_model(struct session *session, struct model_task *task, struct error *error)
{
	struct model *model = task->model;
	struct live_scorer *scorer = task->scorer;

	task->model = NULL;
	task->scorer = NULL;
	return scoring_use(&session->scoring, session->jobs, model, scorer, error);
}

static void session_tell_model(struct session *session, const struct model_task *task)
{
	const struct model *model = session->scoring.model;
	char what[64];

	if (task->step > 0) {
		snprintf(session->model_path, sizeof session->model_path, "%s", model_folder(model));
		borrowed_describe(task->step, task->borrowed, what, sizeof what);
		news_add(&session->news, NEWS_GOOD, "scores by %s", what);
	} else {
		news_add(&session->news, session->model_is_quiet ? NEWS_QUIET : NEWS_GOOD,
		         task->origin == ORIGIN_TRAINED ? "trained: Score and Reviews now use %s" : "Score and Reviews use %s",
		         session->model_path);
	}
	news_add_notes(&session->news, session->model_path, model, model_notice_count(model), model_note);
}

static void session_update_model(struct session *session)
{
	struct model_task *task;

	if (!job_finished(session->model_job))
		return;
	task = job_context(session->model_job);
	if (job_error(session->model_job))
		session->model_error = *job_error(session->model_job);
	else
		session_use_model(session, task, &session->model_error);
	if (session->model_error.kind)
		news_add(&session->news, NEWS_ERROR, "%s", session->model_error.text);
	else
		session_tell_model(session, task);
	job_let_go(&session->model_job);
}

/* Training */

bool session_is_training(const struct session *session)
{
	return session->trainer;
}

static void session_close_run(struct session *session)
{
	job_let_go(&session->run_job);
	run_close(session->run);
	session->run = NULL;
	session->run_wanted = session->run_arrived = false;
}

static void session_follow_trainer(struct session *session, const char *run)
{
	session_close_run(session);
	if (run != session->run_path)
		snprintf(session->run_path, sizeof session->run_path, "%s", run);
	session->run_wanted = true;
	session->trainer_error = (struct error){0};
	trainer_status(session->trainer, &session->trainer_status);
}

void session_hand_over(struct session *session, bool handing_over)
{
	session->handing_over = handing_over;
}

static bool session_is_free(const struct session *session, struct error *error)
{
	RETURN_IF(session->trainer, error, ERROR_USAGE, "a training is running already");
	RETURN_IF(session->handing_over, error, ERROR_USAGE,
	          "the training is being handed over: wait until the other process has it");
	return true;
}

bool session_train(struct session *session, const struct trainer_request *request, struct error *error)
{
	if (!session_is_free(session, error))
		return false;
	session->trainer = trainer_start(request, session->wake, error);
	if (!session->trainer)
		return false;
	session_follow_trainer(session, request->run);
	return true;
}

bool session_is_paused(const struct session *session)
{
	return session->trainer && session->trainer_status.phase == TRAINER_PAUSED &&
	       strcmp(session->trainer_status.what, "paused") == 0;
}

bool session_resume(struct session *session, const char *run, bool paused, struct error *error)
{
	return session_resume_as(session, &(struct trainer_request){.run = run, .paused = paused}, error);
}

bool session_resume_as(struct session *session, const struct trainer_request *request, struct error *error)
{
	if (!session_is_free(session, error))
		return false;
	session->trainer = trainer_resume(request, session->wake, error);
	if (!session->trainer)
		return false;
	session_follow_trainer(session, request->run);
	return true;
}

bool session_command(struct session *session, const char *word, struct error *error)
{
	return session->trainer ? trainer_order(session->trainer, word, error) : run_send(session->run_path, word, error);
}

static bool session_join(struct session *session, struct error *error)
{
	const bool joined = !session->trainer || trainer_join(session->trainer, error);

	session->trainer = NULL;
	lending_end(&session->lending);
	return joined;
}

static void session_training_ended(struct session *session)
{
	const enum trainer_phase phase = session->trainer_status.phase;
	char folder[PATH_MAX + 8];

	session_join(session, &session->trainer_error);
	if (phase != TRAINER_FINISHED) {
		news_add(&session->news, phase == TRAINER_FAILED ? NEWS_ERROR : NEWS_GOOD, "%s", session->trainer_error.text);
		return;
	}
	snprintf(folder, sizeof folder, "%s/model", session->run_path);
	session_open_model(session, folder, ORIGIN_TRAINED);
}

bool session_lend(struct session *session, struct error *error)
{
	RETURN_IF(!session->trainer, error, ERROR_USAGE,
	          "no training goes on here, and none is watched: watch RUN shows one");
	return lending_start(&session->lending, session->jobs, session->wake, session->run_path, &session->how, error);
}

static void session_update_lending(struct session *session)
{
	struct error error = {0};
	uint64_t step = 0;

	if (!session->trainer)
		return;
	if (lending_update(&session->lending, session->trainer, &session->scoring, session->jobs, &step, &error)) {
		snprintf(session->model_path, sizeof session->model_path, "%s", session->run_path);
		news_add(&session->news, NEWS_GOOD, "Score and Reviews use the weights after step %llu", (unsigned long long)step);
	} else if (error.kind) {
		news_add(&session->news, NEWS_ERROR, "%s", error.text);
	}
}

/* Runs */

static bool session_start_run(struct session *session, const char *path, bool watched, struct error *error)
{
	job_let_go(&session->run_job);
	session->run_job = task_start_run(session->jobs, path, watched, error);
	return session->run_job;
}

bool session_watch(struct session *session, const char *run, struct error *error)
{
	return session_is_free(session, error) && session_start_run(session, run, true, error);
}

const char *session_opening_run(const struct session *session)
{
	const struct run_task *task = session->run_job ? job_context(session->run_job) : NULL;

	return task && task->watched ? task->path : NULL;
}

static void session_take_run(struct session *session)
{
	struct run_task *task;
	struct run *run;

	if (!job_finished(session->run_job))
		return;
	task = job_context(session->run_job);
	run = task->run;
	task->run = NULL;
	if (run) {
		const bool watched = task->watched;

		if (watched)
			snprintf(session->run_path, sizeof session->run_path, "%s", task->path);
		session_close_run(session);
		session->run = run;
		session->run_generation++;
		session->run_arrived = watched;
		return;
	}
	if (task->watched)
		news_add(&session->news, NEWS_ERROR, "%s", job_error(session->run_job)->text);
	job_let_go(&session->run_job);
}

/* The directory is not there at the very start of a training. */
static void session_look_for_run(struct session *session)
{
	char record[PATH_MAX + 16];
	struct error error = {0};

	if (!session->run_wanted || session->run_job)
		return;
	snprintf(record, sizeof record, "%s/run.json", session->run_path);
	if (access(record, F_OK) == 0 && !session_start_run(session, session->run_path, false, &error))
		news_add(&session->news, NEWS_ERROR, "%s", error.text);
}

static void session_update_training(struct session *session)
{
	if (session->trainer)
		trainer_status(session->trainer, &session->trainer_status);
	session_look_for_run(session);
	session_take_run(session);
	if (session->run)
		run_update(session->run);
	if (session->trainer && session->trainer_status.phase >= TRAINER_FINISHED)
		session_training_ended(session);
}

/* All of it */

void session_update(struct session *session)
{
	jobs_collect(session->jobs);
	session_update_data(session);
	session_update_model(session);
	scoring_update(&session->scoring);
	session_update_lending(session);
	session_update_training(session);
}

bool session_give_up(struct session *session)
{
	const bool any = session->open_job || session->model_job || session_opening_run(session);

	job_let_go(&session->open_job);
	job_let_go(&session->model_job);
	if (session_opening_run(session))
		job_let_go(&session->run_job);
	return any;
}

/* A file that is open is being worked on until its survey is there: between the end of the index and the start of
 * the survey nothing runs for a moment. */
static bool session_is_reading(const struct session *session)
{
	return session->dataset && !session->survey_ready && !session->survey_given_up && !session->survey_error.kind &&
	       !dataset_index_error(session->dataset);
}

bool session_give_up_survey(struct session *session)
{
	if (!session_is_reading(session))
		return false;
	job_let_go(&session->survey_job);
	session->survey_given_up = true;
	return true;
}

void session_survey(struct session *session)
{
	session->survey_given_up = false;
	session_start_survey(session);
}

void session_count_again(struct session *session)
{
	if (!session->survey_ready && !session->survey_job)
		return;
	job_let_go(&session->survey_job);
	session_growth_counting(&session->growth);
	session->survey_job = task_start_survey(session->jobs, session->source, &session->survey_error);
}

bool session_is_busy(const struct session *session)
{
	bool busy = session->lending.job || session->open_job || session->model_job || session_opening_run(session)
	            || session_is_reading(session) || session_index_news(session) || session->survey_job
	            || session->growth.stale;

	for (int client = 0; client < SCORE_CLIENTS; client++)
		busy = busy || scoring_is_asked(&session->scoring, (enum score_client)client);
	return busy || session->scoring.words_asked;
}

void session_free(struct session *session)
{
	if (!session->wake)
		return;
	session_give_up(session);
	session_close_data(session);
	session_close_run(session);
	if (session->jobs)
		scoring_close(&session->scoring);
	jobs_free(session->jobs);
	dialect_memory_free(session->dialects);
	news_free(&session->news);
	wake_free(session->wake);
}
