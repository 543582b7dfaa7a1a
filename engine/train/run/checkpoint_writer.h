/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes checkpoints beside the training: the thread that makes the steps waits for a copy in memory, a thread of
 * the writer's own does the rest. One write at a time. Without memory for the copy the calling thread does it all. */
#ifndef REVUE_TRAIN_CHECKPOINT_WRITER_H
#define REVUE_TRAIN_CHECKPOINT_WRITER_H

#include "engine/train/run/checkpoint.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/trainer_state.h"

#include <pthread.h>
#include <stdatomic.h>

/* What stays the same for a whole run; borrowed. */
struct checkpoint_place {
	const char *run;
	struct journal *journal;
	const struct optimizer *optimizer;
	int64_t keep;
	struct trainer_constants constants;
};

/* Of the thread that makes the steps; while the writer's own thread runs place, copy, state and result are that one's.
 * Start with {0}. */
struct checkpoint_writer {
	struct checkpoint_place place;
	struct checkpoint_tensors *copy; /* NULL: there was no memory */
	struct checkpoint_state state;   /* at the moment of the copy */
	bool begun;                      /* a checkpoint is on its way */
	bool running;                    /* its thread has not been joined */
	pthread_t thread;
	bool lost;                       /* the device failed, no copy could be made: `error` says how */
	atomic_bool ended;               /* the thread is at its end */
	bool written;                    /* what the thread came to */
	struct error error;
	struct error without;            /* why the checkpoint has no trainer_state.json, where it should */
};

/* `copies`: takes the memory for them. Without it, or when there is none, which is said, writing is not beside. */
bool checkpoint_writer_init(struct checkpoint_writer *writer, const struct checkpoint_place *place, bool copies,
                            struct error *error);

/* Waits for the thread. Before the optimizer and the journal end. */
void checkpoint_writer_free(struct checkpoint_writer *writer);

/* Begins with a checkpoint of how things stand now; none is on its way. Where it is not written beside, nothing is done
 * until checkpoint_writer_finish, before which no step may be made. */
void checkpoint_writer_begin(struct checkpoint_writer *writer, const struct checkpoint_state *state);

/* Whether checkpoint_writer_finish would have to wait for the thread. */
bool checkpoint_writer_is_busy(struct checkpoint_writer *writer);

/* Waits for the checkpoint on its way and tells what came of it. After a failure it may be called again and tries once
 * more, on this thread, with the values of the same moment; or checkpoint_writer_drop gives it up. */
bool checkpoint_writer_finish(struct checkpoint_writer *writer, struct error *error);
void checkpoint_writer_drop(struct checkpoint_writer *writer);

#endif
