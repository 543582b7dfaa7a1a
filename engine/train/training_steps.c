/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_steps.h"

#include "engine/base/random.h"
#include "engine/evaluate.h"
#include "engine/train/training_curves.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define EVALUATION_BATCH_MAX 64

/* What one step came to. */
struct outcome {
	double loss; /* summed over the examples */
	double grad_norm, learning_rate;
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

static bool log_step(struct training *training, const struct outcome *outcome, struct error *error)
{
	struct checkpoint_state *state = &training->state;
	struct run_point point = {
		.step = state->step,
		.epoch = schedule_epochs(&training->schedule, state->step),
		.time = training_seconds(training),
		.loss = state->loss_sum / (double)state->window_examples,
		.learning_rate = outcome->learning_rate,
		.grad_norm = outcome->grad_norm,
		.tokens_per_second = state->window_seconds > 0 ? (double)state->window_tokens / state->window_seconds : 0,
	};

	if (!training_persist(training, write_point, &point, error))
		return false;
	training_curves_add_point(training, &point);
	state->loss_sum = state->window_seconds = 0;
	state->window_examples = state->window_tokens = 0;
	return true;
}

/* Evaluation */

/* What the loss of the training comes to on the held-out rows, where it is another one than the metrics': the Trainer
 * evaluates with the loss that it trains with, label smoothing included. */
struct held_out_loss {
	double sum, weights;
};

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
		const float *logits = training->logits + (size_t)i * (size_t)metrics->labels;
		int32_t label = training->batch.labels[i];

		metrics_add(metrics, label, logits, training->batch.truncated[i]);
		own->sum += train_loss_is_own(&training->loss) ? train_loss_example(&training->loss, logits, label) : 0;
		own->weights += train_loss_weight(&training->loss, label);
	}
	return true;
}

static bool score_held_out(struct training *training, struct metrics *metrics, struct held_out_loss *own,
                           struct error *error)
{
	uint32_t total = training->held_out.count, most = (uint32_t)training->schedule.batch;

	most = most > EVALUATION_BATCH_MAX ? EVALUATION_BATCH_MAX : most;
	for (uint32_t first = 0; first < total; first += most) {
		uint32_t count = total - first < most ? total - first : most;
		RETURN_IF(commands_stop_asked(&training->commands), error, ERROR_INTERRUPTED, "stopped");
		training_set_phase(training, TRAINER_EVALUATING, "evaluating", first, total);
		if (!score_batch(training, first, count, metrics, own, error))
			return false;
	}
	return true;
}

static void note_evaluation(struct checkpoint_state *state, const struct run_evaluation *evaluation)
{
	state->evaluated = evaluation->step;
	state->last = *evaluation;
	if (run_evaluation_is_better(evaluation, &state->best))
		state->best = *evaluation;
}

/* Scores the held-out rows and writes a line. */
static bool evaluate_held_out(struct training *training, struct error *error)
{
	struct run_evaluation evaluation = {.step = training->state.step};
	struct held_out_loss own = {0, 0};
	struct metric_figures figures;
	struct metrics metrics;
	bool done;

	if (!metrics_init(&metrics, model_config(training->model)->num_labels, error))
		return false;
	done = score_held_out(training, &metrics, &own, error);
	figures = metrics_figures(&metrics);
	metrics_free(&metrics);
	if (!done)
		return false;
	evaluation.epoch = schedule_epochs(&training->schedule, training->state.step);
	evaluation.time = training_seconds(training);
	evaluation.loss = !train_loss_is_own(&training->loss) ? figures.loss : own.weights > 0 ? own.sum / own.weights : 0;
	evaluation.accuracy = figures.accuracy;
	evaluation.f1 = figures.f1;
	if (!training_persist(training, write_evaluation, &evaluation, error))
		return false;
	training_curves_add_evaluation(training, &evaluation);
	note_evaluation(&training->state, &evaluation);
	return true;
}

/* One step */

static void order_epoch(struct training *training, uint64_t epoch)
{
	if (training->order_epoch == epoch)
		return;
	random_permutation(training->order, training->to_train.count,
	                   (uint32_t)((uint64_t)training->record.options.seed + epoch));
	training->order_epoch = epoch;
}

/* A device that failed computes nonsense: then that is the reason. */
static bool not_finite(const struct training *training, const char *what, struct error *error)
{
	if (!network_status(training->model, error))
		return false;
	return error_set(error, ERROR_FAILED,
	                 "step %" PRIu64 ": the %s is not finite; try a lower --learning-rate than %g. Checkpoints "
	                 "from before are kept",
	                 training->state.step + 1, what, training->record.options.learning_rate);
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
static bool accumulate(struct training *training, const struct schedule_step *step, struct outcome *outcome,
                       struct error *error)
{
	const double weight = step_weight(training, step);
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
		outcome->loss += network_train(training->model, &batch, &pass);
		if (!isfinite(outcome->loss))
			return not_finite(training, "loss", error);
		outcome->tokens += (uint64_t)batch.starts[count];
		done += count;
	}
	if (training->loss.weights) /* the mean of the step is theirs by weight; the log adds up examples */
		outcome->loss *= weight > 0 ? (double)step->rows / weight : 0;
	outcome->examples = step->rows;
	return true;
}

static bool update(struct training *training, struct outcome *outcome, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct optimizer_settings settings = {
		.learning_rate = schedule_rate(&training->schedule, training->state.step),
		.weight_decay = options->weight_decay,
		.max_grad_norm = options->max_grad_norm,
	};

	outcome->learning_rate = settings.learning_rate;
	if (!optimizer_step(&training->optimizer, &settings, &outcome->grad_norm))
		return not_finite(training, "gradient", error);
	return network_status(training->model, error);
}

static void count_step(struct training *training, const struct outcome *outcome)
{
	struct checkpoint_state *state = &training->state;

	state->step++;
	state->loss_sum += outcome->loss;
	state->window_examples += outcome->examples;
	state->window_tokens += outcome->tokens;
	state->window_seconds += outcome->seconds;
	state->total_loss += outcome->loss;
	state->total_examples += outcome->examples;
	training->step_seconds = training->step_seconds > 0
	                                ? 0.9 * training->step_seconds + 0.1 * outcome->seconds
	                                : outcome->seconds;
}

static bool train_step(struct training *training, struct error *error)
{
	struct schedule_step step = schedule_step(&training->schedule, training->state.step);
	double start = training_seconds(training);
	struct outcome outcome = {0};

	training_set_phase(training, TRAINER_TRAINING, "training", training->state.step, training->schedule.steps);
	order_epoch(training, step.epoch);
	if (!accumulate(training, &step, &outcome, error) || !update(training, &outcome, error))
		return false;
	outcome.seconds = training_seconds(training) - start;
	count_step(training, &outcome);
	if (training->state.step % (uint64_t)training->record.options.logging_steps != 0 &&
	    training->state.step != training->schedule.steps)
		return true;
	return log_step(training, &outcome, error);
}

/* The run of steps */

static bool at_epoch_end(const struct training *training)
{
	uint64_t step = training->state.step;

	return step == training->schedule.steps || (step > 0 && step % training->schedule.steps_per_epoch == 0);
}

static bool evaluation_is_due(const struct training *training)
{
	return training->held_out.count > 0 && at_epoch_end(training) && training->state.step > 0 &&
	       training->state.evaluated != training->state.step;
}

static bool checkpoint_is_due(const struct training *training)
{
	uint64_t every = (uint64_t)training->record.options.save_steps;

	return at_epoch_end(training) || (every > 0 && training->state.step % every == 0);
}

bool training_run_steps(struct training *training, struct error *error)
{
	training_curves_open(training);
	for (;;) {
		if (evaluation_is_due(training) && !evaluate_held_out(training, error))
			return false;
		if (checkpoint_is_due(training) && !training_checkpoint(training, error))
			return false;
		if (training->state.step >= training->schedule.steps)
			return true;
		if (!train_step(training, error))
			return false;
	}
}
