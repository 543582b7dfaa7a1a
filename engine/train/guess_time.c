/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a training would take of which no earlier run tells: a step is timed on a few reviews of its data, which are taken
 * from all of it. What evaluations and checkpoints cost is not counted: it is a guess. */
#include "engine/clock.h"
#include "engine/model/network.h"
#include "engine/tokenizer.h"
#include "engine/train/options/adapter_options.h"
#include "engine/train/training_probe.h"
#include "engine/trainer.h"

#include <stdlib.h>
#include <string.h>

#define SAMPLE_ROWS 64     /* reviews that are looked at */
/* The work of a pass is at most so much, unless the first review has more: some tenths of a second, since it cannot be stopped in
 * its middle. */
#define PASS_WORK 2e9
#define LENGTH_MAX 8192    /* a longer max-length is no guess worth */

struct guess {
	const struct train_options *options;
	const struct progress *progress;
	struct model *model;
	int32_t *ids, starts[SAMPLE_ROWS + 1], labels[SAMPLE_ROWS]; /* the batch; all labels are the first one */
	int32_t sequences, length, longest;
	double work, all; /* of the batch; of all reviews that were looked at */
	uint32_t rows;
};

/* What is beside the model, or lets parts of it rest, takes another time. */
static bool is_plain(const struct train_options *options)
{
	return train_options_need_labels(options) && !options->unlabelled[0] && !options->teacher[0] && !options->freeze[0] &&
	       !options->freeze_layers[0] && !options->load_in_4bit && strcmp(options->truncation, "windows") != 0 &&
	       options->max_length <= LENGTH_MAX;
}

/* What was trained on words alone has no labels; how many it gets costs next to nothing. */
static bool set_head(struct model *model, struct error *error)
{
	return model_config(model)->num_labels > 0 || model_set_labels(model, (const char *const[]){"0", "1"}, 2, 0, error);
}

static bool open_model(struct guess *guess, const char *path, struct error *error)
{
	const struct train_options *options = guess->options;
	const struct model_options how = {
		.device = device_find(options->device), .threads = (int)options->threads,
		.precision = precision_of(options->tf32, options->bf16, options->fp16),
	};

	guess->model = model_open(path, &how, guess->progress, error);
	return guess->model;
}

/* The batch is PROBE_TOKENS long, or as long as one review, and another one is encoded after it before it is left out. */
static bool prepare_model(struct guess *guess, struct error *error)
{
	struct lora_settings lora;

	guess->length = model_max_length(guess->model);
	if (guess->options->max_length < guess->length)
		guess->length = (int32_t)guess->options->max_length;
	guess->ids = calloc(PROBE_TOKENS + 2 * (size_t)guess->length, sizeof *guess->ids);
	if (!guess->ids)
		return error_memory(error, "timing a step");
	return set_head(guess->model, error) &&
	       (!adapter_options(guess->options, &lora) || model_add_lora(guess->model, &lora, 0, error));
}

static void take_text(struct guess *guess, struct span text)
{
	const struct tokenizer *tokenizer = model_tokenizer(guess->model);
	const int32_t used = guess->starts[guess->sequences];
	int32_t *ids = guess->ids + used;
	const int32_t tokens = tokenizer_encode(tokenizer, text, guess->length, ids, NULL, NULL);
	const double work = training_work_of(model_config(guess->model), tokens);

	guess->rows++;
	guess->all += work;
	if (guess->sequences > 0 && (used + tokens > PROBE_TOKENS || guess->work + work > PASS_WORK))
		return;
	guess->work += work;
	guess->starts[++guess->sequences] = used + tokens;
	if (tokens > guess->longest)
		guess->longest = tokens;
}

/* Reviews from the beginning to the end of the file. */
static bool take_rows(struct guess *guess, struct dataset *dataset, struct error *error)
{
	struct row *row = row_new(error);
	bool done = row && dataset_index(dataset, guess->progress, error), complete;
	const uint64_t count = done ? dataset_rows(dataset, &complete) : 0;
	const uint64_t step = count / SAMPLE_ROWS > 0 ? count / SAMPLE_ROWS : 1;

	for (uint64_t i = 0; done && i < count && guess->rows < SAMPLE_ROWS; i += step) {
		done = dataset_read(dataset, i, row, error);
		if (done && row->status == ROW_OK)
			take_text(guess, row->text);
	}
	row_free(row);
	return done;
}

static bool read_rows(struct guess *guess, const char *path, struct error *error)
{
	struct dataset_options options = train_options_dataset(guess->options);
	struct dataset *dataset;
	bool done;

	options.progress = guess->progress;
	dataset = dataset_open(path, &options, error);
	done = dataset && take_rows(guess, dataset, error);
	dataset_close(dataset);
	return done;
}

/* The first pass touches memory for the first time. */
static bool time_step(struct guess *guess, double *pass, double *rest, struct error *error)
{
	const struct batch batch = {.ids = guess->ids, .starts = guess->starts, .labels = guess->labels, .sequences = guess->sequences};
	const struct train_pass how = {.scale = 1.0f / (float)guess->sequences, .temperature = 1};

	if (!network_reserve(guess->model, guess->starts[guess->sequences], guess->sequences, guess->longest, true, 0, error))
		return false;
	network_zero_gradients(guess->model);
	for (int i = 0; i < 2; i++) {
		double start;

		RETURN_IF(!progress_report(guess->progress, "timing a step", (uint64_t)i, 2), error, ERROR_INTERRUPTED, "stopped");
		start = clock_seconds();
		network_train(guess->model, &batch, &how);
		*pass = clock_seconds() - start;
		*rest = probe_rest_seconds(guess->model);
	}
	return network_status(guess->model, error);
}

static bool is_worth_it(const struct guess *guess, double reviews)
{
	return reviews * guess->all / guess->rows >= PROBE_WORTH_IT * guess->work;
}

bool train_time_measure(const struct trainer_request *request, uint64_t steps, const struct progress *progress,
                        struct train_time *time, struct error *error)
{
	const struct train_options *options = request->options;
	const double step_rows = (double)options->per_device_train_batch_size * (double)options->gradient_accumulation_steps;
	struct guess guess = {.options = options, .progress = progress};
	double pass = 0, rest = 0;
	bool done;

	*time = (struct train_time){.seconds = -1};
	if (!is_plain(options))
		return true;
	done = open_model(&guess, request->model, error);
	if (done && model_tokenizer(guess.model))
		done = prepare_model(&guess, error) && read_rows(&guess, request->data, error);
	if (done && guess.sequences > 0 && is_worth_it(&guess, step_rows * (double)steps)) {
		done = time_step(&guess, &pass, &rest, error);
		time->measured = guess.sequences;
		time->seconds = (double)steps * (step_rows * guess.all / guess.rows / guess.work * pass + rest);
	}
	if (!done)
		*time = (struct train_time){.seconds = -1};
	model_close(guess.model);
	free(guess.ids);
	return done;
}
