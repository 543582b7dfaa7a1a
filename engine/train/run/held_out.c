/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/held_out.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/train/run/before_after.h"
#include "engine/train/run/record.h"

#include <endian.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX ((size_t)1 << 22) /* names of labels */
#define HELD_OUT_LABELS_MAX 65536

_Static_assert(sizeof(float) == 4 && __BYTE_ORDER == __LITTLE_ENDIAN, "the arrays are written as they lie in memory");

void held_out_free(struct held_out *held_out)
{
	for (int32_t i = 0; held_out->names && i < held_out->labels; i++)
		free(held_out->names[i]);
	free(held_out->names);
	free(held_out->numbers);
	free(held_out->places);
	free(held_out->truths);
	free(held_out->targets);
	free(held_out->logits);
	free(held_out->scores);
	free(held_out->predictions);
	*held_out = (struct held_out){0};
}

struct scored_rows held_out_scored(const struct held_out *held_out)
{
	return (struct scored_rows){
		.rows = held_out->rows,
		.labels = held_out->labels,
		.truths = held_out->sets ? NULL : held_out->truths,
		.targets = held_out->sets ? held_out->targets : NULL,
		.scores = held_out->scores,
	};
}

/* The arrays, in their order in the file. */
struct part {
	void *data;
	size_t size;
};
#define PARTS 4

static void list_parts(const struct held_out *held_out, struct part parts[PARTS])
{
	const size_t rows = held_out->rows, cells = rows * (size_t)held_out->labels;

	parts[0] = (struct part){held_out->numbers, rows * sizeof *held_out->numbers};
	parts[1] = (struct part){held_out->places, rows * sizeof *held_out->places};
	parts[2] = held_out->sets ? (struct part){held_out->targets, cells}
	                          : (struct part){held_out->truths, rows * sizeof *held_out->truths};
	parts[3] = (struct part){held_out->logits, cells * sizeof *held_out->logits};
}

/* Writing */

static char *make_header(const struct held_out *held_out)
{
	json_t *names = json_array(), *header;
	bool done = names != NULL;
	char *text;

	for (int32_t i = 0; done && i < held_out->labels; i++)
		done = json_array_append_new(names, json_string(held_out->names[i])) == 0;
	names = json_complete(names, done);
	if (!names)
		return NULL;
	header = json_pack("{s:i, s:I, s:I, s:o, s:b, s:b}", "format", 1, "step", (json_int_t)held_out->step, "rows",
	                   (json_int_t)held_out->rows, "labels", names, "sets", (int)held_out->sets, "validation",
	                   (int)held_out->validation);
	text = header ? json_text(header, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(header);
	return text;
}

static bool write_parts(struct file_writer *writer, const struct held_out *held_out, const char *header, struct error *error)
{
	struct part parts[PARTS];
	bool done = file_writer_write(writer, header, strlen(header), error) && file_writer_write(writer, "\n", 1, error);

	list_parts(held_out, parts);
	for (int i = 0; done && i < PARTS; i++)
		done = parts[i].size == 0 || file_writer_write(writer, parts[i].data, parts[i].size, error);
	return done;
}

bool held_out_write(const char *run, const struct held_out *held_out, struct error *error)
{
	char path[RECORD_PATH_MAX], *header;
	struct file_writer writer;
	bool done;

	if (!path_join(path, sizeof path, run, HELD_OUT_FILE, error))
		return false;
	header = make_header(held_out);
	if (!header)
		return error_memory(error, "writing " HELD_OUT_FILE);
	done = file_writer_begin(&writer, path, error) && write_parts(&writer, held_out, header, error) &&
	       file_writer_commit(&writer, error);
	if (!done)
		file_writer_abort(&writer);
	free(header);
	return done;
}

/* Reading */

static bool read_names(const json_t *array, struct held_out *out)
{
	for (int32_t i = 0; i < out->labels; i++) {
		const char *name = json_string_value(json_array_get(array, (size_t)i));

		if (!name || !(out->names[i] = strdup(name)))
			return false;
	}
	return true;
}

/* Sizes count only as far as the file has the bytes for them. */
static bool take_header(const json_t *header, uint64_t left, struct held_out *out, struct error *error)
{
	const json_t *labels = json_object_get(header, "labels");
	const json_int_t rows = json_integer_value(json_object_get(header, "rows"));
	const size_t count = json_array_size(labels);
	uint64_t each;

	out->sets = json_is_true(json_object_get(header, "sets"));
	out->validation = json_is_true(json_object_get(header, "validation"));
	out->step = (uint64_t)json_integer_value(json_object_get(header, "step"));
	RETURN_IF(json_integer_value(json_object_get(header, "format")) != 1 || rows < 1 || count < 1 || count > HELD_OUT_LABELS_MAX, error,
	          ERROR_DATA, "is not of this version, or damaged");
	each = 16 + (uint64_t)count * 4 + (out->sets ? (uint64_t)count : 4);
	RETURN_IF((uint64_t)rows > HELD_OUT_CELLS_MAX / count || (uint64_t)rows * each != left, error, ERROR_DATA,
	          "is damaged: it has %" PRIu64 " bytes of scores, which are not those of %lld rows", left, (long long)rows);
	out->rows = (size_t)rows;
	out->names = size_calloc(count, sizeof *out->names);
	out->labels = out->names ? (int32_t)count : 0;
	return out->names && read_names(labels, out) ? true : error_set(error, ERROR_DATA, "is damaged: a label is no text");
}

static bool take_room(struct held_out *out, struct error *error)
{
	const size_t rows = out->rows, cells = rows * (size_t)out->labels;

	out->numbers = size_calloc(rows, sizeof *out->numbers);
	out->places = size_calloc(rows, sizeof *out->places);
	out->truths = size_calloc(rows, sizeof *out->truths);
	out->targets = out->sets ? size_calloc(cells, 1) : NULL;
	out->logits = size_calloc(cells, sizeof *out->logits);
	out->scores = size_calloc(cells, sizeof *out->scores);
	out->predictions = size_calloc(rows, sizeof *out->predictions);
	return (out->numbers && out->places && out->truths && (out->targets || !out->sets) && out->logits && out->scores &&
	        out->predictions) || error_memory(error, "reading " HELD_OUT_FILE);
}

static bool check_values(const struct held_out *out, struct error *error)
{
	bool right = true;

	for (size_t i = 0; right && !out->sets && i < out->rows; i++)
		right = out->truths[i] >= 0 && out->truths[i] < out->labels;
	for (size_t i = 0; right && i < out->rows * (size_t)out->labels; i++)
		right = isfinite(out->logits[i]) && (!out->sets || out->targets[i] <= 1);
	RETURN_IF(!right, error, ERROR_DATA, "is damaged: it has a label or a score that there is not");
	return true;
}

static void predict(struct held_out *out)
{
	for (size_t i = 0; i < out->rows; i++) {
		const size_t first = i * (size_t)out->labels;

		probabilities_of(out->scores + first, out->logits + first, out->labels, out->sets, 1);
		for (int32_t label = 1; label < out->labels; label++)
			if (out->logits[first + (size_t)label] > out->logits[first + (size_t)out->predictions[i]])
				out->predictions[i] = label;
	}
}

static bool take_arrays(const char *at, struct held_out *out, struct error *error)
{
	struct part parts[PARTS];

	if (!take_room(out, error))
		return false;
	list_parts(out, parts);
	for (int i = 0; i < PARTS; at += parts[i++].size)
		memcpy(parts[i].data, at, parts[i].size);
	if (!check_values(out, error))
		return false;
	predict(out);
	return true;
}

static bool take_file(const char *text, size_t size, struct held_out *out, struct error *error)
{
	const char *end = memchr(text, '\n', size < HEADER_MAX ? size : HEADER_MAX);
	json_t *header = end ? json_parse((struct span){text, (size_t)(end - text)}, HELD_OUT_FILE, error) : NULL;
	bool done;

	if (!header)
		return end ? false : error_set(error, ERROR_DATA, "is damaged: it has no first line");
	done = take_header(header, size - (size_t)(end + 1 - text), out, error);
	json_decref(header);
	return done && take_arrays(end + 1, out, error);
}

static bool take_record(const char *run, struct held_out *out, struct error *error)
{
	struct run_record *record = calloc(1, sizeof *record);
	const struct record_source *source;
	bool done = record ? run_record_read(run, record, error) : error_memory(error, "reading a run");

	if (done) {
		struct dataset_options options = train_options_dataset(&record->options);

		source = out->validation ? &record->validation : &record->data;
		memcpy(out->path, source->path, sizeof out->path);
		memcpy(out->hash, source->hash, sizeof out->hash);
		memcpy(out->text_column, record->options.text_column, sizeof out->text_column);
		memcpy(out->label_column, record->options.label_column, sizeof out->label_column);
		out->dialect = options.dialect;
	}
	run_record_free(record);
	free(record);
	return done;
}

bool held_out_read(const char *run, struct held_out *out, struct error *error)
{
	const size_t most = HEADER_MAX + HELD_OUT_CELLS_MAX * 21;
	char path[RECORD_PATH_MAX], *text = NULL;
	size_t size;
	bool done;

	*out = (struct held_out){0};
	if (!path_join(path, sizeof path, run, HELD_OUT_FILE, error))
		return false;
	RETURN_IF(!file_exists(path), error, ERROR_IO,
	          "%s keeps no scores of its held-out reviews: none were measured yet, or by an earlier version", run);
	text = file_read(path, most, &size, error);
	done = text && (take_file(text, size, out, error) || error_prefix(error, "%s", path)) && take_record(run, out, error);
	free(text);
	if (!done)
		held_out_free(out);
	return done;
}

/* Of two runs, and of what changed in one */

bool held_out_check_same(const struct held_out *a, const struct held_out *b, struct error *error)
{
	RETURN_IF(a->sets || b->sets, error, ERROR_USAGE, "the test is of one label a review, and these have several");
	RETURN_IF(strcmp(a->hash, b->hash) != 0 || a->validation != b->validation, error, ERROR_USAGE,
	          "the runs hold out rows of different files: they cannot be compared row by row");
	RETURN_IF(a->rows != b->rows || memcmp(a->numbers, b->numbers, a->rows * sizeof *a->numbers) != 0, error, ERROR_USAGE,
	          "the runs hold out different rows (%zu and %zu): they cannot be compared row by row", a->rows, b->rows);
	for (size_t i = 0; i < a->rows; i++)
		RETURN_IF(strcmp(a->names[a->truths[i]], b->names[b->truths[i]]) != 0, error, ERROR_USAGE,
		          "the runs call row %llu differently: they cannot be compared row by row", (unsigned long long)a->numbers[i] + 1);
	return true;
}

bool held_out_changed(const char *run, const struct held_out *held_out, bool mended, uint64_t *numbers, size_t *count,
                      struct error *error)
{
	struct before_after story = {0};
	bool done = before_after_init(&story, (uint32_t)held_out->rows, error) &&
	            before_after_read(&story, run, held_out->places, error);

	*count = 0;
	if (done && !(story.begun && story.ended))
		done = error_set(error, ERROR_IO, "%s: " BEFORE_AFTER_FILE " does not tell of these reviews: it needs --eval-on-start",
		                 run);
	for (size_t i = 0; done && i < held_out->rows; i++)
		if (story.before[i] != mended && story.after[i] == mended)
			numbers[(*count)++] = held_out->numbers[i];
	before_after_free(&story);
	return done;
}
