/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which options cannot go together. */
#include "engine/options.h"

#include "engine/base/number.h"
#include "engine/train/optimize/loss.h"
#include "engine/train/optimize/occasions.h"
#include "engine/train/optimize/optimizer_options.h"
#include "engine/train/options/best.h"

#include <math.h>
#include <string.h>

/* A combination that says two things at once, or something that nothing else makes sense of. */
struct conflict {
	bool (*holds)(const struct train_options *options);
	const char *text; /* names both options and what to do */
};

static bool is(const char *value, const char *word)
{
	return strcmp(value, word) == 0;
}

/* What the options of companions[] belong to. */

static bool has_lora(const struct train_options *options)
{
	return options->lora_r > 0;
}

static bool has_four_bits(const struct train_options *options)
{
	return options->load_in_4bit;
}

static bool has_windows(const struct train_options *options)
{
	return is(options->truncation, "windows");
}

static bool has_head_and_tail(const struct train_options *options)
{
	return is(options->truncation, "head+tail");
}

static bool has_patience(const struct train_options *options)
{
	return options->early_stopping_patience > 0;
}

static bool has_sgd(const struct train_options *options)
{
	return is(options->optim, "sgd");
}

static bool has_teacher(const struct train_options *options)
{
	return options->teacher[0];
}

static bool has_soft_teacher(const struct train_options *options)
{
	return has_teacher(options) && is(options->teacher_labels, "soft");
}

static bool has_labels(const struct train_options *options)
{
	return train_options_need_labels(options);
}

static bool masks_words(const struct train_options *options)
{
	return !has_labels(options);
}

static bool has_texts_to_add(const struct train_options *options)
{
	return has_teacher(options) || masks_words(options);
}

static bool imitates(const struct train_options *options)
{
	return options->distill_attention > 0 || options->distill_hidden > 0;
}

static bool imitates_attention_of_one(const struct train_options *options)
{
	return options->distill_attention > 0;
}

static bool imitates_hidden_states(const struct train_options *options)
{
	return options->distill_hidden > 0;
}

/* An option that says something only beside another. The line is its name and the text. */
struct companion {
	const char *option;
	bool (*serves)(const struct train_options *options);
	const char *text;
};

#define WITHOUT_LORA "says nothing without --lora-r: give the rank of the adapters, or leave it out"
#define WITHOUT_TEACHER "says nothing without --teacher: give a model to learn from, or leave it out"
#define WITHOUT_FOUR_BITS "says how 4 bits are made: give --load-in-4bit too, or leave it out"

#define WITHOUT_LABELS "is about labels, and --task masked_lm (revue pretrain) learns masked words: leave it out"

static const struct companion companions[] = {
	{"label-column", has_labels, WITHOUT_LABELS},
	{"corrections", has_labels, WITHOUT_LABELS},
	{"problem-type", has_labels, WITHOUT_LABELS},
	{"class-weights", has_labels, WITHOUT_LABELS},
	{"label-smoothing-factor", has_labels, WITHOUT_LABELS},
	{"pooling", has_labels, WITHOUT_LABELS},
	{"teacher", has_labels, WITHOUT_LABELS},
	{"probe", has_labels, WITHOUT_LABELS},
	{"word-dropout", has_labels, "hides words, as --task masked_lm (revue pretrain) does: --mlm-probability says how many"},
	{"lora-r", has_labels, "leaves the embeddings as they are, from which --task masked_lm (revue pretrain) tells words: leave it out"},
	{"mlm-probability", masks_words, "belongs to --task masked_lm (revue pretrain)"},
	{"whole-word-mask", masks_words, "belongs to --task masked_lm (revue pretrain)"},
	{"lora-dropout", has_lora, WITHOUT_LORA},
	{"use-rslora", has_lora, WITHOUT_LORA},
	{"target-modules", has_lora, WITHOUT_LORA},
	{"modules-to-save", has_lora, WITHOUT_LORA},
	{"bias", has_lora, WITHOUT_LORA},
	{"save-adapter", has_lora, WITHOUT_LORA},
	{"bnb-4bit-quant-type", has_four_bits, WITHOUT_FOUR_BITS},
	{"bnb-4bit-use-double-quant", has_four_bits, WITHOUT_FOUR_BITS},
	{"bnb-4bit-compute-dtype", has_four_bits, WITHOUT_FOUR_BITS},
	{"head-tokens", has_head_and_tail, "belongs to --truncation head+tail"},
	{"stride", has_windows, "belongs to --truncation windows"},
	{"pooling", has_windows, "belongs to --truncation windows"},
	{"max-windows", has_windows, "belongs to --truncation windows"},
	{"early-stopping-threshold", has_patience, "says nothing without --early-stopping-patience"},
	{"teacher-labels", has_teacher, WITHOUT_TEACHER},
	{"distillation-temperature", has_soft_teacher, "says nothing without --teacher and --teacher-labels soft"},
	{"distillation-alpha", has_teacher, WITHOUT_TEACHER},
	{"unlabelled", has_texts_to_add, "needs --teacher: a model that says what label each of these texts has"},
	{"distill-attention", has_teacher, WITHOUT_TEACHER},
	{"distill-hidden", has_teacher, WITHOUT_TEACHER},
	{"hidden-loss", imitates_hidden_states, "says nothing without --distill-hidden, the weight of that loss"},
	{"attention-loss", imitates_attention_of_one, "says nothing without --distill-attention, the weight of that loss"},
	{"relation-heads", imitates, "says nothing without --distill-attention or --distill-hidden"},
	{"optim-args", has_sgd, "are those of --optim sgd: leave them out, or choose it"},
};

static bool stratifies_masked_words(const struct train_options *options)
{
	return masks_words(options) && is(options->stratify, "true");
}

static bool masks_nothing(const struct train_options *options)
{
	return masks_words(options) && options->max_length < 3;
}

/* What masked words are measured by. */
static bool judges_masked_words(const struct train_options *options)
{
	struct best_rule rule;

	return masks_words(options) && best_rule_of(options, &rule, NULL) && rule.name && !is(rule.name, "loss") &&
	       !is(rule.name, "accuracy");
}

static bool one_column_is_both(const struct train_options *options)
{
	return options->text_column[0] && strcmp(options->text_column, options->label_column) == 0;
}

static bool torch_stratifies(const struct train_options *options)
{
	return is(options->split, "torch") && is(options->stratify, "true");
}

/* Two special tokens stand in every sequence. */
static bool head_leaves_no_tail(const struct train_options *options)
{
	return options->head_tokens > 0 && options->head_tokens >= options->max_length - 2;
}

static bool stride_is_broken(const struct train_options *options)
{
	return options->stride > 1 && options->stride != floor(options->stride);
}

static bool stride_leaves_gaps(const struct train_options *options)
{
	return options->stride > 1 && options->stride > (double)options->max_length - 2;
}

static bool no_steps(const struct train_options *options)
{
	return options->max_steps == 0;
}

static bool part_of_a_step(const struct train_options *options)
{
	const double counts[] = {options->eval_steps, options->save_steps, options->logging_steps};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (counts[i] > 1 && counts[i] != floor(counts[i]))
			return true;
	return false;
}

static bool warms_up_in_vain(const struct train_options *options)
{
	const struct scheduler *scheduler = scheduler_find(options->lr_scheduler_type);

	return scheduler && !scheduler->warms_up && (options->warmup_steps > 0 || options->warmup_ratio > 0);
}

/* What an evaluation decides, where there is none. */

static bool measures_never(const struct train_options *options)
{
	double share;

	return is(options->eval_strategy, "no") || (number_parse(options->validation, &share) && share == 0) ||
	       options->validation[0] == '\0';
}

static bool follows_nothing(const struct train_options *options)
{
	return is(options->lr_scheduler_type, "reduce_lr_on_plateau") && measures_never(options);
}

static bool best_of_nothing(const struct train_options *options)
{
	return options->load_best_model_at_end && measures_never(options);
}

static bool saves_best_of_nothing(const struct train_options *options)
{
	return is(options->save_strategy, "best") && measures_never(options);
}

static bool stops_by_nothing(const struct train_options *options)
{
	return options->early_stopping_patience > 0 && measures_never(options);
}

bool train_options_hold_out(const struct train_options *options)
{
	double share;

	return !number_parse(options->validation, &share) || share != 0;
}

static bool starts_with_nothing(const struct train_options *options)
{
	return options->eval_on_start && !train_options_hold_out(options);
}

static bool saves_best_by_nothing(const struct train_options *options)
{
	struct best_rule rule;

	return is(options->save_strategy, "best") && best_rule_of(options, &rule, NULL) && !rule.name;
}

/* Of --save-strategy auto and best the best evaluation has its checkpoint. */
static bool saves_elsewhere(const struct train_options *options)
{
	return options->load_best_model_at_end && !is(options->save_strategy, "auto") && !is(options->save_strategy, "best") &&
	       !is(options->save_strategy, options->eval_strategy);
}

/* Two shares are compared as transformers does it, in millionths. */
static bool saves_between(const struct train_options *options)
{
	double save = options->save_steps, evaluate = occasions_eval_steps(options);

	if (!options->load_best_model_at_end || !is(options->save_strategy, "steps") || !is(options->eval_strategy, "steps"))
		return false;
	if ((save < 1) != (evaluate < 1))
		return true;
	return save < 1 ? fmod(round(save * 1e6), round(evaluate * 1e6)) != 0 : fmod(save, evaluate) != 0;
}

static bool is_regression(const struct train_options *options)
{
	return is(options->problem_type, "regression");
}

static bool two_halves_train(const struct train_options *options)
{
	return options->fp16 && options->bf16;
}

static bool two_halves_evaluate(const struct train_options *options)
{
	return options->fp16_full_eval && options->bf16_full_eval;
}

static bool four_bits_train_nothing(const struct train_options *options)
{
	return has_four_bits(options) && !has_lora(options);
}

static bool teaches_nothing(const struct train_options *options)
{
	return has_teacher(options) && options->distillation_alpha == 0 && !options->unlabelled[0] && !imitates(options);
}

static bool imitates_with_adapters(const struct train_options *options)
{
	return imitates(options) && has_lora(options);
}

static bool imitates_windows(const struct train_options *options)
{
	return imitates(options) && has_windows(options);
}

static bool heads_of_scores(const struct train_options *options)
{
	return is(options->attention_loss, "tinybert") && options->relation_heads > 0;
}

static bool excerpts_of_windows(const struct train_options *options)
{
	return options->augment_excerpts && has_windows(options);
}

static const struct conflict conflicts[] = {
	{is_regression, "--problem-type regression is not there yet: labels that are numbers are trained as classes, and measured by their "
	                "distance too"},
	{one_column_is_both, "--text-column and --label-column name the same column: the review and its label are two"},
	{stratifies_masked_words,
	 "--stratify true holds out the same share of each label, and --task masked_lm (revue pretrain) reads none"},
	{masks_nothing, "--max-length 2 leaves no token between [CLS] and [SEP] that --task masked_lm (revue pretrain) could mask"},
	{judges_masked_words, "--metric-for-best-model is eval_loss or eval_accuracy with --task masked_lm (revue pretrain), which "
	                      "has no labels"},
	{torch_stratifies, "--split torch has no --stratify true: torch's random_split knows no labels; take --split sklearn or datasets"},
	{head_leaves_no_tail, "--head-tokens leaves no token of --max-length for the tail: make it smaller"},
	{stride_is_broken, "--stride is a share of --max-length up to 1 and above it a whole number of tokens"},
	{stride_leaves_gaps, "--stride is longer than a window of --max-length: no window would hold what lies between"},
	{no_steps, "--max-steps 0 trains nothing: give a number of steps, or -1, by which --num-train-epochs decides"},
	{part_of_a_step, "--eval-steps, --save-steps and --logging-steps are whole numbers, or below 1 a share of all steps"},
	{warms_up_in_vain, "--warmup-steps and --warmup-ratio do nothing with this --lr-scheduler-type: constant_with_warmup has "
	                   "a warm-up, constant and reduce_lr_on_plateau have none"},
	{follows_nothing, "--lr-scheduler-type reduce_lr_on_plateau follows evaluations, but --eval-strategy no or --validation 0 "
	                  "lets none happen"},
	{best_of_nothing, "--load-best-model-at-end needs evaluations, but --eval-strategy no or --validation 0 lets none happen"},
	{saves_best_of_nothing, "--save-strategy best needs evaluations, but --eval-strategy no or --validation 0 lets none happen"},
	{stops_by_nothing, "--early-stopping-patience needs evaluations, but --eval-strategy no or --validation 0 lets none "
	                   "happen"},
	{starts_with_nothing, "--eval-on-start has nothing to measure on with --validation 0"},
	{saves_best_by_nothing, "--save-strategy best needs --metric-for-best-model (eval_loss, eval_accuracy, ...) or "
	                        "--load-best-model-at-end"},
	{saves_elsewhere, "--load-best-model-at-end needs --save-strategy to be that of --eval-strategy, or auto or best"},
	{saves_between, "--load-best-model-at-end needs --save-steps to be a multiple of --eval-steps, both steps or both shares"},
	{teaches_nothing, "--distillation-alpha 0 leaves nothing of what --teacher says, but of --unlabelled texts"},
	{imitates_with_adapters, "--lora-r leaves the layers as they are, which --distill-attention and --distill-hidden would change"},
	{imitates_windows, "--distill-attention and --distill-hidden take a review as one sequence: not with --truncation windows"},
	{heads_of_scores, "--relation-heads belong to --attention-loss minilm: tinybert compares the heads that there are"},
	{excerpts_of_windows, "--augment-excerpts takes a stretch of a long review, but --truncation windows reads all of it: choose one"},
	{two_halves_train, "--fp16 and --bf16: at most one of them"},
	{two_halves_evaluate, "--fp16-full-eval and --bf16-full-eval: at most one of them"},
	{four_bits_train_nothing, "--load-in-4bit leaves the matrices of the base as they are: give --lora-r too, the rank of the adapters "
	                          "that train on them, or leave it out"},
};

static bool check_companions(const struct train_options *options, struct error *error)
{
	for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) {
		const struct companion *companion = &companions[i];

		RETURN_IF(!companion->serves(options) && !train_option_is_default(options, train_option_find(companion->option)),
		          error, ERROR_USAGE, "--%s %s", companion->option, companion->text);
	}
	return true;
}

bool train_options_check(const struct train_options *options, struct error *error)
{
	struct scheduler_plan plan = {0};
	struct optimizer_plan optimizer;
	struct best_rule rule;

	if (!check_companions(options, error))
		return false;
	for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++)
		RETURN_IF(conflicts[i].holds(options), error, ERROR_USAGE, "%s", conflicts[i].text);
	return train_loss_check(options, error) && best_rule_of(options, &rule, error) &&
	       optimizer_plan_read(&optimizer, options, error) &&
	       scheduler_read_arguments(scheduler_find(options->lr_scheduler_type), options->lr_scheduler_kwargs, &plan, error);
}
