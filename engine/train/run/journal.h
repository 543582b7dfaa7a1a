/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * metrics.jsonl: one line of JSON (jsonlines.org) for each logged step, evaluation and event.
 *
 *   {"type":"step","step":12,"epoch":0.1,"time":3.2,"loss":0.69,"learning_rate":5e-05,"grad_norm":1.2,"tokens_per_second":900,"memory":2e9}
 *       "memory", in bytes, where it is known; of a GPU "device_memory","watts","celsius" and "peak_share" as far as they are
 *   {"type":"evaluation","step":125,"epoch":1,"time":40,"loss":0.5,"accuracy":0.8,"f1":0.79}
 *       and "metric":0.5 where the run has a --metric-for-best-model, and the other figures of run_figures.c that there are;
 *       step 0: before the first one
 *   {"type":"probe","step":12,"epoch":0.1,"time":3.2,"probe":1,"score":0.83,"label":"positive","text":"..."}
 *       a sentence of RUN/probes.txt, counted from 1, whenever a step is logged and after evaluations
 *   {"type":"event","step":125,"time":40,"state":"paused","date":"2026-11-29T08:15:00Z","text":"paused"}
 *       "command":"rate 2e-05" where somebody changed the training so, after this step
 *
 * Numbers read back as the same doubles; what is not finite is null. Steps and times go on after a resume. Events that
 * say how the run stands carry the date (RFC 3339, UTC). Only the holder of the run's lock writes. A line is added whole
 * or not at all; where half a line cannot be taken back, the next one begins after it, on a line of its own. Writing takes
 * no memory, so that a run that fails for want of it can say so. */
#ifndef REVUE_TRAIN_JOURNAL_H
#define REVUE_TRAIN_JOURNAL_H

#include "engine/run.h"
#include "engine/span.h"
#include "engine/steering.h"

#include <time.h>

#define JOURNAL_FILE "metrics.jsonl"
#define JOURNAL_LINE_MAX ((size_t)1 << 16)

/* What an event says about the run as a whole. */
enum journal_state {
	JOURNAL_NOTE, /* nothing */
	JOURNAL_RUNNING,
	JOURNAL_PAUSED,
	JOURNAL_FINISHED,
	JOURNAL_STOPPED,
	JOURNAL_FAILED,
};

#define JOURNAL_DATE 32

/* How a run stands by the last event that says it (NOTE: none does), and by whether somebody holds its lock. */
enum run_state journal_run_state(enum journal_state last, bool held);

struct journal_event {
	uint64_t step;
	double time;
	enum journal_state state;
	char date[JOURNAL_DATE]; /* "": none */
	char command[RUN_ORDER_MAX]; /* "": none */
	char text[1024];
};

struct journal_probe {
	struct run_probe point;
	int index; /* below RUN_PROBES_MAX */
	char text[RUN_PROBE_TEXT], label[64];
};

struct journal {
	int fd;
	bool torn; /* it ends with half a line that could not be taken back */
	char path[4096];
};

/* Opens RUN/metrics.jsonl to add lines; a torn last line is cut off. */
bool journal_open(struct journal *journal, const char *directory, struct error *error);
void journal_close(struct journal *journal);

/* "2026-11-29T08:15:00Z" (RFC 3339). */
void journal_date(char out[JOURNAL_DATE], time_t seconds);

/* Which kind it is, by the words that training.c and trainer.c have for it, of which checkpoint, and when it was: sets `kind`,
 * `checkpoint` and `when`. */
void journal_name_event(const struct journal_event *event, struct run_event *out);

bool journal_add_point(struct journal *journal, const struct run_point *point, struct error *error);
bool journal_add_evaluation(struct journal *journal, const struct run_evaluation *evaluation, struct error *error);
bool journal_add_probe(struct journal *journal, const struct journal_probe *probe, struct error *error);
bool journal_add_event(struct journal *journal, const struct journal_event *event, struct error *error);

/* Sees that what was added is on the disk: before a checkpoint, which a resumed run's log must reach. */
bool journal_sync(struct journal *journal, struct error *error);

/* Drops the steps and evaluations after `step`; events stay. */
bool journal_cut(struct journal *journal, uint64_t step, struct error *error);

/* What a line says. */
enum journal_kind {
	JOURNAL_OTHER,   /* of a kind that a later version may know, or empty: leave it alone */
	JOURNAL_DAMAGED, /* cut, no JSON, or one of ours without what it is there to say */
	JOURNAL_UNREAD,  /* there was no memory to read it: to be read again */
	JOURNAL_POINT,
	JOURNAL_EVALUATION,
	JOURNAL_EVENT,
	JOURNAL_PROBE,
};
struct journal_line {
	enum journal_kind kind;
	struct run_point point;
	struct run_evaluation evaluation;
	struct journal_event event;
	struct journal_probe probe;
};
void journal_parse(struct span text, struct journal_line *line);

#endif
