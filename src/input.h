/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What several commands do with the files and models that they are given. */
#ifndef REVUE_SRC_INPUT_H
#define REVUE_SRC_INPUT_H

#include "engine/dataset.h"
#include "engine/exclusion.h"
#include "engine/model.h"
#include "src/args.h"

/* A row of --input-format, --delimiter, ... for DIALECT_ROWS in the table of a command that reads data: its struct has a
 * `struct dataset_dialect dialect`, and AT tells where. */
#define INPUT_DIALECT_ROW(kind_, field_, name_, default_, minimum_, maximum_, values_, help_) \
	{0, name_, ARGUMENT_DIALECT, values_, default_, .offset = AT(dialect), .help = help_},

/* The model that was asked for, or the one that ships, in `out`. */
bool input_model_path(const char *asked, char *out, size_t capacity, struct error *error);

/* The row of --device in the table of a command that opens a model. */
#define INPUT_DEVICE_ROW(at) \
	{0, "device", ARGUMENT_CHOICE, DEVICE_WORDS, "auto", .offset = at, \
	 .help = "what computes; cuda: an NVIDIA GPU; auto: that where there is one, else the processor"}

/* The same with what it computes in; `at` is the place of a struct input_device. */
struct input_device {
	const char *name;
	bool fp16, bf16, tf32;
};
#define INPUT_PRECISION_ROWS(at) \
	INPUT_DEVICE_ROW((at) + offsetof(struct input_device, name)), \
	{0, "fp16", ARGUMENT_FLAG, .offset = (at) + offsetof(struct input_device, fp16), \
	 .help = "products and attention in f16 on a GPU; the processor stays with f32"}, \
	{0, "bf16", ARGUMENT_FLAG, .offset = (at) + offsetof(struct input_device, bf16), \
	 .help = "products and attention in bf16: a GPU is faster with it, the processor is not"}, \
	{0, "tf32", ARGUMENT_FLAG, .offset = (at) + offsetof(struct input_device, tf32), \
	 .help = "let a GPU multiply f32 with 10 bits of mantissa"}

/* The rows of --load-in-4bit and what belongs to it; `at` is the place of a struct input_four_bits. */
struct input_four_bits {
	bool load, double_quant;
	const char *type;
};
#define INPUT_FOUR_BITS_ROWS(at) \
	{0, "load-in-4bit", ARGUMENT_FLAG, .offset = (at) + offsetof(struct input_four_bits, load), \
	 .help = "hold the matrices of the model's layers in 4 bits, as bitsandbytes does"}, \
	{0, "bnb-4bit-quant-type", ARGUMENT_CHOICE, "fp4|nf4", "fp4", .offset = (at) + offsetof(struct input_four_bits, type), \
	 .help = "which 16 values 4 bits stand for; nf4 is the more exact one"}, \
	{0, "bnb-4bit-use-double-quant", ARGUMENT_FLAG, .offset = (at) + offsetof(struct input_four_bits, double_quant), \
	 .help = "round the scales of the 4 bits to 8 bits too, as bitsandbytes does"}

/* The row of --base in the same. */
#define INPUT_BASE_ROW(at) \
	{0, "base", ARGUMENT_FOLDER, "FOLDER", .offset = at, \
	 .help = "of a LoRA adapter: the folder of its base; the one that it names where not given"},

/* Opens it for scoring on a device: its head must be trained. What is odd about it becomes notes on
 * standard error. `base` is that of an adapter, NULL: the one that it names. With `raw` the temperature and the thresholds
 * that the model keeps are not used. The caller closes it. */
struct model *input_model_open(const char *asked, const char *base, const struct input_device *device, bool raw,
                               const struct input_four_bits *four_bits, const struct progress *progress,
                               struct error *error);

/* What was guessed or is odd about the data, as notes on standard error. */
void input_show_notices(const struct dataset *dataset);

/* Which columns were taken, and whether they were guessed, as a note; nothing where there was no choice. For a command that
 * came to its end: an error says its one line alone. */
void input_show_columns(const struct dataset *dataset);

/* Reads the texts of these files, whose rows are to be left out of `dataset`: notices as notes, and which column was guessed
 * where one has none that is called as the reviews of `dataset` are. *out is NULL where there are no files; the caller frees
 * it. */
bool input_exclusion_read(const struct argument_files *files, const struct dataset *dataset, const struct progress *progress,
                          struct exclusion **out, struct error *error);

/* How many rows of `path` (NULL: of all files that were read) were left out, a note a file, and where its column of texts was
 * guessed that one; of NULL nothing. */
void input_show_exclusion(const struct exclusion *exclusion, const char *path);

/* Opens a file of reviews, or reads a pipe or "-" to its end, and finds all its rows. The caller closes it. */
struct dataset *input_dataset_open(const char *path, const struct dataset_options *options,
                                   const struct progress *progress, struct error *error);

#endif
