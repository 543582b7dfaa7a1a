/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/exclusion.h"

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

bool exclusion_add(struct exclusion *exclusion, struct dataset *other, const struct progress *progress, struct error *error)
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
	exclusion->files[exclusion->count++].path = path;
	return true;
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
