/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What names and shapes of tensors tell where config.json is silent. */
#include "engine/format/config_parts.h"

#include <string.h>

/* Prefixes that wrappers put before a tensor's name, any number of them. */
static const char *without_wrappers(const char *name)
{
	static const char *const prefixes[] = {"module.", "model.", "bert.", "distilbert."};
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
			size_t size = strlen(prefixes[i]);
			if (strncmp(name, prefixes[i], size) == 0) {
				name += size;
				again = true;
			}
		}
	}
	return name;
}

static const struct tensor *find(const struct tensor_file *tensors, const char *name)
{
	for (size_t i = 0; tensors && i < tensor_file_count(tensors); i++)
		if (strcmp(without_wrappers(tensor_file_at(tensors, i)->name), name) == 0)
			return tensor_file_at(tensors, i);
	return NULL;
}

bool config_infer_architecture(const struct tensor_file *tensors, enum architecture *architecture)
{
	if (find(tensors, "transformer.layer.0.attention.q_lin.weight"))
		*architecture = ARCHITECTURE_DISTILBERT;
	else if (find(tensors, "encoder.layer.0.attention.self.query.weight"))
		*architecture = ARCHITECTURE_BERT;
	else
		return false;
	return true;
}

static int32_t dimension(const struct tensor *tensor, int axis)
{
	if (!tensor || axis >= tensor->rank || tensor->shape[axis] < 1 || tensor->shape[axis] > INT32_MAX)
		return 0;
	return (int32_t)tensor->shape[axis];
}

/* Layers are numbered from 0; the count is the highest number and one. */
static int32_t count_layers(const struct tensor_file *tensors, const char *stem)
{
	size_t size = strlen(stem);
	int32_t layers = 0;

	for (size_t i = 0; tensors && i < tensor_file_count(tensors); i++) {
		const char *name = without_wrappers(tensor_file_at(tensors, i)->name);
		int32_t number = 0;
		if (strncmp(name, stem, size) != 0)
			continue;
		for (name += size; *name >= '0' && *name <= '9' && number < 100000; name++)
			number = number * 10 + (*name - '0');
		if (*name == '.' && number >= layers)
			layers = number + 1;
	}
	return layers;
}

int32_t config_infer_size(const struct tensor_file *tensors, enum architecture architecture, size_t offset)
{
	bool bert = architecture == ARCHITECTURE_BERT;

	switch (offset) {
	case offsetof(struct model_config, vocab_size):
		return dimension(find(tensors, "embeddings.word_embeddings.weight"), 0);
	case offsetof(struct model_config, hidden_size):
		return dimension(find(tensors, "embeddings.word_embeddings.weight"), 1);
	case offsetof(struct model_config, max_position_embeddings):
		return dimension(find(tensors, "embeddings.position_embeddings.weight"), 0);
	case offsetof(struct model_config, type_vocab_size):
		return bert ? dimension(find(tensors, "embeddings.token_type_embeddings.weight"), 0) : 0;
	case offsetof(struct model_config, intermediate_size):
		return dimension(find(tensors, bert ? "encoder.layer.0.intermediate.dense.weight"
		                                    : "transformer.layer.0.ffn.lin1.weight"), 0);
	case offsetof(struct model_config, num_hidden_layers):
		return count_layers(tensors, bert ? "encoder.layer." : "transformer.layer.");
	default:
		return 0;
	}
}

int32_t config_infer_labels(const struct tensor_file *tensors)
{
	return dimension(find(tensors, "classifier.weight"), 0);
}
