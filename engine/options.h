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

enum option_kind { OPTION_INTEGER, OPTION_REAL, OPTION_CHOICE, OPTION_TEXT };

#define OPTION_TEXT_MAX 4096

/* X(kind, field, name, default, minimum, maximum, choices, help)
 *   field    member of struct train_options: int64_t, double or char[OPTION_TEXT_MAX] (choice, text)
 *   name     as on the command line without the dashes; with '_' for '-' it is the Hugging Face key
 *   choices  words separated by '|' for OPTION_CHOICE, what a row of the dialect may be, else "" */
#define TRAIN_OPTIONS(X) \
	X(REAL, num_train_epochs, "num-train-epochs", "3", 0.001, 1e6, "", \
	  "passes over the training rows; a fraction is allowed") \
	X(REAL, learning_rate, "learning-rate", "5e-5", 0.0, 10.0, "", \
	  "peak learning rate of AdamW") \
	X(INTEGER, per_device_train_batch_size, "per-device-train-batch-size", "16", 1, 65536, "", \
	  "reviews that are computed together") \
	X(INTEGER, gradient_accumulation_steps, "gradient-accumulation-steps", "1", 1, 65536, "", \
	  "batches whose gradients are averaged before a step") \
	X(INTEGER, max_length, "max-length", "256", 2, 65536, "", \
	  "tokens of a review that count, [CLS] and [SEP] included; at most what the model allows") \
	X(REAL, weight_decay, "weight-decay", "0", 0.0, 10.0, "", \
	  "AdamW's weight decay; biases and LayerNorm are exempt") \
	X(REAL, warmup_ratio, "warmup-ratio", "0", 0.0, 1.0, "", \
	  "share of all steps during which the learning rate rises from 0") \
	X(CHOICE, lr_scheduler_type, "lr-scheduler-type", "linear", 0, 0, "linear|constant", \
	  "how the learning rate goes on after the warm-up: linear falls to 0") \
	X(REAL, max_grad_norm, "max-grad-norm", "1.0", 0.0, 1e9, "", \
	  "gradients are scaled down to this L2 norm; 0: never") \
	X(INTEGER, seed, "seed", "42", 0, 4294967295.0, "", \
	  "decides the order of the rows, dropout, new heads and the validation share") \
	X(TEXT, validation, "validation", "0.1", 0, 0, "", \
	  "a file, or the share of the rows that is kept out of training to measure on; 0: none") \
	X(TEXT, text_column, "text-column", "", 0, 0, "", \
	  "column with the review, by its name or number; guessed where not given") \
	X(TEXT, label_column, "label-column", "", 0, 0, "", \
	  "column with the label, by its name or number; guessed where not given") \
	DIALECT_ROWS(X) \
	X(INTEGER, max_train_samples, "max-train-samples", "0", 0, 1e15, "", \
	  "train on so many rows only, drawn with the seed; 0: all") \
	X(INTEGER, save_steps, "save-steps", "500", 0, 1e15, "", \
	  "steps between checkpoints; one is also written at the end of each epoch; 0: only then") \
	X(INTEGER, save_total_limit, "save-total-limit", "2", 1, 1000, "", \
	  "checkpoints that are kept; older ones are removed") \
	X(INTEGER, logging_steps, "logging-steps", "1", 1, 1e9, "", \
	  "steps between lines in metrics.jsonl") \
	X(CHOICE, device, "device", "auto", 0, 0, DEVICE_WORDS, \
	  "what computes; auto: the best that this build and this machine have") \
	X(INTEGER, threads, "threads", "0", 0, 1024, "", \
	  "processor threads; 0: as many as the machine allows; the result does not depend on it")

struct train_options {
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
	const char *name, *default_text, *choices, *help;
	double minimum, maximum;
	size_t offset; /* of the field in struct train_options */
};

extern const struct option_row train_option_rows[];
extern const int train_option_count;

/* Defaults, and a row by its name. */
void train_options_init(struct train_options *options); /* every default */
const struct option_row *train_option_find(const char *name); /* '-' and '_' are the same; NULL */

/* Parses `text` into the option. False with one line: what is allowed. */
bool train_option_set(struct train_options *options, const struct option_row *row, const char *text,
                      struct error *error);

/* How the data of a training is read, the validation file too: its dialect, and the columns that were named, which are
 * borrowed from `options`. */
struct dataset_options train_options_dataset(const struct train_options *options);

/* Takes over a dialect, the rows of which become options. */
void train_options_set_dialect(struct train_options *options, const struct dataset_dialect *dialect);

/* The value as text that train_option_set reads back. */
void train_option_format(const struct train_options *options, const struct option_row *row, char *out,
                         size_t capacity);

#endif
