/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several trainings of the same data that answer one question together: which settings are best (a search), how much of a
 * result is luck (seeds), how good a model is on rows that it was not trained on, all of them (folds). Nothing of a study is
 * in memory alone: what is to be done next follows from its file and from the folders of its runs, so that one that was
 * killed goes on. Implemented in engine/study. Not thread-safe.
 *
 *   study.json     what is asked: the options, and the settings of each trial; written once, before the first of them
 *   results.csv    the table of its trials, written again after each training
 *   trial-001/     a run (engine/run.h) for each; of seeds seed-42/, of folds fold-1/ */
#ifndef REVUE_ENGINE_STUDY_H
#define REVUE_ENGINE_STUDY_H

#include "engine/error.h"
#include "engine/options.h"

#define STUDY_TRIALS_MAX 1000
#define STUDY_SETTINGS_MAX 16
#define STUDY_SETTING_TEXT 64
#define STUDY_RUNGS_MAX 4

enum study_kind { STUDY_SEARCH, STUDY_SEEDS, STUDY_FOLDS };

struct study_request {
	enum study_kind kind;
	const char *folder;      /* of the study: not there, or empty; or there and a study that asks the same, which goes on */
	const char *data, *model; /* as of struct trainer_request */
	const struct train_options *options; /* of all trials, but for their settings */
	const char *seeds;       /* of STUDY_SEEDS: "1,2,3" */
	int64_t folds;           /* of STUDY_FOLDS */
	/* Of STUDY_SEARCH: a JSON file, {"learning_rate": {"min": 1e-5, "max": 1e-3, "log": true}, "seed": [1, 2]}, that names
	 * options with their values, or with bounds between which they are drawn; the metric that decides; how many trials are
	 * drawn at most; each rung of successive halving keeps one trial of so many, 1: all train to their end. */
	const char *space, *objective;
	int64_t max_trials, reduction;
};

struct study;

/* Plans a study and writes study.json; or opens the one that is there. NULL with one line. */
struct study *study_make(const struct study_request *request, struct error *error);
struct study *study_open(const char *folder, struct error *error);
void study_close(struct study *study); /* NULL is allowed */
bool study_is_there(const char *folder); /* whether it holds one */

enum study_kind study_kind(const struct study *study);
const char *study_folder(const struct study *study);
const char *study_data(const struct study *study);
const char *study_model(const struct study *study);
const char *study_objective(const struct study *study); /* "eval_accuracy"; of others than a search "" */
int study_trials(const struct study *study);
int study_rungs(const struct study *study); /* 1: every trial trains to its end */

/* A training that is to be done next. Owned by the study, until it is asked again. */
struct study_task {
	int trial, rung;
	const char *run;  /* its folder */
	bool resumes;     /* the run is there and goes on */
	double until;     /* of struct trainer_request */
	const struct train_options *options;
};

/* Looks at the folders, for whoever shows them: nothing is changed there. */
void study_look(struct study *study);

/* Looks at the folders, drops the checkpoints of trials that are out, and says what is next. False: with error->kind ERROR_NONE
 * nothing is left to do, else one line. */
bool study_next(struct study *study, struct study_task *task, struct error *error);

/* What is known of a trial, as the folders had it when study_look or study_next last looked. */
struct study_trial {
	const char *name; /* of its folder in the study; borrowed */
	const char *run;  /* the whole path; borrowed */
	enum { STUDY_WAITS, STUDY_TRAINS, STUDY_OUT, STUDY_FAILED, STUDY_FINISHED } state; /* OUT: a rung did not keep it */
	double share;     /* of its steps, as far as it was measured */
	int rungs;        /* that it has ended */
	double objective; /* there; NaN: not known, or there is none */
	double loss, accuracy, f1; /* likewise */
	int settings;     /* that are its own: */
	const char *names[STUDY_SETTINGS_MAX], *values[STUDY_SETTINGS_MAX]; /* options and their values; borrowed */
	char problem[256]; /* of one that failed */
};
void study_trial(const struct study *study, int trial, struct study_trial *out);

/* Of the finished trials: mean and sample deviation of a figure (NaN of less than two). */
struct study_spread {
	int count;
	double mean, deviation;
};
enum study_figure { STUDY_ACCURACY, STUDY_F1, STUDY_LOSS };
struct study_spread study_spread(const struct study *study, enum study_figure figure);

/* The finished trial with the best objective, or without one the most accurate; -1: none has finished. */
int study_best(const struct study *study);

/* The columns of a study's table as it is shown: by revue search and revue train, revue runs, the Runs screen. C(id, name,
 * number) */
#define STUDY_COLUMNS(C) \
	C(TRIAL, "trial", false) \
	C(STATE, "state", false) \
	C(STEPS, "steps", true) \
	C(RUNG, "rung", true) \
	C(OBJECTIVE, "objective", true) \
	C(LOSS, "loss", true) \
	C(ACCURACY, "accuracy", true) \
	C(F1, "F1", true) \
	C(SETTINGS, "settings", false)

enum study_column {
#define C(id, ...) STUDY_COLUMN_##id,
	STUDY_COLUMNS(C)
#undef C
	STUDY_COLUMN_COUNT,
};

#define STUDY_CELL_MAX 2200 /* sixteen settings with their names fit */

const char *study_column_name(const struct study *study, enum study_column column); /* of the objective its own */
bool study_column_is_number(enum study_column column);
bool study_column_is_there(const struct study *study, enum study_column column);
void study_cell(const struct study *study, int trial, enum study_column column, char out[STUDY_CELL_MAX]); /* not scrubbed */
void study_settings(const struct study_trial *trial, char out[STUDY_CELL_MAX]); /* "learning-rate 3e-05, seed 2" */

/* What the finished trials come to: "best: trial-002, eval_accuracy 0.8123 with learning-rate 3e-05", or the mean and the
 * deviation of each figure. */
void study_describe(const struct study *study, char *out, size_t capacity);

/* Writes results.csv. */
bool study_write_results(const struct study *study, struct error *error);

#endif
