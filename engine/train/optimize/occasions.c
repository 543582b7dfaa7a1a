/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/occasions.h"

#include <math.h>
#include <string.h>

#define EVAL_STEPS 500 /* what transformers takes where neither they nor --logging-steps are given */

static enum occasion occasion_of(const char *word)
{
	static const char *const words[] = {
		[OCCASION_NO] = "no", [OCCASION_STEPS] = "steps", [OCCASION_EPOCH] = "epoch", [OCCASION_BEST] = "best",
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], word) == 0)
			return (enum occasion)i;
	return OCCASION_AUTO;
}

/* Below 1 a share of all steps, rounded up. */
static uint64_t interval(double steps, const struct schedule *schedule)
{
	return (uint64_t)(steps < 1 ? ceil((double)schedule->steps * steps) : steps);
}

double occasions_eval_steps(const struct train_options *options)
{
	if (options->eval_steps > 0)
		return options->eval_steps;
	return options->logging_steps == 1 ? EVAL_STEPS : options->logging_steps;
}

struct occasions occasions_plan(const struct train_options *options, const struct schedule *schedule)
{
	return (struct occasions){
		.log = occasion_of(options->logging_strategy),
		.evaluate = occasion_of(options->eval_strategy),
		.save = occasion_of(options->save_strategy),
		.log_steps = interval(options->logging_steps, schedule),
		.evaluate_steps = interval(occasions_eval_steps(options), schedule),
		.save_steps = interval(options->save_steps, schedule),
		.evaluate_delay = options->eval_delay,
		.log_first = options->logging_first_step,
		.keep_best = options->load_best_model_at_end,
	};
}

bool occasions_log(const struct occasions *occasions, const struct schedule *schedule, uint64_t step)
{
	if (step == 1 && occasions->log_first)
		return true;
	if (occasions->log == OCCASION_STEPS)
		return step % occasions->log_steps == 0 || step == schedule->steps;
	return occasions->log == OCCASION_EPOCH && schedule_ends_epoch(schedule, step);
}

bool occasions_evaluate(const struct occasions *occasions, const struct schedule *schedule, uint64_t step)
{
	if (occasions->evaluate == OCCASION_STEPS)
		return occasions->evaluate_delay <= (double)step &&
		       (step % occasions->evaluate_steps == 0 || step == schedule->steps);
	return occasions->evaluate == OCCASION_EPOCH && schedule_ends_epoch(schedule, step) &&
	       occasions->evaluate_delay <= schedule_epochs(schedule, step);
}

uint64_t occasions_evaluations(const struct occasions *occasions, const struct schedule *schedule, uint64_t step)
{
	bool by_steps = occasions->evaluate == OCCASION_STEPS;
	uint64_t every = by_steps ? occasions->evaluate_steps : schedule->steps_per_epoch, unit = by_steps ? every : 1;
	double first = ceil(occasions->evaluate_delay / (double)unit), last = (double)(step / every), count;

	if (occasions->evaluate == OCCASION_NO)
		return 0;
	first = first < 1 ? 1 : first;
	count = last < first ? 0 : last - first + 1;
	if (step == schedule->steps && step % every != 0 && occasions_evaluate(occasions, schedule, step))
		count++;
	return (uint64_t)count;
}

static bool is_due(const struct occasions *occasions, const struct schedule *schedule, uint64_t step, bool over)
{
	bool epoch = over || schedule_ends_epoch(schedule, step);
	bool steps = occasions->save_steps > 0 && step % occasions->save_steps == 0;

	switch (occasions->save) {
	case OCCASION_STEPS:
		return steps || step == schedule->steps;
	case OCCASION_EPOCH:
		return epoch;
	case OCCASION_AUTO:
		return steps || epoch;
	case OCCASION_NO:
	case OCCASION_BEST:
		break;
	}
	return false;
}

bool occasions_save(const struct occasions *occasions, const struct schedule *schedule, uint64_t step, bool over,
                    bool is_best)
{
	if (is_best && (occasions->save == OCCASION_BEST || occasions->keep_best))
		return true;
	return is_due(occasions, schedule, step, over);
}
