/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/adapter.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/modules.h"
#include "engine/model/host.h"
#include "engine/model/model.h"
#include "engine/model/network.h"
#include "engine/model/weights.h"
#include "engine/span.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reading */

/* What an adapter's file has for a row of the table. */
struct found {
	const struct tensor *whole, *a, *b;
};

int32_t adapter_labels(const struct tensor_file *file)
{
	for (size_t i = 0; i < tensor_file_count(file); i++) {
		const struct tensor *tensor = tensor_file_at(file, i);
		enum peft_kind kind;
		char name[256];

		if (peft_parse_key(tensor->name, &kind, name, NULL) && kind == PEFT_WHOLE && strcmp(name, "classifier.weight") == 0 &&
		    tensor->rank == 2 && tensor->shape[0] > 0 && tensor->shape[0] <= INT32_MAX)
			return (int32_t)tensor->shape[0];
	}
	return 0;
}

static int find_row(const struct model *model, const char *name)
{
	for (int row = 0; row < model->parameter_count; row++)
		if (strcmp(model->parameters[row].name, name) == 0)
			return row;
	return -1;
}

static bool place_tensor(const struct model *model, const struct tensor *tensor, struct found *found, struct error *error)
{
	char name[256], whole[300], canonical[400];
	const struct tensor **place;
	enum peft_kind kind;
	int row;

	if (!peft_parse_key(tensor->name, &kind, name, error))
		return false;
	if (kind == PEFT_IGNORED)
		return true;
	snprintf(whole, sizeof whole, "%s%s", name, kind == PEFT_WHOLE ? "" : ".weight");
	weights_canonical_name(canonical, sizeof canonical, whole, model->config.architecture);
	row = find_row(model, canonical);
	RETURN_IF(row < 0 || (kind != PEFT_WHOLE && lora_target_of(model->parameters[row].role) == LORA_TARGETS), error,
	          ERROR_DATA, "tensor %.200s: the base has no %s of that name that it could belong to", tensor->name,
	          kind == PEFT_WHOLE ? "tensor" : "linear layer");
	place = kind == PEFT_A ? &found[row].a : kind == PEFT_B ? &found[row].b : &found[row].whole;
	RETURN_IF(*place && kind != PEFT_WHOLE, error, ERROR_DATA, "tensor %.200s is there twice", tensor->name);
	*place = *place ? *place : tensor; /* with bias "all" PEFT writes the head's twice, alike */
	return true;
}

static bool check_shape(const struct tensor *tensor, int64_t rows, int64_t columns, struct error *error)
{
	bool fits = columns > 0 ? tensor->rank == 2 && tensor->shape[0] == rows && tensor->shape[1] == columns
	                        : tensor->rank == 1 && tensor->shape[0] == rows;

	RETURN_IF(!fits, error, ERROR_DATA, "tensor %.200s is not [%" PRId64 "%s%.0" PRId64 "], which its base and rank want",
	          tensor->name, rows, columns > 0 ? ", " : "", columns);
	return true;
}

static bool read_values(struct tensor_file *file, const struct tensor *tensor, float *out, struct error *error)
{
	if (!tensor_file_read(file, tensor, out, error))
		return false;
	for (uint64_t i = 0; i < tensor->count; i++)
		RETURN_IF(!isfinite(out[i]), error, ERROR_DATA,
		          "tensor %.200s holds values that are not finite: the adapter is damaged, or its training failed",
		          tensor->name);
	return true;
}

static bool apply_whole(struct model *model, struct parameter *parameter, struct tensor_file *file, const struct tensor *tensor,
                        struct error *error)
{
	float *values;
	bool done;

	if (!check_shape(tensor, parameter->shape[0], parameter->shape[1], error))
		return false;
	values = size_calloc(parameter->count, sizeof *values);
	if (!values)
		return error_memory(error, "reading an adapter");
	done = read_values(file, tensor, values, error);
	if (done)
		parameter_from_host(model->network.backend, parameter->value, values, parameter->count);
	parameter->fresh = parameter->fresh && !done;
	free(values);
	return done;
}

/* Finite halves whose product is not: nobody could open what is merged so. */
static bool check_sum(const float *w, size_t count, const struct tensor *tensor, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		RETURN_IF(!isfinite(w[i]), error, ERROR_DATA,
		          "tensor %.200s and its other half are so large that the layer is not finite any more: the adapter is damaged, "
		          "or its training failed", tensor->name);
	return true;
}

/* Memory for A, B and W; W is where the host can read it, or a copy. */
static bool add_product(struct model *model, struct parameter *parameter, struct tensor_file *file, const struct found *found,
                        int32_t rank, float scale, struct error *error)
{
	float *a = size_calloc((size_t)found->a->count, sizeof *a), *b = size_calloc((size_t)found->b->count, sizeof *b);
	float *w = size_calloc(parameter->count, sizeof *w);
	struct backend *backend = model->network.backend;
	bool done = a && b && w;

	if (!done)
		error_memory(error, "adding an adapter");
	done = done && read_values(file, found->a, a, error) && read_values(file, found->b, b, error);
	if (done) {
		backend->ops->download(backend, w, parameter->value, parameter->count * sizeof *w);
		lora_add(w, a, b, scale, parameter->shape[0], parameter->shape[1], rank);
		done = check_sum(w, parameter->count, found->b, error);
	}
	if (done)
		parameter_from_host(backend, parameter->value, w, parameter->count);
	free(a);
	free(b);
	free(w);
	return done;
}

static bool apply_product(struct model *model, const struct peft_config *config, struct parameter *parameter,
                          struct tensor_file *file, const struct found *found, struct error *error)
{
	char layer[128];
	int32_t rank;
	float scale;

	RETURN_IF(!found->a || !found->b, error, ERROR_DATA, "tensor %.200s: its other half is missing",
	          found->a ? found->a->name : found->b->name);
	lora_module_name(layer, parameter);
	return peft_config_layer(config, layer, &rank, &scale, error) &&
	       check_shape(found->a, rank, parameter->shape[1], error) &&
	       check_shape(found->b, parameter->shape[0], rank, error) &&
	       add_product(model, parameter, file, found, rank, scale, error);
}

static bool apply_found(struct model *model, const struct peft_config *config, struct tensor_file *file,
                        const struct found *found, struct error *error)
{
	bool done = true;

	for (int row = 0; done && row < model->parameter_count; row++) {
		struct parameter *parameter = &model->parameters[row];

		if (found[row].whole)
			done = apply_whole(model, parameter, file, found[row].whole, error);
		if (!done || (!found[row].a && !found[row].b))
			continue;
		done = apply_product(model, config, parameter, file, &found[row], error);
		model->adapter->matrices++;
	}
	RETURN_IF(done && model->adapter->matrices == 0, error, ERROR_DATA, "holds no lora_A and lora_B of any layer");
	return done;
}

/* "query, value" of a list, an expression as it is. */
static void describe_targets(const json_t *targets, char *out, size_t capacity)
{
	size_t used = 0;

	snprintf(out, capacity, "%s", json_is_string(targets) ? json_string_value(targets) : "");
	for (size_t i = 0; i < json_array_size(targets) && used < capacity; i++) {
		const char *name = json_string_value(json_array_get(targets, i));

		used += (size_t)snprintf(out + used, capacity - used, "%s%s", i ? ", " : "", name ? name : "?");
	}
}

static bool describe(struct model *model, const struct peft_config *config, struct error *error)
{
	struct model_adapter *adapter = size_calloc(1, sizeof *adapter);

	if (!adapter)
		return error_memory(error, "opening an adapter");
	*adapter = (struct model_adapter){.rank = config->rank, .alpha = config->alpha, .use_rslora = config->rslora};
	snprintf(adapter->bias, sizeof adapter->bias, "%s", config->bias);
	describe_targets(json_object_get(config->document, "target_modules"), adapter->target_modules,
	                 sizeof adapter->target_modules);
	model->adapter = adapter;
	return true;
}

bool adapter_apply(struct model *model, const struct peft_config *config, struct tensor_file *file, struct error *error)
{
	struct found *found = size_calloc((size_t)model->parameter_count, sizeof *found);
	bool done = found && describe(model, config, error);

	if (!found)
		return error_memory(error, "opening an adapter");
	for (size_t i = 0; done && i < tensor_file_count(file); i++)
		done = place_tensor(model, tensor_file_at(file, i), found, error);
	done = done && apply_found(model, config, file, found, error);
	free(found);
	return done;
}

/* Writing */

/* The tensors of a file on their way out, with names and values of their own. */
struct outgoing {
	struct tensor_out *tensors;
	char (*names)[256];
	float **copies;
	size_t count;
};

static void outgoing_free(struct outgoing *out)
{
	for (size_t i = 0; out->copies && i < out->count; i++)
		free(out->copies[i]);
	free(out->copies);
	free(out->names);
	free(out->tensors);
}

/* PEFT puts an adapted layer's own bias into a module "base_layer". */
static void key_of(char out[256], const struct model *model, const struct parameter *parameter)
{
	char module[128], other[128];
	bool adapted = false;

	lora_module_name(module, parameter);
	for (int row = 0; parameter->part == PART_BASE && row < model->parameter_count; row++) {
		if (model->parameters[row].part != PART_LORA_A)
			continue;
		snprintf(other, sizeof other, "%.*s", (int)(strlen(model->parameters[row].name) - strlen(".lora_A.weight")),
		         model->parameters[row].name);
		adapted = adapted || strcmp(other, module) == 0;
	}
	if (adapted)
		snprintf(out, 256, PEFT_PREFIX "%s.base_layer%s", module, strrchr(parameter->name, '.'));
	else
		snprintf(out, 256, PEFT_PREFIX "%s", parameter->name);
}

static bool outgoing_add(struct outgoing *out, const struct model *model, const struct parameter *parameter,
                         struct error *error)
{
	struct backend *backend = model->network.backend;
	float *copy = size_calloc(parameter->count, sizeof *copy);

	out->copies[out->count] = copy;
	if (!copy)
		return error_memory(error, "saving an adapter");
	backend->ops->download(backend, copy, parameter->value, parameter->count * sizeof *copy);
	key_of(out->names[out->count], model, parameter);
	out->tensors[out->count] = (struct tensor_out){
		.name = out->names[out->count],
		.rank = parameter->shape[1] > 0 ? 2 : 1,
		.shape = {parameter->shape[0], parameter->shape[1]},
		.data = copy,
	};
	out->count++;
	return true;
}

/* All that is not the base's, also where --freeze keeps it from training. */
static bool belongs_to_adapter(const struct parameter *parameter, const struct lora_settings *settings)
{
	return parameter->trainable || parameter->fresh || parameter->part != PART_BASE || lora_is_named_whole(parameter, settings);
}

static bool save_tensors(const struct model *model, const struct lora_settings *settings, const char *folder,
                         struct error *error)
{
	size_t rows = (size_t)model->parameter_count;
	struct outgoing out = {
		.tensors = size_calloc(rows, sizeof *out.tensors),
		.names = size_calloc(rows, sizeof *out.names),
		.copies = size_calloc(rows, sizeof *out.copies),
	};
	char path[4096];
	bool done = (out.tensors && out.names && out.copies) || error_memory(error, "saving an adapter");

	for (int row = 0; done && row < model->parameter_count; row++)
		if (belongs_to_adapter(&model->parameters[row], settings))
			done = outgoing_add(&out, model, &model->parameters[row], error);
	done = done && path_join(path, sizeof path, folder, PEFT_WEIGHTS, error) &&
	       safetensors_write(path, out.tensors, out.count, error);
	outgoing_free(&out);
	return done;
}

/* The modules of the table that train whole, as PEFT finds them again by the ends of their names: "classifier,pooler". */
static void whole_modules(const struct model *model, const struct lora_settings *settings, char *out, size_t capacity)
{
	size_t used = (size_t)snprintf(out, capacity, "classifier,score%s%s", settings->modules_to_save[0] ? "," : "",
	                               settings->modules_to_save);

	for (int row = 0; row < model->parameter_count && used < capacity; row++) {
		const struct parameter *parameter = &model->parameters[row];
		char module[128];

		lora_module_name(module, parameter);
		if (parameter->part != PART_BASE || !belongs_to_adapter(parameter, settings) || parameter->shape[1] == 0 ||
		    text_ends_with(module, "classifier") || strstr(out, module) || lora_is_named_whole(parameter, settings))
			continue;
		used += (size_t)snprintf(out + used, capacity - used, ",%s", module);
	}
}

/* Each adapted layer by its whole name: what "all-linear" means is decided once. The caller frees it. */
static char *adapted_layers(const struct model *model, struct error *error)
{
	size_t capacity = (size_t)model->parameter_count * (sizeof model->parameters->name + 1), used = 0;
	char *text = size_calloc(capacity, 1);

	if (!text)
		error_memory(error, "saving an adapter");
	for (int row = 0; text && row < model->parameter_count; row++) {
		const struct parameter *parameter = &model->parameters[row];

		if (parameter->part == PART_LORA_A)
			used += (size_t)snprintf(text + used, capacity - used, "%s%.*s", used ? "," : "",
			                         (int)(strlen(parameter->name) - strlen(".lora_A.weight")), parameter->name);
	}
	return text;
}

static bool save_config(const struct model *model, const struct lora_settings *settings, const char *base,
                        const char *folder, struct error *error)
{
	static const char *const biases[] = {"none", "all", "lora_only"};
	const char *targets = settings->target_modules[0] ? settings->target_modules : lora_presets(&model->config);
	struct modules modules = {0};
	char whole[4096], *layers = adapted_layers(model, error);
	bool done = layers && modules_parse(&modules, targets, "target_modules", error);

	whole_modules(model, settings, whole, sizeof whole);
	done = done && peft_config_write(folder, &(struct peft_write){
		.base = base,
		.target_modules = modules.all_linear ? layers : targets,
		.modules_to_save = whole,
		.bias = biases[settings->bias],
		.rank = settings->rank,
		.alpha = settings->alpha,
		.dropout = settings->dropout,
		.rslora = settings->rslora,
		.target_is_expression = modules.expression,
	}, error);
	modules_free(&modules);
	free(layers);
	return done;
}

bool adapter_save(const struct model *model, const struct lora_settings *settings, const char *base, const char *folder,
                  struct error *error)
{
	return model_save_bare(model, folder, error) && save_tensors(model, settings, folder, error) &&
	       save_config(model, settings, base, folder, error) && folder_sync(folder, error);
}
