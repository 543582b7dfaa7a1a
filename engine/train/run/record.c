/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/record.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/names.h"
#include "engine/base/size.h"
#include "engine/system.h"
#include "engine/train/options/options_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistr.h>

#define RECORD_BYTES_MAX ((size_t)64 << 20)
#define RECORD_LABELS_MAX 65536
#define BASELINE_LABELS_SHOWN 8

void run_record_note_start(struct run_record *record)
{
	record->started = (int64_t)time(NULL);
}

static void free_labels(struct run_record *record)
{
	for (int i = 0; i < record->label_count; i++)
		free(record->labels[i]);
	free(record->labels);
	record->labels = NULL;
	record->label_count = 0;
}

void run_record_free(struct run_record *record)
{
	free_labels(record);
	json_decref(record->report);
	json_decref(record->teaching);
	json_decref(record->exclude);
	record->report = record->teaching = record->exclude = NULL;
}

bool run_record_set_labels(struct run_record *record, const char *const *labels, int count, struct error *error)
{
	char **copies = size_calloc((size_t)count, sizeof *copies);
	int made = 0;

	while (copies && made < count && (copies[made] = strdup(labels[made])))
		made++;
	free_labels(record);
	record->labels = copies;
	record->label_count = made;
	return (copies && made == count) || error_memory(error, "noting the labels");
}

/* Reading */

static bool read_source(const json_t *document, const char *key, struct record_source *source, const char *path,
                        struct error *error)
{
	const json_t *object = json_object_get(document, key);
	const char *text = json_string_value(json_object_get(object, "path"));
	const char *hash = json_string_value(json_object_get(object, "sha256"));

	RETURN_IF(!text || strlen(text) >= sizeof source->path || (hash && strlen(hash) != 64), error, ERROR_DATA,
	          "%s: \"%s\" does not name a path and its SHA-256", path, key);
	memcpy(source->path, text, strlen(text) + 1);
	if (hash)
		memcpy(source->hash, hash, 65);
	text = json_string_value(json_object_get(object, "first_path"));
	if (text && strlen(text) < sizeof source->first_path)
		memcpy(source->first_path, text, strlen(text) + 1);
	return true;
}

static bool read_labels(const json_t *document, struct run_record *record, const char *path, struct error *error)
{
	const json_t *array = json_object_get(document, "labels");
	size_t count = json_array_size(array);
	const char **names;
	bool done;

	RETURN_IF(count > RECORD_LABELS_MAX, error, ERROR_DATA, "%s: more than %d labels", path, RECORD_LABELS_MAX);
	names = size_calloc(count, sizeof *names);
	if (!names)
		return error_memory(error, "reading the labels");
	done = true;
	for (size_t i = 0; done && i < count; i++)
		done = (names[i] = json_string_value(json_array_get(array, i))) != NULL;
	if (!done)
		error_set(error, ERROR_DATA, "%s: a label is not a text", path);
	done = done && run_record_set_labels(record, names, (int)count, error);
	free(names);
	return done;
}

static uint64_t counter(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

static void read_rest(const json_t *document, struct run_record *record)
{
	const json_t *rows = json_object_get(document, "rows"), *machine = json_object_get(document, "machine");
	const char *device = json_string_value(json_object_get(machine, "device"));
	const char *base = json_string_value(json_object_get(document, "base_sha256"));
	const char *examples = json_string_value(json_object_get(document, "examples_sha256"));

	record->rows = counter(rows, "read");
	record->rows_used = counter(rows, "used");
	record->training = counter(rows, "training");
	record->held_out = counter(rows, "validation");
	record->truncated = counter(rows, "truncated");
	record->steps = counter(document, "steps");
	record->steps_per_epoch = counter(document, "steps_per_epoch");
	snprintf(record->device, sizeof record->device, "%s", device ? device : "");
	record->device_memory = counter(machine, "device_memory");
	record->part = counter(document, "rows_at_once");
	record->model_step = counter(document, "model_step");
	record->max_length = (int64_t)counter(document, "max_length");
	record->started = (int64_t)counter(document, "started");
	if (base && strlen(base) == 64)
		memcpy(record->base_hash, base, 65);
	if (examples && strlen(examples) == 64)
		memcpy(record->examples_hash, examples, 65);
	json_decref(record->report);
	record->report = json_incref(json_object_get(document, "report"));
	json_decref(record->teaching);
	record->teaching = json_incref(json_object_get(document, "teaching"));
	json_decref(record->exclude);
	record->exclude = json_incref(json_object_get(document, "exclude_sha256"));
	record->fresh_head = json_is_true(json_object_get(document, "fresh_head"));
}

bool run_record_find(const char *directory, struct stat *status, struct error *error)
{
	char path[RECORD_PATH_MAX];

	if (stat(directory, status) != 0)
		return errno == ENOENT ? error_set(error, ERROR_IO, "%s: no such run directory", directory)
		                       : error_errno(error, "open", directory);
	RETURN_IF(!S_ISDIR(status->st_mode), error, ERROR_DATA, "%s: is not a run directory", directory);
	if (!path_join(path, sizeof path, directory, RECORD_FILE, error))
		return false;
	if (stat(path, status) == 0)
		return true;
	return errno == ENOENT ? error_set(error, ERROR_DATA, "%s: is not a run directory: it has no run.json", directory)
	                       : error_errno(error, "open", path);
}

bool run_record_read(const char *directory, struct run_record *record, struct error *error)
{
	char path[RECORD_PATH_MAX];
	json_t *document;
	bool done;

	if (!path_join(path, sizeof path, directory, RECORD_FILE, error))
		return false;
	document = json_read(path, RECORD_BYTES_MAX, error);
	if (!document)
		return false;
	done = read_source(document, "data", &record->data, path, error) &&
	       read_source(document, "model", &record->model, path, error) &&
	       read_source(document, "validation", &record->validation, path, error) &&
	       options_from_json(json_object_get(document, "options"), &record->options, path, error) &&
	       read_labels(document, record, path, error);
	if (done)
		read_rest(document, record);
	json_decref(document);
	return done;
}

/* Writing */

static json_t *source_to_json(const struct record_source *source)
{
	return json_pack("{s:s, s:s*, s:s?}", "path", source->path, "first_path",
	                 source->first_path[0] ? source->first_path : NULL, "sha256", source->hash[0] ? source->hash : NULL);
}

static json_t *labels_to_json(const struct run_record *record)
{
	json_t *array = json_array();
	bool done = array != NULL;

	for (int i = 0; done && i < record->label_count; i++)
		done = json_array_append_new(array, json_string(record->labels[i])) == 0;
	return json_complete(array, done);
}

static json_t *machine_to_json(const struct run_record *record)
{
	struct system_info info;

	system_info(&info);
	return json_pack("{s:s, s:s, s:i, s:I, s:s, s:s, s:s, s:o*, s:o*}", "processor", info.processor, "isa", info.isa,
	                 "processors", info.processors, "memory_bytes", (json_int_t)info.memory_total, "kernel",
	                 info.kernel, "blas", info.blas, "backend", info.backend, "device",
	                 record->device[0] ? json_string(record->device) : NULL, "device_memory",
	                 record->device[0] ? json_integer((json_int_t)record->device_memory) : NULL);
}

static json_t *record_to_json(const struct run_record *record)
{
	return json_pack("{s:i, s:s, s:I, s:o, s:o, s:o, s:s*, s:o, s:o, s:b, s:{s:I, s:I, s:I, s:I, s:I}, "
	                 "s:s*, s:I, s:I, s:o*, s:I, s:I, s:o, s:O*, s:O*, s:O*}",
	                 "format", 1, "version", system_version(), "started", (json_int_t)record->started, "data",
	                 source_to_json(&record->data), "model", source_to_json(&record->model), "validation",
	                 source_to_json(&record->validation), "base_sha256",
	                 record->base_hash[0] ? record->base_hash : NULL, "options", options_to_json(&record->options), "labels",
	                 labels_to_json(record), "fresh_head", (int)record->fresh_head, "rows", "read",
	                 (json_int_t)record->rows, "used", (json_int_t)record->rows_used, "training",
	                 (json_int_t)record->training, "validation", (json_int_t)record->held_out, "truncated",
	                 (json_int_t)record->truncated, "examples_sha256",
	                 record->examples_hash[0] ? record->examples_hash : NULL, "steps", (json_int_t)record->steps, "steps_per_epoch",
	                 (json_int_t)record->steps_per_epoch, "rows_at_once",
	                 record->part ? json_integer((json_int_t)record->part) : NULL, "model_step",
	                 (json_int_t)record->model_step, "max_length", (json_int_t)record->max_length, "machine",
	                 machine_to_json(record), "teaching", record->teaching, "exclude_sha256",
	                 record->exclude, "report", record->report);
}

static bool is_utf8(const char *text)
{
	return !u8_check((const uint8_t *)text, strlen(text));
}

/* What a user or a file named may be any bytes. */
static bool record_is_utf8(const struct run_record *record)
{
	bool right = is_utf8(record->data.path) && is_utf8(record->model.path) && is_utf8(record->validation.path);

	for (int i = 0; right && i < record->label_count; i++)
		right = is_utf8(record->labels[i]);
	for (int i = 0; right && i < train_option_count; i++) {
		const struct option_row *row = &train_option_rows[i];
		right = (row->kind != OPTION_CHOICE && row->kind != OPTION_TEXT) ||
		        is_utf8((const char *)&record->options + row->offset);
	}
	return right;
}

static json_t *make_document(const struct run_record *record, struct error *error)
{
	json_t *document = record_to_json(record);

	if (!document && record_is_utf8(record))
		error_memory(error, "making " RECORD_FILE);
	else if (!document)
		error_set(error, ERROR_USAGE, RECORD_FILE ": could not be made: a path or a label is not UTF-8");
	return document;
}

static void put(char out[RUN_BASELINE_WORDS], const char *before, const json_t *text, const char *after)
{
	const char *name = json_string_value(text) ? json_string_value(text) : "";
	const size_t used = strlen(out);

	snprintf(out + used, RUN_BASELINE_WORDS - used, "%s%.*s%s", before, NAME_ARGUMENTS(name), after);
}

/* Room for one word and for "; ..." after it; a name is cut, so that no character is halved. */
static bool has_room(const char *out)
{
	return strlen(out) + NAME_SHOWN + 16 < RUN_BASELINE_WORDS;
}

void run_record_tell_words(const json_t *labels, char out[RUN_BASELINE_WORDS])
{
	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(labels); i++) {
		const json_t *label = json_array_get(labels, i), *words = json_object_get(label, "words");

		if (!has_room(out) || i == BASELINE_LABELS_SHOWN) {
			memcpy(out + strlen(out), "; ...", sizeof "; ...");
			return;
		}
		put(out, i ? "; " : "", json_object_get(label, "label"), "");
		for (size_t k = 0; k < json_array_size(words) && has_room(out); k++)
			put(out, k ? ", \"" : " \"", json_object_get(json_array_get(words, k), "text"), "\"");
	}
}

bool run_record_read_baseline(const struct run_record *record, struct run_baseline *out)
{
	const json_t *found = json_object_get(record->report, "baseline");

	*out = (struct run_baseline){
		.accuracy = json_number_value(json_object_get(found, "accuracy")),
		.f1 = json_number_value(json_object_get(found, "f1")),
		.loss = json_number_value(json_object_get(found, "loss")),
		.training = json_integer_value(json_object_get(found, "training_rows")),
		.held_out = json_integer_value(json_object_get(found, "validation_rows")),
	};
	run_record_tell_words(json_object_get(found, "labels"), out->words);
	return json_is_number(json_object_get(found, "accuracy"));
}

bool run_record_check(const struct run_record *record, struct error *error)
{
	json_t *document = make_document(record, error);

	json_decref(document);
	return document != NULL;
}

bool run_record_write(const char *directory, const struct run_record *record, struct error *error)
{
	char path[RECORD_PATH_MAX];
	json_t *document;
	bool done;

	if (!path_join(path, sizeof path, directory, RECORD_FILE, error))
		return false;
	document = make_document(record, error);
	if (!document)
		return false;
	done = json_write(path, document, error);
	json_decref(document);
	return done;
}
