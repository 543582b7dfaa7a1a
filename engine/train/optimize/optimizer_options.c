/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/optimizer_options.h"

#include "engine/base/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static enum optimizer_kind kind_of(const char *optim)
{
	if (strcmp(optim, "sgd") == 0)
		return OPTIMIZER_SGD;
	if (strncmp(optim, "lion", 4) == 0)
		return OPTIMIZER_LION;
	return strcmp(optim, "adafactor") == 0 ? OPTIMIZER_ADAFACTOR : OPTIMIZER_ADAMW;
}

/* As the Trainer reads it: what is not one of these is false. */
static bool read_truth(const char *text)
{
	return strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcasecmp(text, "yes") == 0;
}

static bool read_argument(struct optimizer_plan *plan, const char *key, const char *value, struct error *error)
{
	double *number = strcmp(key, "momentum") == 0 ? &plan->momentum : strcmp(key, "dampening") == 0 ? &plan->dampening : NULL;

	if (strcmp(key, "nesterov") == 0) {
		plan->nesterov = read_truth(value);
		return true;
	}
	RETURN_IF(!number, error, ERROR_USAGE, "--optim-args: \"%.40s\" is neither momentum, dampening nor nesterov%s", key,
	          strcmp(key, "weight_decay") == 0 ? ": that is --weight-decay" : "");
	RETURN_IF(!number_parse(value, number) || *number < 0 || *number > 1, error, ERROR_USAGE,
	          "--optim-args: %s=%.40s: a number from 0 to 1 belongs there", key, value);
	return true;
}

/* "key=value,key=value", blanks do not count. */
static bool read_arguments(struct optimizer_plan *plan, const char *text, struct error *error)
{
	char word[128];
	size_t size = 0;

	for (;; text++) {
		if (*text && *text != ',') {
			RETURN_IF(size + 1 >= sizeof word, error, ERROR_USAGE, "--optim-args: \"%.40s...\" is too long", word);
			if (*text != ' ')
				word[size++] = *text;
			word[size] = '\0';
			continue;
		}
		word[size] = '\0';
		if (size > 0) {
			char *equal = strchr(word, '=');

			RETURN_IF(!equal, error, ERROR_USAGE, "--optim-args: \"%.40s\" is not as momentum=0.9", word);
			*equal = '\0';
			if (!read_argument(plan, word, equal + 1, error))
				return false;
		}
		size = 0;
		if (!*text)
			return true;
	}
}

bool optimizer_plan_read(struct optimizer_plan *plan, const struct train_options *options, struct error *error)
{
	*plan = (struct optimizer_plan){
		.kind = kind_of(options->optim),
		.beta1 = options->adam_beta1,
		.beta2 = options->adam_beta2,
		.epsilon = options->adam_epsilon,
		.layerwise_decay = options->layerwise_lr_decay,
	};
	if (!read_arguments(plan, options->optim_args, error))
		return false;
	RETURN_IF(plan->nesterov && (plan->momentum <= 0 || plan->dampening != 0), error, ERROR_USAGE,
	          "--optim-args: nesterov needs a momentum, and no dampening");
	return true;
}

struct freeze_request optimizer_freeze_request(const struct train_options *options, bool fresh_head)
{
	return (struct freeze_request){options->freeze, options->freeze_layers, fresh_head};
}
