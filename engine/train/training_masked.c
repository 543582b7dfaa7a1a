/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_masked.h"

#include "engine/base/size.h"
#include "engine/model/activations.h"
#include "engine/train/training_augment.h"
#include "engine/train/training_evaluate.h"
#include "engine/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Rows */

static bool take_texts(struct train_data *source, struct error *error)
{
	const struct survey *survey = &source->rows.survey;

	if (source->rows.count == 0)
		return survey_refuse(survey, dataset_path(source->dataset), "no row has a text", error);
	source->labels = size_calloc(source->rows.count, sizeof *source->labels);
	return source->labels || error_memory(error, "reading texts");
}

static bool head_is_new(struct model *model)
{
	for (int row = 0; row < model_parameter_rows(model); row++)
		if (parameter_is_head(model_parameter(model, row)) && model_parameter(model, row)->fresh)
			return true;
	return false;
}

bool training_masked_take_rows(struct training *training, struct train_data *source, struct error *error)
{
	if (head_is_new(training->model)) {
		training->record.fresh_head = true;
		training_first_note(training, "new head for masked words: the base has none, or not all of it");
	}
	return take_texts(source, error);
}

bool training_masked_take_validation(struct training *training, struct train_data *source, struct error *error)
{
	(void)training;
	return take_texts(source, error);
}

/* The same tables, another epoch; what they point to is the other's. */
static void mask_held_out(struct training *training)
{
	training->held_out_masking = training->masking;
	training->held_out_masking.epoch = MASKING_HELD_OUT;
	if (training->held_out.count > 0)
		training->held_out.masking = &training->held_out_masking;
}

bool training_masked_prepare_rows(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;

	if (!training_augment(training, error) ||
	    !masking_init(&training->masking, model_tokenizer(training->model), options->mlm_probability, options->whole_word_mask,
	                  (uint64_t)options->seed, (int32_t)training->record.max_length, error))
		return false;
	training->to_train.masking = &training->masking;
	mask_held_out(training);
	network_mask(training->model, options->mlm_probability);
	training_first_note(training, "masked: %g %% of the tokens%s, others in each epoch; of 10 of them 8 are hidden, one is another, "
	                    "one stays", 100 * options->mlm_probability, options->whole_word_mask ? ", all pieces of a word together" : "");
	return true;
}

void training_masked_describe(const struct training *training, char *out, size_t capacity)
{
	const struct model_config *config = model_config(training->model);
	const uint64_t most = examples_largest(&training->to_train, training->part).masked;
	const uint64_t rows = (uint64_t)masked_at_once(config, (int32_t)most);

	snprintf(out, capacity, "masked words: up to %s tokens of a batch, each told from %s; %s at a time, whose logits and gradients "
	         "take %s", words_count(most).text, words_count((uint64_t)config->vocab_size).text, words_count(rows).text,
	         words_bytes(2 * sizeof(float) * rows * (uint64_t)config->vocab_size).text);
}

bool training_masked_make_loss(struct training *training, struct error *error)
{
	(void)error;
	training->loss = (struct train_loss){0};
	return true;
}

double training_masked_row_weight(const struct training *training, uint32_t row)
{
	return examples_masked(&training->to_train, row);
}

/* Measuring */

struct sums {
	double loss;
	uint64_t tokens, right;
};

static bool measure_batch(struct training *training, uint32_t first, uint32_t count, struct sums *sums, struct error *error)
{
	uint32_t index[EVALUATION_BATCH_MAX];
	struct batch batch;

	for (uint32_t i = 0; i < count; i++)
		index[i] = first + i;
	batch = batch_store_fill(&training->batch, &training->held_out, index, count);
	network_measure_masked(training->model, &batch, training->logits, training->right);
	if (!network_status(training->model, error))
		return false;
	for (int32_t i = 0; i < batch.masked.count; i++) {
		sums->loss += (double)training->logits[i];
		sums->right += training->right[i];
	}
	sums->tokens += (uint64_t)batch.masked.count;
	return true;
}

bool training_masked_measure(struct training *training, struct run_evaluation *evaluation, struct error *error)
{
	const uint32_t total = training->held_out.count, most = training_evaluation_batch(training);
	struct sums sums = {0};

	for (uint32_t first = 0; first < total; first += most) {
		RETURN_IF(commands_stop_asked(&training->commands), error, ERROR_INTERRUPTED, "stopped");
		training_set_phase(training, TRAINER_EVALUATING, "evaluating", first, total);
		if (!measure_batch(training, first, total - first < most ? total - first : most, &sums, error))
			return false;
	}
	evaluation->loss = sums.tokens > 0 ? sums.loss / (double)sums.tokens : (double)NAN;
	evaluation->accuracy = sums.tokens > 0 ? (double)sums.right / (double)sums.tokens : (double)NAN;
	evaluation->perplexity = exp(evaluation->loss);
	if (training->rule.name)
		evaluation->metric = strcmp(training->rule.name, "loss") == 0 ? evaluation->loss : evaluation->accuracy;
	return true;
}
