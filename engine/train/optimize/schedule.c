/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/schedule.h"

#include <math.h>

#define STEPS_MAX 1e15

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

static bool count_steps(struct schedule *schedule, const struct train_options *options, double epochs, struct error *error)
{
	double steps = ceil(epochs * (double)schedule->steps_per_epoch);

	if (options->max_steps > 0)
		steps = (double)options->max_steps;
	RETURN_IF(!(steps <= STEPS_MAX), error, ERROR_USAGE, "%g steps are too many", steps);
	schedule->steps = (uint64_t)steps;
	return true;
}

/* Steps win over the ratio, as they did in transformers 4; version 5 has steps alone, below 1 a ratio. */
static uint64_t warmup_steps(const struct train_options *options, uint64_t steps)
{
	if (options->warmup_steps >= 1)
		return (uint64_t)options->warmup_steps;
	return (uint64_t)ceil((double)steps * (options->warmup_steps > 0 ? options->warmup_steps : options->warmup_ratio));
}

bool schedule_plan(struct schedule *schedule, const struct train_options *options, uint64_t rows,
                   struct error *error)
{
	RETURN_IF(rows == 0, error, ERROR_DATA, "there are no rows to train on");
	*schedule = (struct schedule){
		.rows = rows,
		.batch = (uint64_t)options->per_device_train_batch_size,
		.accumulation = (uint64_t)options->gradient_accumulation_steps,
		.scheduler = scheduler_find(options->lr_scheduler_type),
	};
	schedule->batches_per_epoch = divide_up(rows, schedule->batch);
	schedule->steps_per_epoch = divide_up(schedule->batches_per_epoch, schedule->accumulation);
	if (!count_steps(schedule, options, options->num_train_epochs, error))
		return false;
	schedule->plan = (struct scheduler_plan){
		.steps = schedule->steps,
		.warmup = schedule->scheduler->warms_up ? warmup_steps(options, schedule->steps) : 0,
		.rate = options->learning_rate,
	};
	return scheduler_read_arguments(schedule->scheduler, options->lr_scheduler_kwargs, &schedule->plan, error) &&
	       (!schedule->scheduler->check || schedule->scheduler->check(&schedule->plan, error));
}

bool schedule_steer(struct schedule *schedule, const struct train_options *options, const struct run_steering *steering,
                    struct error *error)
{
	struct schedule changed = *schedule;

	RETURN_IF(steering->epochs > 0 && options->max_steps > 0, error, ERROR_USAGE,
	          "epochs: this run counts --max-steps %lld, and no epochs", (long long)options->max_steps);
	if (steering->epochs > 0 && !count_steps(&changed, options, steering->epochs, error))
		return false;
	changed.plan.steps = changed.steps;
	if (steering->rate > 0)
		changed.plan.rate = steering->rate;
	if (changed.scheduler->check && !changed.scheduler->check(&changed.plan, error))
		return false;
	*schedule = changed;
	return true;
}

double schedule_rate(const struct schedule *schedule, uint64_t step)
{
	return schedule->plan.rate * schedule->scheduler->factor(&schedule->plan, step);
}

struct schedule_step schedule_step(const struct schedule *schedule, uint64_t step)
{
	uint64_t per_step = schedule->batch * schedule->accumulation;
	uint64_t first = step % schedule->steps_per_epoch * per_step;
	uint64_t left = schedule->rows - first;

	return (struct schedule_step){
		.epoch = step / schedule->steps_per_epoch,
		.first = first,
		.rows = left < per_step ? left : per_step,
	};
}

double schedule_epochs(const struct schedule *schedule, uint64_t steps)
{
	uint64_t batches = steps % schedule->steps_per_epoch * schedule->accumulation;

	return (double)(steps / schedule->steps_per_epoch) + (double)batches / (double)schedule->batches_per_epoch;
}

bool schedule_ends_epoch(const struct schedule *schedule, uint64_t steps)
{
	return steps > 0 && (steps == schedule->steps || steps % schedule->steps_per_epoch == 0);
}

uint64_t schedule_epoch_count(const struct schedule *schedule)
{
	return divide_up(schedule->steps, schedule->steps_per_epoch);
}
