/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes tensors of f32 as torch.save does, in its zip form and in its old one. Independent of the readers. */
#ifndef REVUE_TESTS_CRAFT_WEIGHTS_H
#define REVUE_TESTS_CRAFT_WEIGHTS_H

#include "tests/unit/craft.h"

#include "engine/format/tensors.h"

#define CRAFT_TENSORS_MAX 64

static inline void craft_text(struct buffer *out, const char *text)
{
	craft_add(out, text, strlen(text));
}

/* BINUNICODE */
static inline void craft_pickle_text(struct buffer *out, const char *text)
{
	craft_text(out, "X");
	craft_number(out, strlen(text), 4);
	craft_text(out, text);
}

/* BININT */
static inline void craft_pickle_number(struct buffer *out, int64_t number)
{
	craft_text(out, "J");
	craft_number(out, (uint64_t)number, 4);
}

static inline int64_t craft_count(const struct tensor_out *tensor)
{
	return tensor->shape[0] * (tensor->rank == 2 ? tensor->shape[1] : 1);
}

/* _rebuild_tensor_v2(storage `key`, 0, shape, stride, False, OrderedDict()) */
static inline void craft_pickle_tensor(struct buffer *out, const struct tensor_out *tensor, const char *key, bool legacy)
{
	const char *tuple = tensor->rank == 2 ? "\x86" : "\x85";

	craft_text(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
	craft_pickle_text(out, "storage");
	craft_text(out, "ctorch\nFloatStorage\n");
	craft_pickle_text(out, key);
	craft_pickle_text(out, "cpu");
	craft_pickle_number(out, craft_count(tensor));
	craft_text(out, legacy ? "NtQ" : "tQ");
	craft_pickle_number(out, 0);
	for (int i = 0; i < tensor->rank; i++)
		craft_pickle_number(out, tensor->shape[i]);
	craft_text(out, tuple);
	if (tensor->rank == 2)
		craft_pickle_number(out, tensor->shape[1]);
	craft_pickle_number(out, 1);
	craft_text(out, tuple);
	craft_text(out, "\x89" "ccollections\nOrderedDict\n)RtR");
}

/* The state dictionary; tensor i lies in the storage of that number. */
static inline void craft_pickle(struct buffer *out, const struct tensor_out *tensors, size_t count, bool legacy)
{
	char key[24];

	craft_text(out, "\x80\x02}(");
	for (size_t i = 0; i < count; i++) {
		snprintf(key, sizeof key, "%zu", i);
		craft_pickle_text(out, tensors[i].name);
		craft_pickle_tensor(out, &tensors[i], key, legacy);
	}
	craft_text(out, "u.");
}

static inline void craft_torch_zip(struct buffer *out, const struct tensor_out *tensors, size_t count)
{
	static char names[CRAFT_TENSORS_MAX][32];
	struct craft_entry entries[CRAFT_TENSORS_MAX + 2] = {{.name = "m/version", .data = "3\n", .size = 2, .flags = 0x808}};
	struct buffer pickle = {.maximum = CRAFT_MAX};

	if (count > CRAFT_TENSORS_MAX)
		abort();
	craft_pickle(&pickle, tensors, count, false);
	entries[1] = (struct craft_entry){.name = "m/data.pkl", .data = pickle.data, .size = pickle.size, .flags = 0x808};
	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof names[i], "m/data/%zu", i);
		entries[2 + i] = (struct craft_entry){.name = names[i], .data = tensors[i].data,
		                                      .size = 4 * (size_t)craft_count(&tensors[i]), .flags = 0x808};
	}
	craft_zip(out, entries, count + 2, &(struct craft_zip){.end64 = true});
	buffer_free(&pickle);
}

static inline void craft_torch_legacy(struct buffer *out, const struct tensor_out *tensors, size_t count)
{
	static const char start[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}"
	                            "X\x0d\0\0\0little_endian\x88s.";
	char key[24];

	craft_add(out, start, sizeof start - 1);
	craft_pickle(out, tensors, count, true);
	craft_text(out, "\x80\x02](");
	for (size_t i = 0; i < count; i++) {
		snprintf(key, sizeof key, "%zu", i);
		craft_pickle_text(out, key);
	}
	craft_text(out, "e.");
	for (size_t i = 0; i < count; i++) {
		craft_number(out, (uint64_t)craft_count(&tensors[i]), 8);
		craft_add(out, tensors[i].data, 4 * (size_t)craft_count(&tensors[i]));
	}
}

#endif
