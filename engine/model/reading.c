/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a model reads reviews that are longer than a sequence. */
#include "engine/model/model.h"

#include <stdio.h>

const struct model_reading *model_reading(const struct model *model)
{
	return &model->config.own.reading;
}

void model_set_reading(struct model *model, const struct model_reading *reading)
{
	model->config.own.reading = *reading;
}

void model_set_base_in_4bit(struct model *model, const struct quantization *base)
{
	model->config.own.load_in_4bit = base != NULL;
	model->config.own.base = base ? *base : (struct quantization){0};
}

struct cut model_cut(const struct model *model, int32_t max_length)
{
	struct cut cut = model->config.own.reading.cut;
	int32_t limit = model_max_length(model);

	if (max_length > 0)
		cut.max_length = max_length;
	if (cut.max_length <= 0 || cut.max_length > limit)
		cut.max_length = limit;
	if (cut.max_length < 2)
		cut.max_length = 2;
	return cut;
}

/* Two special tokens stand in every sequence. */
static int room_of(const struct cut *cut)
{
	return cut->max_length > 2 ? (int)cut->max_length - 2 : 0;
}

static int head_of(const struct cut *cut)
{
	int head = cut->head_tokens > 0 ? (int)cut->head_tokens : (int)cut->max_length / 4;

	return head < room_of(cut) ? head : room_of(cut);
}

/* A share, or tokens; windows leave no gap. */
static double stride_of(const struct cut *cut)
{
	double stride = cut->stride > 0 ? cut->stride : CUT_STRIDE;

	return stride > 1 && stride > room_of(cut) ? room_of(cut) : stride;
}

static void windows_words(struct reading_words *words, const struct cut *cut, enum pooling pooling)
{
	char most[48] = "";

	if (cut->max_windows > 0)
		snprintf(most, sizeof most, "at most %d ", (int)cut->max_windows);
	snprintf(words->text, sizeof words->text, "%swindow%s of %d tokens, stride %g, %s of their logits", most,
	         cut->max_windows == 1 ? "" : "s", (int)cut->max_length, stride_of(cut),
	         pooling == POOLING_MAX ? "maximum" : "mean");
}

struct reading_words reading_words(const struct cut *cut, enum pooling pooling)
{
	struct reading_words words;
	int length = (int)cut->max_length;

	switch (cut->truncation) {
	case TRUNCATION_WINDOWS:
		windows_words(&words, cut, pooling);
		return words;
	case TRUNCATION_HEAD_TAIL:
		snprintf(words.text, sizeof words.text, "the first %d tokens and the last, %d in all", head_of(cut), length);
		return words;
	case TRUNCATION_TAIL:
	case TRUNCATION_HEAD:
		break;
	}
	snprintf(words.text, sizeof words.text, "the %s %d tokens", cut->truncation == TRUNCATION_TAIL ? "last" : "first",
	         length);
	return words;
}
