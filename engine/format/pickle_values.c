/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of a pickle and the containers among them. */
#include "engine/format/pickle_values.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

void *pickle_room(void *rows, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 64;
	void *moved;

	if (count < *capacity)
		return rows;
	moved = size_realloc(rows, wanted, size);
	if (moved)
		*capacity = wanted;
	return moved;
}

bool pickle_value_new(struct pickle *pickle, enum pickle_kind kind, uint32_t *index, struct error *error)
{
	struct pickle_value *values = pickle_room(pickle->values, pickle->value_count, &pickle->value_capacity,
	                                          sizeof *values);

	if (!values)
		return error_memory(error, "reading a pickle");
	pickle->values = values;
	values[pickle->value_count] = (struct pickle_value){.kind = (uint8_t)kind};
	*index = (uint32_t)pickle->value_count++; /* one opcode makes one value at most: below PICKLE_OPCODES_MAX */
	return true;
}

/* A tuple in a tuple in a tuple ... through the memo is small in the file and endless when it is walked. */
static bool weigh_tuple(const struct pickle *pickle, const uint32_t *values, size_t count, struct pickle_value *tuple,
                        struct error *error)
{
	uint64_t weight = count;
	unsigned depth = 0;

	for (size_t i = 0; i < count; i++) {
		const struct pickle_value *value = &pickle->values[values[i]];
		if (value->kind != PICKLE_TUPLE)
			continue;
		weight += value->weight;
		if (value->depth >= depth)
			depth = value->depth + 1u;
	}
	RETURN_IF(depth > PICKLE_DEPTH_MAX, error, ERROR_DATA, "tuples nest deeper than %u", PICKLE_DEPTH_MAX);
	RETURN_IF(weight > PICKLE_WEIGHT_MAX, error, ERROR_DATA, "a tuple of more than %u items in all", PICKLE_WEIGHT_MAX);
	tuple->weight = (uint32_t)weight;
	tuple->depth = (uint8_t)depth;
	return true;
}

bool pickle_tuple_new(struct pickle *pickle, const uint32_t *values, size_t count, uint32_t *index,
                      struct error *error)
{
	struct pickle_value tuple = {.kind = PICKLE_TUPLE};

	if (!weigh_tuple(pickle, values, count, &tuple, error))
		return false;
	tuple.u.items.first = (uint32_t)pickle->item_count;
	tuple.u.items.count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		uint32_t *items = pickle_room(pickle->items, pickle->item_count, &pickle->item_capacity, sizeof *items);
		if (!items)
			return error_memory(error, "reading a pickle");
		pickle->items = items;
		items[pickle->item_count++] = values[i];
	}
	if (!pickle_value_new(pickle, PICKLE_TUPLE, index, error))
		return false;
	pickle->values[*index] = tuple;
	return true;
}

bool pickle_link_add(struct pickle *pickle, uint32_t container, uint32_t key, uint32_t value, struct error *error)
{
	struct pickle_value *holder = &pickle->values[container];
	uint32_t new = (uint32_t)pickle->link_count;
	struct pickle_link *links;

	RETURN_IF(holder->kind == PICKLE_DICT && pickle->values[key].kind != PICKLE_STRING &&
	          pickle->values[key].kind != PICKLE_INTEGER, error, ERROR_DATA, "%s as the key of a dict",
	          pickle_kind_name(&pickle->values[key]));
	/* A list may be copied into a dict again and again: copies count. */
	RETURN_IF(pickle->link_count == PICKLE_OPCODES_MAX, error, ERROR_DATA, "lists and dicts of more than %u items",
	          PICKLE_OPCODES_MAX);
	links = pickle_room(pickle->links, pickle->link_count, &pickle->link_capacity, sizeof *links);
	if (!links)
		return error_memory(error, "reading a pickle");
	pickle->links = links;
	pickle->links[pickle->link_count++] = (struct pickle_link){key, value, PICKLE_END};
	if (holder->u.links.first == PICKLE_END)
		holder->u.links.first = new;
	else
		pickle->links[holder->u.links.last].next = new;
	holder->u.links.last = new;
	return true;
}

const struct pickle_value *pickle_lookup(const struct pickle *pickle, const struct pickle_value *dict,
                                         const char *key)
{
	const struct pickle_value *found = NULL;

	if (dict->kind != PICKLE_DICT)
		return NULL;
	for (uint32_t at = dict->u.links.first; at != PICKLE_END; at = pickle->links[at].next)
		if (pickle_text_is(pickle, &pickle->values[pickle->links[at].key], key))
			found = &pickle->values[pickle->links[at].value];
	return found;
}

void pickle_free(struct pickle *pickle)
{
	free(pickle->values);
	free(pickle->items);
	free(pickle->links);
	free(pickle->storages);
	free(pickle->tensors);
	buffer_free(&pickle->text);
	*pickle = (struct pickle){0};
}

const char *pickle_kind_name(const struct pickle_value *value)
{
	static const char *const names[] = {
		[PICKLE_NONE] = "None", [PICKLE_BOOL] = "a boolean", [PICKLE_INTEGER] = "a whole number",
		[PICKLE_REAL] = "a real number", [PICKLE_STRING] = "a text", [PICKLE_TUPLE] = "a tuple",
		[PICKLE_LIST] = "a list", [PICKLE_DICT] = "a dict", [PICKLE_NAME] = "a name",
		[PICKLE_STORAGE] = "a storage", [PICKLE_TENSOR] = "a tensor",
	};

	return names[value->kind];
}
