/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of a pickle and the containers among them, as they are built by pickle.c and read by the readers of torch's
 * files. */
#ifndef REVUE_FORMAT_PICKLE_VALUES_H
#define REVUE_FORMAT_PICKLE_VALUES_H

#include "engine/base/buffer.h"
#include "engine/error.h"
#include "engine/format/tensor.h"

#define PICKLE_BYTES_MAX (64u << 20)
#define PICKLE_OPCODES_MAX 1000000u
#define PICKLE_MEMO_MAX 1000000u
#define PICKLE_STACK_MAX 10000u
#define PICKLE_MARKS_MAX 1000u
#define PICKLE_DEPTH_MAX 100u        /* tuples in tuples */
#define PICKLE_WEIGHT_MAX 1000000u   /* items of a tuple, counted as often as they are reached */
#define PICKLE_STRING_MAX (16u << 20)

enum pickle_kind {
	PICKLE_NONE, PICKLE_BOOL, PICKLE_INTEGER, PICKLE_REAL, PICKLE_STRING, PICKLE_TUPLE, PICKLE_LIST, PICKLE_DICT,
	PICKLE_NAME, PICKLE_STORAGE, PICKLE_TENSOR,
};

enum pickle_name {
	NAME_ORDERED_DICT, NAME_REBUILD_TENSOR, NAME_REBUILD_PARAMETER, NAME_SIZE, NAME_STORAGE_TYPE,
};

#define PICKLE_END UINT32_MAX /* no further link */

/* Values refer to each other by index into struct pickle's arrays, so nothing is owned and cycles do no harm. */
struct pickle_value {
	uint8_t kind;
	uint8_t name;    /* PICKLE_NAME: enum pickle_name */
	uint8_t dtype;   /* NAME_STORAGE_TYPE: enum dtype */
	uint8_t depth;   /* PICKLE_TUPLE: how deep tuples nest in it */
	uint32_t weight; /* PICKLE_TUPLE: items, items of items, ... */
	union {
		int64_t integer; /* also PICKLE_BOOL */
		struct { uint32_t offset, size; } text;  /* in `text` */
		struct { uint32_t first, count; } items; /* PICKLE_TUPLE: in `items` */
		struct { uint32_t first, last; } links;  /* PICKLE_LIST and PICKLE_DICT: a chain in `links` */
		uint32_t index;                          /* PICKLE_STORAGE, PICKLE_TENSOR */
	} u;
};

/* One item of a list (key unused) or a dict. */
struct pickle_link {
	uint32_t key, value, next;
};

struct pickle_storage {
	uint32_t key, key_size; /* in `text` */
	enum dtype dtype;
	uint64_t count; /* elements, as the pickle says */
};

/* A view of a storage. Checked: every element lies inside the storage, and there are not more elements than
 * in the storage. */
struct pickle_tensor {
	uint32_t storage;
	int rank;
	int64_t shape[TENSOR_RANK_MAX];
	uint64_t stride[TENSOR_RANK_MAX], offset, count, span; /* in elements */
};

struct pickle {
	bool legacy; /* storages are named by six items, not by five; messages count bytes of the file, not of the pickle */
	uint32_t root;
	struct pickle_value *values;
	uint32_t *items;
	struct pickle_link *links;
	struct pickle_storage *storages;
	struct pickle_tensor *tensors;
	size_t value_count, item_count, link_count, storage_count, tensor_count;
	size_t value_capacity, item_capacity, link_capacity, storage_capacity, tensor_capacity;
	struct buffer text;
};

void pickle_free(struct pickle *pickle);

static inline struct span pickle_text(const struct pickle *pickle, const struct pickle_value *string)
{
	return (struct span){pickle->text.data + string->u.text.offset, string->u.text.size};
}

static inline bool pickle_text_is(const struct pickle *pickle, const struct pickle_value *value, const char *text)
{
	return value->kind == PICKLE_STRING && span_equal(pickle_text(pickle, value), span_of(text));
}

/* The value of a text key of a dict, the last one as in Python; NULL: there is none. */
const struct pickle_value *pickle_lookup(const struct pickle *pickle, const struct pickle_value *dict,
                                         const char *key);

/* `rows` with room for one row more than `count`, perhaps moved; NULL: out of memory, and `rows` stays valid. */
void *pickle_room(void *rows, size_t count, size_t *capacity, size_t size);

/* A new value of this kind, zero otherwise; its index in *index. */
bool pickle_value_new(struct pickle *pickle, enum pickle_kind kind, uint32_t *index, struct error *error);

/* A tuple of `count` values. */
bool pickle_tuple_new(struct pickle *pickle, const uint32_t *values, size_t count, uint32_t *index,
                      struct error *error);

/* Appends to a list (key unused) or a dict, whose keys must be text or whole numbers. */
bool pickle_link_add(struct pickle *pickle, uint32_t container, uint32_t key, uint32_t value, struct error *error);

const char *pickle_kind_name(const struct pickle_value *value);

#endif
