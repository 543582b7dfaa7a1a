/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/baseline/baseline_card.h"

#include "engine/base/file.h"
#include "engine/system.h"
#include "engine/train/run/card.h"
#include "engine/words.h"

#include <stdio.h>

static void put_words(struct card_text *card, const struct baseline *baseline, int32_t label)
{
	struct buffer *text = &card->text;
	const struct baseline_word *words = baseline->words + (size_t)label * (size_t)baseline->shown;

	card->made = card->made && buffer_add_text(text, "- ");
	card_put_code(card, model_label(baseline->model, label));
	card->made = card->made && buffer_add_text(text, ":");
	for (int32_t i = 0; i < baseline->shown && words[i].text; i++) {
		card->made = card->made && buffer_add_text(text, i ? ", " : " ");
		card_put_code(card, words[i].text);
	}
	card->made = card->made && buffer_add_text(text, "\n");
}

static bool put_figures(struct buffer *text, const struct baseline *baseline)
{
	const struct metric_figures figures = metrics_figures(&baseline->metrics);

	if (baseline->held_out == 0)
		return buffer_add_text(text, "No rows were held out to measure on.\n\n");
	return buffer_format(text, "On %s reviews that were held out: accuracy %.4f, F1 %.4f, loss %.4f.\n\n",
	                     words_count(baseline->held_out).text, figures.accuracy, figures.f1, figures.loss);
}

static bool put_head(struct buffer *text, const struct baseline *baseline)
{
	const char *type;
	char how[200];

	model_describe_kind(baseline->model, &type, how, sizeof how);
	return buffer_format(text, "# An n-gram model of revue\n\n"
	                     "This is **not a model of transformers**: it has no network and no tokenizer, and nothing but revue "
	                     "reads it (`model_type` `%s`). It is a table of weights: a label's logit is its bias and the sum of "
	                     "the weights of what a review has: %s.\n\n", type, how);
}

static bool put_use(struct buffer *text)
{
	return buffer_add_text(text, "Score with it: `revue score -m FOLDER REVIEWS`, measure it: `revue eval REVIEWS -m FOLDER`.\n");
}

bool baseline_card_write(const struct baseline *baseline, const char *folder, const char *data, struct error *error)
{
	struct card_text card = {.text = {.maximum = CARD_BYTES_MAX}, .made = true};
	struct buffer *text = &card.text;
	char path[4096];
	bool done;

	card.made = put_head(text, baseline) && buffer_format(text, "Made by %s from %s reviews of ", system_version(),
	                                                      words_count(baseline->training).text);
	card_put_code(&card, card_base_name(data));
	card.made = card.made && buffer_add_text(text, ". ") && put_figures(text, baseline) &&
	            buffer_add_text(text, "## Strongest words\n\n");
	for (int32_t label = 0; label < model_config(baseline->model)->num_labels; label++)
		put_words(&card, baseline, label);
	card.made = card.made && buffer_add_text(text, "\n") && put_use(text);
	done = card.made || error_memory(error, "writing README.md");
	done = done && path_join(path, sizeof path, folder, "README.md", error) &&
	       file_replace(path, text->data, text->size, error);
	buffer_free(text);
	return done;
}
