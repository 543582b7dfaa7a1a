/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_adapter.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/model/adapter.h"
#include "engine/train/options/adapter_options.h"
#include "engine/words.h"

#include <math.h>
#include <string.h>

#define ADAPTER_FOLDER "adapter"
#define SAMPLE_MAX 32

/* How far a logit may be off: merged weights are rounded anew, to 8 or 11 bits where products take such. A head that was lost
 * is off by whole numbers. */
static const double same[] = {
	[PRECISION_F32] = 1e-4, [PRECISION_TF32] = 1e-2, [PRECISION_BF16] = 0.1, [PRECISION_F16] = 1e-2,
};

/* Where the model was saved in 16 bits, as much as such a product is off. */
static double allowed(const struct training *training, const struct model_options *how)
{
	static const enum precision as[] = {
		[MODEL_FLOAT32] = PRECISION_F32, [MODEL_FLOAT16] = PRECISION_F16, [MODEL_BFLOAT16] = PRECISION_BF16,
	};

	return fmax(same[how->precision], same[as[training_saved_as(training)]]);
}

/* Making */

struct shares {
	uint64_t trained, all;
	int matrices;
};

static struct shares count_shares(struct model *model)
{
	struct shares shares = {0};

	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *parameter = model_parameter(model, row);

		shares.all += parameter->count;
		shares.trained += parameter->trainable ? parameter->count : 0;
		shares.matrices += parameter->part == PART_LORA_A;
	}
	return shares;
}

static void tell_adapter(struct training *training, const struct lora_settings *settings)
{
	const struct train_options *options = &training->record.options;
	const struct model_config *config = model_config(training->model);
	const struct shares shares = count_shares(training->model);

	if (!settings->target_modules[0] && strcmp(architecture_name(config->architecture), "distilbert") == 0)
		training_first_note(training, "target-modules: PEFT has no preset for DistilBERT: %s are taken", lora_presets(config));
	training_first_note(training, "LoRA: rank %d, scale %.4g, on %d matrices; %s of %s parameters train (%.2f %%)%s",
	                    (int)settings->rank, (double)model_lora(training->model)->scale, shares.matrices,
	                    words_count(shares.trained).text, words_count(shares.all).text,
	                    100 * (double)shares.trained / (double)shares.all,
	                    options->freeze[0] || options->freeze_layers[0] ? ", less what --freeze and --freeze-layers name" : "");
}

bool training_make_adapter(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct lora_settings settings;

	if (!adapter_options(options, &settings))
		return true;
	if (!model_add_lora(training->model, &settings, (uint64_t)options->seed, error))
		return false;
	tell_adapter(training, &settings);
	return true;
}

/* Saving */

static bool write_adapter(struct training *training, const void *what, struct error *error)
{
	char path[RECORD_PATH_MAX];

	return path_join(path, sizeof path, training->run, ADAPTER_FOLDER, error) &&
	       adapter_save(training->model, what, training->record.model.path, path, error);
}

bool training_save_adapter(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct lora_settings settings;

	if (!adapter_options(options, &settings) || !options->save_adapter)
		return true;
	return training_persist(training, write_adapter, &settings, error);
}

/* Looking once more */

struct sample {
	struct batch batch; /* of rows that are held out, or else of those that train */
	bool held_out;
	size_t logits;      /* in all */
	float *trained, *opened; /* [logits] */
};

static bool sample_take(struct training *training, struct sample *sample, struct error *error)
{
	const struct examples *examples = training->held_out.count > 0 ? &training->held_out : &training->to_train;
	uint64_t most = training->part < SAMPLE_MAX ? training->part : SAMPLE_MAX;
	uint32_t index[SAMPLE_MAX], count = examples->count < most ? examples->count : (uint32_t)most;

	for (uint32_t i = 0; i < count; i++)
		index[i] = i;
	sample->held_out = training->held_out.count > 0;
	sample->batch = batch_store_fill(&training->batch, examples, index, count);
	sample->logits = (size_t)count * (size_t)model_config(training->model)->num_labels;
	sample->trained = size_calloc(2 * sample->logits, sizeof *sample->trained);
	if (!sample->trained)
		return error_memory(error, "looking at what was saved");
	sample->opened = sample->trained + sample->logits;
	network_score(training->model, &sample->batch, sample->trained);
	return network_status(training->model, error);
}

static bool score_opened(struct model *model, struct sample *sample, struct error *error)
{
	int32_t tokens = sample->batch.starts[sample->batch.sequences], longest = 0;

	for (int32_t s = 0; s < sample->batch.sequences; s++) {
		int32_t length = sample->batch.starts[s + 1] - sample->batch.starts[s];
		longest = length > longest ? length : longest;
	}
	if (!network_reserve(model, tokens, sample->batch.sequences, longest, false, 0, error))
		return false;
	network_score(model, &sample->batch, sample->opened);
	return network_status(model, error);
}

static double largest_difference(const struct sample *sample)
{
	double largest = 0;

	for (size_t i = 0; i < sample->logits; i++) {
		double scale = fmax(1, fabs((double)sample->trained[i]));
		double off = fabs((double)sample->opened[i] - (double)sample->trained[i]) / scale;

		largest = off <= largest ? largest : off; /* not a number counts */
	}
	return largest;
}

static bool check_folder(struct training *training, struct sample *sample, const char *name, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct model_options how = {.device = device_find(options->device), .threads = (int)options->threads, .head_needed = true,
	                            .precision = precision_of(options->tf32, options->bf16, options->fp16)};
	char path[RECORD_PATH_MAX];
	struct model *model;
	double off;
	bool done;

	if (!path_join(path, sizeof path, training->run, name, error))
		return false;
	model = model_open(path, &how, NULL, error);
	if (!model)
		return false;
	done = model_config(model)->num_labels == model_config(training->model)->num_labels ||
	       error_set(error, ERROR_FAILED, "%s: has other labels than the training", path);
	done = done && score_opened(model, sample, error);
	model_close(model);
	if (!done)
		return false;
	off = largest_difference(sample);
	RETURN_IF(!(off <= allowed(training, &how)), error, ERROR_FAILED,
	          "%s: opened again, its scores differ from the training's by %.3g: the last checkpoint is good, what was saved is "
	          "not", path, off);
	training_event(training, JOURNAL_NOTE, "%s opened again: the scores of %d %s rows are the same (to %.1g)", name,
	               (int)sample->batch.sequences, sample->held_out ? "held-out" : "training", off);
	return true;
}

bool training_check_saved(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct sample sample = {0};
	bool done;

	if (options->lora_r == 0)
		return true;
	training_set_phase(training, TRAINER_SAVING, "opening it again", training->state.step, training->schedule.steps);
	done = sample_take(training, &sample, error);
	network_release_pass(training->model); /* the training is over: make room for the model that is opened */
	done = done && check_folder(training, &sample, "model", error) &&
	       (!options->save_adapter || check_folder(training, &sample, ADAPTER_FOLDER, error));
	free(sample.trained);
	return done;
}
