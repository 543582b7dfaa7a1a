/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/exclusion.h"

#include "engine/base/names.h"
#include "engine/train/rows/source.h"
#include "engine/train/rows/text_facts.h"
#include "engine/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_ROWS 1024 /* between two reports */

struct exclusion {
	struct text_set texts; /* the label of a text is the first file that has it */
	struct {
		char *path;
		uint64_t left_out;
		char hash[65], column[300];
	} files[EXCLUSION_FILES_MAX];
	int count;
};

struct exclusion *exclusion_new(struct error *error)
{
	struct exclusion *exclusion = calloc(1, sizeof *exclusion);

	if (!exclusion)
		error_memory(error, "comparing the texts");
	return exclusion;
}

void exclusion_free(struct exclusion *exclusion)
{
	if (!exclusion)
		return;
	for (int i = 0; i < exclusion->count; i++)
		free(exclusion->files[i].path);
	text_set_free(&exclusion->texts);
	free(exclusion);
}

struct dataset *exclusion_open(const char *path, const struct dataset *like, const struct progress *progress, struct error *error)
{
	const struct dataset_options options = {.label_column = "", .stream = true, .progress = progress};
	struct dataset *other = dataset_open(path, &options, error);
	const int text = dataset_text_column(like);
	int column;

	if (!other)
		return NULL;
	column = text >= 0 ? dataset_find_column(other, dataset_column_name(like, text)) : -1;
	if (column >= 0)
		dataset_set_text_column(other, column);
	if (dataset_text_column(other) >= 0)
		return other;
	error_set(error, ERROR_DATA, "%s: no column looks like the reviews, and none has the name that they have in %s: name it so",
	          path, dataset_path(like));
	dataset_close(other);
	return NULL;
}

static bool read_texts(struct exclusion *exclusion, struct dataset *other, struct row *row, const struct progress *progress,
                       struct error *error)
{
	bool complete;
	const uint64_t count = dataset_rows(other, &complete);

	for (uint64_t i = 0; i < count; i++) {
		uint64_t hash;

		RETURN_IF(i % PROGRESS_ROWS == 0 && !progress_report(progress, "reading texts", i, count), error, ERROR_INTERRUPTED,
		          "stopped while reading %s", dataset_path(other));
		if (!dataset_read(other, i, row, error))
			return false;
		hash = row->status == ROW_OK ? text_hash(row->text) : TEXT_EMPTY;
		if (hash != TEXT_EMPTY && !text_set_add(&exclusion->texts, hash, exclusion->count, false, error))
			return false;
	}
	return true;
}

static void describe_column(const struct dataset *other, const struct dataset *like, char *out, size_t capacity)
{
	const char *ours = dataset_column_name(like, dataset_text_column(like));
	const char *theirs = dataset_column_name(other, dataset_text_column(other));

	out[0] = '\0';
	if (dataset_columns(other) > 1 && dataset_format(other) != DATASET_FOLDER && strcmp(ours, theirs) != 0)
		snprintf(out, capacity, "text \"%.*s\" (guessed; it has no \"%.*s\")", NAME_ARGUMENTS(theirs), NAME_ARGUMENTS(ours));
}

bool exclusion_add(struct exclusion *exclusion, struct dataset *other, const struct dataset *like, const struct progress *progress,
                   struct error *error)
{
	struct row *row;
	char *path;
	bool done;

	RETURN_IF(exclusion->count == EXCLUSION_FILES_MAX, error, ERROR_USAGE, "more than %d files of texts to leave out",
	          EXCLUSION_FILES_MAX);
	if (!dataset_index(other, progress, error))
		return false;
	row = row_new(error);
	path = strdup(dataset_path(other));
	done = row && (path || error_memory(error, "comparing the texts")) && read_texts(exclusion, other, row, progress, error);
	row_free(row);
	if (!done) {
		free(path);
		return false;
	}
	describe_column(other, like, exclusion->files[exclusion->count].column, sizeof exclusion->files[exclusion->count].column);
	exclusion->files[exclusion->count++].path = path;
	return true;
}

static bool take_hash(const struct dataset *other, char out[65], const struct progress *progress, struct error *error)
{
	struct source_hash hash = {0};

	return source_hash_begin(&hash, error) && source_hash_end(&hash, other, out, progress, error);
}

static bool read_file(struct exclusion *exclusion, const char *path, const struct dataset *like, const struct progress *progress,
                      struct error *error)
{
	const int file = exclusion->count;
	struct dataset *other = exclusion_open(path, like, progress, error);
	const bool done = other && exclusion_add(exclusion, other, like, progress, error) &&
	                  take_hash(other, exclusion->files[file].hash, progress, error);

	dataset_close(other);
	return done || error_prefix(error, "--exclude");
}

struct exclusion *exclusion_read(const char *lines, const struct dataset *like, const struct progress *progress, struct error *error)
{
	struct exclusion *exclusion = dataset_check_columns(like, false, error) ? exclusion_new(error) : NULL;
	bool done = exclusion;

	for (const char *at = lines; done && *at;) {
		const size_t size = strcspn(at, "\n");
		char path[4096];

		snprintf(path, sizeof path, "%.*s", (int)size, at);
		done = read_file(exclusion, path, like, progress, error);
		at += size + (at[size] == '\n');
	}
	if (done)
		return exclusion;
	exclusion_free(exclusion);
	return NULL;
}

bool exclusion_takes(struct exclusion *exclusion, struct span text)
{
	const uint64_t hash = text_hash(text);
	int32_t file;

	if (hash == TEXT_EMPTY || !text_set_find(&exclusion->texts, hash, &file))
		return false;
	exclusion->files[file].left_out++;
	return true;
}

int exclusion_files(const struct exclusion *exclusion)
{
	return exclusion->count;
}

void exclusion_describe(const struct exclusion *exclusion, int file, char *out, size_t capacity)
{
	const uint64_t rows = exclusion->files[file].left_out;

	if (rows == 0)
		snprintf(out, capacity, "no row left out: no text of it stands in %s", exclusion->files[file].path);
	else
		snprintf(out, capacity, "%s row%s left out: %s text stands in %s, too", words_count(rows).text, rows == 1 ? "" : "s",
		         rows == 1 ? "its" : "their", exclusion->files[file].path);
}

const char *exclusion_path(const struct exclusion *exclusion, int file)
{
	return exclusion->files[file].path;
}

const char *exclusion_hash(const struct exclusion *exclusion, int file)
{
	return exclusion->files[file].hash;
}

const char *exclusion_column(const struct exclusion *exclusion, int file)
{
	return exclusion->files[file].column;
}

void exclusion_count_anew(struct exclusion *exclusion)
{
	for (int i = 0; exclusion && i < exclusion->count; i++)
		exclusion->files[i].left_out = 0;
}
