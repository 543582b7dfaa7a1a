/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source  the heads that transformers has for the encoders (models/auto/modeling_auto.py). A model of a class without a
 *         head (BertModel), or of a class of somebody's own, is what its weights are. */
#include "engine/format/config_task.h"

#include "engine/span.h"

#include <stdbool.h>
#include <string.h>

static const struct {
	const char *ending, *task;
} tasks[] = {
	{"ForTokenClassification", "token classification"},
	{"ForQuestionAnswering", "question answering"},
	{"ForMultipleChoice", "multiple choice"},
	{"ForNextSentencePrediction", "next sentence prediction"},
	{"ForMaskedLM", "masked language"},
	{"ForPreTraining", "pre-training"},
	{"ForCausalLM", "language"},
	{"LMHeadModel", "language"},
};

const char *config_other_task(const json_t *document, const char **class)
{
	const char *name = json_string_value(json_array_get(json_object_get(document, "architectures"), 0));

	for (size_t i = 0; name && i < sizeof tasks / sizeof *tasks; i++) {
		if (!text_ends_with(name, tasks[i].ending))
			continue;
		if (class)
			*class = name;
		return tasks[i].task;
	}
	return NULL;
}
