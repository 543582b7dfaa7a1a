/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/lora.h"

#include "engine/base/size.h"
#include "engine/format/modules.h"
#include "engine/span.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum lora_target lora_target_of(enum parameter_role role)
{
	switch (role) {
	case ROLE_QUERY_WEIGHT:
		return LORA_QUERY;
	case ROLE_KEY_WEIGHT:
		return LORA_KEY;
	case ROLE_VALUE_WEIGHT:
		return LORA_VALUE;
	case ROLE_ATTENTION_OUTPUT_WEIGHT:
		return LORA_ATTENTION_OUTPUT;
	case ROLE_INTERMEDIATE_WEIGHT:
		return LORA_INTERMEDIATE;
	case ROLE_OUTPUT_WEIGHT:
		return LORA_OUTPUT;
	case ROLE_HEAD_WEIGHT:
		return LORA_HEAD;
	default:
		return LORA_TARGETS;
	}
}

void lora_module_name(char out[128], const struct parameter *parameter)
{
	const char *dot = strrchr(parameter->name, '.');

	snprintf(out, 128, "%.*s", dot ? (int)(dot - parameter->name) : 127, parameter->name);
}

/* The last words of the names of query and value, whatever the architecture calls them. */
const char *lora_presets(const struct model_config *config)
{
	return strcmp(architecture_name(config->architecture), "distilbert") == 0 ? "q_lin,v_lin" : "query,value";
}

/* What trains */

/* PEFT: a module is saved whole whose name ends in one of these, a word or a part of one, with all that is inside it. */
static bool is_saved_as(const char *name, const char *module)
{
	size_t size = strlen(module);

	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
		if ((size_t)(dot - name) >= size && strncmp(dot - size, module, size) == 0)
			return true;
	return false;
}

/* The names of a task of classifying sequences, as PEFT adds them. */
static const char *const head_names[] = {"classifier", "score"};

static bool is_saved(const struct parameter *parameter, const struct modules *saved)
{
	for (size_t i = 0; i < sizeof head_names / sizeof *head_names; i++)
		if (is_saved_as(parameter->name, head_names[i]))
			return true;
	for (int i = 0; i < saved->count; i++)
		if (is_saved_as(parameter->name, saved->names[i]))
			return true;
	return false;
}

bool lora_is_named_whole(const struct parameter *parameter, const struct lora_settings *settings)
{
	struct modules saved = {0};
	bool named = !settings->modules_to_save[0] || modules_parse(&saved, settings->modules_to_save, "modules_to_save", NULL);

	named = named && is_saved(parameter, &saved);
	modules_free(&saved);
	return named;
}

static bool check_saved(const struct modules *saved, const struct parameter *parameters, int count, struct error *error)
{
	RETURN_IF(saved->expression || saved->all_linear, error, ERROR_USAGE,
	          "modules_to_save: names of modules are wanted, with commas between them");
	for (int i = 0; i < saved->count; i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof head_names / sizeof *head_names; k++)
			found = found || strcmp(saved->names[i], head_names[k]) == 0;
		for (int row = 0; !found && row < count; row++)
			found = is_saved_as(parameters[row].name, saved->names[i]);
		RETURN_IF(!found, error, ERROR_USAGE, "modules_to_save: the model has no module %.100s", saved->names[i]);
	}
	return true;
}

/* The weight of the layer whose bias this is has an adapter. */
static bool is_adapted_bias(const struct parameter *parameters, int count, const struct parameter *bias)
{
	char module[128], other[128];

	lora_module_name(module, bias);
	for (int row = 0; row < count; row++) {
		lora_module_name(other, &parameters[row]);
		if (parameters[row].layer == bias->layer && parameters[row].trainable && parameters[row].part == PART_BASE &&
		    strcmp(other, module) == 0)
			return true;
	}
	return false;
}

static void set_biases(struct parameter *parameters, int count, enum lora_bias bias)
{
	for (int row = 0; row < count; row++)
		if (text_ends_with(parameters[row].name, ".bias") &&
		    (bias == LORA_BIAS_ALL || (bias == LORA_BIAS_LORA_ONLY && is_adapted_bias(parameters, count, &parameters[row]))))
			parameters[row].trainable = true;
}

/* Adapters */

static void fill_half(struct parameter *half, const struct parameter *matrix, enum parameter_part part, int32_t rank)
{
	char module[128];

	lora_module_name(module, matrix);
	*half = (struct parameter){
		.role = matrix->role,
		.part = part,
		.unit = matrix->unit,
		.layer = matrix->layer,
		.shape = {part == PART_LORA_A ? rank : matrix->shape[0], part == PART_LORA_A ? matrix->shape[1] : rank},
		.init = part == PART_LORA_A ? INIT_KAIMING : INIT_ZEROS,
		.decay = true,
		.trainable = true,
		.fresh = true,
	};
	half->count = (size_t)half->shape[0] * (size_t)half->shape[1];
	snprintf(half->name, sizeof half->name, "%.100s.lora_%c.weight", module, part == PART_LORA_A ? 'A' : 'B');
}

/* A matrix that can have an adapter, is meant, and does not train whole. One that no file gave would be another one wherever
 * the adapter is opened: it trains whole. */
static bool is_target(const struct parameter *parameter, const struct modules *targets, const struct modules *saved)
{
	char module[128];

	if (lora_target_of(parameter->role) == LORA_TARGETS || parameter->fresh || is_saved(parameter, saved))
		return false;
	lora_module_name(module, parameter);
	return targets->all_linear || modules_match(targets, module);
}

/* A name of a list that is that of no layer is a mistake. */
static bool check_targets(const struct modules *targets, const struct parameter *parameters, int count, struct error *error)
{
	char module[128];

	for (int i = 0; i < targets->count; i++) {
		bool found = false;

		for (int row = 0; !found && row < count; row++) {
			lora_module_name(module, &parameters[row]);
			found = lora_target_of(parameters[row].role) != LORA_TARGETS && module_is_called(module, targets->names[i]);
		}
		RETURN_IF(!found, error, ERROR_USAGE, "target_modules: the model has no linear layer that is called %.100s",
		          targets->names[i]);
	}
	return true;
}

/* The rows of the table's end, in its order: those outside the layers first. */
static int add_halves(struct parameter *parameters, int count, int end, bool outside, int32_t rank)
{
	for (int row = 0; row < count; row++) {
		if (!parameters[row].trainable || (parameters[row].layer == OUTSIDE_LAYERS) != outside)
			continue;
		fill_half(&parameters[end++], &parameters[row], PART_LORA_A, rank);
		fill_half(&parameters[end++], &parameters[row], PART_LORA_B, rank);
	}
	return end;
}

/* Marks the matrices with adapters by `trainable` for what follows; how many there are. */
static int mark_targets(struct lora *lora, const struct model_config *config, struct parameter *parameters, int count,
                        const struct modules *targets, const struct modules *saved)
{
	int marked = 0;

	for (int row = 0; row < count; row++) {
		struct parameter *parameter = &parameters[row];
		int32_t layer = parameter->layer == OUTSIDE_LAYERS ? config->num_hidden_layers : parameter->layer;

		parameter->trainable = is_target(parameter, targets, saved);
		if (!parameter->trainable)
			continue;
		lora->targets[layer] = (unsigned char)(lora->targets[layer] | LORA_BIT(lora_target_of(parameter->role)));
		marked++;
	}
	return marked;
}

/* What trains whole, and the biases that were asked for; the marks of the adapted matrices go. */
static void set_trainable(struct parameter *parameters, int count, const struct modules *saved, enum lora_bias bias)
{
	if (bias == LORA_BIAS_LORA_ONLY)
		set_biases(parameters, count, bias);
	for (int row = 0; row < count; row++) {
		struct parameter *parameter = &parameters[row];

		parameter->trainable = parameter->fresh || is_saved(parameter, saved) ||
		                       (parameter->trainable && parameter->shape[1] == 0);
	}
	if (bias == LORA_BIAS_ALL)
		set_biases(parameters, count, bias);
}

static bool plan(struct lora *lora, const struct lora_settings *settings, const struct model_config *config,
                 struct parameter **parameters, int *count, const struct modules *targets, const struct modules *saved,
                 struct error *error)
{
	int marked = mark_targets(lora, config, *parameters, *count, targets, saved), end;
	struct parameter *table;

	RETURN_IF(marked == 0, error, ERROR_USAGE, "target_modules: no linear layer of the model is meant by %.200s",
	          settings->target_modules);
	table = size_realloc(*parameters, (size_t)*count + 2 * (size_t)marked, sizeof *table);
	if (!table)
		return error_memory(error, "making adapters");
	*parameters = table;
	end = add_halves(table, *count, *count, true, settings->rank);
	end = add_halves(table, *count, end, false, settings->rank);
	set_trainable(table, *count, saved, settings->bias);
	*count = end;
	return true;
}

bool lora_plan(struct lora *lora, const struct lora_settings *settings, const struct model_config *config,
               struct parameter **parameters, int *count, struct error *error)
{
	const char *wanted = settings->target_modules[0] ? settings->target_modules : lora_presets(config);
	struct modules targets = {0}, saved = {0};
	bool done;

	*lora = (struct lora){
		.rank = settings->rank,
		.scale = (float)(settings->alpha / (settings->rslora ? sqrt((double)settings->rank) : (double)settings->rank)),
		.dropout = (float)settings->dropout,
		.targets = size_calloc((size_t)config->num_hidden_layers + 1, 1),
	};
	if (!lora->targets)
		return error_memory(error, "making adapters");
	done = modules_parse(&targets, wanted, "target_modules", error) &&
	       (!settings->modules_to_save[0] || modules_parse(&saved, settings->modules_to_save, "modules_to_save", error)) &&
	       check_targets(&targets, *parameters, *count, error) && check_saved(&saved, *parameters, *count, error) &&
	       plan(lora, settings, config, parameters, count, &targets, &saved, error);
	modules_free(&targets);
	modules_free(&saved);
	return done;
}

void lora_free(struct lora *lora)
{
	free(lora->targets);
	*lora = (struct lora){0};
}

void lora_add(float *w, const float *a, const float *b, float scale, int32_t rows, int32_t columns, int32_t rank)
{
	const size_t width = (size_t)columns, k = (size_t)rank;

	for (size_t r = 0; r < (size_t)rows; r++)
		for (size_t i = 0; i < k; i++) {
			const float factor = scale * b[r * k + i];

			for (size_t c = 0; c < width; c++)
				w[r * width + c] += factor * a[i * width + c];
		}
}
