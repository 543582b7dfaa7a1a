/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The form that torch.save wrote before 1.6: five pickles (a magic number, the version 1001, facts about the
 * machine, the object, the keys of the storages), then each storage as an 8-byte count and its bytes. */
#include "engine/format/torch_legacy.h"

#include "engine/base/file.h"
#include "engine/base/little.h"
#include "engine/format/torch.h"

#include <stdlib.h>
#include <string.h>

enum { MAGIC_SIZE = 15, VERSION = 1001 }; /* the magic number was compared when the file was identified */

/* A pickle that says one thing and is then done with. */
static bool read_version(struct stream *stream, struct error *error)
{
	struct pickle pickle = {.legacy = true};
	bool done = pickle_read(&pickle, stream, error);
	const struct pickle_value *root = done ? &pickle.values[pickle.root] : NULL;

	if (done && (root->kind != PICKLE_INTEGER || root->u.integer != VERSION))
		done = error_set(error, ERROR_DATA, "not version %d of torch's old form", VERSION);
	pickle_free(&pickle);
	return done;
}

static bool read_machine(struct stream *stream, struct error *error)
{
	struct pickle pickle = {.legacy = true};
	bool done = pickle_read(&pickle, stream, error);
	const struct pickle_value *order = done ? pickle_lookup(&pickle, &pickle.values[pickle.root], "little_endian")
	                                        : NULL;

	if (done && (!order || order->kind != PICKLE_BOOL || !order->u.integer))
		done = error_set(error, ERROR_DATA, "does not say that its numbers are little-endian");
	pickle_free(&pickle);
	return done;
}

/* One storage after the pickles: its count, then its bytes, which the stream passes over. */
static bool find_storage(struct torch_storages *storages, struct span key, struct stream *stream, struct error *error)
{
	struct torch_storage *storage = torch_storages_find(storages, key);
	unsigned char count[8];
	uint64_t bytes;

	RETURN_IF(!storage, error, ERROR_DATA, "storage %.*s belongs to no tensor", key.size < 64 ? (int)key.size : 64,
	          key.data);
	RETURN_IF(storage->found, error, ERROR_DATA, "storage %.*s is listed twice", (int)key.size, key.data);
	if (!stream_read(stream, count, sizeof count, error))
		return false;
	RETURN_IF(little_64(count) != storage->count || !torch_storage_bytes(storage, &bytes), error, ERROR_DATA,
	          "storage %.*s of %llu elements is announced with %llu", (int)key.size, key.data,
	          (unsigned long long)little_64(count), (unsigned long long)storage->count);
	RETURN_IF(bytes > stream_left(stream), error, ERROR_DATA,
	          "is truncated: storage %.*s has %llu bytes, %llu are there; download it again", (int)key.size, key.data,
	          (unsigned long long)bytes, (unsigned long long)stream_left(stream));
	storage->offset = stream->position;
	storage->found = true;
	stream_start(stream, stream->fd, stream->path, stream->position + bytes, stream->end);
	return true;
}

static bool find_storages(struct torch_storages *storages, struct stream *stream, struct error *error)
{
	struct pickle keys = {.legacy = true};
	const struct pickle_value *list;
	size_t count = 0;
	bool done = pickle_read(&keys, stream, error);

	list = done ? &keys.values[keys.root] : NULL;
	if (done && list->kind != PICKLE_LIST)
		done = error_set(error, ERROR_DATA, "no list of storages");
	for (uint32_t at = done ? list->u.links.first : PICKLE_END; done && at != PICKLE_END; at = keys.links[at].next) {
		const struct pickle_value *key = &keys.values[keys.links[at].value];
		done = key->kind == PICKLE_STRING ? find_storage(storages, pickle_text(&keys, key), stream, error)
		                                  : error_set(error, ERROR_DATA, "a storage's key is not a text");
		count++;
	}
	if (done && count != storages->count)
		done = error_set(error, ERROR_DATA, "%zu storages are announced, %zu are there", storages->count, count);
	if (done && stream_left(stream) > 0)
		done = error_set(error, ERROR_DATA, "%llu bytes after the last storage belong to nothing",
		                 (unsigned long long)stream_left(stream));
	pickle_free(&keys);
	return done;
}

bool torch_read_legacy(struct tensor_file *file, size_t source, struct error *error)
{
	const struct tensor_source *from = &file->sources[source];
	struct pickle object = {.legacy = true};
	struct torch_storages storages = {0};
	struct stream *stream = malloc(sizeof *stream);
	bool done;

	if (!stream)
		return error_memory(error, "reading a pickle");
	stream_start(stream, from->fd, from->path, MAGIC_SIZE, from->size);
	done = read_version(stream, error) && read_machine(stream, error) && pickle_read(&object, stream, error) &&
	       torch_storages_collect(&storages, &object, error) && find_storages(&storages, stream, error) &&
	       torch_add_rows(file, source, &object, &storages, error);
	torch_storages_free(&storages);
	pickle_free(&object);
	free(stream);
	return done || table_name_source(&file->sources[source], error);
}
