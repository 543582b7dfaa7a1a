/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_evaluate.h"

#include "engine/base/size.h"
#include "engine/evaluate.h"
#include "engine/train/run/run_figures.h"
#include "engine/train/training_curves.h"
#include "engine/train/training_watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool write_evaluation(struct training *training, const void *what, struct error *error)
{
	return journal_add_evaluation(&training->journal, what, error);
}

/* What the loss of the training comes to on the held-out rows, where it is another one than the metrics': the Trainer
 * evaluates with the loss that it trains with, label smoothing included. */
struct held_out_loss {
	double sum, weights;
};

/* As model_score has it for independent labels. */
static void add_set(const struct training *training, uint32_t i, struct metrics *metrics, struct held_out_loss *own,
                    bool *right)
{
	size_t first = (size_t)i * (size_t)metrics->labels;
	const float *logits = training->logits + first, *targets = training->batch.targets + first;

	for (int32_t label = 0; label < metrics->labels; label++)
		metrics->on[label] = model_label_is_on(training->model, label, (float)(1 / (1 + exp(-(double)logits[label]))));
	*right = metrics_add_set(metrics, targets, logits, training->batch.truncated[i]);
	own->sum += train_loss_is_own(&training->loss) ? train_loss_set(&training->loss, logits, targets) : 0;
	own->weights++;
}

static void add_label(const struct training *training, uint32_t i, struct metrics *metrics, struct held_out_loss *own,
                      bool *right)
{
	const float *logits = training->logits + (size_t)i * (size_t)metrics->labels;
	int32_t label = training->batch.labels[i];

	*right = metrics_add(metrics, label, logits, training->batch.truncated[i]) == label;
	own->sum += train_loss_is_own(&training->loss) ? train_loss_example(&training->loss, logits, label) : 0;
	own->weights += train_loss_weight(&training->loss, label);
}

/* The scores */

static bool copy_names(struct held_out *scores, const struct training *training)
{
	for (int32_t i = 0; i < scores->labels; i++)
		if (!(scores->names[i] = strdup(model_label(training->model, i))))
			return false;
	return true;
}

/* The row that held_out.scores has: where reviews have sets, a byte a label. */
static void copy_truths(struct held_out *scores, const struct examples *held_out)
{
	for (size_t i = 0; i < scores->rows; i++) {
		scores->numbers[i] = held_out->numbers[i];
		scores->places[i] = held_out->places[i];
		if (!scores->sets)
			scores->truths[i] = held_out->labels[i];
	}
}

bool training_keep_scores(struct training *training, struct error *error)
{
	const struct examples *held_out = &training->held_out;
	const int32_t labels = model_config(training->model)->num_labels;
	struct held_out *scores = &training->scores;
	const size_t rows = held_out->count, cells = rows * (size_t)labels;

	if (rows == 0 || !training->task->labels || rows > HELD_OUT_CELLS_MAX / (size_t)labels)
		return true;
	*scores = (struct held_out){.labels = labels, .sets = held_out->sets != NULL,
	                            .validation = training->record.validation.path[0] != '\0'};
	scores->names = size_calloc((size_t)labels, sizeof *scores->names);
	scores->numbers = size_calloc(rows, sizeof *scores->numbers);
	scores->places = size_calloc(rows, sizeof *scores->places);
	scores->truths = size_calloc(rows, sizeof *scores->truths);
	scores->targets = scores->sets ? size_calloc(cells, 1) : NULL;
	scores->logits = size_calloc(cells, sizeof *scores->logits);
	if (!scores->names || !scores->numbers || !scores->places || !scores->truths || (scores->sets && !scores->targets) ||
	    !scores->logits || !copy_names(scores, training))
		return error_memory(error, "keeping the scores of the held-out reviews");
	scores->rows = rows;
	copy_truths(scores, held_out);
	return true;
}

static void keep_scores(struct training *training, uint32_t row, uint32_t in_batch)
{
	struct held_out *scores = &training->scores;
	const size_t labels = (size_t)scores->labels, to = row * labels, from = in_batch * labels;

	if (scores->rows == 0)
		return;
	memcpy(scores->logits + to, training->logits + from, labels * sizeof *scores->logits);
	for (size_t i = 0; scores->sets && i < labels; i++)
		scores->targets[to + i] = training->batch.targets[from + i] > 0;
}

static bool write_scores(struct training *training, const void *what, struct error *error)
{
	(void)what;
	training->scores.step = training->state.step;
	return held_out_write(training->run, &training->scores, error);
}

/* Scoring */

static bool score_batch(struct training *training, uint32_t first, uint32_t count, struct metrics *metrics,
                        struct held_out_loss *own, struct error *error)
{
	uint32_t index[EVALUATION_BATCH_MAX];
	struct batch batch;

	for (uint32_t i = 0; i < count; i++)
		index[i] = first + i;
	batch = batch_store_fill(&training->batch, &training->held_out, index, count);
	network_score(training->model, &batch, training->logits);
	if (!network_status(training->model, error))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		bool right;

		if (metrics->sets)
			add_set(training, i, metrics, own, &right);
		else
			add_label(training, i, metrics, own, &right);
		keep_scores(training, first + i, i);
		if (training->story.count > 0)
			training->story.now[first + i] = right;
	}
	return true;
}

/* The held-out rows have sets of labels where those that train do. */
static bool init_metrics(const struct training *training, struct metrics *metrics, struct error *error)
{
	int32_t labels = model_config(training->model)->num_labels;

	if (training->held_out.sets)
		return metrics_init_sets(metrics, labels, error);
	return metrics_init(metrics, labels, error) && metrics_order(metrics, training->model, error);
}

uint32_t training_evaluation_batch(const struct training *training)
{
	return training->part < EVALUATION_BATCH_MAX ? (uint32_t)training->part : EVALUATION_BATCH_MAX;
}

static bool score_held_out(struct training *training, struct metrics *metrics, struct held_out_loss *own,
                           struct error *error)
{
	uint32_t total = training->held_out.count, most = training_evaluation_batch(training);

	for (uint32_t first = 0; first < total; first += most) {
		uint32_t count = total - first < most ? total - first : most;
		RETURN_IF(commands_stop_asked(&training->commands), error, ERROR_INTERRUPTED, "stopped");
		training_set_phase(training, TRAINER_EVALUATING, "evaluating", first, total);
		if (!score_batch(training, first, count, metrics, own, error))
			return false;
	}
	return true;
}

/* One before the first step is for the log alone, as in transformers. */
static void note_evaluation(struct training *training, const struct run_evaluation *evaluation)
{
	struct checkpoint_state *state = &training->state;

	if (evaluation->step == 0)
		return;
	state->evaluated = evaluation->step;
	state->last = *evaluation;
	if (best_is_better(&training->rule, evaluation, &state->best))
		state->best = *evaluation;
	if (training->schedule.scheduler->measures)
		plateau_step(&state->plateau, &training->plateau, evaluation->metric);
	best_take(&state->mark, &training->rule, evaluation->step, evaluation->metric);
}

/* All figures of the held-out rows, and the one that chooses the best model. */
static bool measure_held_out(struct training *training, struct metric_figures *figures, struct held_out_loss *own,
                             double *metric, struct error *error)
{
	const struct best_rule *rule = &training->rule;
	struct metrics metrics;
	bool done = init_metrics(training, &metrics, error);

	if (done && rule->name && rule->metric->needs_rows)
		done = metrics_keep(&metrics, training->held_out.count, error);
	done = done && score_held_out(training, &metrics, own, error) && best_metric(rule, &metrics, metric, error);
	if (done)
		*figures = metrics_figures(&metrics);
	metrics_free(&metrics);
	return done;
}

static void take_figures(struct run_evaluation *evaluation, const struct metric_figures *figures, bool sets)
{
	evaluation->accuracy = figures->accuracy;
	evaluation->f1 = figures->f1;
	evaluation->precision = figures->precision;
	evaluation->recall = figures->recall;
	evaluation->f1_macro = sets ? figures->macro_f1 : (double)NAN;
	evaluation->mean_absolute_error = figures->mean_absolute_error;
}

/* As transformers' speed_metrics; one that took no time that a clock can tell has no speed. */
static void take_speed(const struct training *training, double seconds, struct run_evaluation *evaluation)
{
	uint64_t rows = training->held_out.count, batch = training_evaluation_batch(training);
	bool told = seconds > 0;

	evaluation->runtime = seconds;
	evaluation->samples_per_second = told ? (double)rows / seconds : (double)NAN;
	evaluation->steps_per_second = told ? (double)((rows + batch - 1) / batch) / seconds : (double)NAN;
}

static bool write_story(struct training *training, const void *what, struct error *error)
{
	(void)what;
	return before_after_write(&training->story, training->run, training->held_out.places, error);
}

/* What this evaluation says of each review, where the reviews were measured before the first step. */
static bool tell_story(struct training *training, struct error *error)
{
	const uint64_t step = training->state.step;
	const bool is_result = !training->record.options.load_best_model_at_end || training->state.mark.step == step;

	if (step == 0)
		before_after_begin(&training->story);
	else if (is_result)
		before_after_end(&training->story);
	if (training->scores.rows > 0 && is_result && !training_persist(training, write_scores, NULL, error))
		return false;
	return !training->story.begun || !(step == 0 || is_result) || training_persist(training, write_story, NULL, error);
}

bool training_measure_labels(struct training *training, struct run_evaluation *evaluation, struct error *error)
{
	struct held_out_loss own = {0, 0};
	struct metric_figures figures;

	if (!measure_held_out(training, &figures, &own, &evaluation->metric, error))
		return false;
	evaluation->loss = !train_loss_is_own(&training->loss) ? figures.loss : own.weights > 0 ? own.sum / own.weights : 0;
	if (training->rule.name && strcmp(training->rule.name, "loss") == 0)
		evaluation->metric = evaluation->loss;
	take_figures(evaluation, &figures, training->held_out.sets != NULL);
	return true;
}

bool training_evaluate(struct training *training, bool by_hand, struct error *error)
{
	struct run_evaluation evaluation = run_evaluation_none;
	double start = training_seconds(training);

	if (!training->task->measure(training, &evaluation, error))
		return false;
	evaluation.step = training->state.step;
	evaluation.epoch = schedule_epochs(&training->schedule, training->state.step);
	evaluation.time = training_seconds(training);
	take_speed(training, evaluation.time - start, &evaluation);
	if (!training_persist(training, write_evaluation, &evaluation, error))
		return false;
	training_curves_add_evaluation(training, &evaluation);
	if (!by_hand)
		note_evaluation(training, &evaluation);
	return tell_story(training, error) && training_watch_probes(training, error);
}
