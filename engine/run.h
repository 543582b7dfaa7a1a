/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a run directory: what was asked for, how it went so far, whether somebody works on it, and
 * sending it commands. The live charts of the same process, `revue watch` and scripts all use this.
 * Implemented in engine/train (run.c, run_summary.c, control.c). Not thread-safe: one reader, one thread. */
#ifndef REVUE_ENGINE_RUN_H
#define REVUE_ENGINE_RUN_H

#include "engine/error.h"
#include "engine/options.h"

#include <stdint.h>

struct run_point {
	uint64_t step;
	double epoch, time;           /* time: seconds of work since the run began, without pauses, breaks and stops of the process */
	double loss, learning_rate, grad_norm; /* loss may be NaN */
	double tokens_per_second;
	double memory; /* bytes of the process that trains; NaN: not known, as in logs of earlier versions */
	double device_memory; /* bytes of a GPU that all processes have; NaN, as the next three: no GPU, or it does not tell */
	double watts, celsius;
	double peak_share;    /* share of what the GPU can multiply at most, 0 to 1 */
};

struct run_evaluation {
	uint64_t step; /* 0 only of one before the first step, --eval-on-start; else where it says: none */
	double epoch, time;
	double loss, accuracy, f1; /* of sets of labels: accuracy of whole sets, F1 of all labels together (micro) */
	double metric;             /* --metric-for-best-model; NaN: the run has none */
	/* Each NaN where it was not measured; the log of an older version has none of them but the error. */
	double precision, recall;   /* averaged over labels as f1 is */
	double f1_macro;            /* of sets of labels */
	double mean_absolute_error; /* of labels that are numbers */
	double perplexity;          /* of masked words, whose accuracy is the share told right; 0: of labels */
	double runtime, samples_per_second, steps_per_second; /* of the evaluation; a step is a batch; seconds */
};

/* Whether it measured masked words: then no figure of labels is there. */
static inline bool run_evaluation_masks(const struct run_evaluation *evaluation)
{
	return evaluation->perplexity > 0;
}

/* What the model said of a sentence that is followed (--probe): of two labels the score of the second, else of the one that
 * was predicted. */
#define RUN_PROBES_MAX 8
#define RUN_PROBE_TEXT 200
struct run_probe {
	uint64_t step;
	double epoch, time, score;
};

enum run_event_kind {
	RUN_EVENT_NOTE,
	RUN_EVENT_STATE,      /* it says how the run stands from then on */
	RUN_EVENT_RESUME,     /* it goes on from a checkpoint */
	RUN_EVENT_EARLY,      /* it finished before its last step, as --early-stopping-patience has it */
	RUN_EVENT_STEERED,    /* somebody changed the rate or the epochs */
	RUN_EVENT_CHECKPOINT, /* one was written, which may be after later steps */
};

/* What happened, in words: "epoch 2 begins", "checkpoint-000250 written". */
struct run_event {
	uint64_t step;
	double time;
	enum run_event_kind kind;
	uint64_t checkpoint; /* the step that it is of; 0: none */
	int64_t when; /* seconds since 1970 (UTC); 0: not known */
	char *text; /* may quote files: not scrubbed */
};

enum run_state {
	RUN_LIVE,     /* somebody holds the lock */
	RUN_PAUSED,   /* the same, and it waits */
	RUN_FINISHED,
	RUN_STOPPED,  /* on request; can be resumed */
	RUN_FAILED,   /* it said why: run_message */
	RUN_DEAD,     /* nobody holds the lock and the log does not say why: can be resumed */
};

struct run;

/* Opens RUN for reading and reads what is there. NULL with one line when it is no run directory. */
struct run *run_open(const char *directory, struct error *error);
void run_close(struct run *run);

/* Reads what was appended since. True when anything changed. A torn last line is left for later; lines
 * after a checkpoint that a resumed run takes back are dropped. */
bool run_update(struct run *run);

/* False with one line when the last update did not read the log to its end: what is shown is not all of it. */
bool run_check_log(const struct run *run, struct error *error);

/* Lines of the log that are cut, no JSON, or do not say what a line of their kind says: they were passed over. */
size_t run_damaged_lines(const struct run *run);

/* A descriptor to poll (inotify on the directory); -1 where that is not possible: poll by time. */
int run_fd(const struct run *run);

const char *run_directory(const struct run *run);
enum run_state run_state(const struct run *run);

/* Whether it is worth going on with: it stopped, died, or failed after its first step. One that failed before would fail so
 * again. */
bool run_can_resume(const struct run *run);

const char *run_message(const struct run *run); /* last event in words; "" */
int64_t run_started(const struct run *run); /* seconds since 1970 (UTC); 0: not known */
int64_t run_changed(const struct run *run); /* likewise: when it came to stand as it does; of a run that died, its last line */
const struct run_point *run_points(const struct run *run, size_t *count);           /* borrowed until the next update */
const struct run_evaluation *run_evaluations(const struct run *run, size_t *count); /* likewise */
const struct run_event *run_events(const struct run *run, size_t *count);           /* likewise; oldest first */
/* Of probe `index` from 0; NULL: there is none. What it says, cut, and the label that its last score is of; "". */
const struct run_probe *run_probes(const struct run *run, int index, size_t *count);
const char *run_probe_text(const struct run *run, int index);
const char *run_probe_label(const struct run *run, int index);

/* Has one more sentence followed, from the next line of the log on: a line in RUN/probes.txt. False: there are enough. */
bool run_add_probe(const char *directory, const char *text, struct error *error);

/* The sentences of a text file, one a line, as the value of --probe. False with one line: which one cannot be followed. */
bool run_read_probes(const char *path, char lines[OPTION_TEXT_MAX], struct error *error);
bool run_add_probes(const char *directory, const char *lines, struct error *error); /* those that are not followed yet */

uint64_t run_total_steps(const struct run *run); /* 0: not known yet */
uint64_t run_steps_per_epoch(const struct run *run); /* likewise */
uint64_t run_first_evaluation(const struct run *run); /* the step after which the first one comes; 0: none, or not known */
bool run_measures(const struct run *run); /* rows are held out to measure on, as far as it is known */
double run_seconds_left(const struct run *run); /* < 0: not known */

/* The report before the first step, which run.json has from when the data was read: line `index`, the warnings after the
 * others. NULL: there is no such line. Borrowed until the next update; may quote files: not scrubbed. */
const char *run_report_line(const struct run *run, size_t index, bool *warning);

/* What a linear model on words makes of the rows that are measured on (engine/baseline.h), of the same report. False: the run
 * has no such figures. */
#define RUN_BASELINE_WORDS 640 /* bytes */
struct run_baseline {
	double accuracy, f1, loss;
	long long training, held_out; /* rows */
	char words[RUN_BASELINE_WORDS]; /* the strongest: negative "worst", "bad"; positive "great"; "": not known. Not scrubbed */
};
bool run_baseline(const struct run *run, struct run_baseline *out);

/* The evaluation of the weights in RUN/model, or that would be there if the run ended now: the last one, or the best
 * where --load-best-model-at-end says so. NULL: none; borrowed like all of them. *is_best: it is there as the best. */
const struct run_evaluation *run_result(const struct run *run, bool *is_best);
const char *run_data(const struct run *run);
const char *run_model(const struct run *run);
const struct train_options *run_options(const struct run *run);
int32_t run_pid(const struct run *run); /* of the holder of the lock; 0 */

/* What a list of runs shows of each. Made from run.json, the newest checkpoint's state.json and the last
 * RUN_SUMMARY_BYTES of the log, so that it takes the same short time however long the run is. */
#define RUN_SUMMARY_BYTES 65536 /* some 400 lines */

struct run_summary {
	enum run_state state;
	int64_t started;      /* seconds since 1970 (UTC); of a run of an older version: when run.json was last written */
	int64_t changed;      /* likewise: when the log was last written; `started` where there is no log */
	uint64_t step, steps; /* made, and in all (0: not known yet) */
	double epoch, loss;   /* of the last step that was logged; NaN: none */
	struct run_evaluation last, best; /* step 0: none; the best by --metric-for-best-model, where it has one */
	bool best_counts;     /* the best is, or becomes, the result: --load-best-model-at-end */
	char name[256];       /* the directory's last part; not scrubbed */
	char message[256];    /* the last event among those lines; "" */
};
bool run_summary_read(const char *directory, struct run_summary *summary, struct error *error);

/* Models of a run besides its result. The steps of the checkpoints that look whole, rising; `capacity` of them at most. */
#define RUN_CHECKPOINTS_MAX 1024
size_t run_checkpoints(const char *directory, uint64_t *steps, size_t capacity);
bool run_checkpoint_path(const char *directory, uint64_t step, char *out, size_t capacity); /* false: too long */

/* Whether a path is that of a checkpoint of a run of this program; `directory` gets the run. */
bool run_is_checkpoint(const char *path, char *directory, size_t capacity, uint64_t *step);

/* The model as it was after that step, which reads reviews as the run does. The checkpoint must verify. Of a run that trains
 * adapters they are added to their base, which is needed: where the run found it, or options->base. NULL with one line. */
struct model *run_open_checkpoint(const char *directory, uint64_t step, const struct model_options *options, struct error *error);

/* A model of the run whose values are undefined: for trainer_lend. */
struct model *run_open_base(const char *directory, const struct model_options *options, struct error *error);

/* Sends an order (engine/steering.h), as text, to the control socket. */
bool run_send(const char *directory, const char *order, struct error *error);

#endif
