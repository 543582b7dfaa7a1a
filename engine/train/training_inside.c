/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_inside.h"

#include "engine/base/size.h"
#include "engine/train/options/inside_options.h"
#include "engine/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool open_teacher(struct training *training, const char *path, const struct inside_wish *wish, struct error *error)
{
	const struct train_options *options = &training->record.options;
	const struct teacher_options computing = {device_find(options->device), (int)options->threads};

	if (!inside_teacher_open(&training->inside, path, &computing, wish, training->model, &training->progress, error))
		return false;
	if (training->inside.other_tokens)
		training_first_note(training, "teacher %s: it cuts texts into other tokens: both are compared word by word", path);
	if (wish->hidden > 0 && training->inside.imitation.teacher_hidden != model_config(training->model)->hidden_size)
		training_first_note(training, "teacher %s: its hidden states have %d numbers, those that are trained %d: %s", path,
		                    (int)training->inside.imitation.teacher_hidden, (int)model_config(training->model)->hidden_size,
		                    training->inside.imitation.fits ? "a layer that is learnt with them brings these to its width"
		                                                    : "their relations are imitated");
	return true;
}

static void give_back(bool **rows)
{
	free(*rows);
	*rows = NULL;
}

/* Of a teacher that is asked about all texts, and can read them all, there is nothing to keep and to say. */
static bool choose_rows(struct training *training, const struct teacher_wish *wish, struct error *error)
{
	const struct examples *examples = &training->to_train;
	const uint64_t most = (uint64_t)model_max_length(training->inside.model);
	bool *imitated = training->teaching.imitated;
	uint32_t count = 0;

	for (uint32_t i = 0; i < examples->count; i++) {
		imitated[i] = imitated[i] && examples_longest(examples, i) <= most;
		count += imitated[i];
	}
	RETURN_IF(count == 0, error, ERROR_USAGE,
	          "--teacher: there is no text that %s is asked about and can read to its end, which is what --distill-attention and "
	          "--distill-hidden want: give it other lengths, or a --max-length up to %" PRIu64, wish->path, most);
	if (count < examples->count)
		training_first_note(training, "teacher %s: what goes on inside it is imitated on %s of %s texts, those that it is asked "
		                    "about and that have at most %s tokens", wish->path, words_count(count).text,
		                    words_count(examples->count).text, words_count(most).text);
	else
		give_back(&training->teaching.imitated);
	return true;
}

bool training_open_inside(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct teacher_wish *wishes;
	struct inside_wish inside;
	bool done;
	int count;

	if (!inside_options(options, &inside))
		return true;
	wishes = size_calloc(TEACHERS_MAX, sizeof *wishes);
	if (!wishes)
		return error_memory(error, "looking into a teacher");
	count = teacher_wishes(options->teacher, wishes, error);
	if (count > 0) {
		const struct teacher_wish *wish = &wishes[inside_options_which(options, wishes, count)];

		done = open_teacher(training, wish->path, &inside, error) && choose_rows(training, wish, error);
	} else {
		done = false;
	}
	free(wishes);
	return done;
}

bool training_inside_shows(const struct training *training, uint32_t row)
{
	return training->inside.model && (!training->teaching.imitated || training->teaching.imitated[row]);
}

static uint64_t longest_imitated(const struct training *training)
{
	uint64_t longest = 0;

	for (uint32_t i = 0; i < training->to_train.count; i++) {
		const uint64_t length = training_inside_shows(training, i) ? examples_longest(&training->to_train, i) : 0;

		longest = length > longest ? length : longest;
	}
	return longest;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

bool training_reserve_inside(struct training *training, const struct batch_size *size, struct error *error)
{
	struct network_usage usage;
	uint64_t longest, tokens;

	if (!training->inside.model)
		return true;
	longest = longest_imitated(training);
	tokens = smaller(size->tokens, size->sequences * longest);
	if (!inside_teacher_reserve(&training->inside, (int32_t)tokens, (int32_t)size->sequences, (int32_t)longest, error))
		return false;
	network_usage(training->inside.model, &usage);
	training->inside_bytes = usage.parameters + usage.activations + usage.packed;
	return true;
}

static void arrange_batch(const struct training *training, uint32_t *order, uint64_t count)
{
	uint64_t first = 0;

	for (uint64_t i = 0; i < count; i++) {
		const uint32_t row = order[i];

		if (!training_inside_shows(training, row))
			continue;
		order[i] = order[first];
		order[first++] = row;
	}
}

void training_inside_arrange(const struct training *training, uint32_t *order, uint64_t count)
{
	const uint64_t batch = training->schedule.batch;

	if (!training->teaching.imitated)
		return;
	for (uint64_t done = 0; done < count; done += batch)
		arrange_batch(training, order + done, smaller(batch, count - done));
}

bool training_reveal(struct training *training, struct batch *batch, const uint32_t *rows, uint32_t count, struct error *error)
{
	int32_t imitated = 0;

	if (!training->inside.model)
		return true;
	while ((uint32_t)imitated < count && training_inside_shows(training, rows[imitated]))
		imitated++;
	return inside_teacher_reveal(&training->inside, batch, imitated, error);
}
