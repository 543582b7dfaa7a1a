/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What torch's pickles speak of: storages, tensors, and the names that make them. */
#include "engine/format/pickle_torch.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *module, *name;
	enum pickle_name meaning;
	enum dtype dtype;
} names[] = {
	{"collections", "OrderedDict", NAME_ORDERED_DICT, 0},
	{"torch._utils", "_rebuild_tensor_v2", NAME_REBUILD_TENSOR, 0},
	{"torch._utils", "_rebuild_parameter", NAME_REBUILD_PARAMETER, 0},
	{"torch", "Size", NAME_SIZE, 0},
	{"torch", "FloatStorage", NAME_STORAGE_TYPE, DTYPE_F32},
	{"torch", "HalfStorage", NAME_STORAGE_TYPE, DTYPE_F16},
	{"torch", "BFloat16Storage", NAME_STORAGE_TYPE, DTYPE_BF16},
	{"torch", "DoubleStorage", NAME_STORAGE_TYPE, DTYPE_F64},
	{"torch", "LongStorage", NAME_STORAGE_TYPE, DTYPE_I64},
	{"torch", "IntStorage", NAME_STORAGE_TYPE, DTYPE_I32},
	{"torch", "ShortStorage", NAME_STORAGE_TYPE, DTYPE_I16},
	{"torch", "CharStorage", NAME_STORAGE_TYPE, DTYPE_I8},
	{"torch", "ByteStorage", NAME_STORAGE_TYPE, DTYPE_U8},
	{"torch", "BoolStorage", NAME_STORAGE_TYPE, DTYPE_BOOL},
};

bool pickle_name_new(struct pickle *pickle, struct span module, struct span name, uint32_t *index, struct error *error)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!span_equal(module, span_of(names[i].module)) || !span_equal(name, span_of(names[i].name)))
			continue;
		if (!pickle_value_new(pickle, PICKLE_NAME, index, error))
			return false;
		pickle->values[*index].name = (uint8_t)names[i].meaning;
		pickle->values[*index].dtype = (uint8_t)names[i].dtype;
		return true;
	}
	return error_set(error, ERROR_DATA, "the name %.*s.%.*s is not one that tensors need; nothing of the file was run",
	                 (int)(module.size < 128 ? module.size : 128), module.data,
	                 (int)(name.size < 128 ? name.size : 128), name.data);
}

/* Item i of a tuple; the caller knows that there is one. */
static const struct pickle_value *item(const struct pickle *pickle, const struct pickle_value *tuple, uint32_t i)
{
	return &pickle->values[pickle->items[tuple->u.items.first + i]];
}

static bool is_tuple_of(const struct pickle_value *value, uint32_t count)
{
	return value->kind == PICKLE_TUPLE && value->u.items.count == count;
}

/* ("storage", type, key, location, count), in legacy files with a sixth item that is None. The location ("cpu",
 * "cuda:0") means nothing here. */
bool pickle_storage_new(struct pickle *pickle, uint32_t tuple, uint32_t *index, struct error *error)
{
	const struct pickle_value *id = &pickle->values[tuple], *type, *key, *count;
	struct pickle_storage *storages;

	RETURN_IF(!is_tuple_of(id, pickle->legacy ? 6 : 5) || !pickle_text_is(pickle, item(pickle, id, 0), "storage"),
	          error, ERROR_DATA, "something other than a storage");
	type = item(pickle, id, 1);
	key = item(pickle, id, 2);
	count = item(pickle, id, 4);
	RETURN_IF(type->kind != PICKLE_NAME || type->name != NAME_STORAGE_TYPE || key->kind != PICKLE_STRING ||
	          item(pickle, id, 3)->kind != PICKLE_STRING || count->kind != PICKLE_INTEGER || count->u.integer < 0,
	          error, ERROR_DATA, "a storage whose description has the wrong types");
	RETURN_IF(pickle->legacy && item(pickle, id, 5)->kind != PICKLE_NONE, error, ERROR_DATA,
	          "a storage that is a view of another one: load and save it again with torch");
	RETURN_IF(pickle->storage_count == TENSOR_COUNT_MAX, error, ERROR_DATA, "more than %d storages", TENSOR_COUNT_MAX);
	storages = pickle_room(pickle->storages, pickle->storage_count, &pickle->storage_capacity, sizeof *storages);
	if (!storages)
		return error_memory(error, "reading a pickle");
	pickle->storages = storages;
	storages[pickle->storage_count] = (struct pickle_storage){
		.key = key->u.text.offset, .key_size = key->u.text.size, .dtype = type->dtype,
		.count = (uint64_t)count->u.integer,
	};
	if (!pickle_value_new(pickle, PICKLE_STORAGE, index, error))
		return false;
	pickle->values[*index].u.index = (uint32_t)pickle->storage_count++;
	return true;
}

/* Whole numbers from 0 out of a tuple of known length. */
static bool read_numbers(const struct pickle *pickle, const struct pickle_value *tuple, uint64_t *out)
{
	for (uint32_t i = 0; i < tuple->u.items.count; i++) {
		const struct pickle_value *number = item(pickle, tuple, i);
		if (number->kind != PICKLE_INTEGER || number->u.integer < 0)
			return false;
		out[i] = (uint64_t)number->u.integer;
	}
	return true;
}

/* count, span; and that all of it lies in the storage. */
static bool check_extent(struct pickle_tensor *tensor, uint64_t available, struct error *error)
{
	uint64_t count = 1, last = 0, part, end;

	for (int i = 0; i < tensor->rank; i++)
		RETURN_IF(!u64_multiply(count, (uint64_t)tensor->shape[i], &count) || count > INT64_MAX, error, ERROR_DATA,
		          "a tensor whose shape multiplies beyond 2^63");
	tensor->count = count;
	for (int i = 0; i < tensor->rank && count > 0; i++)
		RETURN_IF(!u64_multiply((uint64_t)tensor->shape[i] - 1, tensor->stride[i], &part) ||
		          !u64_add(last, part, &last), error, ERROR_DATA, "a tensor whose strides multiply beyond 2^64");
	tensor->span = count > 0 ? last + 1 : 0;
	RETURN_IF(last == UINT64_MAX || !u64_add(tensor->offset, tensor->span, &end) || end > available, error, ERROR_DATA,
	          "a tensor reaches beyond its storage of %llu elements", (unsigned long long)available);
	RETURN_IF(count > available, error, ERROR_DATA, "an expanded tensor of %llu elements in a storage of %llu",
	          (unsigned long long)count, (unsigned long long)available);
	return true;
}

static bool add_tensor(struct pickle *pickle, const struct pickle_tensor *tensor, uint32_t *index,
                       struct error *error)
{
	struct pickle_tensor *tensors;

	RETURN_IF(pickle->tensor_count == TENSOR_COUNT_MAX, error, ERROR_DATA, "more than %d tensors", TENSOR_COUNT_MAX);
	tensors = pickle_room(pickle->tensors, pickle->tensor_count, &pickle->tensor_capacity, sizeof *tensors);
	if (!tensors)
		return error_memory(error, "reading a pickle");
	pickle->tensors = tensors;
	tensors[pickle->tensor_count] = *tensor;
	if (!pickle_value_new(pickle, PICKLE_TENSOR, index, error))
		return false;
	pickle->values[*index].u.index = (uint32_t)pickle->tensor_count++;
	return true;
}

/* (storage, offset, size, stride, requires_grad, hooks[, metadata]) */
static bool rebuild_tensor(struct pickle *pickle, const struct pickle_value *arguments, uint32_t *index,
                           struct error *error)
{
	const struct pickle_value *storage, *offset, *shape, *stride;
	struct pickle_tensor tensor = {0};
	uint64_t sizes[TENSOR_RANK_MAX];

	RETURN_IF(!is_tuple_of(arguments, 6) && !is_tuple_of(arguments, 7), error, ERROR_DATA,
	          "a tensor of 6 or 7 arguments is needed");
	storage = item(pickle, arguments, 0);
	offset = item(pickle, arguments, 1);
	shape = item(pickle, arguments, 2);
	stride = item(pickle, arguments, 3);
	RETURN_IF(storage->kind != PICKLE_STORAGE || offset->kind != PICKLE_INTEGER || shape->kind != PICKLE_TUPLE ||
	          stride->kind != PICKLE_TUPLE || item(pickle, arguments, 4)->kind != PICKLE_BOOL, error, ERROR_DATA,
	          "a tensor whose arguments have the wrong types");
	RETURN_IF(shape->u.items.count != stride->u.items.count || shape->u.items.count > TENSOR_RANK_MAX, error,
	          ERROR_DATA, "a tensor of %u sizes and %u strides; at most %d are read", shape->u.items.count,
	          stride->u.items.count, TENSOR_RANK_MAX);
	RETURN_IF(offset->u.integer < 0 || !read_numbers(pickle, shape, sizes) ||
	          !read_numbers(pickle, stride, tensor.stride), error, ERROR_DATA,
	          "a tensor whose offset, sizes or strides are not whole numbers from 0");
	tensor.storage = storage->u.index;
	tensor.offset = (uint64_t)offset->u.integer;
	tensor.rank = (int)shape->u.items.count;
	for (int i = 0; i < tensor.rank; i++)
		tensor.shape[i] = (int64_t)sizes[i];
	if (!check_extent(&tensor, pickle->storages[tensor.storage].count, error))
		return false;
	return add_tensor(pickle, &tensor, index, error);
}

/* Python 2 wrote OrderedDict([[key, value], ...]); Python 3 writes OrderedDict() and SETITEMS. */
static bool ordered_dict(struct pickle *pickle, const struct pickle_value *arguments, uint32_t *index,
                         struct error *error)
{
	uint32_t at = PICKLE_END, pair, value;

	if (is_tuple_of(arguments, 1) && item(pickle, arguments, 0)->kind == PICKLE_LIST)
		at = item(pickle, arguments, 0)->u.links.first;
	else
		RETURN_IF(!is_tuple_of(arguments, 0), error, ERROR_DATA, "an OrderedDict of something other than a list");
	if (!pickle_value_new(pickle, PICKLE_DICT, index, error))
		return false;
	pickle->values[*index].u.links.first = pickle->values[*index].u.links.last = PICKLE_END;
	for (; at != PICKLE_END; at = pickle->links[at].next) {
		const struct pickle_value *list = &pickle->values[pickle->links[at].value];
		pair = list->kind == PICKLE_LIST ? list->u.links.first : PICKLE_END;
		value = pair != PICKLE_END ? pickle->links[pair].next : PICKLE_END;
		RETURN_IF(value == PICKLE_END || pickle->links[value].next != PICKLE_END, error, ERROR_DATA,
		          "an OrderedDict of something other than pairs");
		if (!pickle_link_add(pickle, *index, pickle->links[pair].value, pickle->links[value].value, error))
			return false;
	}
	return true;
}

bool pickle_reduce(struct pickle *pickle, uint32_t name, uint32_t arguments, uint32_t *index, struct error *error)
{
	const struct pickle_value *called = &pickle->values[name], *given = &pickle->values[arguments];

	RETURN_IF(called->kind != PICKLE_NAME || given->kind != PICKLE_TUPLE, error, ERROR_DATA, "is used on %s and %s",
	          pickle_kind_name(called), pickle_kind_name(given));
	switch ((enum pickle_name)called->name) {
	case NAME_ORDERED_DICT:
		return ordered_dict(pickle, given, index, error);
	case NAME_REBUILD_TENSOR:
		return rebuild_tensor(pickle, given, index, error);
	case NAME_REBUILD_PARAMETER: /* (tensor, requires_grad, hooks): the tensor */
		RETURN_IF(!is_tuple_of(given, 3) || item(pickle, given, 0)->kind != PICKLE_TENSOR, error, ERROR_DATA,
		          "a parameter of something other than a tensor");
		*index = pickle->items[given->u.items.first];
		return true;
	case NAME_SIZE: /* ((1, 2, 3),): the tuple */
		RETURN_IF(!is_tuple_of(given, 1) || item(pickle, given, 0)->kind != PICKLE_TUPLE, error, ERROR_DATA,
		          "a torch.Size of something other than a tuple");
		*index = pickle->items[given->u.items.first];
		return true;
	case NAME_STORAGE_TYPE:
		break;
	}
	return error_set(error, ERROR_DATA, "a storage type cannot be called");
}
