/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/record.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/system.h"

static json_t *source_to_json(const struct record_source *source)
{
	return json_pack("{s:s, s:s?}", "path", source->path, "sha256", source->hash[0] ? source->hash : NULL);
}

static json_t *option_to_json(const struct train_options *options, const struct option_row *row)
{
	const void *field = (const char *)options + row->offset;

	if (row->kind == OPTION_INTEGER)
		return json_integer(*(const int64_t *)field);
	if (row->kind == OPTION_REAL)
		return json_real(*(const double *)field);
	return json_string(field);
}

static json_t *options_to_json(const struct train_options *options)
{
	json_t *object = json_object();
	char key[64];

	for (int i = 0; object && i < train_option_count; i++) {
		record_option_key(&train_option_rows[i], key);
		if (json_object_set_new(object, key, option_to_json(options, &train_option_rows[i])) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *labels_to_json(const struct run_record *record)
{
	json_t *array = json_array();

	for (int i = 0; i < record->label_count; i++)
		json_array_append_new(array, json_string(record->labels[i]));
	return array;
}

static json_t *machine_to_json(void)
{
	struct system_info info;

	system_info(&info);
	return json_pack("{s:s, s:s, s:i, s:I, s:s, s:s, s:s}", "processor", info.processor, "isa", info.isa,
	                 "processors", info.processors, "memory_bytes", (json_int_t)info.memory_total, "kernel",
	                 info.kernel, "blas", info.blas, "backend", info.backend);
}

static json_t *record_to_json(const struct run_record *record)
{
	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:{s:I, s:I, s:I, s:I, s:I}, s:I, s:I, s:I, s:o}",
	                 "format", 1, "version", system_version(), "data", source_to_json(&record->data), "model",
	                 source_to_json(&record->model), "validation", source_to_json(&record->validation), "options",
	                 options_to_json(&record->options), "labels", labels_to_json(record), "fresh_head",
	                 (int)record->fresh_head, "rows", "read", (json_int_t)record->rows, "used",
	                 (json_int_t)record->rows_used, "training", (json_int_t)record->training, "validation",
	                 (json_int_t)record->held_out, "truncated", (json_int_t)record->truncated, "steps",
	                 (json_int_t)record->steps, "steps_per_epoch", (json_int_t)record->steps_per_epoch, "max_length",
	                 (json_int_t)record->max_length, "machine", machine_to_json());
}

bool run_record_write(const char *directory, const struct run_record *record, struct error *error)
{
	char path[RECORD_PATH_MAX];
	json_t *document;
	bool done;

	if (!path_join(path, sizeof path, directory, "run.json", error))
		return false;
	document = record_to_json(record);
	RETURN_IF(!document, error, ERROR_USAGE, "%s: could not be made: a path or a label is not UTF-8", path);
	done = json_write(path, document, error);
	json_decref(document);
	return done;
}
