/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void session_tell(struct session *session, bool is_error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void session_tell(struct session *session, bool is_error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(session->news, sizeof session->news, format, arguments);
	va_end(arguments);
	session->news_is_error = is_error;
}

bool session_init(struct session *session, struct error *error)
{
	*session = (struct session){.in_flight = -1};
	session->wake = wake_new(error);
	return session->wake;
}

/* Data */

static void session_close_data(struct session *session)
{
	job_cancel(&session->survey_job);
	survey_free(&session->survey);
	session->survey = (struct survey){0};
	session->survey_ready = false;
	session->survey_error = (struct error){0};
	dataset_close(session->dataset);
	session->dataset = NULL;
}

bool session_open_data(struct session *session, const char *path, struct error *error)
{
	struct dataset *dataset = dataset_open(path, &(struct dataset_options){0}, error);

	if (!dataset)
		return false;
	if (!dataset_index_start(dataset, session->wake, error)) {
		dataset_close(dataset);
		return false;
	}
	session_close_data(session);
	session->dataset = dataset;
	session->dataset_generation++;
	return true;
}

static bool session_survey_work(struct job *job, void *context)
{
	struct session *session = context;

	return dataset_survey(session->dataset, &session->survey, &job->progress, &job->error);
}

/* The survey follows the index, so that it finds all rows. */
static void session_start_survey(struct session *session)
{
	bool complete;

	if (!session->dataset || session->survey_ready || session->survey_job.running || session->survey_error.kind)
		return;
	dataset_rows(session->dataset, &complete);
	if (complete && !dataset_index_error(session->dataset))
		job_start(&session->survey_job, session->wake, session_survey_work, session, &session->survey_error);
}

static void session_update_data(struct session *session)
{
	if (job_finished(&session->survey_job)) {
		session->survey_ready = session->survey_job.succeeded;
		session->survey_error = session->survey_job.error;
		if (!session->survey_ready)
			session_tell(session, true, "%s", session->survey_error.text);
	}
	session_start_survey(session);
}

void session_set_columns(struct session *session, int text_column, int label_column)
{
	job_cancel(&session->survey_job);
	survey_free(&session->survey);
	session->survey = (struct survey){0};
	session->survey_ready = false;
	session->survey_error = (struct error){0};
	dataset_set_text_column(session->dataset, text_column);
	dataset_set_label_column(session->dataset, label_column);
	session->dataset_generation++;
	session_start_survey(session);
}

/* Models */

static void session_close_model(struct session *session)
{
	live_scorer_free(session->scorer);
	session->scorer = NULL;
	model_close(session->model);
	session->model = NULL;
	session->in_flight = -1;
	for (int i = 0; i < SCORE_CLIENTS; i++) {
		struct score_place *place = &session->places[i];

		free(place->text);
		free(place->numbers);
		*place = (struct score_place){0};
	}
}

static bool session_model_work(struct job *job, void *context)
{
	struct session *session = context;

	session->loading = model_open(session->model_path, &(struct model_options){.head_needed = true},
	                              &job->progress, &job->error);
	return session->loading;
}

void session_load_model(struct session *session, const char *folder)
{
	job_cancel(&session->model_job);
	model_close(session->loading);
	session->loading = NULL;
	session->model_error = (struct error){0};
	snprintf(session->model_path, sizeof session->model_path, "%s", folder);
	if (!job_start(&session->model_job, session->wake, session_model_work, session, &session->model_error))
		session_tell(session, true, "%s", session->model_error.text);
}

static bool session_use_model(struct session *session, struct error *error)
{
	const size_t labels = (size_t)model_config(session->loading)->num_labels;

	session_close_model(session);
	session->model = session->loading;
	session->loading = NULL;
	session->model_generation++;
	for (int i = 0; i < SCORE_CLIENTS; i++) {
		struct score_place *place = &session->places[i];

		place->numbers = calloc(2 * labels, sizeof *place->numbers);
		if (!place->numbers)
			return error_memory(error, "making room for scores");
		place->score.logits = place->numbers;
		place->score.scores = place->numbers + labels;
	}
	session->scorer = live_scorer_new(session->model, session->wake, error);
	return session->scorer;
}

static void session_update_model(struct session *session)
{
	if (!job_finished(&session->model_job))
		return;
	session->model_error = session->model_job.error;
	if (!session->model_job.succeeded) {
		session_tell(session, true, "%s", session->model_error.text);
	} else if (!session_use_model(session, &session->model_error)) {
		session_close_model(session);
		session_tell(session, true, "%s", session->model_error.text);
	} else {
		session_tell(session, false, session->trained_model ? "trained: Score and Reviews now use %s"
		             : "Score and Reviews use the model %s", session->model_path);
	}
	session->trained_model = false;
}

/* Scores. The scorer takes one text at a time, and a text it has not begun is dropped for a newer one. So others
 * wait until nothing is in flight, and a typed text replaces only typed ones. */

bool session_scoring(const struct session *session, enum score_client client)
{
	return session->scorer && session->places[client].wanted != session->places[client].got;
}

static void session_post(struct session *session, enum score_client client)
{
	struct score_place *place = &session->places[client];

	live_scorer_post(session->scorer, (struct span){place->text, place->size}, place->wanted);
	place->posted = place->wanted;
	session->in_flight = (int)client;
	free(place->text);
	place->text = NULL;
}

static void session_take_score(struct session *session)
{
	struct live_result result;
	struct score_place *place;
	const size_t bytes = (size_t)model_config(session->model)->num_labels * sizeof(float);

	if (session->in_flight < 0 || !live_scorer_take(session->scorer, &result))
		return;
	place = &session->places[session->in_flight];
	memcpy(place->score.logits, result.score.logits, bytes);
	memcpy(place->score.scores, result.score.scores, bytes);
	result.score.logits = place->score.logits;
	result.score.scores = place->score.scores;
	place->score = result.score;
	place->tokens_whole = result.tokens_whole;
	place->seconds = result.seconds;
	place->got = result.generation;
	if (place->got == place->posted)
		session->in_flight = -1;
}

static void session_update_scores(struct session *session)
{
	if (!session->scorer)
		return;
	session_take_score(session);
	if (session->places[SCORE_TYPED].text && session->in_flight <= SCORE_TYPED)
		session_post(session, SCORE_TYPED);
	for (int client = SCORE_KEPT; client < SCORE_CLIENTS && session->in_flight < 0; client++) {
		if (session->places[client].text)
			session_post(session, (enum score_client)client);
	}
}

void session_score(struct session *session, enum score_client client, struct span text)
{
	struct score_place *place = &session->places[client];
	char *copy = session->scorer ? malloc(text.size + 1) : NULL;

	if (!copy)
		return;
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	free(place->text);
	place->text = copy;
	place->size = text.size;
	place->wanted = ++session->generation;
	session_update_scores(session);
}

/* Training */

bool session_is_training(const struct session *session)
{
	return session->trainer;
}

static void session_close_run(struct session *session)
{
	run_close(session->run);
	session->run = NULL;
}

static void session_follow_trainer(struct session *session, const char *run)
{
	session_close_run(session);
	if (run != session->run_path)
		snprintf(session->run_path, sizeof session->run_path, "%s", run);
	session->trainer_error = (struct error){0};
	trainer_status(session->trainer, &session->trainer_status);
}

bool session_train(struct session *session, const struct trainer_request *request, struct error *error)
{
	RETURN_IF(session->trainer, error, ERROR_USAGE, "a training is running already");
	session->trainer = trainer_start(request, session->wake, error);
	if (!session->trainer)
		return false;
	session_follow_trainer(session, request->run);
	return true;
}

bool session_resume(struct session *session, const char *run, struct error *error)
{
	RETURN_IF(session->trainer, error, ERROR_USAGE, "a training is running already");
	session->trainer = trainer_resume(run, session->wake, error);
	if (!session->trainer)
		return false;
	session_follow_trainer(session, run);
	return true;
}

bool session_watch(struct session *session, const char *run, struct error *error)
{
	struct run *opened = run_open(run, error);

	if (!opened)
		return false;
	session_close_run(session);
	session->run = opened;
	session->run_generation++;
	snprintf(session->run_path, sizeof session->run_path, "%s", run);
	return true;
}

bool session_command(struct session *session, const char *word, struct error *error)
{
	if (!session->trainer)
		return run_send(session->run_path, word, error);
	if (strcmp(word, "pause") == 0)
		trainer_pause(session->trainer);
	else if (strcmp(word, "resume") == 0)
		trainer_continue(session->trainer);
	else if (strcmp(word, "stop") == 0)
		trainer_stop(session->trainer);
	else
		trainer_save(session->trainer);
	return true;
}

bool session_join(struct session *session, struct error *error)
{
	const bool joined = !session->trainer || trainer_join(session->trainer, error);

	session->trainer = NULL;
	return joined;
}

static void session_training_ended(struct session *session)
{
	const enum trainer_phase phase = session->trainer_status.phase;
	char folder[PATH_MAX + 8];

	session_join(session, &session->trainer_error);
	if (phase != TRAINER_FINISHED) {
		session_tell(session, phase == TRAINER_FAILED, "%s", session->trainer_error.text);
		return;
	}
	snprintf(folder, sizeof folder, "%s/model", session->run_path);
	session_load_model(session, folder);
	session->trained_model = true;
}

static void session_update_training(struct session *session)
{
	struct error ignored = {0};

	if (session->trainer) {
		trainer_status(session->trainer, &session->trainer_status);
		if (!session->run) { /* it is not there at the very start */
			session->run = run_open(session->run_path, &ignored);
			session->run_generation += session->run != NULL;
		}
	}
	if (session->run)
		run_update(session->run);
	if (session->trainer && session->trainer_status.phase >= TRAINER_FINISHED)
		session_training_ended(session);
}

/* All of it */

void session_update(struct session *session)
{
	session_update_data(session);
	session_update_model(session);
	session_update_scores(session);
	session_update_training(session);
}

/* A file that is open is being worked on until its survey is there: between the end of the index and the start of
 * the survey nothing runs for a moment. */
static bool session_is_reading(const struct session *session)
{
	return session->dataset && !session->survey_ready && !session->survey_error.kind &&
	       !dataset_index_error(session->dataset);
}

bool session_is_busy(const struct session *session)
{
	return session_is_reading(session) || session->model_job.running || session_scoring(session, SCORE_TYPED) ||
	       session_scoring(session, SCORE_KEPT) || session_scoring(session, SCORE_ROW);
}

void session_free(struct session *session)
{
	if (!session->wake)
		return;
	session_close_data(session);
	job_cancel(&session->model_job);
	model_close(session->loading);
	session_close_model(session);
	session_close_run(session);
	wake_free(session->wake);
}
