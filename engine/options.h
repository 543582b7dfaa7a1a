/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options of a training: one row each, in the Hugging Face spelling. Everything else is made from this
 * table: the command line, the form on the Train screen, run.json, the model card. The man page has a
 * paragraph for each, which a test compares.
 * Implemented in engine/train/options.c. */
#ifndef REVUE_ENGINE_OPTIONS_H
#define REVUE_ENGINE_OPTIONS_H

#include "engine/dataset.h"
#include "engine/device.h"

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
	T(EVALUATION, "evaluations, checkpoints, the best model") \
	T(ADAPTER, "LoRA adapters and a base in 4 bits") \
	T(RUN, "machine and log")

enum option_theme {
#define OPTION_THEME_VALUE(theme, title) THEME_##theme,
	OPTION_THEMES(OPTION_THEME_VALUE)
#undef OPTION_THEME_VALUE
	OPTION_THEME_COUNT
};

/* Each theme has its rows:  X(kind, field, name, default, minimum, maximum, choices, help)
 *   field    member of struct train_options: bool, int64_t, double or char[OPTION_TEXT_MAX] (choice, text)
 *   name     as on the command line without the dashes; with '_' for '-' it is the Hugging Face key
 *   choices  words separated by '|' for OPTION_CHOICE, what a row of the dialect may be, else "" */
#define OPTIONS_BASIC(X) \
	X(REAL, num_train_epochs, "num-train-epochs", "3", 0.001, 1e6, "", \
	  "passes over the training rows; a fraction is allowed") \
	X(REAL, learning_rate, "learning-rate", "5e-5", 0.0, 10.0, "", \
	  "peak learning rate of the optimizer") \
	X(INTEGER, per_device_train_batch_size, "per-device-train-batch-size", "16", 1, 65536, "", \
	  "reviews that are computed together") \
	X(INTEGER, max_length, "max-length", "256", 2, 65536, "", \
	  "tokens of a review that count, [CLS] and [SEP] included; at most what the model allows") \
	X(TEXT, validation, "validation", "0.1", 0, 0, "", \
	  "a file, or the share of the rows that is kept out of training to measure on; 0: none") \
	X(INTEGER, seed, "seed", "42", 0, 4294967295.0, "", \
	  "decides the order of the rows, dropout, new heads and the validation share")

#define OPTIONS_DATA(X) \
	X(TEXT, text_column, "text-column", "", 0, 0, "", \
	  "column with the review, by its name or number; guessed where not given") \
	X(TEXT, label_column, "label-column", "", 0, 0, "", \
	  "column with the label, by its name or number; guessed where not given") \
	DIALECT_ROWS(X) \
	X(INTEGER, max_train_samples, "max-train-samples", "0", 0, 1e15, "", \
	  "train on so many rows only, drawn with the seed; 0: all")

#define OPTIONS_SCHEDULE(X) \
	X(INTEGER, gradient_accumulation_steps, "gradient-accumulation-steps", "1", 1, 65536, "", \
	  "batches whose gradients are averaged before a step") \
	X(REAL, warmup_ratio, "warmup-ratio", "0", 0.0, 1.0, "", \
	  "share of all steps during which the learning rate rises from 0") \
	X(CHOICE, lr_scheduler_type, "lr-scheduler-type", "linear", 0, 0, "linear|constant", \
	  "how the learning rate goes on after the warm-up: linear falls to 0")

#define OPTIONS_OPTIMIZER(X) \
	X(CHOICE, optim, "optim", "adamw_torch", 0, 0, "adamw_torch|adamw_torch_fused|sgd|lion|lion_32bit|adafactor", \
	  "the optimizer: AdamW, SGD, Lion or Adafactor; the two AdamW are the same here, and the two Lion") \
	X(TEXT, optim_args, "optim-args", "", 0, 0, "", \
	  "settings of sgd, as momentum=0.9,nesterov=true,dampening=0") \
	X(REAL, adam_beta1, "adam-beta1", "0.9", 0.0, 0.999999, "", \
	  "beta1 of AdamW and Lion: how much of the mean of gradients a step keeps") \
	X(REAL, adam_beta2, "adam-beta2", "0.999", 0.0, 0.9999999, "", \
	  "beta2: of AdamW's mean of squares, of Lion's mean; those who use Lion often take 0.99") \
	X(REAL, adam_epsilon, "adam-epsilon", "1e-8", 0.0, 1.0, "", \
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
	  "taken from recipes for graphics cards: the processor computes in f32, and the run says so") \
	X(BOOLEAN, bf16, "bf16", "false", 0, 0, "", \
	  "as --fp16") \
	X(BOOLEAN, fp16_full_eval, "fp16-full-eval", "false", 0, 0, "", \
	  "as --fp16, of evaluations") \
	X(BOOLEAN, bf16_full_eval, "bf16-full-eval", "false", 0, 0, "", \
	  "as --fp16, of evaluations") \
	X(BOOLEAN, tf32, "tf32", "false", 0, 0, "", \
	  "as --fp16")

#define OPTIONS_LOSS(X) \
	X(REAL, label_smoothing_factor, "label-smoothing-factor", "0", 0.0, 1.0, "", \
	  "share of each label that is spread evenly over all of them") \
	X(TEXT, class_weights, "class-weights", "none", 0, 0, "", \
	  "what each label counts: none, balanced, numbers in the order of the labels, or label=number; commas between") \
	X(REAL, neftune_noise_alpha, "neftune-noise-alpha", "0", 0.0, 1e4, "", \
	  "NEFTune: uniform noise of alpha / sqrt(length * hidden size) on the embeddings while training; 0: none")

#define OPTIONS_EVALUATION(X) \
	X(INTEGER, save_steps, "save-steps", "500", 0, 1e15, "", \
	  "steps between checkpoints; one is also written at the end of each epoch; 0: only then") \
	X(INTEGER, save_total_limit, "save-total-limit", "2", 1, 1000, "", \
	  "checkpoints that are kept; older ones are removed")

#define OPTIONS_ADAPTER(X) \
	X(BOOLEAN, load_in_4bit, "load-in-4bit", "no", 0, 0, "", \
	  "hold the matrices of the base in 4 bits and leave them as they are: LoRA adapters train on them") \
	X(CHOICE, bnb_4bit_quant_type, "bnb-4bit-quant-type", "fp4", 0, 0, "fp4|nf4", \
	  "which 16 values 4 bits stand for; nf4 is the more exact one") \
	X(BOOLEAN, bnb_4bit_use_double_quant, "bnb-4bit-use-double-quant", "no", 0, 0, "", \
	  "round the scales of the 4 bits to 8 bits too, as bitsandbytes does") \
	X(CHOICE, bnb_4bit_compute_dtype, "bnb-4bit-compute-dtype", "float32", 0, 0, "float32|float16|bfloat16", \
	  "taken from files of arguments; the processor computes in float32, which is the most exact, whatever it says")

#define OPTIONS_RUN(X) \
	X(INTEGER, logging_steps, "logging-steps", "1", 1, 1e9, "", \
	  "steps between lines in metrics.jsonl") \
	X(CHOICE, device, "device", "auto", 0, 0, DEVICE_WORDS, \
	  "what computes; auto: the best that this build and this machine have") \
	X(INTEGER, threads, "threads", "0", 0, 1024, "", \
	  "processor threads; 0: as many as the machine allows; the result does not depend on it")

#define TRAIN_OPTIONS(X) \
	OPTIONS_BASIC(X) OPTIONS_DATA(X) OPTIONS_SCHEDULE(X) OPTIONS_OPTIMIZER(X) OPTIONS_LOSS(X) OPTIONS_EVALUATION(X) \
	OPTIONS_ADAPTER(X) OPTIONS_RUN(X)

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

/* Parses `text` into the option. False with one line: what is allowed. A boolean is true, yes or 1, false, no or 0. */
bool train_option_set(struct train_options *options, const struct option_row *row, const char *text,
                      struct error *error);

/* False with one line where two options cannot go together, or one says nothing without another: both are named. */
bool train_options_check(const struct train_options *options, struct error *error);

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

/* Takes over a dialect, the rows of which become options. */
void train_options_set_dialect(struct train_options *options, const struct dataset_dialect *dialect);

/* The value as text that train_option_set reads back. */
void train_option_format(const struct train_options *options, const struct option_row *row, char *out,
                         size_t capacity);

#endif
