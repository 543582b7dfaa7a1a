/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_augment.h"

#include "engine/words.h"

#define EXCERPT_STRIDE 0.25 /* of a sequence, from the beginning of an excerpt to that of the next possible one */

struct cut training_cut(const struct training *training)
{
	struct cut cut = model_cut(training->model, (int32_t)training->record.max_length);

	if (training->record.options.augment_excerpts)
		cut = (struct cut){.truncation = TRUNCATION_WINDOWS, .max_length = cut.max_length, .stride = EXCERPT_STRIDE};
	return cut;
}

bool training_augment(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct examples *to_train = &training->to_train;

	if (!options->augment_excerpts && !(options->word_dropout > 0))
		return true;
	if (!augmentation_init(&training->augmentation, model_tokenizer(training->model), options->word_dropout,
	                       options->augment_excerpts, (uint64_t)options->seed, error))
		return false;
	to_train->augmentation = &training->augmentation;
	if (options->augment_excerpts)
		training_first_note(training, "excerpts: %s reviews are longer than a sequence, and give another stretch in each epoch",
		                    words_count(to_train->windowed_count).text);
	return true;
}
