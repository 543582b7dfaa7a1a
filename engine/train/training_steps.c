/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_steps.h"

#include "engine/evaluate.h"
#include "engine/system.h"
#include "engine/train/training_checkpoint.h"
#include "engine/train/training_curves.h"
#include "engine/train/training_obey.h"
#include "engine/train/training_settle.h"
#include "engine/train/training_watch.h"

#include <math.h>
#include <string.h>

#define EVALUATION_BATCH_MAX 64
/* What one step took. */
struct outcome {
	uint64_t examples, tokens;
	double seconds;
};

/* Lines */

static bool write_point(struct training *training, const void *what, struct error *error)
{
	return journal_add_point(&training->journal, what, error);
}

static bool write_evaluation(struct training *training, const void *what, struct error *error)
{
	return journal_add_evaluation(&training->journal, what, error);
}

/* The steps since the last line. */
static bool log_steps(struct training *training, struct error *error)
{
	struct checkpoint_state *state = &training->state;
	struct run_point point = {
		.step = state->step,
		.epoch = schedule_epochs(&training->schedule, state->step),
		.time = training_seconds(training),
		.loss = state->loss_sum / (double)state->window_examples,
		.learning_rate = state->learning_rate,
		.grad_norm = state->grad_norm,
		.tokens_per_second = state->window_seconds > 0 ? (double)state->window_tokens / state->window_seconds : 0,
		.memory = (double)system_memory_used(),
	};

	if (!training_persist(training, write_point, &point, error))
		return false;
	training_curves_add_point(training, &point);
	state->loss_sum = state->window_seconds = 0;
	state->window_examples = state->window_tokens = 0;
	return training_watch_probes(training, error);
}

/* Evaluation */

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

static uint32_t evaluation_batch(const struct training *training)
{
	return training->schedule.batch < EVALUATION_BATCH_MAX ? (uint32_t)training->schedule.batch : EVALUATION_BATCH_MAX;
}

static bool score_held_out(struct training *training, struct metrics *metrics, struct held_out_loss *own,
                           struct error *error)
{
	uint32_t total = training->held_out.count, most = evaluation_batch(training);

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
	uint64_t rows = training->held_out.count, batch = evaluation_batch(training);
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
	return !training->story.begun || !(step == 0 || is_result) || training_persist(training, write_story, NULL, error);
}

/* Scores the held-out rows and writes a line. */
static bool evaluate_held_out(struct training *training, struct error *error)
{
	struct run_evaluation evaluation = {.step = training->state.step};
	struct held_out_loss own = {0, 0};
	double start = training_seconds(training);
	struct metric_figures figures;

	if (!measure_held_out(training, &figures, &own, &evaluation.metric, error))
		return false;
	evaluation.epoch = schedule_epochs(&training->schedule, training->state.step);
	evaluation.time = training_seconds(training);
	evaluation.loss = !train_loss_is_own(&training->loss) ? figures.loss : own.weights > 0 ? own.sum / own.weights : 0;
	if (training->rule.name && strcmp(training->rule.name, "loss") == 0)
		evaluation.metric = evaluation.loss;
	take_figures(&evaluation, &figures, training->held_out.sets != NULL);
	take_speed(training, evaluation.time - start, &evaluation);
	if (!training_persist(training, write_evaluation, &evaluation, error))
		return false;
	training_curves_add_evaluation(training, &evaluation);
	note_evaluation(training, &evaluation);
	return tell_story(training, error) && training_watch_probes(training, error);
}

/* One step */

/* Until the first step of an epoch. */
static uint64_t evaluations_before(const struct training *training, uint64_t epoch)
{
	const struct schedule *schedule = &training->schedule;

	if (training->held_out.count == 0)
		return 0;
	return occasions_evaluations(&training->occasions, schedule, epoch * schedule->steps_per_epoch) +
	       (training->record.options.eval_on_start ? 1 : 0);
}

/* What is pending names rows of the order before. */
static bool order_epoch(struct training *training, uint64_t epoch, struct error *error)
{
	const struct train_options *options = &training->record.options;
	const struct sampling_rows rows = {
		.count = training->to_train.count,
		.per_step = training->schedule.batch * training->schedule.accumulation,
		.starts = training->to_train.starts,
	};
	bool own_seed = training->sampling == SAMPLING_RANDOM && options->data_seed >= 0;
	const struct sampling_epoch at = {
		.seed = (uint64_t)(own_seed ? options->data_seed : options->seed),
		.epoch = epoch,
		.evaluations = evaluations_before(training, epoch),
	};

	if (training->order_epoch == epoch)
		return true;
	if (!training_settle(training, 0, error))
		return false;
	sampling_order(training->sampling, &rows, &at, training->order, training->order_room);
	training->order_epoch = epoch;
	return true;
}

/* What the examples of a step count, of all micro-batches together: gradients and losses are divided by it. */
static double step_weight(const struct training *training, const struct schedule_step *step)
{
	double sum = 0;

	if (!training->loss.weights)
		return (double)step->rows;
	for (uint64_t i = 0; i < step->rows; i++)
		sum += train_loss_weight(&training->loss, training->to_train.labels[training->order[step->first + i]]);
	return sum;
}

/* The gradients of a step's examples, micro-batch by micro-batch. Where none of them counts there are none. */
static bool accumulate(struct training *training, const struct schedule_step *step, double weight, struct outcome *outcome,
                       struct error *error)
{
	struct train_pass pass = {
		.scale = weight > 0 ? (float)(1.0 / weight) : 0,
		.seed = (uint64_t)training->record.options.seed,
		.step = training->state.step * training->schedule.accumulation,
		.label_smoothing = training->loss.label_smoothing,
		.weights = training->loss.weights,
		.neftune_noise_alpha = (float)training->record.options.neftune_noise_alpha,
	};

	network_zero_gradients(training->model);
	for (uint64_t done = 0; done < step->rows; pass.step++) {
		uint64_t left = step->rows - done;
		uint32_t count = (uint32_t)(left < training->schedule.batch ? left : training->schedule.batch);
		if (!training_obey(training, error))
			return false;
		struct batch batch = batch_store_fill(&training->batch, &training->to_train,
		                                      training->order + step->first + done, count);
		struct pending *pending = training_pending(training, (struct taken){step->first + done, count},
		                                           training->state.step);
		pending->number = network_train_begin(training->model, &batch, &pass, pending->losses);
		if (!training_settle_late(training, error))
			return false;
		outcome->tokens += (uint64_t)batch.starts[batch.sequences];
		done += count;
	}
	outcome->examples = step->rows;
	return true;
}

static double learning_rate(const struct training *training)
{
	if (training->schedule.scheduler->measures)
		return training->state.plateau.rate;
	return schedule_rate(&training->schedule, training->state.step);
}

/* With weights of labels the mean of the step is theirs by weight; the log adds up examples. */
static double log_factor(const struct training *training, const struct schedule_step *step, double weight)
{
	if (!training->loss.weights)
		return 1;
	return weight > 0 ? (double)step->rows / weight : 0;
}

static bool update(struct training *training, const struct schedule_step *step, double weight, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct optimizer_settings settings = {
		.learning_rate = learning_rate(training),
		.weight_decay = options->weight_decay,
		.max_grad_norm = options->max_grad_norm,
	};

	struct pending *pending = training_pending(training, (struct taken){step->first, step->rows}, training->state.step);

	training->state.learning_rate = settings.learning_rate;
	pending->update = true;
	pending->factor = log_factor(training, step, weight);
	pending->number = optimizer_begin(&training->optimizer, &settings, &pending->clipping);
	return training_settle_late(training, error);
}

static void count_step(struct training *training, const struct outcome *outcome)
{
	struct checkpoint_state *state = &training->state;

	state->step++;
	state->window_examples += outcome->examples;
	state->window_tokens += outcome->tokens;
	state->window_seconds += outcome->seconds;
	state->total_examples += outcome->examples;
	training->step_seconds = training->step_seconds > 0
	                                ? 0.9 * training->step_seconds + 0.1 * outcome->seconds
	                                : outcome->seconds;
}

static bool train_step(struct training *training, struct error *error)
{
	struct schedule_step step = schedule_step(&training->schedule, training->state.step);
	const bool logs = occasions_log(&training->occasions, &training->schedule, training->state.step + 1);
	const double start = training_seconds(training);
	struct outcome outcome = {0};
	double weight;

	training_set_phase(training, TRAINER_TRAINING, "training", training->state.step, training->schedule.steps);
	if (!order_epoch(training, step.epoch, error))
		return false;
	weight = step_weight(training, &step);
	if (!accumulate(training, &step, weight, &outcome, error) || !update(training, &step, weight, error) ||
	    (logs && !training_settle(training, 0, error)))
		return false;
	outcome.seconds = training_seconds(training) - start;
	count_step(training, &outcome);
	return !logs || log_steps(training, error);
}

/* The run of steps */

static bool evaluation_is_due(const struct training *training)
{
	uint64_t step = training->state.step;

	return training->held_out.count > 0 && step > 0 && training->state.evaluated != step &&
	       occasions_evaluate(&training->occasions, &training->schedule, step);
}

/* The steps before an early end have their line, too, where steps are logged at all. */
static bool last_line_is_due(const struct training *training)
{
	return training_is_over(training) && training->state.window_examples > 0 && training->occasions.log != OCCASION_NO;
}

static bool checkpoint_is_due(const struct training *training)
{
	uint64_t step = training->state.step;

	return step > 0 && occasions_save(&training->occasions, &training->schedule, step, training_is_over(training),
	                                  training->state.mark.step == step);
}

static bool evaluate_at_start(struct training *training, struct error *error)
{
	bool due = training->record.options.eval_on_start && training->held_out.count > 0 && training->state.step == 0;

	return !due || evaluate_held_out(training, error);
}

/* Whoever looks at the weights or the losses finds those of all steps that were made. */
static bool settle_if_due(struct training *training, struct error *error)
{
	const bool due = training_is_over(training) || evaluation_is_due(training) || checkpoint_is_due(training);

	return !due || training_settle(training, 0, error);
}

static bool run_steps(struct training *training, struct error *error)
{
	for (;;) {
		if (!settle_if_due(training, error))
			return false;
		if (!training_checkpoint_take(training, false, error))
			return false;
		if (evaluation_is_due(training) && !evaluate_held_out(training, error))
			return false;
		if (last_line_is_due(training) && !log_steps(training, error))
			return false;
		if (checkpoint_is_due(training) && !training_checkpoint_begin(training, error))
			return false;
		if (training_is_over(training))
			return true;
		if (!training_lend(training, error) || !train_step(training, error))
			return false;
	}
}

/* However the steps end, what was being written is written, and said, before anything else is done. */
bool training_run_steps(struct training *training, struct error *error)
{
	training_curves_open(training);
	if (probes_begin(training->run, training->record.options.probe, error) && evaluate_at_start(training, error) &&
	    (training->state.step > 0 || training_watch_probes(training, error)) && run_steps(training, error))
		return training_checkpoint_take(training, true, error);
	training_checkpoint_take(training, true, NULL);
	return false;
}
