/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_inside.h"

#include "engine/base/size.h"
#include "engine/model/kinds.h"
#include "engine/teach/teacher_wish.h"

#include <stdlib.h>
#include <string.h>

static bool is_wanted(const struct train_options *options)
{
	return options->distill_attention > 0 || options->distill_hidden > 0;
}

/* The first that is a network; where none is, the first of all, which is then refused by its name. */
static const char *choose(const struct teacher_wish *wishes, int count)
{
	const struct model_kind *kind;

	for (int i = 0; i < count; i++)
		if (model_kind_find(wishes[i].path, &kind, NULL) && !kind)
			return wishes[i].path;
	return wishes[0].path;
}

static bool open_teacher(struct training *training, const char *path, struct error *error)
{
	const struct train_options *options = &training->record.options;
	const struct teacher_options computing = {device_find(options->device), (int)options->threads};
	const struct inside_wish wish = {
		.attention = (float)options->distill_attention,
		.hidden = (float)options->distill_hidden,
		.scores = strcmp(options->attention_loss, "tinybert") == 0,
		.relations = strcmp(options->hidden_loss, "relations") == 0,
		.heads = (int32_t)options->relation_heads,
	};

	if (!inside_teacher_open(&training->inside, path, &computing, &wish, training->model, &training->progress, error))
		return false;
	if (training->inside.other_tokens)
		training_first_note(training, "teacher %s: it cuts texts into other tokens: both are compared word by word", path);
	if (options->distill_hidden > 0 && training->inside.imitation.teacher_hidden != model_config(training->model)->hidden_size)
		training_first_note(training, "teacher %s: its hidden states have %d numbers, those that are trained %d: %s", path,
		                    (int)training->inside.imitation.teacher_hidden, (int)model_config(training->model)->hidden_size,
		                    training->inside.imitation.fits ? "a layer that is learnt with them brings these to its width"
		                                                    : "their relations are imitated");
	return true;
}

bool training_open_inside(struct training *training, struct error *error)
{
	struct teacher_wish *wishes;
	bool done;
	int count;

	if (!is_wanted(&training->record.options))
		return true;
	wishes = size_calloc(TEACHERS_MAX, sizeof *wishes);
	if (!wishes)
		return error_memory(error, "looking into a teacher");
	count = teacher_wishes(training->record.options.teacher, wishes, error);
	done = count > 0 && open_teacher(training, choose(wishes, count), error);
	free(wishes);
	return done;
}

bool training_reserve_inside(struct training *training, const struct batch_size *size, struct error *error)
{
	struct network_usage usage;

	if (!training->inside.model)
		return true;
	if (!inside_teacher_reserve(&training->inside, (int32_t)size->tokens, (int32_t)size->sequences, (int32_t)size->longest, error))
		return false;
	network_usage(training->inside.model, &usage);
	training->rest_bytes += usage.parameters + usage.activations + usage.packed + training->inside.floats * sizeof(float);
	return true;
}

bool training_reveal(struct training *training, struct batch *batch, struct error *error)
{
	return !training->inside.model || inside_teacher_reveal(&training->inside, batch, error);
}
