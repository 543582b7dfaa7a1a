/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/attend.h"

#include "src/output.h"
#include "src/signals.h"

#include <poll.h>

#define LOOK_MILLISECONDS 200 /* how late a signal that came between two looks is seen */

/* The trainer's own preparations, until its run says more. */
static void show_status(struct trainer *trainer, struct progress_line *line)
{
	struct trainer_status status;

	trainer_status(trainer, &status);
	if (status.phase == TRAINER_PREPARING || status.phase == TRAINER_EVALUATING || status.phase == TRAINER_SAVING)
		progress_report(&line->progress, status.what[0] ? status.what : "preparing", status.done, status.total);
}

static bool has_ended(struct trainer *trainer)
{
	struct trainer_status status;

	trainer_status(trainer, &status);
	return status.phase == TRAINER_FINISHED || status.phase == TRAINER_STOPPED || status.phase == TRAINER_FAILED;
}

struct run *attend_training(struct trainer *trainer, struct wake *wake, const char *directory, struct follower *follower)
{
	struct progress_line *line = follower->line;
	struct run *run = NULL;
	bool stopping = false, ended = false;

	while (!ended) {
		struct pollfd fd = {wake_fd(wake), POLLIN, 0};

		poll(&fd, 1, LOOK_MILLISECONDS);
		wake_clear(wake);
		if (signals_stopped() && !stopping) {
			stopping = true;
			trainer_stop(trainer);
			progress_clear(line);
			message_note("stopping after a checkpoint; once more leaves at once");
		}
		ended = has_ended(trainer);
		if (!run)
			run = run_open(directory, NULL);
		if (run) {
			run_update(run);
			follow_run(follower, run);
		}
		if (!ended)
			show_status(trainer, line);
	}
	progress_clear(line);
	return run;
}
