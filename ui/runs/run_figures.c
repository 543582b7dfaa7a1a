/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/run_figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void figures_free(struct figures *figures)
{
	if (!figures)
		return;
	tally_free(&figures->tally);
	free(figures->matrix);
	free(figures->worst);
	free(figures->losses);
	free(figures->cuts);
	held_out_free(&figures->held);
	free(figures);
}

/* Counting */

static bool count_sets(struct figures *figures)
{
	const struct held_out *held = &figures->held;
	const size_t labels = (size_t)held->labels;
	struct averages samples = {0};
	float *targets = calloc(labels, sizeof *targets);
	bool *on = calloc(labels, sizeof *on);
	size_t exact = 0;

	for (size_t i = 0; targets && on && i < held->rows; i++) {
		for (size_t l = 0; l < labels; l++) {
			targets[l] = held->targets[i * labels + l];
			on[l] = held->logits[i * labels + l] > 0;
		}
		exact += tally_add_set(&figures->tally, targets, on, &samples) == 0;
	}
	figures->tally.independent = true;
	figures->accuracy = (double)exact / (double)held->rows;
	free(targets);
	free(on);
	return targets && on;
}

static bool count_labels(struct figures *figures)
{
	const struct held_out *held = &figures->held;
	const size_t labels = (size_t)held->labels;

	if (held->labels <= FIGURES_MATRIX_LABELS && !(figures->matrix = calloc(labels * labels, sizeof *figures->matrix)))
		return false;
	for (size_t i = 0; i < held->rows; i++) {
		tally_add(&figures->tally, held->truths[i], held->predictions[i]);
		if (figures->matrix)
			figures->matrix[(size_t)held->truths[i] * labels + (size_t)held->predictions[i]]++;
	}
	figures->accuracy = tally_accuracy(&figures->tally);
	return true;
}

static int compare_losses(const void *a, const void *b, void *context)
{
	const struct figures *figures = context;
	const size_t left = *(const size_t *)a, right = *(const size_t *)b;

	if (figures->losses[left] != figures->losses[right])
		return figures->losses[left] < figures->losses[right] ? 1 : -1;
	return (left > right) - (left < right);
}

static bool find_worst(struct figures *figures)
{
	const struct held_out *held = &figures->held;

	figures->worst = calloc(held->rows, sizeof *figures->worst);
	figures->losses = calloc(held->rows, sizeof *figures->losses);
	if (!figures->worst || !figures->losses)
		return false;
	for (size_t i = 0; i < held->rows; i++) {
		figures->losses[i] = -log(fmax(held->scores[i * (size_t)held->labels + (size_t)held->truths[i]], 1e-15));
		if (held->predictions[i] != held->truths[i])
			figures->worst[figures->worst_count++] = i;
	}
	if (figures->worst_count > 1)
		qsort_r(figures->worst, figures->worst_count, sizeof *figures->worst, compare_losses, figures);
	return true;
}

double figures_cut(int index)
{
	return (double)(index + 1) / (FIGURES_CUTS + 1);
}

static bool find_cuts(struct figures *figures, struct error *error)
{
	const struct scored_rows rows = held_out_scored(&figures->held);
	bool done;

	figures->cut_labels = rows.labels < FIGURES_CUT_LABELS ? rows.labels : FIGURES_CUT_LABELS;
	figures->cuts = calloc((size_t)figures->cut_labels, sizeof *figures->cuts);
	done = figures->cuts || error_memory(error, "counting predictions");
	for (int32_t label = 0; done && label < figures->cut_labels; label++) {
		for (int i = 0; i < FIGURES_CUTS; i++)
			figures->cuts[label].cuts[i] = cut_figures_of(&rows, label, figures_cut(i));
		done = threshold_best_f1(&rows, label, &figures->cuts[label].best, error);
	}
	return done;
}

static bool count(struct figures *figures, struct error *error)
{
	const struct scored_rows rows = held_out_scored(&figures->held);
	const bool sets = figures->held.sets;

	if (!tally_init(&figures->tally, figures->held.labels, error))
		return false;
	if (!(sets ? count_sets(figures) : count_labels(figures) && find_worst(figures)))
		return error_memory(error, "counting predictions");
	figures->log_loss = log_loss(&rows);
	figures->brier = brier_score(&rows);
	figures->calibration = calibration_error(&rows);
	calibration_bins(&rows, figures->bins);
	return find_cuts(figures, error);
}

/* The job */

struct figures_task {
	struct figures *figures;
	char path[];
};

static bool figures_work(void *context, const struct progress *progress, struct error *error)
{
	struct figures_task *task = context;

	(void)progress;
	task->figures = calloc(1, sizeof *task->figures);
	return task->figures ? held_out_read(task->path, &task->figures->held, error) && count(task->figures, error)
	                     : error_memory(error, "reading a run");
}

static void figures_task_free(void *context)
{
	struct figures_task *task = context;

	figures_free(task->figures);
	free(task);
}

void run_figures_forget(struct run_figures *run)
{
	job_let_go(&run->job);
	figures_free(run->figures);
	*run = (struct run_figures){.job = NULL};
}

void run_figures_free(struct run_figures *run)
{
	run_figures_forget(run);
}

void run_figures_ask(struct run_figures *run, struct jobs *jobs, const char *path)
{
	static const struct job_kind reading = {"reading the scores of a run", figures_work, figures_task_free};
	struct figures_task *task;

	if (strcmp(run->path, path) == 0)
		return;
	run_figures_forget(run);
	task = calloc(1, sizeof *task + strlen(path) + 1);
	if (!task || strlen(path) >= sizeof run->path) {
		error_memory(&run->error, reading.name);
		free(task);
		return;
	}
	memcpy(task->path, path, strlen(path) + 1);
	memcpy(run->path, path, strlen(path) + 1);
	run->job = job_start(jobs, &reading, task, &run->error);
}

bool run_figures_update(struct run_figures *run)
{
	struct figures_task *task;

	if (!job_finished(run->job))
		return false;
	task = job_context(run->job);
	if (job_error(run->job)) {
		run->error = *job_error(run->job);
	} else {
		run->figures = task->figures;
		task->figures = NULL;
	}
	job_let_go(&run->job);
	return true;
}

/* Asking */

size_t figures_cell(const struct figures *figures, int32_t truth, int32_t prediction, uint64_t *numbers)
{
	const struct held_out *held = &figures->held;
	size_t found = 0;

	for (size_t i = 0; i < held->rows; i++)
		if (held->truths[i] == truth && held->predictions[i] == prediction)
			numbers[found++] = held->numbers[i];
	return found;
}

/* 0 where the prediction is right, 1 where it is wrong: the labels of two runs may stand in another order. NULL: no memory. */
static int32_t *wrongs_of(const struct held_out *held)
{
	int32_t *wrong = calloc(held->rows, sizeof *wrong);

	for (size_t i = 0; wrong && i < held->rows; i++)
		wrong[i] = held->predictions[i] != held->truths[i];
	return wrong;
}

bool figures_mcnemar(const struct figures *a, const struct figures *b, struct mcnemar *out, struct error *error)
{
	int32_t *left, *right, *truths;
	bool done;

	if (!held_out_check_same(&a->held, &b->held, error))
		return false;
	left = wrongs_of(&a->held);
	right = wrongs_of(&b->held);
	truths = calloc(a->held.rows, sizeof *truths);
	done = left && right && truths;
	if (done)
		*out = mcnemar_test(&(struct predictions){a->held.rows, 2, truths, left, NULL, NULL},
		                    &(struct predictions){a->held.rows, 2, truths, right, NULL, NULL});
	free(left);
	free(right);
	free(truths);
	return done || error_memory(error, "comparing two runs");
}
