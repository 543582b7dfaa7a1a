/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The weights of a saved model in every form in which transformers loads them. */
#ifndef REVUE_TESTS_MODEL_FORMS_H
#define REVUE_TESTS_MODEL_FORMS_H

#include "tests/unit/craft_weights.h"
#include "tests/unit/model_check.h"

#include <unistd.h>

enum container { SAFETENSORS, SAFETENSORS_NULL, TORCH_ZIP, TORCH_LEGACY };

static inline void write_file(const char *folder, const char *name, const void *data, size_t size)
{
	char path[400];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	craft_write(path, data, size);
}

/* __metadata__ of safetensors may be null: the header of what was written, with that in the place of {"format":"pt"}. */
static inline void make_metadata_null(const char *path)
{
	static const char pt[] = "{\"format\":\"pt\"}", null[] = "null           ";
	struct error error = {0};
	size_t size;
	char *data = file_read(path, 1 << 20, &size, &error), *at;

	assert_non_null(data);
	at = memmem(data, size, pt, sizeof pt - 1);
	assert_non_null(at);
	memcpy(at, null, sizeof null - 1);
	craft_write(path, data, size);
	free(data);
}

static inline void write_container(const char *folder, const char *name, enum container container,
                            const struct tensor_out *tensors, size_t count)
{
	struct buffer bytes = {.maximum = CRAFT_MAX};
	struct error error = {0};
	char path[400];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (container == SAFETENSORS || container == SAFETENSORS_NULL) {
		assert_true(safetensors_write(path, tensors, count, &error));
		if (container == SAFETENSORS_NULL)
			make_metadata_null(path);
		return;
	}
	if (container == TORCH_ZIP)
		craft_torch_zip(&bytes, tensors, count);
	else
		craft_torch_legacy(&bytes, tensors, count);
	craft_write(path, bytes.data, bytes.size);
	buffer_free(&bytes);
}

/* Tensors beyond the first 20 are in the second shard. */
static inline void write_shards(const char *folder, const char *index, const char *const names[2], enum container container,
                         const struct tensor_list *list)
{
	struct buffer text = {.maximum = CRAFT_MAX};

	write_container(folder, names[0], container, list->out, 20);
	write_container(folder, names[1], container, list->out + 20, list->count - 20);
	assert_true(buffer_add_text(&text, "{\"metadata\":{\"total_size\":1},\"weight_map\":{"));
	for (size_t i = 0; i < list->count; i++)
		assert_true(buffer_format(&text, "%s\"%s\":\"%s\"", i ? "," : "", list->out[i].name, names[i >= 20]));
	assert_true(buffer_add_text(&text, "}}"));
	write_file(folder, index, text.data, text.size);
	buffer_free(&text);
}

static const struct form {
	const char *container; /* as the file says it is */
	const char *index;     /* NULL: one file */
	const char *names[2];
	enum container as;
} forms[] = {
	{"safetensors", NULL, {"model.safetensors", NULL}, SAFETENSORS},
	{"safetensors", NULL, {"model.safetensors", NULL}, SAFETENSORS_NULL},
	{"safetensors, 2 shards", "model.safetensors.index.json",
	 {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}, SAFETENSORS},
	{"torch zip", NULL, {"pytorch_model.bin", NULL}, TORCH_ZIP},
	{"torch legacy", NULL, {"pytorch_model.bin", NULL}, TORCH_LEGACY},
	{"torch zip, 2 shards", "pytorch_model.bin.index.json",
	 {"pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"}, TORCH_ZIP},
	{"torch legacy, 2 shards", "pytorch_model.bin.index.json",
	 {"pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"}, TORCH_LEGACY},
};

static inline void write_form(const char *folder, const struct form *form, const struct tensor_list *list)
{
	if (form->index)
		write_shards(folder, form->index, form->names, form->as, list);
	else
		write_container(folder, form->names[0], form->as, list->out, list->count);
}

static inline void remove_form(const char *folder, const struct form *form)
{
	char path[400];

	for (int i = 0; i < 2 && form->names[i]; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, form->names[i]);
		assert_int_equal(unlink(path), 0);
	}
	snprintf(path, sizeof path, "%s/%s", folder, form->index ? form->index : "");
	if (form->index)
		assert_int_equal(unlink(path), 0);
}

/* A saved model whose weights are in memory and no longer in the folder. */
static inline void take_weights(char folder[256], struct tensor_list *list)
{
	save_model(folder);
	read_tensors(list, folder);
	assert_in_range(list->count, 21, CRAFT_TENSORS_MAX);
	remove_form(folder, &forms[0]);
}

#endif
