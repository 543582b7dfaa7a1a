/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/json_keys.h"

#include "engine/base/buffer.h"
#include "engine/base/size.h"

#include <string.h>

#define KEYS_MAX (2 * JSON_COLUMNS_MAX) /* those of objects that only hold others counted in */

static int compare(const struct json_key *key, int parent, struct span name)
{
	if (key->parent != parent)
		return key->parent < parent ? -1 : 1;
	if (key->size != name.size)
		return key->size < name.size ? -1 : 1;
	return memcmp(key->name, name.data, name.size);
}

/* The first place in `sorted` that is not before the key. */
static int sorted_place(const struct json_keys *keys, int parent, struct span name)
{
	int low = 0, high = keys->count;

	while (low < high) {
		int middle = low + (high - low) / 2;
		if (compare(&keys->keys[keys->sorted[middle]], parent, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int json_keys_find(const struct json_keys *keys, int parent, struct span name, int likely)
{
	int place;

	if (likely >= 0 && likely < keys->count && compare(&keys->keys[likely], parent, name) == 0)
		return likely;
	place = sorted_place(keys, parent, name);
	if (place < keys->count && compare(&keys->keys[keys->sorted[place]], parent, name) == 0)
		return keys->sorted[place];
	return -1;
}

void json_keys_free(struct json_keys *keys)
{
	for (int i = 0; i < keys->count; i++)
		free(keys->keys[i].name);
	free(keys->keys);
	free(keys->sorted);
	*keys = (struct json_keys){0};
}

/* Both arrays are full at every power of two. */
static bool reserve(struct json_keys *keys)
{
	size_t count = (size_t)keys->count, room = count ? 2 * count : 1;
	struct json_key *more;
	int *sorted;

	if (keys->keys && keys->sorted && (count & (count - 1)) != 0)
		return true;
	more = size_realloc(keys->keys, room, sizeof *more);
	if (more)
		keys->keys = more;
	sorted = more ? size_realloc(keys->sorted, room, sizeof *sorted) : NULL;
	if (sorted)
		keys->sorted = sorted;
	return sorted != NULL;
}

static bool add(struct json_keys *keys, int parent, struct span name)
{
	int place = sorted_place(keys, parent, name);
	char *copy;

	if (!reserve(keys))
		return false;
	copy = malloc(name.size + 1);
	if (!copy)
		return false;
	memcpy(copy, name.data, name.size);
	copy[name.size] = '\0';
	memmove(keys->sorted + place + 1, keys->sorted + place, (size_t)(keys->count - place) * sizeof *keys->sorted);
	keys->sorted[place] = keys->count;
	keys->keys[keys->count++] = (struct json_key){
		.name = copy,
		.size = name.size,
		.parent = parent,
		.depth = parent < 0 ? 0 : keys->keys[parent].depth + 1,
		.column = -1,
	};
	if (parent >= 0)
		keys->keys[parent].inner = true;
	return true;
}

/* The key of that name, which is added where it is new. -1: it has no column. False: out of memory. */
static bool find_or_add(struct json_keys *keys, int parent, struct span token, int *found)
{
	char name[JSON_KEY_MAX];
	struct json_replaced replaced = {0};
	struct span plain = {name, 0};

	*found = -1;
	if (token.size > sizeof name)
		return true;
	plain.size = json_scan_unescape(token, name, &replaced);
	*found = json_keys_find(keys, parent, plain, -1);
	if (*found >= 0)
		return true;
	keys->full = keys->full || keys->count == KEYS_MAX;
	if (keys->full)
		return true;
	if (!add(keys, parent, plain))
		return false;
	*found = keys->count - 1;
	return true;
}

/* After the event of a value. True: it is an object whose members are to be learnt. */
static bool enters(struct json_keys *keys, int key, enum json_event event)
{
	if (key < 0)
		return false;
	if (event == EVENT_OBJECT && keys->keys[key].depth < JSON_KEY_DEPTH)
		return true;
	keys->keys[key].leaf = keys->keys[key].leaf || event != EVENT_NULL;
	return false;
}

bool json_keys_learn(struct json_keys *keys, struct span object)
{
	struct json_scan scan;
	int open[JSON_KEY_DEPTH + 2], depth = 0, key = -1;
	enum json_event event;

	json_scan_begin(&scan, object, true);
	open[0] = -1;
	if (json_scan_next(&scan) != EVENT_OBJECT)
		return true;
	for (;;) {
		event = json_scan_next(&scan);
		switch (event) {
		case EVENT_KEY:
			if (!find_or_add(keys, open[depth], scan.token, &key))
				return false;
			break;
		case EVENT_OBJECT_END:
			if (--depth < 0)
				return true;
			break;
		case EVENT_FAULT:
			return true;
		default:
			if (enters(keys, key, event))
				open[++depth] = key;
			else if ((event == EVENT_OBJECT || event == EVENT_ARRAY) && !json_scan_skip(&scan))
				return true;
		}
	}
}

static bool add_path(struct buffer *path, const struct json_keys *keys, int key)
{
	int chain[JSON_KEY_DEPTH + 1], count = 0;

	path->size = 0;
	for (; key >= 0; key = keys->keys[key].parent)
		chain[count++] = key;
	while (count-- > 0)
		if (!buffer_add(path, keys->keys[chain[count]].name, keys->keys[chain[count]].size) ||
		    (count > 0 && !buffer_add_byte(path, '.')))
			return false;
	return true;
}

/* The column that has this name already, where a key with a point in it meets one inside an object; -1: none. */
static int same_name(const struct columns *columns, struct span name)
{
	for (int i = 0; memchr(name.data, '.', name.size) && i < columns->count; i++)
		if (span_equal(span_of(columns->names[i]), name))
			return i;
	return -1;
}

static bool name_key(struct json_keys *keys, int key, struct columns *columns, struct buffer *path)
{
	struct span name;

	if (!add_path(path, keys, key))
		return false;
	name = (struct span){path->data, path->size};
	keys->keys[key].column = same_name(columns, name);
	if (keys->keys[key].column >= 0)
		return true;
	keys->keys[key].column = columns->count;
	return columns_add(columns, name);
}

bool json_keys_name(struct json_keys *keys, struct columns *columns)
{
	struct buffer path = {.maximum = (JSON_KEY_DEPTH + 1) * (JSON_KEY_MAX + 1)};
	bool named = true;

	for (int i = 0; named && i < keys->count; i++) {
		if (keys->keys[i].inner && !keys->keys[i].leaf)
			continue;
		if (columns->count == JSON_COLUMNS_MAX)
			keys->full = true;
		else
			named = name_key(keys, i, columns, &path);
	}
	buffer_free(&path);
	return named;
}
