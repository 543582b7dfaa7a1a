/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What names and shapes of tensors tell where config.json is silent. */
#include "engine/format/config_infer.h"

#include <stdio.h>
#include <string.h>

/* After any number of prefixes that wrappers put before a tensor's name. */
static const char *without_wrappers(const char *name)
{
	static const char *const wrappers[] = {"module.", "model."};

	for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
		size_t size = strlen(wrappers[i]);

		if (strncmp(name, wrappers[i], size) == 0)
			return without_wrappers(name + size);
	}
	return name;
}

static const char *without(const char *name, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(name, prefix, size) == 0 ? name + size : name;
}

/* The encoder alone is saved without its prefix. */
static bool is_named(const char *found, const char *name, const char *prefix)
{
	return strcmp(without(without_wrappers(found), prefix), without(name, prefix)) == 0;
}

/* The tensor of a role, in layer 0 where roles are those of layers. */
static const struct tensor *find(const struct tensor_file *tensors, const struct architecture *architecture,
                                 enum parameter_role role)
{
	const char *name = architecture ? architecture->tensors[role] : NULL;
	char whole[200];

	if (!name)
		return NULL;
	if (role >= ROLE_FIRST_OF_LAYER && role < ROLE_FIRST_OF_HEAD) {
		snprintf(whole, sizeof whole, "%s.0.%s", architecture->layers, name);
		name = whole;
	}
	for (size_t i = 0; tensors && i < tensor_file_count(tensors); i++)
		if (is_named(tensor_file_at(tensors, i)->name, name, architecture->prefix))
			return tensor_file_at(tensors, i);
	return NULL;
}

bool config_infer_fits(const struct tensor_file *tensors, const struct architecture *architecture)
{
	return find(tensors, architecture, ROLE_QUERY_WEIGHT) != NULL;
}

const struct architecture *config_infer_architecture(const struct tensor_file *tensors)
{
	const struct architecture *architecture;

	for (int i = 0; (architecture = architecture_at(i)); i++)
		if (config_infer_fits(tensors, architecture))
			return architecture;
	return NULL;
}

static int32_t dimension(const struct tensor *tensor, int axis)
{
	if (!tensor || axis >= tensor->rank || tensor->shape[axis] < 1 || tensor->shape[axis] > INT32_MAX)
		return 0;
	return (int32_t)tensor->shape[axis];
}

/* Layers are numbered from 0; the count is the highest number and one. */
static int32_t count_layers(const struct tensor_file *tensors, const struct architecture *architecture)
{
	const char *stem = without(architecture->layers, architecture->prefix);
	size_t size = strlen(stem);
	int32_t layers = 0;

	for (size_t i = 0; tensors && i < tensor_file_count(tensors); i++) {
		const char *name = without(without_wrappers(tensor_file_at(tensors, i)->name), architecture->prefix);
		int32_t number = 0;

		if (strncmp(name, stem, size) != 0 || name[size] != '.')
			continue;
		for (name += size + 1; *name >= '0' && *name <= '9' && number < 100000; name++)
			number = number * 10 + (*name - '0');
		if (*name == '.' && number >= layers)
			layers = number + 1;
	}
	return layers;
}

int32_t config_infer_size(const struct tensor_file *tensors, const struct architecture *architecture,
                          enum config_size size)
{
	switch (size) {
	case SIZE_VOCABULARY:
		return dimension(find(tensors, architecture, ROLE_WORD_EMBEDDINGS), 0);
	case SIZE_HIDDEN:
		return dimension(find(tensors, architecture, ROLE_WORD_EMBEDDINGS), 1);
	case SIZE_POSITIONS:
		return dimension(find(tensors, architecture, ROLE_POSITION_EMBEDDINGS), 0);
	case SIZE_TYPES:
		return dimension(find(tensors, architecture, ROLE_TYPE_EMBEDDINGS), 0);
	case SIZE_INTERMEDIATE:
		return dimension(find(tensors, architecture, ROLE_INTERMEDIATE_WEIGHT), 0);
	case SIZE_LAYERS:
		return count_layers(tensors, architecture);
	default:
		return 0;
	}
}

int32_t config_infer_labels(const struct tensor_file *tensors, const struct architecture *architecture)
{
	return dimension(find(tensors, architecture, ROLE_CLASSIFIER_WEIGHT), 0);
}
