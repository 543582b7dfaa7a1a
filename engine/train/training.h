/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A training at work: all that its thread has in hand, and what each part of the work needs: its time, its lines in
 * metrics.jsonl, writing that waits for a full disk. The parts of the work itself are
 * the files training_*.c; engine/train/trainer.c puts them in their order. */
#ifndef REVUE_TRAIN_TRAINING_H
#define REVUE_TRAIN_TRAINING_H

#include "engine/backend/cuda/module.h"
#include "engine/format/tensorboard.h"
#include "engine/held_out.h"
#include "engine/teach/inside_teacher.h"
#include "engine/train/commands.h"
#include "engine/train/optimize/loss.h"
#include "engine/train/optimize/occasions.h"
#include "engine/train/optimize/sampling.h"
#include "engine/train/optimize/schedule.h"
#include "engine/train/probes.h"
#include "engine/train/rows/examples.h"
#include "engine/train/rows/report_facts.h"
#include "engine/train/rows/train_data.h"
#include "engine/train/run/before_after.h"
#include "engine/train/run/checkpoint_writer.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/lock.h"
#include "engine/train/run/record.h"
#include "engine/train/stopwatch.h"

#define NO_STEP UINT64_MAX

/* What a linear model on words makes of the same rows. */
struct training_baseline {
	double accuracy, f1, loss, seconds;
	uint64_t training, held_out; /* rows */
};

/* The features that it is fitted to, until it is. */
struct training_ngrams {
	bool wanted, there; /* there: `figures` count */
	struct ngram_rows to_train, held_out;
	struct training_baseline figures;
	json_t *labels; /* [{"label", "words": [{"text", "weight", "rows", "share"}]}]: the strongest, first; NULL: they were not found */
};

/* What teachers make of the rows. */
struct training_teaching {
	struct soft_targets targets;
	bool *imitated;                   /* [texts] whether the inside of a teacher is imitated there; NULL: everywhere, or none is */
	int teachers;
	uint64_t texts, unlabelled;       /* that they were asked about, and those of them without a label */
	uint64_t kept, asked;             /* answers that were there, and those that were not */
	uint64_t in_validation, unusable; /* texts without a label that were left out: held out, or no text */
	double seconds;
};

/* Orders that the log has of steps after the checkpoint that is gone on from. */
struct training_order {
	uint64_t step;
	struct run_steering steering;
};
struct training_orders {
	struct training_order *orders; /* [count], steps ascend */
	size_t count, next;
};

/* Rows of an epoch's order. */
struct taken {
	uint64_t first, count;
};

/* A pass or an update that was asked of the device (training_settle.h). */
struct pending {
	uint64_t number;          /* of the backend's step */
	uint64_t step;            /* where the run stood */
	struct taken rows;
	bool update;              /* of the weights; else a pass over the rows */
	float *losses;            /* [loss_count], of a pass: of its rows, or of their masked tokens */
	uint64_t loss_count;
	struct clipping clipping; /* of an update */
	double factor;            /* what the step's losses are multiplied with for the log */
};

#define PENDING 4
struct pending_list {
	struct pending place[PENDING];
	int first, count;
	float *losses; /* of all places */
	double loss;   /* of the step that is being settled, so far; summed over the examples */
};

struct training;

/* What is learnt, where one task is another than the other (training_task.c): what rows become, what they count, what is
 * measured. The head is the model's own affair. */
struct training_task {
	const char *word; /* of --task */
	bool labels;      /* rows have labels, towards which they train; else their masked words */
	/* The rows of the data, once read: fills source->labels, and sees to the head of the model. The same for a validation file. */
	bool (*take_rows)(struct training *training, struct train_data *source, struct error *error);
	bool (*take_validation)(struct training *training, struct train_data *source, struct error *error);
	/* When all rows are there as tokens: how they become batches. */
	bool (*prepare_rows)(struct training *training, struct error *error);
	void (*describe)(const struct training *training, char *out, size_t capacity); /* for the report; NULL: the labels do */
	bool (*make_loss)(struct training *training, struct error *error);
	double (*row_weight)(const struct training *training, uint32_t row); /* what a row counts in the loss of a step */
	bool (*measure)(struct training *training, struct run_evaluation *evaluation, struct error *error); /* fills its figures */
};

/* Of the job thread alone, but for `commands`, and for what its writer is given of it. */
struct training {
	char run[RECORD_PATH_MAX];
	bool resuming;
	double until;       /* share of all steps after which it stops; 0: it does not */
	double more_epochs; /* that a resume asks for; 0: as many as there were */
	struct run_record record;
	const struct training_task *task;
	char model_notice[1024];  /* how the model was found that was asked for; "" */
	struct commands commands;
	struct progress progress; /* reports into the status, answers whether to go on */

	struct run_lock lock;
	struct journal journal;
	struct tensorboard curves;

	struct train_data *read; /* what the owner has read of the data already; NULL */
	struct model *model;
	struct examples to_train, held_out;
	struct training_teaching teaching;
	struct augmentation augmentation;
	struct masking masking, held_out_masking; /* of masked words; the second borrows from the first */
	struct inside_teacher inside; /* whose inside is imitated; without a model nobody's is */
	struct report_facts facts; /* of the data, until its report is made; of a run that goes on from a checkpoint nothing */
	struct training_ngrams ngrams; /* for the same report */
	uint64_t inside_bytes;     /* of the backend's memory, what the teacher takes whose inside is imitated */
	uint64_t rest_bytes;       /* memory of the process beside model and token ids, when they had been read */
	struct label_sets sets, held_out_sets; /* of the model's labels, where reviews have sets: of the data, of a validation file */
	struct batch_store batch;
	float *logits;         /* [sequences of the batch][num_labels]; of masked words [masked tokens of a batch], their losses */
	bool *right;           /* of masked words: [masked tokens of a batch] */
	struct schedule schedule;
	uint64_t part;         /* rows of a micro-batch that are computed at once, see training_memory.h; 1 .. schedule.batch */
	struct occasions occasions;
	struct before_after story;    /* of the held-out reviews; empty unless they are measured before the first step */
	struct held_out scores;       /* of them at the evaluation that is being made; rows 0: too many to keep */
	struct probes probes;
	bool probed;           /* they were scored, last after this step: */
	uint64_t probed_step;
	struct best_rule rule;        /* which evaluation is the best */
	struct plateau_rule plateau;  /* where the learning rate follows the evaluations */
	enum sampling sampling;
	struct optimizer_plan plan;
	struct train_loss loss;
	struct optimizer optimizer;

	struct checkpoint_state state; /* where it stands; what is pending is not in its losses and norm */
	struct pending_list pending;
	struct checkpoint_state left;  /* of a resumed run until its checkpoint is loaded: where it was left */
	char checkpoint[CHECKPOINT_NAME]; /* the one that a resumed run goes on from; "": none */
	struct checkpoint_state found;    /* its state */
	struct training_orders again;     /* what was changed by hand after that checkpoint, and is so again */
	bool prepared;                 /* `state` counts, no longer `left` */
	uint64_t saved;        /* step of the newest checkpoint; NO_STEP: none */
	struct checkpoint_writer writer; /* of the one after that */
	uint32_t *order;       /* [to_train.count] of epoch `order_epoch` */
	uint64_t order_epoch;  /* NO_STEP: none yet */
	uint32_t *order_room;  /* [to_train.count] where the rows are grouped by length; else NULL */
	struct stopwatch stopwatch;
	double active_since;   /* stopwatch when state.seconds was last brought up to date */
	bool gone;             /* the run directory was removed or replaced when it was last looked at */
	struct cuda_readings most; /* that a GPU told of itself at a logged step so far */
	double peak_share;         /* likewise */
	double operations;         /* of a token, on average over the rows; 0: not asked yet, below 0: not known */
	double step_seconds;   /* what a step takes, the last ones counting most; 0: not known */
};

/* One that holds nothing yet. `wake` may be NULL. */
void training_init(struct training *training, struct wake *wake);

/* Frees all that it holds, but for the commands, whose status outlives it, and the record. The lock goes last: whoever
 * gets it finds everything closed. */
void training_close(struct training *training);

/* Frees the rest. */
void training_free(struct training *training);

/* Whether some rows of a step count more than others in its loss. */
bool training_rows_weigh(const struct training *training);

/* What trainer_state.json tells of the plan; it borrows from the training, once that is prepared. */
struct trainer_constants training_constants(const struct training *training);

/* --save-dtype */
enum model_dtype training_saved_as(const struct training *training);

/* Where it stands, for everybody to see. */
void training_set_phase(struct training *training, enum trainer_phase phase, const char *what, uint64_t done,
                        uint64_t total);

/* Seconds of work so far, without pauses, breaks and stretches in which the process was stopped. */
double training_seconds(struct training *training);
void training_clock_start(struct training *training);

/* Does something that writes; when that fails for want of space or the like, waits and tries again until it
 * works. False when somebody asked to stop, when the run directory is gone, or when the reason is another one. */
bool training_persist(struct training *training, bool (*write)(struct training *, const void *, struct error *),
                      const void *what, struct error *error);

/* A line in metrics.jsonl; waits for the disk. A note that cannot be written because of a stop is lost. */
void training_event(struct training *training, enum journal_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How many rows of what was read now were left out by --exclude, a note a file; they are counted anew. NULL: nothing. */
void training_tell_exclusion(struct training *training, const char *what, struct exclusion *exclusion);

/* A note about what is opened and read, which is not written again where the run goes on from a checkpoint: the log has it
 * since its start. */
#define training_first_note(training, ...) \
	((training)->checkpoint[0] ? (void)0 : training_event(training, JOURNAL_NOTE, __VA_ARGS__))

/* Whether no step is left to do, or the evaluations improve no more and the run ends early. */
bool training_is_over(const struct training *training);

/* Whether it has come to where it was asked to stop before its end. */
bool training_breaks_off(const struct training *training);

#endif
