/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/schedule.h"

#include <math.h>
#include <string.h>

#define STEPS_MAX 1e15

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

bool schedule_plan(struct schedule *schedule, const struct train_options *options, uint64_t rows,
                   struct error *error)
{
	double steps;

	RETURN_IF(rows == 0, error, ERROR_DATA, "there are no rows to train on");
	*schedule = (struct schedule){
		.rows = rows,
		.batch = (uint64_t)options->per_device_train_batch_size,
		.accumulation = (uint64_t)options->gradient_accumulation_steps,
		.rate = options->learning_rate,
		.linear = strcmp(options->lr_scheduler_type, "linear") == 0,
	};
	schedule->batches_per_epoch = divide_up(rows, schedule->batch);
	schedule->steps_per_epoch = divide_up(schedule->batches_per_epoch, schedule->accumulation);
	steps = ceil(options->num_train_epochs * (double)schedule->steps_per_epoch);
	RETURN_IF(!(steps <= STEPS_MAX), error, ERROR_USAGE, "%g steps are too many", steps);
	schedule->steps = (uint64_t)steps;
	schedule->warmup = (uint64_t)ceil(options->warmup_ratio * steps);
	return true;
}

double schedule_rate(const struct schedule *schedule, uint64_t step)
{
	uint64_t warmup = schedule->warmup, fall = schedule->steps > warmup ? schedule->steps - warmup : 1;

	if (step < warmup)
		return schedule->rate * ((double)step / (double)warmup);
	if (!schedule->linear)
		return schedule->rate;
	if (step >= schedule->steps)
		return 0;
	return schedule->rate * ((double)(schedule->steps - step) / (double)fall);
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
