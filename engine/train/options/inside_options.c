/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/options/inside_options.h"

#include "engine/model/kinds.h"

#include <string.h>

bool inside_options(const struct train_options *options, struct inside_wish *wish)
{
	*wish = (struct inside_wish){
		.attention = (float)options->distill_attention,
		.hidden = (float)options->distill_hidden,
		.scores = strcmp(options->attention_loss, "tinybert") == 0,
		.relations = strcmp(options->hidden_loss, "relations") == 0,
		.heads = (int32_t)options->relation_heads,
	};
	return wish->attention > 0 || wish->hidden > 0;
}

int inside_options_which(const struct train_options *options, const struct teacher_wish *wishes, int count)
{
	const struct model_kind *kind;
	struct inside_wish wish;

	if (count == 0 || !inside_options(options, &wish))
		return -1;
	for (int i = 0; i < count; i++)
		if (model_kind_find(wishes[i].path, &kind, NULL) && !kind)
			return i;
	return 0;
}
