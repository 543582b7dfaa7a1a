/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The zip form of torch.save (torch 1.6 and later): ROOT/data.pkl describes the tensors, ROOT/data/KEY are the
 * bytes of the storages, ROOT/version and ROOT/byteorder say how. */
#include "engine/format/torch_zip.h"

#include "engine/base/crc32.h"
#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/torch.h"
#include "engine/format/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The archive while it is being read. */
struct torch_zip {
	struct tensor_file *file;
	size_t source;
	struct zip zip;
	struct span root; /* what comes before /data.pkl in every name */
	struct pickle pickle;
	struct torch_storages storages;
};

static const struct tensor_source *source_of(const struct torch_zip *torch)
{
	return &torch->file->sources[torch->source];
}

/* ROOT/data.pkl, once, and everything else in the same ROOT. */
static bool find_root(struct torch_zip *torch, struct error *error)
{
	for (size_t i = 0; i < torch->zip.count; i++) {
		struct span name = span_of(torch->zip.entries[i].name);
		if (name.size == strlen("/data.pkl") || !span_ends_with(name, "/data.pkl"))
			continue;
		RETURN_IF(torch->root.data, error, ERROR_DATA, "has more than one data.pkl");
		torch->root = (struct span){name.data, name.size - strlen("/data.pkl")};
	}
	RETURN_IF(!torch->root.data, error, ERROR_DATA, "is a zip archive without data.pkl: not a file of torch.save");
	for (size_t i = 0; i < torch->zip.count; i++) {
		const char *name = torch->zip.entries[i].name;
		RETURN_IF(strncmp(name, torch->root.data, torch->root.size) != 0 || name[torch->root.size] != '/', error,
		          ERROR_DATA, "entry %.200s does not belong to a file of torch.save", name);
		name += torch->root.size + 1;
		RETURN_IF(strncmp(name, "code/", 5) == 0 || strcmp(name, "constants.pkl") == 0, error, ERROR_DATA,
		          "is a TorchScript program: save the model's state_dict() instead");
	}
	return true;
}

static const struct zip_entry *find(const struct torch_zip *torch, struct span folder, struct span name)
{
	char path[2 * TENSOR_NAME_MAX];
	size_t size = torch->root.size + 1 + folder.size + name.size;

	if (size >= sizeof path)
		return NULL;
	memcpy(path, torch->root.data, torch->root.size);
	path[torch->root.size] = '/';
	memcpy(path + torch->root.size + 1, folder.data, folder.size);
	memcpy(path + torch->root.size + 1 + folder.size, name.data, name.size);
	path[size] = '\0';
	return strlen(path) == size ? zip_find(&torch->zip, path) : NULL;
}

static const struct zip_entry *find_file(const struct torch_zip *torch, const char *name)
{
	return find(torch, span_of(""), span_of(name));
}

/* A small record as text, its checksum compared. False: it is not there, or an error (then `error` is set). */
static bool read_small(const struct torch_zip *torch, const char *name, char *out, size_t capacity, bool *there,
                       struct error *error)
{
	const struct zip_entry *entry = find_file(torch, name);

	*there = entry != NULL;
	if (!entry)
		return true;
	RETURN_IF(entry->size >= capacity, error, ERROR_DATA, "record %s of %llu bytes", name,
	          (unsigned long long)entry->size);
	if (!file_read_at(source_of(torch)->fd, out, (size_t)entry->size, entry->offset, source_of(torch)->path, error))
		return false;
	RETURN_IF(crc32_update(0, out, (size_t)entry->size) != entry->crc32, error, ERROR_DATA,
	          "the checksum of record %s is wrong: the file is damaged, download it again", name);
	out[entry->size] = '\0';
	return true;
}

static bool check_version(const struct torch_zip *torch, struct error *error)
{
	char version[16] = "", order[16] = "";
	bool has_version, has_order;
	size_t digits;

	if (!read_small(torch, "version", version, sizeof version, &has_version, error) ||
	    !read_small(torch, "byteorder", order, sizeof order, &has_order, error))
		return false;
	digits = strspn(version, "0123456789");
	RETURN_IF(!has_version || digits == 0 || strcspn(version + digits, "\n") != 0 || strlen(version + digits) > 1,
	          error, ERROR_DATA, "has no record that says the version of its form");
	RETURN_IF(has_order && strcmp(order, "little") != 0, error, ERROR_DATA,
	          "was written with %.16s-endian numbers: load and save it on a little-endian machine", order);
	return true;
}

static bool record_for(struct torch_zip *torch, const struct zip_entry *entry, size_t *record, struct error *error)
{
	struct tensor_file *file = torch->file;
	struct tensor_record *records = size_realloc(file->records, file->record_count + 1, sizeof *records);

	if (!records)
		return error_memory(error, "listing records");
	file->records = records;
	*record = file->record_count;
	records[file->record_count++] = (struct tensor_record){
		.source = torch->source, .offset = entry->offset, .size = entry->size, .crc32 = entry->crc32,
	};
	return true;
}

static bool read_pickle(struct torch_zip *torch, struct error *error)
{
	const struct zip_entry *entry = find_file(torch, "data.pkl");
	struct stream *stream;
	size_t record;
	bool done;

	RETURN_IF(entry->size > PICKLE_BYTES_MAX, error, ERROR_DATA, "data.pkl of %llu bytes; at most %u are read",
	          (unsigned long long)entry->size, PICKLE_BYTES_MAX);
	if (!record_for(torch, entry, &record, error) || !table_verify_record(torch->file, record, error))
		return false;
	stream = malloc(sizeof *stream);
	if (!stream)
		return error_memory(error, "reading a pickle");
	stream_start(stream, source_of(torch)->fd, source_of(torch)->path, entry->offset, entry->offset + entry->size);
	done = pickle_read(&torch->pickle, stream, error) || error_prefix(error, "data.pkl");
	if (done && stream_left(stream) > 0)
		done = error_set(error, ERROR_DATA, "data.pkl: %llu bytes after its end",
		                 (unsigned long long)stream_left(stream));
	free(stream);
	return done;
}

/* Every storage has a record of exactly the size that the pickle says. */
static bool find_records(struct torch_zip *torch, struct error *error)
{
	for (size_t i = 0; i < torch->storages.count; i++) {
		struct torch_storage *storage = &torch->storages.rows[i];
		const struct zip_entry *entry = find(torch, span_of("data/"), storage->key);
		uint64_t bytes;
		RETURN_IF(!entry, error, ERROR_DATA, "storage %.*s has no record", (int)storage->key.size, storage->key.data);
		RETURN_IF(!torch_storage_bytes(storage, &bytes) || bytes != entry->size, error, ERROR_DATA,
		          "storage %.*s of %llu elements of %s has a record of %llu bytes", (int)storage->key.size,
		          storage->key.data, (unsigned long long)storage->count, dtype_name(storage->dtype),
		          (unsigned long long)entry->size);
		storage->offset = entry->offset;
		if (!record_for(torch, entry, &storage->record, error))
			return false;
	}
	return true;
}

bool torch_read_zip(struct tensor_file *file, size_t source, struct error *error)
{
	struct torch_zip torch = {.file = file, .source = source};
	const struct tensor_source *from = &file->sources[source];
	bool done;

	done = zip_read(&torch.zip, from->fd, from->path, from->size, error) && find_root(&torch, error) &&
	       check_version(&torch, error) && read_pickle(&torch, error) &&
	       torch_storages_collect(&torch.storages, &torch.pickle, error) && find_records(&torch, error) &&
	       torch_add_rows(file, source, &torch.pickle, &torch.storages, error);
	torch_storages_free(&torch.storages);
	pickle_free(&torch.pickle);
	zip_free(&torch.zip);
	return done || table_name_source(&file->sources[source], error);
}
