/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options of a training: one row each, in the Hugging Face spelling. Everything else is made from this
 * table: the command line, the form on the Train screen, run.json, the model card. The man page has a
 * paragraph for each, which a test compares.
 * Implemented in engine/train/options/options.c. */
#ifndef REVUE_ENGINE_OPTIONS_H
#define REVUE_ENGINE_OPTIONS_H

#include "engine/dataset.h"
#include "engine/device.h"
#include "engine/model.h"

#include <stddef.h>
#include <stdint.h>

enum option_kind { OPTION_BOOLEAN, OPTION_INTEGER, OPTION_REAL, OPTION_CHOICE, OPTION_TEXT };

#define OPTION_TEXT_MAX 4096

/* T(theme, title): what options are about. The form and --help show them theme by theme, the form all but the first folded. */
#define OPTION_THEMES(T) \
	T(BASIC, "what most trainings set") \
	T(DATA, "reviews, labels, the rows that are held out") \
	T(SCHEDULE, "steps and the learning rate on the way") \
	T(OPTIMIZER, "how a step changes the weights, and which") \
	T(LOSS, "what is minimised") \
	T(TEACH, "teachers, texts without labels, augmentation") \
	T(EVALUATION, "evaluations, checkpoints, the best model") \
	T(ADAPTER, "LoRA adapters and a base in 4 bits") \
	T(RUN, "machine and log")

enum option_theme {
#define OPTION_THEME_VALUE(theme, title) THEME_##theme,
	OPTION_THEMES(OPTION_THEME_VALUE)
#undef OPTION_THEME_VALUE
	OPTION_THEME_COUNT
};

/* The names of transformers.SchedulerType, and exponential, which a range test takes; the rows behind them are those of
 * engine/train/optimize/scheduler.c. */
#define SCHEDULER_WORDS \
	"linear|cosine|cosine_with_restarts|polynomial|constant|constant_with_warmup|inverse_sqrt|cosine_with_min_lr|" \
	"cosine_warmup_with_min_lr|warmup_stable_decay|reduce_lr_on_plateau|exponential"

/* Each theme has its rows:  X(kind, field, name, default, minimum, maximum, choices, help)
 *   field    member of struct train_options: bool, int64_t, double or char[OPTION_TEXT_MAX] (choice, text)
 *   name     as on the command line without the dashes; with '_' for '-' it is the Hugging Face key
 *   maximum  of OPTION_TEXT: above 1 as many texts, a line each; the command line has one each time
 *   choices  words separated by '|' for OPTION_CHOICE; what a text may be, kinds of which are written in capitals; else "" */
#define OPTIONS_BASIC(X) \
	X(REAL, num_train_epochs, "num-train-epochs", "3", 0.001, 1e6, "", \
	  "passes over the training rows; a fraction is allowed") \
	X(REAL, learning_rate, "learning-rate", "5e-5", 0.0, 10.0, "", \
	  "peak learning rate of the optimizer") \
	X(INTEGER, per_device_train_batch_size, "per-device-train-batch-size", "16", 1, 65536, "", \
	  "reviews that are computed together") \
	X(INTEGER, max_length, "max-length", "256", 2, 65536, "", \
	  "tokens of a review that count, [CLS] and [SEP] included; at most what the model allows") \
	X(TEXT, validation, "validation", "0.1", 0, 0, "FILE|SHARE|ROWS|FOLD", \
	  "a file, or the share or number of the rows that are kept out of training to measure on, or a fold of them, 2/5; 0: none") \
	X(INTEGER, seed, "seed", "42", 0, 4294967295.0, "", \
	  "decides the order of the rows, dropout, new heads and the validation share")

#define OPTIONS_DATA(X) \
	X(TEXT, text_column, "text-column", "", 0, 0, "COLUMN", \
	  "column with the review, by its name or number; guessed where not given") \
	X(TEXT, label_column, "label-column", "", 0, 0, "COLUMN", \
	  "column with the label, by its name or number, or several of 0 and 1 with commas between; guessed where not given") \
	X(TEXT, corrections, "corrections", "", 0, 0, "FILE", \
	  "a file of labels that were set right on the Reviews screen, instead of those of the data") \
	X(TEXT, exclude, "exclude", "", 0, 8, "FILE", \
	  "a file, as of a test, whose texts are neither learnt from nor measured on; once more for the next, eight at most") \
	X(CHOICE, problem_type, "problem-type", "auto", 0, 0, \
	  "auto|single_label_classification|multi_label_classification|regression", \
	  "whether a review has one label or several; auto: several where some rows of lists, joined labels or columns have them") \
	DIALECT_ROWS(X) \
	X(CHOICE, truncation, "truncation", "head", 0, 0, TRUNCATION_WORDS, \
	  "which tokens count of a review that has more than --max-length; windows: all, in pieces that overlap") \
	X(INTEGER, head_tokens, "head-tokens", "0", 0, 65536, "", \
	  "tokens before the gap of --truncation head+tail; 0: a quarter of --max-length") \
	X(REAL, stride, "stride", "0.8", 0.001, 65536, "", \
	  "from the start of a window to that of the next: up to 1 as a share of --max-length, above it in tokens") \
	X(CHOICE, pooling, "pooling", "mean", 0, 0, POOLING_WORDS, \
	  "what becomes of the logits of a review's windows") \
	X(INTEGER, max_windows, "max-windows", "0", 0, 65536, "", \
	  "windows of a review that count, the first ones; 0: all") \
	X(INTEGER, max_train_samples, "max-train-samples", "0", 0, 1e15, "", \
	  "train on so many rows only, drawn with the seed; 0: all") \
	X(INTEGER, max_eval_samples, "max-eval-samples", "0", 0, 1e15, "", \
	  "measure on so many rows only, drawn with the seed; 0: all that are held out") \
	X(CHOICE, split, "split", "revue", 0, 0, "revue|sklearn|datasets|torch", \
	  "who draws the rows that are held out: revue, or as scikit-learn, datasets or torch draw them, row for row") \
	X(CHOICE, stratify, "stratify", "auto", 0, 0, "auto|true|false", \
	  "hold out the same share of each label; auto: true with --split revue, else false, as those tools do unasked") \
	X(INTEGER, split_seed, "split-seed", "-1", -1, 4294967295.0, "", \
	  "seed of the split and of the rows that are drawn; -1: that of --seed") \
	X(BOOLEAN, shuffle_train_dataset, "shuffle-train-dataset", "false", 0, 0, "", \
	  "put the training rows into the order of datasets' shuffle(seed) before the first epoch orders them")

#define OPTIONS_SCHEDULE(X) \
	X(INTEGER, gradient_accumulation_steps, "gradient-accumulation-steps", "1", 1, 65536, "", \
	  "batches whose gradients are averaged before a step") \
	X(INTEGER, max_steps, "max-steps", "-1", -1, 1e15, "", \
	  "steps in all, whatever the epochs say; -1: the epochs decide") \
	X(REAL, warmup_steps, "warmup-steps", "0", 0.0, 1e15, "", \
	  "steps during which the learning rate rises from 0; below 1 the share of all steps") \
	X(REAL, warmup_ratio, "warmup-ratio", "0", 0.0, 1.0, "", \
	  "share of all steps during which the learning rate rises from 0; counts where --warmup-steps is 0") \
	X(CHOICE, lr_scheduler_type, "lr-scheduler-type", "linear", 0, 0, SCHEDULER_WORDS, \
	  "how the learning rate goes on after the warm-up: linear falls to 0") \
	X(TEXT, lr_scheduler_kwargs, "lr-scheduler-kwargs", "", 0, 0, "", \
	  "what the scheduler is told besides: num_cycles=2,min_lr=1e-6, or a JSON object") \
	X(CHOICE, train_sampling_strategy, "train-sampling-strategy", "random", 0, 0, "random|sequential|group_by_length", \
	  "in which order the rows of an epoch come") \
	X(INTEGER, data_seed, "data-seed", "-1", -1, 4294967295.0, "", \
	  "decides the random order of the rows; -1: --seed does")

#define OPTIONS_OPTIMIZER(X) \
	X(CHOICE, optim, "optim", "adamw_torch", 0, 0, "adamw_torch|adamw_torch_fused|sgd|lion|lion_32bit|adafactor", \
	  "the optimizer: AdamW, SGD, Lion or Adafactor; the two AdamW are the same here, and the two Lion") \
	X(TEXT, optim_args, "optim-args", "", 0, 0, "", \
	  "settings of sgd, as momentum=0.9,nesterov=true,dampening=0") \
	X(REAL, adam_beta1, "adam-beta1", "0.9", 0.0, 0.999999, "", \
	  "beta1 of AdamW and Lion: how much of the mean of gradients a step keeps") \
	X(REAL, adam_beta2, "adam-beta2", "0.999", 0.0, 0.9999999, "", \
	  "beta2: of AdamW's mean of squares, of Lion's mean; those who use Lion often take 0.99") \
	X(REAL, adam_epsilon, "adam-epsilon", "1e-8", 1e-20, 1.0, "", \
	  "what AdamW adds to the root of the squares") \
	X(REAL, weight_decay, "weight-decay", "0", 0.0, 10.0, "", \
	  "weight decay; biases and LayerNorm are exempt") \
	X(REAL, max_grad_norm, "max-grad-norm", "1.0", 0.0, 1e9, "", \
	  "gradients are scaled down to this L2 norm; 0: never") \
	X(REAL, layerwise_lr_decay, "layerwise-lr-decay", "1", 0.01, 1.0, "", \
	  "factor of the learning rate from each layer to the one below it; the head and the top layer have all of it") \
	X(TEXT, freeze, "freeze", "", 0, 0, "", \
	  "what is not trained: embeddings, encoder, head, or tensors by their names, with * or as /expression/; several with commas") \
	X(TEXT, freeze_layers, "freeze-layers", "", 0, 0, "", \
	  "layers that are not trained, counted from 0: 0-3,5") \
	X(BOOLEAN, fp16, "fp16", "false", 0, 0, "", \
	  "products and attention in f16 on a GPU, the loss scaled; the processor stays with f32, as a Trainer there") \
	X(BOOLEAN, bf16, "bf16", "false", 0, 0, "", \
	  "products and attention in bf16: a GPU is faster with it, the processor is not") \
	X(BOOLEAN, fp16_full_eval, "fp16-full-eval", "false", 0, 0, "", \
	  "taken from files of arguments: as in the Trainer, evaluations of a training compute as its steps do") \
	X(BOOLEAN, bf16_full_eval, "bf16-full-eval", "false", 0, 0, "", \
	  "as --fp16-full-eval") \
	X(BOOLEAN, tf32, "tf32", "false", 0, 0, "", \
	  "let a GPU multiply f32 with 10 bits of mantissa")

#define TASK_WORDS "classification|masked_lm"

#define OPTIONS_LOSS(X) \
	X(CHOICE, task, "task", "classification", 0, 0, TASK_WORDS, \
	  "what is learnt: labels of reviews, or masked words of texts that need none, as revue pretrain does") \
	X(REAL, mlm_probability, "mlm-probability", "0.15", 0.01, 0.9, "", \
	  "of --task masked_lm: share of the tokens that the model has to tell, others in each epoch") \
	X(BOOLEAN, whole_word_mask, "whole-word-mask", "true", 0, 0, "", \
	  "of --task masked_lm: all pieces of a word are masked together, else each for itself") \
	X(REAL, label_smoothing_factor, "label-smoothing-factor", "0", 0.0, 1.0, "", \
	  "share of each label that is spread evenly over all of them") \
	X(TEXT, class_weights, "class-weights", "none", 0, 0, "", \
	  "what each label counts: none, balanced, numbers in the order of the labels, or label=number; commas between") \
	X(REAL, neftune_noise_alpha, "neftune-noise-alpha", "0", 0.0, 1e4, "", \
	  "NEFTune: uniform noise of alpha / sqrt(length * hidden size) on the embeddings while training; 0: none")

#define OPTIONS_TEACH(X) \
	X(TEXT, teacher, "teacher", "", 0, 8, "", \
	  "a model to learn from beside the labels: MODEL[:WEIGHT][:WORDS], WORDS being lengths of texts as 5-80, 81-; eight at most") \
	X(CHOICE, teacher_labels, "teacher-labels", "soft", 0, 0, "soft|hard", \
	  "what of a teacher's answer is learnt: all scores, or the label with the highest one as if a person had given it") \
	X(REAL, distillation_temperature, "distillation-temperature", "2", 0.05, 1000, "", \
	  "what the logits of teachers and student are divided by where they are compared; above 1 small scores count more") \
	X(REAL, distillation_alpha, "distillation-alpha", "0.5", 0, 1, "", \
	  "share of the teachers in the loss of a review that has a label; the rest is the label's") \
	X(TEXT, unlabelled, "unlabelled", "", 0, 8, "FILE", \
	  "a file of texts that train with the answers of the teachers alone; once more for the next, eight at most") \
	X(REAL, distill_attention, "distill-attention", "0", 0, 1e4, "", \
	  "weight of a loss on attention, which shall be that of the first teacher that is a network; 0: none") \
	X(CHOICE, attention_loss, "attention-loss", "minilm", 0, 0, "minilm|tinybert", \
	  "minilm: relations of queries and keys and of values in the last layer; tinybert: attention scores of all layers") \
	X(INTEGER, relation_heads, "relation-heads", "0", 0, 4096, "", \
	  "heads that relations are compared by, in models with other numbers of heads too; 0: those of the model that is trained") \
	X(REAL, distill_hidden, "distill-hidden", "0", 0, 1e4, "", \
	  "weight of a loss on the hidden states of the layers, which shall be the teacher's; 0: none") \
	X(CHOICE, hidden_loss, "hidden-loss", "projection", 0, 0, "projection|relations", \
	  "hidden states of another width: brought to the teacher's by a layer that is learnt with them, or by their relations") \
	X(REAL, word_dropout, "word-dropout", "0", 0, 0.9, "", \
	  "share of the words of a review that are hidden from the model while it trains, others in each epoch") \
	X(BOOLEAN, augment_excerpts, "augment-excerpts", "false", 0, 0, "", \
	  "train on another stretch of a review that is longer than --max-length in each epoch, instead of its head")

#define OPTIONS_EVALUATION(X) \
	X(CHOICE, eval_strategy, "eval-strategy", "epoch", 0, 0, "no|steps|epoch", \
	  "when the held-out rows are measured on") \
	X(REAL, eval_steps, "eval-steps", "0", 0.0, 1e15, "", \
	  "steps between evaluations, below 1 the share of all steps; 0: as --logging-steps where that is not 1, else 500") \
	X(REAL, eval_delay, "eval-delay", "0", 0.0, 1e15, "", \
	  "steps or epochs, as --eval-strategy counts, before the first evaluation") \
	X(BOOLEAN, eval_on_start, "eval-on-start", "false", 0, 0, "", \
	  "measure before the first step, too") \
	X(CHOICE, save_strategy, "save-strategy", "auto", 0, 0, "auto|no|steps|epoch|best", \
	  "when checkpoints are written; auto: after each epoch and every --save-steps") \
	X(REAL, save_steps, "save-steps", "500", 0.0, 1e15, "", \
	  "steps between checkpoints, below 1 the share of all steps; 0: none but those of epochs") \
	X(INTEGER, save_total_limit, "save-total-limit", "2", 1, 1000, "", \
	  "checkpoints that are kept; older ones are removed, but never the best") \
	X(BOOLEAN, load_best_model_at_end, "load-best-model-at-end", "false", 0, 0, "", \
	  "the result has the weights of the best evaluation, not the last ones") \
	X(TEXT, metric_for_best_model, "metric-for-best-model", "", 0, 0, "", \
	  "what makes an evaluation the best, as eval_loss or accuracy; where one is needed and none is given, the loss") \
	X(CHOICE, greater_is_better, "greater-is-better", "auto", 0, 0, "auto|true|false", \
	  "whether the metric should rise; auto: unless its name ends in loss") \
	X(TEXT, probe, "probe", "", 0, 8, "", \
	  "a sentence whose score is followed while the model learns; once more for the next, eight at most") \
	X(INTEGER, early_stopping_patience, "early-stopping-patience", "0", 0, 1e9, "", \
	  "ends after so many evaluations in a row without an improvement; 0: never") \
	X(REAL, early_stopping_threshold, "early-stopping-threshold", "0", 0.0, 1e9, "", \
	  "by how much the metric must improve to count for --early-stopping-patience")

#define OPTIONS_ADAPTER(X) \
	X(INTEGER, lora_r, "lora-r", "0", 0, 4096, "", \
	  "rank of the LoRA adapters that are trained instead of the whole model; 0: none") \
	X(REAL, lora_alpha, "lora-alpha", "8", 0, 1e6, "", \
	  "adapters are scaled by this divided by the rank") \
	X(REAL, lora_dropout, "lora-dropout", "0", 0, 0.99, "", \
	  "share of the inputs of the adapters that training drops") \
	X(BOOLEAN, use_rslora, "use-rslora", "false", 0, 0, "", \
	  "divide --lora-alpha by the root of the rank") \
	X(TEXT, target_modules, "target-modules", "", 0, 0, "", \
	  "layers that get an adapter: names with commas, an expression, or all-linear; query and value where not given") \
	X(TEXT, modules_to_save, "modules-to-save", "", 0, 0, "", \
	  "modules that train whole beside the adapters and the classifier: names with commas") \
	X(CHOICE, lora_bias, "bias", "none", 0, 0, "none|all|lora_only", \
	  "biases that train beside the adapters") \
	X(BOOLEAN, save_adapter, "save-adapter", "false", 0, 0, "", \
	  "write RUN/adapter for peft beside the merged RUN/model") \
	X(BOOLEAN, load_in_4bit, "load-in-4bit", "no", 0, 0, "", \
	  "hold the matrices of the base in 4 bits and leave them as they are: LoRA adapters train on them") \
	X(CHOICE, bnb_4bit_quant_type, "bnb-4bit-quant-type", "fp4", 0, 0, "fp4|nf4", \
	  "which 16 values 4 bits stand for; nf4 is the more exact one") \
	X(BOOLEAN, bnb_4bit_use_double_quant, "bnb-4bit-use-double-quant", "no", 0, 0, "", \
	  "round the scales of the 4 bits to 8 bits too, as bitsandbytes does") \
	X(CHOICE, bnb_4bit_compute_dtype, "bnb-4bit-compute-dtype", "float32", 0, 0, "float32|float16|bfloat16", \
	  "taken from files of arguments; the processor computes in float32, which is the most exact, whatever it says")

#define OPTIONS_RUN(X) \
	X(CHOICE, logging_strategy, "logging-strategy", "steps", 0, 0, "no|steps|epoch", \
	  "when a step's loss is written into metrics.jsonl") \
	X(REAL, logging_steps, "logging-steps", "1", 0.000001, 1e9, "", \
	  "steps between lines in metrics.jsonl, below 1 the share of all steps") \
	X(BOOLEAN, logging_first_step, "logging-first-step", "false", 0, 0, "", \
	  "the first step has its line, whatever the others have") \
	X(CHOICE, save_dtype, "save-dtype", "float32", 0, 0, MODEL_DTYPE_WORDS, \
	  "numbers that RUN/model is written in, rounded: 16 bits take half the place") \
	X(BOOLEAN, baseline, "baseline", "true", 0, 0, "", \
	  "tell before the first step what a linear model on words makes of the same rows, which takes seconds") \
	X(CHOICE, device, "device", "auto", 0, 0, DEVICE_WORDS, \
	  "what computes; cuda: an NVIDIA GPU; auto: that where there is one, else the processor") \
	X(INTEGER, threads, "threads", "0", 0, 1024, "", \
	  "processor threads; 0: as many as the machine allows; the result does not depend on it")

#define TRAIN_OPTIONS(X) \
	OPTIONS_BASIC(X) OPTIONS_DATA(X) OPTIONS_SCHEDULE(X) OPTIONS_OPTIMIZER(X) OPTIONS_LOSS(X) OPTIONS_TEACH(X) \
	OPTIONS_EVALUATION(X) OPTIONS_ADAPTER(X) OPTIONS_RUN(X)

struct train_options {
#define OPTION_FIELD_BOOLEAN(field) bool field;
#define OPTION_FIELD_INTEGER(field) int64_t field;
#define OPTION_FIELD_REAL(field) double field;
#define OPTION_FIELD_CHOICE(field) char field[OPTION_TEXT_MAX];
#define OPTION_FIELD_TEXT(field) char field[OPTION_TEXT_MAX];
#define X(kind, field, ...) OPTION_FIELD_##kind(field)
	TRAIN_OPTIONS(X)
#undef X
};

struct option_row {
	enum option_kind kind;
	enum option_theme theme; /* the rows of a theme are neighbours */
	const char *name, *default_text, *choices, *help;
	double minimum, maximum;
	size_t offset; /* of the field in struct train_options */
};

extern const struct option_row train_option_rows[];
extern const int train_option_count;
extern const char *const option_theme_titles[OPTION_THEME_COUNT];

/* Defaults, and a row by its name. */
void train_options_init(struct train_options *options); /* every default */
const struct option_row *train_option_find(const char *name); /* '-' and '_' are the same; NULL */

/* Whether the rows need labels: not where masked words are learnt. */
bool train_options_need_labels(const struct train_options *options);

/* Whether rows are kept out to be measured on: a share of them, or a file. */
bool train_options_hold_out(const struct train_options *options);

/* Parses `text` into the option. False with one line: what is allowed. A boolean is true, yes or 1, false, no or 0. */
bool train_option_set(struct train_options *options, const struct option_row *row, const char *text,
                      struct error *error);

/* The same, but of an option of several texts it is one more. */
bool train_option_add(struct train_options *options, const struct option_row *row, const char *text, struct error *error);

/* False with one line where two options cannot go together, or one says nothing without another: both are named. */
bool train_options_check(const struct train_options *options, struct error *error);

/* Whether the option has its default, however that is spelled. */
bool train_option_is_default(const struct train_options *options, const struct option_row *row);

/* What a file of arguments says besides options. */
struct options_file {
	char model[OPTION_TEXT_MAX]; /* the base it names: a folder, or a name on the Hub; "" */
	char unused[1024];           /* one line that lists the keys that were not used, unscrubbed; "" */
};

/* Reads a JSON file of arguments over `options`: those that it does not name stay as they are. Keys are this table's with
 * '_', and those of transformers' TrainingArguments, PEFT's LoraConfig and transformers' BitsAndBytesConfig, in one object or in
 * objects inside of it; run.json of a run is such a file too. `name` is a path, or the name of a recipe that ships
 * (share/recipes). A key without use here is listed in out->unused, null is no value; a value that its option does not take is
 * refused with the file and the key. */
bool train_options_read_file(const char *name, struct train_options *options, struct options_file *out,
                             struct error *error);

/* The names of the recipes that ship, one after the other: NULL after the last. Owned by the table of them. */
const char *train_recipe_name(int index);

/* How the data of a training is read, the validation file too: its dialect, and the columns that were named, which are
 * borrowed from `options`. */
struct dataset_options train_options_dataset(const struct train_options *options);

/* How a model that is trained with them reads long reviews. `max_length`: the tokens of a sequence, where the model has no
 * more positions than it. Kept with the model unless the head counts: that may be longer where it is used. */
struct model_reading train_options_reading(const struct train_options *options, int32_t max_length);

/* Takes over a dialect, the rows of which become options. */
void train_options_set_dialect(struct train_options *options, const struct dataset_dialect *dialect);

/* The value as text that train_option_set reads back. */
void train_option_format(const struct train_options *options, const struct option_row *row, char *out,
                         size_t capacity);

#endif
