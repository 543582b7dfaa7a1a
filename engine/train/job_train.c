/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps. Everything that a step does is a function of the weights, the moments and its number. */
#include "engine/train/job.h"

#include "engine/base/random.h"
#include "engine/evaluate.h"

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

static bool write_point(struct trainer *trainer, const void *what, struct error *error)
{
	return journal_add_point(&trainer->journal, what, error);
}

static bool write_evaluation(struct trainer *trainer, const void *what, struct error *error)
{
	return journal_add_evaluation(&trainer->journal, what, error);
}

static bool log_step(struct trainer *trainer, const struct outcome *outcome, struct error *error)
{
	struct checkpoint_state *state = &trainer->state;
	struct run_point point = {
		.step = state->step,
		.epoch = schedule_epochs(&trainer->schedule, state->step),
		.time = job_seconds(trainer),
		.loss = state->loss_sum / (double)state->window_examples,
		.learning_rate = outcome->learning_rate,
		.grad_norm = outcome->grad_norm,
		.tokens_per_second = state->window_seconds > 0 ? (double)state->window_tokens / state->window_seconds : 0,
	};

	if (!job_persist(trainer, write_point, &point, error))
		return false;
	job_curves_add_point(trainer, &point);
	state->loss_sum = state->window_seconds = 0;
	state->window_examples = state->window_tokens = 0;
	return true;
}

/* Evaluation */

static bool score_batch(struct trainer *trainer, uint32_t first, uint32_t count, struct metrics *metrics,
                        struct error *error)
{
	uint32_t index[EVALUATION_BATCH_MAX];
	struct batch batch;

	for (uint32_t i = 0; i < count; i++)
		index[i] = first + i;
	batch = batch_store_fill(&trainer->batch, &trainer->held_out, index, count);
	network_score(trainer->model, &batch, trainer->logits);
	if (!network_status(trainer->model, error))
		return false;
	for (uint32_t i = 0; i < count; i++)
		metrics_add(metrics, trainer->batch.labels[i], trainer->logits + (size_t)i * (size_t)metrics->labels,
		            trainer->batch.truncated[i]);
	return true;
}

static bool score_held_out(struct trainer *trainer, struct metrics *metrics, struct error *error)
{
	uint32_t total = trainer->held_out.count, most = (uint32_t)trainer->schedule.batch;

	most = most > EVALUATION_BATCH_MAX ? EVALUATION_BATCH_MAX : most;
	for (uint32_t first = 0; first < total; first += most) {
		uint32_t count = total - first < most ? total - first : most;
		RETURN_IF(job_stop_asked(trainer), error, ERROR_INTERRUPTED, "stopped");
		job_set_phase(trainer, TRAINER_EVALUATING, "evaluating", first, total);
		if (!score_batch(trainer, first, count, metrics, error))
			return false;
	}
	return true;
}

bool job_evaluate(struct trainer *trainer, struct error *error)
{
	struct run_evaluation evaluation = {.step = trainer->state.step};
	struct metric_figures figures;
	struct metrics metrics;
	bool done;

	if (!metrics_init(&metrics, model_config(trainer->model)->num_labels, error))
		return false;
	done = score_held_out(trainer, &metrics, error);
	figures = metrics_figures(&metrics);
	metrics_free(&metrics);
	if (!done)
		return false;
	evaluation.epoch = schedule_epochs(&trainer->schedule, trainer->state.step);
	evaluation.time = job_seconds(trainer);
	evaluation.loss = figures.loss;
	evaluation.accuracy = figures.accuracy;
	evaluation.f1 = figures.f1;
	if (!job_persist(trainer, write_evaluation, &evaluation, error))
		return false;
	job_curves_add_evaluation(trainer, &evaluation);
	trainer->state.evaluated = trainer->state.step;
	return true;
}

/* One step */

static void order_epoch(struct trainer *trainer, uint64_t epoch)
{
	if (trainer->order_epoch == epoch)
		return;
	random_permutation(trainer->order, trainer->training.count,
	                   (uint32_t)((uint64_t)trainer->record.options.seed + epoch));
	trainer->order_epoch = epoch;
}

/* A device that failed computes nonsense: then that is the reason. */
static bool not_finite(const struct trainer *trainer, const char *what, struct error *error)
{
	if (!network_status(trainer->model, error))
		return false;
	return error_set(error, ERROR_FAILED,
	                 "step %" PRIu64 ": the %s is not finite; try a lower --learning-rate than %g. Checkpoints "
	                 "from before are kept",
	                 trainer->state.step + 1, what, trainer->record.options.learning_rate);
}

/* The gradients of a step's examples, micro-batch by micro-batch. */
static bool accumulate(struct trainer *trainer, const struct schedule_step *step, struct outcome *outcome,
                       struct error *error)
{
	struct train_pass pass = {
		.scale = (float)(1.0 / (double)step->rows),
		.seed = (uint64_t)trainer->record.options.seed,
		.step = trainer->state.step * trainer->schedule.accumulation,
	};

	network_zero_gradients(trainer->model);
	for (uint64_t done = 0; done < step->rows; pass.step++) {
		uint64_t left = step->rows - done;
		uint32_t count = (uint32_t)(left < trainer->schedule.batch ? left : trainer->schedule.batch);
		if (!job_obey(trainer, error))
			return false;
		struct batch batch = batch_store_fill(&trainer->batch, &trainer->training,
		                                      trainer->order + step->first + done, count);
		outcome->loss += network_train(trainer->model, &batch, &pass);
		if (!isfinite(outcome->loss))
			return not_finite(trainer, "loss", error);
		outcome->tokens += (uint64_t)batch.starts[count];
		done += count;
	}
	outcome->examples = step->rows;
	return true;
}

static bool update(struct trainer *trainer, struct outcome *outcome, struct error *error)
{
	const struct train_options *options = &trainer->record.options;
	struct optimizer_settings settings = {
		.learning_rate = schedule_rate(&trainer->schedule, trainer->state.step),
		.weight_decay = options->weight_decay,
		.max_grad_norm = options->max_grad_norm,
	};

	outcome->learning_rate = settings.learning_rate;
	if (!optimizer_step(&trainer->optimizer, &settings, &outcome->grad_norm))
		return not_finite(trainer, "gradient", error);
	return network_status(trainer->model, error);
}

static void count_step(struct trainer *trainer, const struct outcome *outcome)
{
	struct checkpoint_state *state = &trainer->state;

	state->step++;
	state->loss_sum += outcome->loss;
	state->window_examples += outcome->examples;
	state->window_tokens += outcome->tokens;
	state->window_seconds += outcome->seconds;
	state->total_loss += outcome->loss;
	state->total_examples += outcome->examples;
	trainer->step_seconds = trainer->step_seconds > 0
	                                ? 0.9 * trainer->step_seconds + 0.1 * outcome->seconds
	                                : outcome->seconds;
}

static bool train_step(struct trainer *trainer, struct error *error)
{
	struct schedule_step step = schedule_step(&trainer->schedule, trainer->state.step);
	double start = job_seconds(trainer);
	struct outcome outcome = {0};

	job_set_phase(trainer, TRAINER_TRAINING, "training", trainer->state.step, trainer->schedule.steps);
	order_epoch(trainer, step.epoch);
	if (!accumulate(trainer, &step, &outcome, error) || !update(trainer, &outcome, error))
		return false;
	outcome.seconds = job_seconds(trainer) - start;
	count_step(trainer, &outcome);
	if (trainer->state.step % (uint64_t)trainer->record.options.logging_steps != 0 &&
	    trainer->state.step != trainer->schedule.steps)
		return true;
	return log_step(trainer, &outcome, error);
}

/* The run of steps */

static bool at_epoch_end(const struct trainer *trainer)
{
	uint64_t step = trainer->state.step;

	return step == trainer->schedule.steps || (step > 0 && step % trainer->schedule.steps_per_epoch == 0);
}

static bool evaluation_is_due(const struct trainer *trainer)
{
	return trainer->held_out.count > 0 && at_epoch_end(trainer) && trainer->state.step > 0 &&
	       trainer->state.evaluated != trainer->state.step;
}

static bool checkpoint_is_due(const struct trainer *trainer)
{
	uint64_t every = (uint64_t)trainer->record.options.save_steps;

	return at_epoch_end(trainer) || (every > 0 && trainer->state.step % every == 0);
}

bool job_train(struct trainer *trainer, struct error *error)
{
	job_curves_open(trainer);
	for (;;) {
		if (evaluation_is_due(trainer) && !job_evaluate(trainer, error))
			return false;
		if (checkpoint_is_due(trainer) && !job_checkpoint(trainer, error))
			return false;
		if (trainer->state.step >= trainer->schedule.steps)
			return true;
		if (!train_step(trainer, error))
			return false;
	}
}
