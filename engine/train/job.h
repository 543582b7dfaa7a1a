/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of the trainer: what its thread works with, and the parts of its work in their order. */
#ifndef REVUE_TRAIN_JOB_H
#define REVUE_TRAIN_JOB_H

#include "engine/format/tensorboard.h"
#include "engine/train/checkpoint.h"
#include "engine/train/control.h"
#include "engine/train/examples.h"
#include "engine/train/journal.h"
#include "engine/train/lock.h"
#include "engine/train/record.h"
#include "engine/train/schedule.h"
#include "engine/train/split.h"
#include "engine/trainer.h"

#include <pthread.h>

#define NO_STEP UINT64_MAX

/* What owner, control thread and job thread share; all of it under the mutex. */
struct trainer_shared {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* a command came */
	bool stop, pause, save;
	bool retry;             /* "resume" came: a full disk is tried again at once */
	struct trainer_status status;
	struct wake *wake;      /* borrowed; may be NULL */
	double woken;           /* when it was last signalled for progress alone */
};

struct trainer {
	char run[RECORD_PATH_MAX];
	bool resuming;
	struct run_record record;
	struct trainer_shared shared;
	pthread_t thread;

	/* From here on the job thread's own. */
	struct run_lock lock;
	struct journal journal;
	struct tensorboard curves;
	struct control *control; /* NULL: it takes no commands from outside, */
	struct error deaf;       /* and this is why */
	struct progress progress; /* reports into the status, answers whether to go on */

	struct model *model;
	struct examples training, held_out;
	struct batch_store batch;
	float *logits;         /* [sequences of the batch][num_labels] */
	struct schedule schedule;
	struct optimizer optimizer;

	struct checkpoint_state state;
	uint64_t saved;        /* step of the newest checkpoint; NO_STEP: none */
	uint32_t *order;       /* [training.count] of epoch `order_epoch` */
	uint64_t order_epoch;  /* NO_STEP: none yet */
	double active_since;   /* clock when state.seconds was last brought up to date */
	bool gone;             /* the run directory was removed or replaced when it was last looked at */
	double step_seconds;   /* what a step takes of late; 0: not known */
};

/* Everything before the first step. */
bool job_prepare(struct trainer *trainer, struct error *error);
bool job_read_data(struct trainer *trainer, struct error *error); /* the part of it about rows and labels */

/* From the step where it stands to the last one. */
bool job_train(struct trainer *trainer, struct error *error);

/* Scores the held-out rows and writes a line. */
bool job_evaluate(struct trainer *trainer, struct error *error);

/* The file for TensorBoard: a new one each time a run starts or goes on. Cannot fail: what is not written is said
 * once. */
void job_curves_open(struct trainer *trainer);
void job_curves_add_point(struct trainer *trainer, const struct run_point *point);
void job_curves_add_evaluation(struct trainer *trainer, const struct run_evaluation *evaluation);

/* RUN/model with its card, and trainer_state.json. */
bool job_finish(struct trainer *trainer, struct error *error);

/* Writes a checkpoint where there is none of this step. */
bool job_checkpoint(struct trainer *trainer, struct error *error);

/* Does something that writes; when that fails for want of space or the like, waits and tries again until it
 * works. False when somebody asked to stop, when the run directory is gone, or when the reason is another one. */
bool job_persist(struct trainer *trainer, bool (*write)(struct trainer *, const void *, struct error *),
                 const void *what, struct error *error);

/* Between micro-batches: obeys pause, save and stop. False with ERROR_INTERRUPTED: stop. */
bool job_obey(struct trainer *trainer, struct error *error);

/* Where it stands, for everybody to see. */
void job_set_phase(struct trainer *trainer, enum trainer_phase phase, const char *what, uint64_t done,
                   uint64_t total);
void job_set_error(struct trainer *trainer, const struct error *error); /* NULL: none any more */
bool job_stop_asked(struct trainer *trainer);

/* A line in metrics.jsonl; waits for the disk. A note that cannot be written because of a stop is lost. */
void job_event(struct trainer *trainer, enum journal_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Seconds of work so far, pauses and breaks excluded. */
double job_seconds(struct trainer *trainer);
void job_clock_stop(struct trainer *trainer);
void job_clock_start(struct trainer *trainer);

#endif
