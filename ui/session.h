/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the screens share: the open file with its survey, the model with the thread that scores, the
 * training of this process and the run that is shown. Knows no curses. The UI thread alone calls it; jobs and the
 * engine's threads signal its one wake, after which session_update looks what has changed.
 *
 * Whatever may take longer than a frame is a job: opening a file, its survey, loading a model, reading the log of a run.
 * Nothing here waits for one, but session_free. */
#ifndef REVUE_UI_SESSION_H
#define REVUE_UI_SESSION_H

#include "engine/run.h"
#include "engine/trainer.h"
#include "ui/lending.h"
#include "ui/news.h"
#include "ui/scoring.h"
#include "ui/session_growth.h"
#include "ui/source.h"
#include "ui/tasks.h"

#include <limits.h>

struct session {
	struct wake *wake;
	struct jobs *jobs;
	struct dialect_memory *dialects; /* of the files that were opened; kept over restarts where whoever owns this says so */

	struct source *source;   /* held; NULL: no file is open */
	struct dataset *dataset; /* of `source`; NULL: none */
	uint64_t dataset_generation; /* counts opened files and changed columns */
	struct job *open_job;
	bool text_said, label_said; /* somebody chose that column: it was not found or guessed */
	bool columns_wait;       /* for jobs that read: then the next two become the columns */
	int text_column, label_column;
	struct survey survey;
	bool survey_ready;       /* `survey` is that of the file */
	struct job *survey_job;
	struct error survey_error;
	bool survey_given_up;    /* the person does not want it of this file, with these columns */
	bool index_told;         /* that not all rows could be found was said */
	struct session_growth growth; /* of the open file */

	struct scoring scoring;
	char model_path[PATH_MAX]; /* of the model, or of the one that is being loaded, or failed */
	struct job *model_job;
	struct model_options how;  /* models are opened: their device and precision */
	struct error model_error;
	bool model_is_quiet;     /* that it is there needs not be shown: something else was asked for */

	struct trainer *trainer; /* a training of this process; NULL: none */
	bool handing_over;       /* the run that is shown is on its way to another process: no other takes its place */
	struct trainer_status trainer_status;
	struct lending lending;  /* of its weights to the scoring */
	struct run *run;         /* the run that is shown; NULL: none, or its log is not read yet */
	uint64_t run_generation; /* counts opened runs */
	char run_path[PATH_MAX]; /* of `run`, or of this process's training */
	struct job *run_job;
	bool run_wanted;         /* run_path is to be opened as soon as it is there */
	bool read_only;          /* no file is changed, and nothing told to a training of another process: see app_refuses */
	bool run_arrived;        /* a run that session_watch asked for is there; who shows it sets this back */
	struct error trainer_error;

	struct news_queue news;
};

bool session_init(struct session *session, struct error *error);
void session_free(struct session *session); /* a training must have ended before, and the screens have let go */

/* Looks at everything that may have changed. */
void session_update(struct session *session);

/* Something is going on that will signal. A training does not count. */
bool session_is_busy(const struct session *session);

/* The oldest news that was not taken yet; false: none. session_next_news looks at it and leaves it. */
static inline const struct news *session_next_news(const struct session *session)
{
	return news_next(&session->news);
}

static inline void session_drop_news(struct session *session)
{
	news_drop(&session->news);
}

/* Data. A file is opened by a job; the one before stays until that has succeeded. `tell`: news say that it did; news
 * always say why it did not. False with one line: what the screens do not read at all ("-"). */
bool session_open_data(struct session *session, const char *path, bool tell, struct error *error);
/* The same, read as `dialect` says, which is remembered of the file where it could be opened so. NULL: as it was said of the
 * file before. The columns of an open file that is read anew stay chosen as far as there are such names. */
bool session_open_data_as(struct session *session, const char *path, const struct dataset_dialect *dialect, bool tell,
                          struct error *error);
/* The same, with the columns that are to be taken. */
bool session_open_data_how(struct session *session, const char *path, const struct open_how *how, bool tell, struct error *error);
const char *session_opening(const struct session *session); /* the path; NULL: no file is being opened */

/* The columns change as soon as no job reads the file any more, mostly at once; the generation counts up then. */
void session_set_columns(struct session *session, int text_column, int label_column);
int session_text_column(const struct session *session);
int session_label_column(const struct session *session);

/* Models. Loading is a job; news tell how it ended. */
void session_load_model(struct session *session, const char *folder);
void session_load_model_quietly(struct session *session, const char *folder); /* success is only kept among the messages */

/* What models are opened on from now on, and in which precision; the one that is there is opened anew. */
void session_compute_with(struct session *session, enum device device, enum precision precision);
bool session_is_loading(const struct session *session);

/* A training of another process: a checkpoint that it is asked for, or where this one only looks (read_only) the newest there
 * is, becomes the model. It is waited for as any model is loaded. */
void session_borrow(struct session *session, const char *run);

/* From wherever a task takes it. */
void session_open_model(struct session *session, const char *folder, enum model_origin origin);

/* Training */
bool session_train(struct session *session, const struct trainer_request *request, struct error *error);
bool session_resume(struct session *session, const char *run, bool paused, struct error *error);
/* The same, as the request says where its files lie now; request->paused counts too. */
bool session_resume_as(struct session *session, const struct trainer_request *request, struct error *error);
bool session_is_paused(const struct session *session); /* by whoever trains here, not for want of room on the disk */

/* While `handing_over` no training can be started, resumed or watched here: whoever waits for the other process looks at
 * the run that is shown. */
void session_hand_over(struct session *session, bool handing_over);
bool session_is_training(const struct session *session); /* in this process */

/* Reads the log of a run, as a job, and then shows that run: see run_arrived. News tell why it could not be read. False
 * with one line: a training of this process is shown. */
bool session_watch(struct session *session, const char *run, struct error *error);
const char *session_opening_run(const struct session *session); /* asked for by session_watch; NULL: none */

/* Gives up opening a file, loading a model and reading the log of a run. False: there was nothing of that kind. */
bool session_give_up(struct session *session);

/* Gives up the survey of the open file, also one that waits for its rows to be found; false: none is made. session_survey
 * asks for it again. */
bool session_give_up_survey(struct session *session);
void session_survey(struct session *session);

/* Labels were set right: they are counted anew. What was counted stands until then, for who looks at it meanwhile. */
void session_count_again(struct session *session);

/* Lends the weights of the training of this process to the scoring, as they stand after its next step; news tell when they
 * are there. False with one line: none trains here. */
bool session_lend(struct session *session, struct error *error);

/* Gives an order (engine/steering.h) to the run that is shown, in this process or another. */
bool session_command(struct session *session, const char *word, struct error *error);

#endif
