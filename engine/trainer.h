/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fine-tuning as a job on its own thread. A trainer writes all it knows into its run directory
 * (engine/run.h reads it) and obeys its owner and whoever sends commands to the run's control socket.
 * Implemented in engine/train.
 *
 * The run directory:
 *   run.json            options, model and data with their SHA-256, labels, machine, version, start
 *   base/               config.json and the tokenizer of the base: with a checkpoint, all of it that a resume needs
 *   metrics.jsonl       a line per logged step, evaluation and event; steps and times go on after a resume, and what
 *                       starts, pauses or ends it carries a date
 *   probes.txt          sentences, one a line, whose scores are followed (--probe)
 *   lock                flock held while the trainer lives; holds its pid and host
 *   control             unix socket that takes orders (engine/steering.h), a line each; a file system
 *                       without sockets costs the commands, not the training
 *   checkpoint-000250/  model.safetensors, optimizer.safetensors, state.json (hashes; written last)
 *   model/              the result, with its model card, README.md
 *   trainer_state.json  as transformers' TrainerState reads it
 *   events.out.tfevents.*  for TensorBoard: one each time the run starts or goes on */
#ifndef REVUE_ENGINE_TRAINER_H
#define REVUE_ENGINE_TRAINER_H

#include "engine/dataset.h"
#include "engine/options.h"
#include "engine/progress.h"
#include "engine/wake.h"

struct trainer;

enum trainer_phase {
	TRAINER_PREPARING, /* reading, tokenising: see trainer_status.what/done/total */
	TRAINER_TRAINING,
	TRAINER_PAUSED,
	TRAINER_EVALUATING,
	TRAINER_SAVING,
	TRAINER_FINISHED, /* RUN/model is there */
	TRAINER_STOPPED,  /* on request, after a checkpoint: can be resumed */
	TRAINER_FAILED,   /* see trainer_status.error */
};

/* The data of a training, read to its end: for whoever looks at it before the training starts, which then has not to read
 * it again. */
struct train_data;

/* Takes over `dataset`, which was opened with the training's columns, also when it fails. NULL with one line. Of the
 * options count whether rows need labels, and --exclude. */
struct train_data *train_data_read(struct dataset *dataset, const struct train_options *options, const struct progress *progress,
                                   struct error *error);
const struct survey *train_data_survey(const struct train_data *data); /* rows and labels; no lengths; borrowed */
void train_data_free(struct train_data *data); /* NULL is allowed */

/* What of a run that is to be resumed is not where it was, or that it is done and nobody gave it more epochs. */
struct trainer_missing {
	enum { TRAINER_HAS_ALL, TRAINER_MISSES_DATA, TRAINER_MISSES_VALIDATION, TRAINER_MISSES_MODEL, TRAINER_MISSES_EPOCHS } what;
	char path[4096]; /* where it was; not scrubbed; of epochs: "" */
};

struct trainer_request {
	const char *run;    /* directory; of a new run it is made if it is not there, see trainer_check */
	const char *data;   /* path; to resume: where it lies now, NULL: where it was */
	const char *model;  /* folder of the base; likewise */
	double epochs;      /* to resume: as many in all from now on, also of a run that has finished; 0: as it was */
	double until;       /* share of all steps after which it measures, keeps a checkpoint and stops as on request, whoever goes on
	                     * with it; 0, or 1: it runs to its end */
	const char *device; /* to resume: a word of --device from now on; NULL: the same */
	bool paused;        /* to resume: waits before its first step until it is told to go on */
	const char *validation;              /* file, only to resume; likewise: a new run has it among its options */
	struct trainer_missing *missing;     /* to resume: out, the first that is missing, else as it was; NULL: nobody asks */
	const struct train_options *options; /* of a new run; one that is resumed has its own */
	struct train_data *read;             /* of a new run: `data` as it was read; trainer_start takes it over. NULL: it
	                                        is read */
};

/* Starts a new run; everything in `request` but for `read` is copied. Checks what can be checked at once (the paths, the lock)
 * and returns NULL with one line. `wake` (may be NULL) is signalled at every change. */
struct trainer *trainer_start(const struct trainer_request *request, struct wake *wake, struct error *error);

/* What trainer_start would refuse at once, before the data is read. `run` (NULL is allowed here) must not be there, or be empty, or
 * hold a run that ended before its first step; the base must have weights. Makes nothing. */
bool trainer_check(const struct trainer_request *request, struct error *error);

/* Goes on from the newest checkpoint that verifies, to the bit; from the start where there is none. What the request says
 * lies elsewhere now must be what the run began with, by its hash; run.json then names the new place. NULL with one line also
 * when a file is not where it was. */
struct trainer *trainer_resume(const struct trainer_request *request, struct wake *wake, struct error *error);

/* Thread-safe, take effect at the next micro-batch. Stop writes a checkpoint first. */
void trainer_stop(struct trainer *trainer);

/* The same, for tests; everybody else says it as an order. */
void trainer_pause(struct trainer *trainer);
void trainer_continue(struct trainer *trainer);
void trainer_save(struct trainer *trainer);

/* An order as text, "rate 2e-5": engine/steering.h. False with one line: there is none such, or it is not possible now. */
bool trainer_order(struct trainer *trainer, const char *order, struct error *error);

/* Lends its weights as they stand after the next step, or now where it is paused: they are copied into `into`, a model that
 * run_open_base has opened, which the trainer borrows until trainer_has_lent says so or trainer_join has returned. Changes
 * nothing in the training. One at a time. */
void trainer_lend(struct trainer *trainer, struct model *into);

/* True once: the weights after *step are there, or error->kind tells why not. */
bool trainer_has_lent(struct trainer *trainer, uint64_t *step, struct error *error);

/* A copy of where it stands. */
struct trainer_status {
	enum trainer_phase phase;
	char what[64];
	uint64_t done, total;   /* of `what`, or steps while training */
	double seconds_left;    /* < 0: not known yet */
	struct error error;
};
void trainer_status(struct trainer *trainer, struct trainer_status *status);

/* Waits for the end, frees. Returns true for FINISHED and for STOPPED (error->kind is then
 * ERROR_INTERRUPTED with the line that tells how to go on). */
bool trainer_join(struct trainer *trainer, struct error *error);

/* What a training would take, before it starts: the Train screen and `revue train` show it. */
struct train_estimate {
	uint64_t memory_bytes, memory_available;
	uint64_t steps;
	double usual_low, usual_high, suggested; /* learning rates for a model of this size; 0: none is usual with the optimizer */
	char advice[256];                        /* one line where the learning rate is far from that; "" */
};
bool train_estimate(const struct trainer_request *request, uint64_t rows, struct train_estimate *estimate,
                    struct error *error);

/* How long it would take by what the log of an earlier run says: the newest one below `folder` with the same data, base and
 * settings that decide how long a step takes. False: there is none such. `run` is not scrubbed. */
struct train_time {
	double seconds; /* < 0: not known */
	char run[256];  /* the run's name; "": it was measured */
	int32_t measured; /* reviews that were timed for it: a guess; 0: an earlier run tells it */
};
bool train_time_of_runs(const struct trainer_request *request, const char *folder, uint64_t steps,
                        const struct progress *progress, struct train_time *time);

/* The same of a training of which no run tells: two passes over a few reviews of its data are timed, with the threads that it
 * would have. `seconds` stays below 0 where it is too short for that, or more than the model itself would be at work (teachers,
 * windows, what is frozen, models without a network). Takes the memory of a small batch, and a second or so. False with one line. */
bool train_time_measure(const struct trainer_request *request, uint64_t steps, const struct progress *progress,
                        struct train_time *time, struct error *error);

#endif
