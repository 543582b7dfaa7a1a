/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the session has done by jobs. Each has a context that holds what it is asked for and, after job_finished, its
 * result; who takes the result out sets it to NULL (the survey to {0}). Knows no curses; the UI thread alone calls it. */
#ifndef REVUE_UI_TASKS_H
#define REVUE_UI_TASKS_H

#include "engine/model.h"
#include "engine/run.h"
#include "ui/borrowed.h"
#include "ui/source.h"

struct survey_task {
	struct source *source; /* held as a reader */
	struct survey survey;
};

/* How a file is to be read. All of it is copied where a task takes it. */
struct open_how {
	const struct dataset_dialect *dialect; /* NULL: as it was said of the file before, else guessed */
	bool columns;             /* the two below count; else those of the open file stay chosen where it is read anew */
	const char *text_column;  /* as in struct dataset_options */
	const char *label_column;
};

struct open_task {
	struct jobs *jobs;
	struct dialect_memory *memory; /* outlives all jobs */
	struct dataset_dialect dialect;
	bool said;               /* `dialect` is how the person wants it read; else what is remembered of the file counts */
	bool columns;            /* text and label are how the person wants them */
	char *text_column, *label_column; /* NULL: guessed */
	bool forgot;             /* what was remembered does not fit any more: all was guessed */
	struct dataset *dataset; /* its index has not been started */
	bool tell; /* the person wants to hear that it succeeded */
	char path[];
};

enum model_origin {
	ORIGIN_FOLDER,   /* `folder` has it */
	ORIGIN_TRAINED,  /* so it has; it was trained here, just now */
	ORIGIN_BARE,     /* `folder` is a run: its values come from the training */
	ORIGIN_BORROWED, /* `folder` is a run that another process trains: a checkpoint of it, which it is asked for */
	ORIGIN_NEWEST,   /* likewise, but nothing is asked */
};

struct model_task {
	struct jobs *jobs;
	struct wake *wake;
	struct model *model; /* with a scorer of its own */
	struct live_scorer *scorer;
	enum model_origin origin;
	uint64_t step;          /* of what was borrowed: the checkpoint, */
	enum borrowed borrowed; /* and what it is */
	struct model_options how;
	char folder[];
};

struct run_task {
	struct run *run;
	bool watched; /* a person asked for it, and not the training of this process */
	char path[];
};

/* NULL with one line. All strings are copied. */
struct job *task_start_survey(struct jobs *jobs, struct source *source, struct error *error);
struct job *task_start_open(struct jobs *jobs, struct dialect_memory *memory, const char *path, const struct open_how *how,
                            bool tell, struct error *error);
struct job *task_start_model(struct jobs *jobs, struct wake *wake, const char *folder, const struct model_options *how,
                             enum model_origin origin, struct error *error);
struct job *task_start_run(struct jobs *jobs, const char *path, bool watched, struct error *error);

#endif
