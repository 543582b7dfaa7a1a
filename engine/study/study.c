/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A study at work: what its folders say of each trial, and what follows from it. */
#include "engine/study.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/runs.h"
#include "engine/study/plan.h"
#include "engine/study/results.h"
#include "engine/train/options/best.h"
#include "engine/train/run/directory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct study {
	char folder[PATH_MAX];
	struct plan plan;
	bool greater;
	struct halving_trial *standing; /* [trials] what each came to */
	struct study_trial *trials;     /* [trials] as they are shown */
	int *room;                      /* [trials] */
	char task_run[PATH_MAX];
	struct train_options task_options;
};

void study_close(struct study *study)
{
	if (!study)
		return;
	for (int i = 0; study->trials && i < study->plan.halving.trials; i++)
		free((char *)(uintptr_t)study->trials[i].run);
	plan_free(&study->plan);
	free(study->standing);
	free(study->trials);
	free(study->room);
	free(study);
}

bool study_is_there(const char *folder)
{
	char path[PATH_MAX];

	return path_join(path, sizeof path, folder, STUDY_FILE, NULL) && file_exists(path);
}

enum study_kind study_kind(const struct study *study)
{
	return study->plan.kind;
}

const char *study_folder(const struct study *study)
{
	return study->folder;
}

const char *study_data(const struct study *study)
{
	return study->plan.data;
}

const char *study_model(const struct study *study)
{
	return study->plan.model;
}

const char *study_objective(const struct study *study)
{
	return study->plan.objective;
}

int study_trials(const struct study *study)
{
	return study->plan.halving.trials;
}

int study_rungs(const struct study *study)
{
	return study->plan.halving.rungs;
}

void study_trial(const struct study *study, int trial, struct study_trial *out)
{
	*out = study->trials[trial];
}

/* Looking */

/* The evaluation that ends a rung: the first at its step or later; of a run that ended early the last. */
static const struct run_evaluation *evaluation_of(const struct run *run, double share, bool finished)
{
	const uint64_t step = (uint64_t)ceil(share * (double)run_total_steps(run));
	const struct run_evaluation *evaluations;
	size_t count;
	bool best;

	evaluations = run_evaluations(run, &count);
	for (size_t i = 0; share < 1 && i < count; i++)
		if (evaluations[i].step >= step && step > 0)
			return &evaluations[i];
	return finished ? run_result(run, &best) : NULL;
}

static void take_evaluation(struct study_trial *trial, const struct run_evaluation *evaluation, double share)
{
	trial->share = share;
	trial->objective = evaluation->metric;
	trial->loss = evaluation->loss;
	trial->accuracy = evaluation->accuracy;
	trial->f1 = evaluation->f1;
}

static void look_at_run(const struct study *study, const struct run *run, struct halving_trial *standing, struct study_trial *trial)
{
	const enum run_state state = run_state(run);
	const bool finished = state == RUN_FINISHED;

	standing->failed = state == RUN_FAILED;
	trial->state = finished ? STUDY_FINISHED : standing->failed ? STUDY_FAILED : STUDY_TRAINS;
	if (standing->failed)
		snprintf(trial->problem, sizeof trial->problem, "%s", run_message(run));
	for (int rung = 0; rung < study->plan.halving.rungs; rung++) {
		const double share = halving_share(&study->plan.halving, rung);
		const struct run_evaluation *evaluation = evaluation_of(run, share, finished);

		if (!evaluation)
			break;
		standing->objective[rung] = evaluation->metric;
		standing->reached = rung + 1;
		trial->rungs = rung + 1;
		take_evaluation(trial, evaluation, share);
	}
	/* Nothing is held out to measure on. */
	if (finished)
		standing->reached = study->plan.halving.rungs;
}

static void look(struct study *study, int index)
{
	struct halving_trial *standing = &study->standing[index];
	struct study_trial *trial = &study->trials[index];
	const double none = (double)NAN;
	struct run *run;

	*standing = (struct halving_trial){.reached = 0};
	for (int rung = 0; rung < STUDY_RUNGS_MAX; rung++)
		standing->objective[rung] = none;
	trial->state = STUDY_WAITS;
	trial->rungs = 0;
	trial->share = 0;
	trial->objective = trial->loss = trial->accuracy = trial->f1 = none;
	run = run_open(trial->run, NULL);
	if (run)
		look_at_run(study, run, standing, trial);
	run_close(run);
}

/* What a rung did not keep goes on no more: its checkpoints are the largest part of a study. */
static void drop(const struct study_trial *trial)
{
	run_drop_checkpoints(trial->run, NULL);
}

/* The trial that is next, -1: none. */
static int look_at_all(struct study *study, int *rung)
{
	const struct halving *halving = &study->plan.halving;
	int next;

	for (int i = 0; i < halving->trials; i++)
		look(study, i);
	next = halving_next(halving, study->standing, study->greater, study->room, rung);
	for (int i = 0; i < halving->trials; i++)
		if (study->standing[i].out && study->trials[i].state != STUDY_FAILED)
			study->trials[i].state = STUDY_OUT;
	return next;
}

void study_look(struct study *study)
{
	int rung;

	look_at_all(study, &rung);
}

bool study_next(struct study *study, struct study_task *task, struct error *error)
{
	const struct halving *halving = &study->plan.halving;
	int rung, next = look_at_all(study, &rung);

	for (int i = 0; i < halving->trials; i++)
		if (study->trials[i].state == STUDY_OUT)
			drop(&study->trials[i]);
	if (error)
		error->kind = ERROR_NONE;
	if (next < 0)
		return false;
	study->task_options = study->plan.options;
	if (!settings_apply(&study->plan.trials[next].settings, &study->task_options, error))
		return false;
	*task = (struct study_task){.trial = next, .rung = rung, .run = study->trials[next].run,
	                            .resumes = study->trials[next].state == STUDY_TRAINS, .until = halving_share(halving, rung),
	                            .options = &study->task_options};
	return true;
}

/* Making */

static bool name_trials(struct study *study, struct error *error)
{
	for (int i = 0; i < study->plan.halving.trials; i++) {
		const struct plan_trial *planned = &study->plan.trials[i];
		struct study_trial *trial = &study->trials[i];
		char path[PATH_MAX];

		if (!path_join(path, sizeof path, study->folder, planned->name, error))
			return false;
		trial->run = strdup(path);
		if (!trial->run)
			return error_memory(error, "opening a study");
		trial->name = planned->name;
		trial->settings = planned->settings.count;
		for (int s = 0; s < trial->settings; s++) {
			trial->names[s] = planned->settings.list[s].row->name;
			trial->values[s] = planned->settings.list[s].value;
		}
	}
	return true;
}

/* After the plan is there. */
static bool prepare(struct study *study, struct error *error)
{
	const size_t count = (size_t)study->plan.halving.trials;
	struct best_rule rule = {.greater = true};

	study->standing = size_calloc(count, sizeof *study->standing);
	study->trials = size_calloc(count, sizeof *study->trials);
	study->room = size_calloc(count, sizeof *study->room);
	if (!study->standing || !study->trials || !study->room)
		return error_memory(error, "opening a study");
	if (study->plan.objective[0] && !best_rule_of(&study->plan.options, &rule, error))
		return false;
	study->greater = rule.greater;
	return name_trials(study, error);
}

static struct study *study_new(const char *folder, struct error *error)
{
	struct study *study = calloc(1, sizeof *study);

	if (!study) {
		error_memory(error, "opening a study");
		return NULL;
	}
	if (strlen(folder) < sizeof study->folder) {
		memcpy(study->folder, folder, strlen(folder) + 1);
		return study;
	}
	error_set(error, ERROR_USAGE, "%.100s...: name too long", folder);
	study_close(study);
	return NULL;
}

/* One that is there already goes on, where it asks the same. */
static bool begin(struct study *study, struct error *error)
{
	struct plan there;
	char path[PATH_MAX];
	bool same;

	if (!path_join(path, sizeof path, study->folder, STUDY_FILE, error))
		return false;
	if (!file_exists(path))
		return directory_check(study->folder, error) && folder_make(study->folder, error) &&
		       plan_write(&study->plan, study->folder, error);
	same = plan_read(&there, study->folder, error) && plan_is_same(&there, &study->plan);
	plan_free(&there);
	RETURN_IF(!same && (!error || error->kind == ERROR_NONE), error, ERROR_USAGE,
	          "%s holds a study that asks something else: go on with it by --resume %s, or name another folder", study->folder,
	          study->folder);
	return same;
}

static struct study *opened(struct study *study, bool done, struct error *error)
{
	if (done && prepare(study, error))
		return study;
	study_close(study);
	return NULL;
}

struct study *study_make(const struct study_request *request, struct error *error)
{
	struct study *study = study_new(request->folder, error);

	return study ? opened(study, plan_make(&study->plan, request, error) && begin(study, error), error) : NULL;
}

struct study *study_open(const char *folder, struct error *error)
{
	struct study *study = study_new(folder, error);

	return study ? opened(study, plan_read(&study->plan, folder, error), error) : NULL;
}

/* Results */

struct study_spread study_spread(const struct study *study, enum study_figure figure)
{
	return results_spread(study->trials, study_trials(study), figure);
}

int study_best(const struct study *study)
{
	return results_best(study->trials, study_trials(study), study->plan.objective[0] != '\0', study->greater);
}

bool study_write_results(const struct study *study, struct error *error)
{
	return results_write(study->folder, study->trials, study_trials(study), study->plan.objective, error);
}
