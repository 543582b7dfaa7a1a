/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which options cannot go together. */
#include "engine/options.h"

#include "engine/train/optimizer_options.h"

#include <string.h>

/* A combination that says two things at once, or something that nothing else makes sense of. */
struct conflict {
	bool (*holds)(const struct train_options *options);
	const char *text; /* names both options and what to do */
};

static bool one_column_is_both(const struct train_options *options)
{
	return options->text_column[0] && strcmp(options->text_column, options->label_column) == 0;
}

static bool two_halves_train(const struct train_options *options)
{
	return options->fp16 && options->bf16;
}

static bool two_halves_evaluate(const struct train_options *options)
{
	return options->fp16_full_eval && options->bf16_full_eval;
}

static bool arguments_without_sgd(const struct train_options *options)
{
	return options->optim_args[0] && strcmp(options->optim, "sgd") != 0;
}

static bool four_bits_are_not_asked_for(const struct train_options *options)
{
	return !options->load_in_4bit && (options->bnb_4bit_use_double_quant || strcmp(options->bnb_4bit_quant_type, "fp4") != 0 ||
	                                  strcmp(options->bnb_4bit_compute_dtype, "float32") != 0);
}

static const struct conflict conflicts[] = {
	{one_column_is_both, "--text-column and --label-column name the same column: the review and its label are two"},
	{two_halves_train, "--fp16 and --bf16: at most one of them"},
	{two_halves_evaluate, "--fp16-full-eval and --bf16-full-eval: at most one of them"},
	{arguments_without_sgd, "--optim-args are those of --optim sgd: leave them out, or choose it"},
	{four_bits_are_not_asked_for, "the --bnb-4bit options say how 4 bits are made: give --load-in-4bit too, or leave them out"},
};

bool train_options_check(const struct train_options *options, struct error *error)
{
	struct optimizer_plan plan;

	for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++)
		RETURN_IF(conflicts[i].holds(options), error, ERROR_USAGE, "%s", conflicts[i].text);
	return optimizer_plan_read(&plan, options, error);
}
