/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/lending.h"

#include "ui/tasks.h"

bool lending_start(struct lending *lending, struct jobs *jobs, struct wake *wake, const char *run,
                   const struct model_options *how, struct error *error)
{
	if (!lending->job)
		lending->job = task_start_model(jobs, wake, run, how, ORIGIN_BARE, error);
	return lending->job;
}

void lending_end(struct lending *lending)
{
	job_let_go(&lending->job);
	lending->asked = false;
}

/* The model is made: the training gets it. */
static void lending_ask(struct lending *lending, struct trainer *trainer, struct error *error)
{
	if (!job_finished(lending->job))
		return;
	if (job_error(lending->job)) {
		*error = *job_error(lending->job);
		lending_end(lending);
		return;
	}
	lending->asked = true;
	trainer_lend(trainer, ((struct model_task *)job_context(lending->job))->model);
}

static bool lending_use(struct lending *lending, struct scoring *scoring, struct jobs *jobs, struct error *error)
{
	struct model_task *task = job_context(lending->job);
	struct model *model = task->model;
	struct live_scorer *scorer = task->scorer;

	task->model = NULL;
	task->scorer = NULL;
	lending_end(lending);
	return scoring_use(scoring, jobs, model, scorer, error);
}

bool lending_update(struct lending *lending, struct trainer *trainer, struct scoring *scoring, struct jobs *jobs, uint64_t *step,
                    struct error *error)
{
	if (!lending->job)
		return false;
	if (!lending->asked)
		lending_ask(lending, trainer, error);
	if (!lending->asked || !trainer_has_lent(trainer, step, error))
		return false;
	if (error->kind) {
		lending_end(lending);
		return false;
	}
	return lending_use(lending, scoring, jobs, error);
}
