/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/checkpoint_writer.h"

#include "engine/thread.h"

#include <stdlib.h>

bool checkpoint_writer_init(struct checkpoint_writer *writer, const struct checkpoint_place *place, bool copies,
                            struct error *error)
{
	writer->place = *place;
	if (copies)
		writer->copy = checkpoint_tensors_new(place->optimizer, error);
	return writer->copy || !copies;
}

static void join(struct checkpoint_writer *writer)
{
	if (writer->running)
		pthread_join(writer->thread, NULL);
	writer->running = false;
}

void checkpoint_writer_free(struct checkpoint_writer *writer)
{
	join(writer);
	checkpoint_tensors_free(writer->copy);
	writer->copy = NULL;
}

static bool write_values(struct checkpoint_writer *writer, struct error *error)
{
	const struct checkpoint_place *place = &writer->place;

	if (writer->copy)
		return checkpoint_write_copy(place->run, &writer->state, writer->copy, place->keep, error);
	return checkpoint_write(place->run, &writer->state, place->optimizer, place->keep, error);
}

/* To go on from a checkpoint nothing of trainer_state.json is needed: without it, one counts as well. */
static bool write_all(struct checkpoint_writer *writer, struct error *error)
{
	const struct trainer_constants *constants = &writer->place.constants;
	char *text;
	bool done;

	writer->without = (struct error){0};
	text = constants->run ? trainer_state_read(constants, &writer->state, &writer->without) : NULL;
	writer->state.trainer_state = text;
	done = write_values(writer, error);
	writer->state.trainer_state = NULL;
	free(text);
	return done;
}

/* The log's lines up to the step are on the disk before the checkpoint counts: whoever goes on from it cuts those after
 * it, and writes none of those before again. */
static bool write_checkpoint(struct checkpoint_writer *writer, struct error *error)
{
	return journal_sync(writer->place.journal, error) && write_all(writer, error);
}

static void *run_thread(void *context)
{
	struct checkpoint_writer *writer = context;

	writer->written = write_checkpoint(writer, &writer->error);
	atomic_store(&writer->ended, true);
	return NULL;
}

/* Where no thread can be had the checkpoint is written when somebody waits for it. */
void checkpoint_writer_begin(struct checkpoint_writer *writer, const struct checkpoint_state *state)
{
	writer->state = *state;
	writer->begun = true;
	writer->error = (struct error){0};
	writer->lost = false;
	atomic_store(&writer->ended, false);
	if (!writer->copy)
		return;
	writer->lost = !checkpoint_tensors_take(writer->copy, &writer->error);
	writer->running = !writer->lost &&
	                  thread_start(&writer->thread, run_thread, writer, "writing a checkpoint", NULL);
}

bool checkpoint_writer_is_busy(struct checkpoint_writer *writer)
{
	return writer->running && !atomic_load(&writer->ended);
}

bool checkpoint_writer_finish(struct checkpoint_writer *writer, struct error *error)
{
	bool written;

	if (writer->running) {
		join(writer);
		written = writer->written;
		if (!written && error)
			*error = writer->error;
	} else if (writer->lost) {
		written = false;
		if (error)
			*error = writer->error;
	} else {
		written = write_checkpoint(writer, error);
	}
	writer->begun = !written;
	return written;
}

void checkpoint_writer_drop(struct checkpoint_writer *writer)
{
	join(writer);
	writer->begun = false;
}
