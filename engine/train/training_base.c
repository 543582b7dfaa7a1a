/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_base.h"

#include "engine/base/file.h"
#include "engine/model/kinds.h"
#include "engine/model/model.h"

#include <string.h>

#define NOTICES_TOLD 8

static bool base_path(char out[RECORD_PATH_MAX], const char *run, struct error *error)
{
	return path_join(out, RECORD_PATH_MAX, run, BASE_FOLDER, error);
}

bool training_base_is_kept(const char *run, const struct run_record *record)
{
	char path[RECORD_PATH_MAX], hash[65];

	return record->base_hash[0] && base_path(path, run, NULL) && folder_exists(path) &&
	       model_hash(path, hash, NULL, NULL) && strcmp(hash, record->base_hash) == 0;
}

/* Which model was taken of what somebody named; also to a resume. */
static void tell_place(struct training *training)
{
	if (training->model_notice[0])
		training_event(training, JOURNAL_NOTE, "model: %.900s", training->model_notice);
}

static void tell_notices(struct training *training)
{
	int count = model_notice_count(training->model);

	for (int i = 0; i < count && i < NOTICES_TOLD; i++)
		training_first_note(training, "model: %.900s", model_notice(training->model, i));
	if (count > NOTICES_TOLD)
		training_first_note(training, "model: and %d notices more", count - NOTICES_TOLD);
}

static bool check_base(struct training *training, const char *hash, struct error *error)
{
	struct record_source *source = &training->record.model;

	RETURN_IF(source->hash[0] && source->given && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s is not the model that %s began with: its hash differs", source->path, training->run);
	RETURN_IF(source->hash[0] && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s: the model changed since the run began (%s): put it back, name it with -m, or start a new run",
	          training->run, source->path);
	memcpy(source->hash, hash, sizeof source->hash);
	return true;
}

static void choose_length(struct training *training)
{
	int64_t wanted = training->record.options.max_length, most = model_max_length(training->model);
	struct model_reading reading;

	training->record.max_length = wanted < most ? wanted : most;
	if (wanted > most)
		training_first_note(training, "max-length is %lld: the model has no more positions", (long long)most);
	reading = train_options_reading(&training->record.options, (int32_t)training->record.max_length);
	model_set_reading(training->model, &reading);
}

/* What lies elsewhere now is looked at also where it is not needed, before run.json names it. */
static bool open_kept(struct training *training, const struct model_options *options, struct error *error)
{
	const struct record_source *source = &training->record.model;
	char path[RECORD_PATH_MAX], hash[65];

	if (!base_path(path, training->run, error) ||
	    (source->given && (!model_hash(source->path, hash, &training->progress, error) ||
	                       !check_base(training, hash, error))))
		return false;
	training->model = model_open_bare(path, options, error);
	return training->model != NULL;
}

static bool open_base(struct training *training, const struct model_options *options, struct error *error)
{
	const char *path = training->record.model.path, *run = training->run;
	struct model_options hashing = *options;
	char hash[65];

	/* It was not missed before the checkpoint was seen to be damaged. */
	RETURN_IF(training->resuming && !file_exists(path), error, ERROR_IO,
	          "%s: no checkpoint can be used and its model is no longer %s: say where it is with revue train --resume %s -m MODEL",
	          run, path, run);
	if (!model_check_trainable(path, error))
		return false;
	hashing.hash = hash;
	training->model = model_open(path, &hashing, &training->progress, error);
	if (!training->model)
		return false;
	tell_notices(training);
	return check_base(training, hash, error);
}

static bool is_in_four_bits(struct model *model)
{
	for (int row = 0; row < model_parameter_rows(model); row++)
		if (parameter_is_four_bits(model_parameter(model, row)))
			return true;
	return false;
}

/* The matrices in 4 bits, and a line that says what memory that saves. */
static bool quantise(struct training *training, struct error *error)
{
	const struct train_options *wanted = &training->record.options;
	const struct quantization settings = {
		.fp4 = strcmp(wanted->bnb_4bit_quant_type, "fp4") == 0,
		.double_quant = wanted->bnb_4bit_use_double_quant,
	};

	if (!is_in_four_bits(training->model))
		model_set_base_in_4bit(training->model, &settings);
	if (!model_quantize(training->model, &settings, error))
		return false;
	training_first_note(training, "model: %.900s", model_notice(training->model, model_notice_count(training->model) - 1));
	if (strcmp(wanted->bnb_4bit_compute_dtype, "float32") != 0)
		training_first_note(training, "bnb-4bit-compute-dtype %.40s: computed in float32 all the same",
		                    wanted->bnb_4bit_compute_dtype);
	return true;
}

/* Checkpoints hold what trains. That is the adapters on such a base, and nothing without them. */
static bool check_four_bits(struct training *training, struct error *error)
{
	RETURN_IF(training->record.options.lora_r == 0 && is_in_four_bits(training->model), error, ERROR_USAGE,
	          "%s: its matrices are in 4 bits, which are not trained: give --lora-r, the rank of the adapters that train on them, "
	          "or take the model that was not quantized", training->record.model.path);
	return true;
}

/* A base whose matrices stay as they are is read again: checkpoints do not hold them. */
bool training_open_model(struct training *training, struct error *error)
{
	const struct train_options *wanted = &training->record.options;
	struct model_options options = {.device = device_find(wanted->device), .threads = (int)wanted->threads,
	                                .precision = precision_of(wanted->tf32, wanted->bf16, wanted->fp16),
	                                .masked_lm = !training->task->labels};
	bool kept = wanted->lora_r == 0 && !wanted->load_in_4bit && training->checkpoint[0] &&
	            training_base_is_kept(training->run, &training->record);

	tell_place(training);
	if (!(kept ? open_kept : open_base)(training, &options, error))
		return false;
	choose_length(training);
	model_set_base_in_4bit(training->model, NULL);
	return check_four_bits(training, error) && (!wanted->load_in_4bit || quantise(training, error));
}

static bool write_base(struct training *training, const void *what, struct error *error)
{
	char path[RECORD_PATH_MAX];

	(void)what;
	return base_path(path, training->run, error) && model_save_bare(training->model, path, error) &&
	       model_hash(path, training->record.base_hash, NULL, error);
}

bool training_keep_base(struct training *training, struct error *error)
{
	return training_base_is_kept(training->run, &training->record) ||
	       training_persist(training, write_base, NULL, error);
}
