/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_steps.h"

#include "engine/system.h"
#include "engine/train/training_checkpoint.h"
#include "engine/train/training_curves.h"
#include "engine/train/training_device.h"
#include "engine/train/training_evaluate.h"
#include "engine/train/training_inside.h"
#include "engine/train/training_obey.h"
#include "engine/train/training_settle.h"
#include "engine/train/training_steer.h"
#include "engine/train/training_watch.h"

#include <math.h>
#include <string.h>

/* What one step took. */
struct outcome {
	uint64_t tokens;
	double seconds;
};

/* Lines */

static bool write_point(struct training *training, const void *what, struct error *error)
{
	return journal_add_point(&training->journal, what, error);
}

/* The steps since the last line. */
static bool log_steps(struct training *training, struct error *error)
{
	struct checkpoint_state *state = &training->state;
	struct run_point point = {
		.step = state->step,
		.epoch = schedule_epochs(&training->schedule, state->step),
		.time = training_seconds(training),
		.loss = state->window_examples > 0 ? state->loss_sum / (double)state->window_examples : (double)NAN,
		.learning_rate = state->learning_rate,
		.grad_norm = state->grad_norm,
		.tokens_per_second = state->window_seconds > 0 ? (double)state->window_tokens / state->window_seconds : 0,
		.memory = (double)system_memory_used(),
	};

	training_device_read(training, &point);
	if (!training_persist(training, write_point, &point, error))
		return false;
	training_curves_add_point(training, &point);
	state->loss_sum = state->window_seconds = 0;
	state->window_examples = state->window_tokens = 0;
	return training_watch_probes(training, error);
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
	training_inside_arrange(training, training->order, training->to_train.count);
	training->order_epoch = epoch;
	training->augmentation.epoch = training->masking.epoch = epoch;
	return true;
}

/* What the examples of a step count, of all micro-batches together: gradients and losses are divided by it. */
static double step_weight(const struct training *training, const struct schedule_step *step)
{
	double sum = 0;

	if (!training_rows_weigh(training))
		return (double)step->rows;
	for (uint64_t i = 0; i < step->rows; i++)
		sum += training->task->row_weight(training, training->order[step->first + i]);
	return sum;
}

/* Rows of a step that are computed at once: from `done` on, to the end of a part of a micro-batch. */
static uint32_t rows_at_once(const struct training *training, uint64_t done, uint64_t left)
{
	const uint64_t in_batch = training->schedule.batch - done % training->schedule.batch;
	uint64_t count = in_batch < training->part ? in_batch : training->part;

	return (uint32_t)(count < left ? count : left);
}

/* Of dropout: of each micro-batch of the run, and of each of its parts, another one. A batch in two parts counts as two batches
 * of half its size do. */
static uint64_t dropout_counter(const struct training *training, uint64_t done)
{
	const struct schedule *schedule = &training->schedule;
	const uint64_t parts = (schedule->batch + training->part - 1) / training->part;

	return (training->state.step * schedule->accumulation + done / schedule->batch) * parts +
	       done % schedule->batch / training->part;
}

/* The gradients of a step's examples, micro-batch by micro-batch, part by part. Where none of them counts there are none. */
static bool accumulate(struct training *training, const struct schedule_step *step, double weight, struct outcome *outcome,
                       struct error *error)
{
	const double scale = training_loss_scale(training);
	struct train_pass pass = {
		.scale = weight > 0 ? (float)((scale > 0 ? scale : 1) / weight) : 0,
		.seed = (uint64_t)training->record.options.seed,
		.label_smoothing = training->loss.label_smoothing,
		.weights = training->loss.weights,
		.neftune_noise_alpha = (float)training->record.options.neftune_noise_alpha,
		.temperature = training->teaching.targets.temperature,
	};

	network_zero_gradients(training->model);
	for (uint64_t done = 0; done < step->rows;) {
		const uint32_t count = rows_at_once(training, done, step->rows - done);
		if (!training_obey(training, error))
			return false;
		struct batch batch = batch_store_fill(&training->batch, &training->to_train,
		                                      training->order + step->first + done, count);
		if (!training_reveal(training, &batch, training->order + step->first + done, count, error))
			return false;
		struct pending *pending = training_pending(training, (struct taken){step->first + done, count},
		                                           training->state.step);
		pending->loss_count = (uint64_t)batch_losses(&batch);
		pass.step = dropout_counter(training, done);
		pending->number = network_train_begin(training->model, &batch, &pass, pending->losses);
		if (!training_settle_late(training, error))
			return false;
		outcome->tokens += (uint64_t)batch.starts[batch.sequences];
		done += count;
	}
	return true;
}

/* As the Trainer has it: the schedule does not go on where a step was not made, the count of steps does. */
static double learning_rate(const struct training *training)
{
	if (training->schedule.scheduler->measures)
		return training->state.plateau.rate;
	return schedule_rate(&training->schedule, training->state.step - training->state.scaling.skipped);
}

/* Where rows weigh, the mean of the step is by weight; the log adds up examples. */
static double log_factor(const struct training *training, const struct schedule_step *step, double weight)
{
	if (!training_rows_weigh(training))
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
		.loss_scale = training_loss_scale(training),
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
	state->window_tokens += outcome->tokens;
	state->window_seconds += outcome->seconds;
	commands_set_step(&training->commands, state->step, training_is_over(training));
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
	if (!training_steer_again(training, error) || !order_epoch(training, step.epoch, error))
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
	       (occasions_evaluate(&training->occasions, &training->schedule, step) || training_breaks_off(training));
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

	return !due || training_evaluate(training, false, error);
}

/* Whoever looks at the weights or the losses finds those of all steps that were made. */
static bool settle_if_due(struct training *training, struct error *error)
{
	const bool due = training_is_over(training) || training_breaks_off(training) || evaluation_is_due(training) ||
	                 checkpoint_is_due(training);

	return !due || training_settle(training, 0, error);
}

static bool run_steps(struct training *training, struct error *error)
{
	for (;;) {
		if (!settle_if_due(training, error))
			return false;
		if (!training_checkpoint_take(training, false, error))
			return false;
		if (evaluation_is_due(training) && !training_evaluate(training, false, error))
			return false;
		if (last_line_is_due(training) && !log_steps(training, error))
			return false;
		if (checkpoint_is_due(training) && !training_checkpoint_begin(training, error))
			return false;
		if (training_is_over(training)) {
			training_device_tell(training);
			return true;
		}
		RETURN_IF(training_breaks_off(training), error, ERROR_INTERRUPTED, "stopped");
		if (!training_lend(training, error) || !train_step(training, error))
			return false;
	}
}

/* Where it was not scaled yet. */
static void begin_scale(struct training *training)
{
	struct loss_scale *scaling = &training->state.scaling;

	if (!(scaling->scale > 0) || !isfinite(scaling->scale))
		*scaling = (struct loss_scale){.scale = LOSS_SCALE_FIRST, .skipped = scaling->skipped};
}

/* However the steps end, what was being written is written, and said, before anything else is done. */
bool training_run_steps(struct training *training, struct error *error)
{
	begin_scale(training);
	training_curves_open(training);
	if (probes_begin(training->run, training->record.options.probe, error) && evaluate_at_start(training, error) &&
	    (training->state.step > 0 || training_watch_probes(training, error)) && run_steps(training, error))
		return training_checkpoint_take(training, true, error);
	training_checkpoint_take(training, true, NULL);
	return false;
}
