/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of model folders share: a small model with head and labels, its folder, its tensors to be written again
 * in another way, its logits. */
#ifndef REVUE_TESTS_MODEL_CHECK_H
#define REVUE_TESTS_MODEL_CHECK_H

#include "tests/unit/numeric.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/architecture.h"
#include "engine/format/tensors.h"

enum { VOCAB = 60, LABELS = 2 };
static const char *const words[LABELS] = {"bad", "good"};

static const struct model_config config = {
	.architecture = &architecture_bert,
	.vocab_size = VOCAB,
	.hidden_size = 32,
	.num_hidden_layers = 2,
	.num_attention_heads = 2,
	.intermediate_size = 48,
	.max_position_embeddings = 40,
	.type_vocab_size = 2,
	.hidden_act = ACTIVATION_GELU,
	.layer_norm_eps = 1e-12f,
	.initializer_range = 0.02f,
	.num_labels = LABELS,
};

/* A model with head and labels in a fresh folder, whose path goes to `folder`. */
static inline void save_model(char folder[256])
{
	struct error error = {0};
	struct model *model = numeric_model(&config);

	assert_true(model_set_labels(model, words, LABELS, 1, &error));
	numeric_fill(model, "");
	check_folder(folder, 256);
	if (!model_save(model, folder, &error))
		fail_msg("%s", error.text);
	model_close(model);
}

static inline struct model *open_model(const char *folder, bool head_needed)
{
	struct error error = {0};
	struct model *model = model_open(folder, &(struct model_options){.head_needed = head_needed}, NULL, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

/* The one line that opening this folder fails with. */
static inline const char *open_error(const char *folder, bool head_needed)
{
	static struct error error;

	error = (struct error){0};
	assert_null(model_open(folder, &(struct model_options){.head_needed = head_needed}, NULL, &error));
	return error.text;
}

static inline void score_one(struct model *model, float logits[LABELS])
{
	static const int32_t lengths[] = {9};
	struct numeric_batch batch = numeric_batch(VOCAB, LABELS, lengths, 1, 0);

	numeric_reserve(model, &batch, false);
	network_score(model, &batch.batch, logits);
	numeric_batch_free(&batch);
}

static inline void expected_logits(float logits[LABELS])
{
	struct model *model = numeric_model(&config);

	score_one(model, logits);
	model_close(model);
}

static inline void assert_notice(const struct model *model, const char *text)
{
	for (int i = 0; i < model_notice_count(model); i++)
		if (strstr(model_notice(model, i), text))
			return;
	fail_msg("no notice says: %s", text);
}

/* The tensors of a saved model, to be written again in another way. */
struct tensor_list {
	struct tensor_file *file;
	struct tensor_out out[64];
	size_t count;
};

static inline void read_tensors(struct tensor_list *list, const char *folder)
{
	struct error error = {0};

	list->file = tensor_file_open_folder(folder, &error);
	assert_non_null(list->file);
	list->count = tensor_file_count(list->file);
	assert_in_range(list->count, 1, 64);
	for (size_t i = 0; i < list->count; i++) {
		const struct tensor *tensor = tensor_file_at(list->file, i);
		float *data = calloc(tensor->count, sizeof *data);

		assert_non_null(data);
		assert_true(tensor_file_read(list->file, tensor, data, &error));
		list->out[i] = (struct tensor_out){.name = tensor->name, .rank = tensor->rank, .data = data};
		memcpy(list->out[i].shape, tensor->shape, sizeof tensor->shape);
	}
}

static inline void free_tensors(struct tensor_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((void *)(uintptr_t)list->out[i].data);
	tensor_file_close(list->file);
}

/* Takes the tensor out of the list; the caller keeps its data. */
static inline struct tensor_out take_tensor(struct tensor_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->out[i].name, name) == 0) {
			struct tensor_out tensor = list->out[i];

			list->out[i] = list->out[--list->count];
			return tensor;
		}
	fail_msg("no tensor %s", name);
	return list->out[0];
}

static inline void drop_tensor(struct tensor_list *list, const char *name)
{
	free((void *)(uintptr_t)take_tensor(list, name).data);
}

static inline void write_tensors(const struct tensor_list *list, const char *folder)
{
	struct error error = {0};
	char path[300];

	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	if (!safetensors_write(path, list->out, list->count, &error))
		fail_msg("%s", error.text);
}

#endif
