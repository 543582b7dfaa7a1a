/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the screens share: the open file with its survey, the model with the thread that scores, the
 * training of this process and the run that is shown. Knows no curses. The UI thread alone calls it; the
 * engine's threads signal its one wake, after which session_update looks what has changed. */
#ifndef REVUE_UI_SESSION_H
#define REVUE_UI_SESSION_H

#include "engine/dataset.h"
#include "engine/model.h"
#include "engine/run.h"
#include "engine/trainer.h"
#include "ui/job.h"

#include <limits.h>

enum score_client {
	SCORE_TYPED, /* the text on the Score screen: goes first */
	SCORE_KEPT,  /* a review that was kept there before its score had come */
	SCORE_ROW,   /* a row on the Reviews screen */
	SCORE_CLIENTS,
};

/* The place of one client: what it asked for last and what came of it. */
struct score_place {
	uint64_t wanted, posted, got; /* generations; wanted == got: nothing is under way */
	char *text;                   /* of `wanted`, until it is posted */
	size_t size;
	struct score score;           /* of `got`; its arrays are `numbers` */
	float *numbers;
	int64_t tokens_whole;
	double seconds;
};

struct session {
	struct wake *wake;

	struct dataset *dataset; /* NULL: none is open */
	uint64_t dataset_generation; /* counts opened files and changed columns */
	struct survey survey;
	bool survey_ready;       /* the survey belongs to the UI thread */
	struct job survey_job;
	struct error survey_error;

	struct model *model; /* NULL: none is loaded */
	char model_path[PATH_MAX]; /* of the model, or of the one that is being loaded, or failed */
	uint64_t model_generation; /* counts loaded models */
	struct model *loading;
	bool trained_model; /* what is being loaded was just trained here */
	struct job model_job;
	struct error model_error;
	struct live_scorer *scorer;
	struct score_place places[SCORE_CLIENTS];
	uint64_t generation;
	int in_flight; /* the client whose text the scorer has; -1: none */

	struct trainer *trainer; /* a training of this process; NULL: none */
	struct trainer_status trainer_status;
	struct run *run;         /* the run that is shown; NULL: none */
	uint64_t run_generation; /* counts opened runs */
	char run_path[PATH_MAX];
	struct error trainer_error;

	char news[1200]; /* something to tell; the app takes it and empties it */
	bool news_is_error;
};

bool session_init(struct session *session, struct error *error);
void session_free(struct session *session); /* a training must have ended before */

/* Looks at everything that may have changed. */
void session_update(struct session *session);

/* Something is going on that will signal. A training does not count. */
bool session_is_busy(const struct session *session);

/* Data */
bool session_open_data(struct session *session, const char *path, struct error *error);
void session_set_columns(struct session *session, int text_column, int label_column);

/* Models. Loading happens on a thread; news tells how it ended. */
void session_load_model(struct session *session, const char *folder);

/* Asks for a score of `text` (copied). Replaces what the client asked for before. Nothing without a model. */
void session_score(struct session *session, enum score_client client, struct span text);
bool session_scoring(const struct session *session, enum score_client client);

/* Training */
bool session_train(struct session *session, const struct trainer_request *request, struct error *error);
bool session_resume(struct session *session, const char *run, struct error *error);
bool session_watch(struct session *session, const char *run, struct error *error);
bool session_is_training(const struct session *session); /* in this process */

/* Sends pause, resume, stop or save to the run that is shown, in this process or another. */
bool session_command(struct session *session, const char *word, struct error *error);

/* Waits for the end of the training. */
bool session_join(struct session *session, struct error *error);

#endif
