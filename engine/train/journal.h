/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * metrics.jsonl: one line of JSON for each logged step, evaluation and event.
 *
 *   {"type":"step","step":12,"epoch":0.1,"time":3.2,"loss":0.69,"learning_rate":5e-05,"grad_norm":1.2,"tokens_per_second":900}
 *   {"type":"evaluation","step":125,"epoch":1,"time":40,"loss":0.5,"accuracy":0.8,"f1":0.79}
 *   {"type":"event","step":125,"time":40,"state":"paused","text":"paused"}
 *
 * Numbers read back as the same doubles; what is not finite is null. Only the holder of the run's lock
 * writes. A line is added whole or not at all; where half a line cannot be taken back the next one begins behind it, on
 * its own. */
#ifndef REVUE_TRAIN_JOURNAL_H
#define REVUE_TRAIN_JOURNAL_H

#include "engine/run.h"
#include "engine/span.h"

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

struct journal_event {
	uint64_t step;
	double time;
	enum journal_state state;
	char text[1024];
};

struct journal {
	int fd;
	bool torn; /* it ends with half a line that could not be taken back */
	char path[4096];
};

/* Opens RUN/metrics.jsonl to add lines; a torn last line is cut off. */
bool journal_open(struct journal *journal, const char *directory, struct error *error);
void journal_close(struct journal *journal);

bool journal_add_point(struct journal *journal, const struct run_point *point, struct error *error);
bool journal_add_evaluation(struct journal *journal, const struct run_evaluation *evaluation, struct error *error);
bool journal_add_event(struct journal *journal, const struct journal_event *event, struct error *error);

/* Sees that what was added is on the disk: before a checkpoint, which a resumed run's log must reach. */
bool journal_sync(struct journal *journal, struct error *error);

/* Drops the steps and evaluations after `step`; events stay. */
bool journal_cut(struct journal *journal, uint64_t step, struct error *error);

/* What a line says. */
enum journal_kind { JOURNAL_OTHER, JOURNAL_POINT, JOURNAL_EVALUATION, JOURNAL_EVENT };
struct journal_line {
	enum journal_kind kind; /* OTHER: not one of ours; leave it alone */
	struct run_point point;
	struct run_evaluation evaluation;
	struct journal_event event;
};
void journal_parse(struct span text, struct journal_line *line);

#endif
