/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/options/adapter_options.h"

#include <string.h>

static enum lora_bias bias_of(const char *word)
{
	return strcmp(word, "all") == 0 ? LORA_BIAS_ALL : strcmp(word, "lora_only") == 0 ? LORA_BIAS_LORA_ONLY : LORA_BIAS_NONE;
}

bool adapter_options(const struct train_options *options, struct lora_settings *settings)
{
	*settings = (struct lora_settings){
		.rank = (int32_t)options->lora_r,
		.alpha = options->lora_alpha,
		.dropout = options->lora_dropout,
		.rslora = options->use_rslora,
		.bias = bias_of(options->lora_bias),
		.target_modules = options->target_modules,
		.modules_to_save = options->modules_to_save,
	};
	return options->lora_r > 0;
}
