/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/outlook.h"

#include "engine/exclusion.h"
#include "engine/model.h"
#include "engine/tokenizer.h"
#include "engine/train/rows/text_facts.h"

#include <stdlib.h>

#define PROGRESS_ROWS 256

struct making {
	struct outlook *outlook;
	const struct tokenizer *tokenizer;
	struct text_set texts;
	size_t capacity;
	const struct progress *progress;
};

/* A number that stands for a label where only "another one" counts. */
static int32_t label_number(const struct row *row)
{
	return (int32_t)(text_hash(row->label) & 0x7FFFFFFF);
}

static bool add_length(struct making *making, int64_t tokens, struct error *error)
{
	struct outlook *outlook = making->outlook;

	if (outlook->rows == making->capacity) {
		const size_t more = making->capacity ? making->capacity * 2 : 1024;
		int32_t *bigger = more <= SIZE_MAX / sizeof *bigger ? realloc(outlook->lengths, more * sizeof *bigger) : NULL;

		if (!bigger)
			return error_memory(error, "counting tokens");
		outlook->lengths = bigger;
		making->capacity = more;
	}
	outlook->lengths[outlook->rows++] = tokens < INT32_MAX ? (int32_t)tokens : INT32_MAX;
	outlook->tokens += (uint64_t)tokens;
	return true;
}

static bool take_row(struct making *making, const struct row *row, bool other, struct error *error)
{
	making->outlook->other_rows += other;
	return (other || add_length(making, tokenizer_count(making->tokenizer, row->text), error)) &&
	       text_set_add(&making->texts, text_hash(row->text), label_number(row), other, error);
}

static bool take_rows(struct making *making, struct dataset *dataset, bool other, struct error *error)
{
	struct row *row = row_new(error);
	bool complete, done = row;
	const uint64_t count = dataset_rows(dataset, &complete);

	for (uint64_t i = 0; done && i < count; i++) {
		if (i % PROGRESS_ROWS == 0 && !progress_report(making->progress, "counting tokens", i, count))
			done = error_set(error, ERROR_INTERRUPTED, "stopped");
		else
			done = dataset_read(dataset, i, row, error) && (row->status != ROW_OK || take_row(making, row, other, error));
	}
	row_free(row);
	return done;
}

static bool take_other(struct making *making, const char *path, const struct dataset *dataset, struct error *error)
{
	struct dataset *other = exclusion_open(path, dataset, making->progress, error);
	const bool done = other && dataset_index(other, making->progress, error) && take_rows(making, other, true, error);

	dataset_close(other);
	return done;
}

static int compare(const void *a, const void *b)
{
	const int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;

	return (left > right) - (left < right);
}

static struct tokenizer *open_tokenizer(const char *model, struct error *error)
{
	struct model_place place;

	return model_find(model, &place, error) ? tokenizer_open(place.folder, error) : NULL;
}

bool outlook_make(struct outlook *outlook, struct dataset *dataset, const char *model, const char *other,
                  const struct progress *progress, struct error *error)
{
	struct tokenizer *tokenizer = open_tokenizer(model, error);
	struct making making = {.outlook = outlook, .tokenizer = tokenizer, .progress = progress};
	struct text_counts counts = {0};
	bool done = tokenizer && take_rows(&making, dataset, false, error);

	if (done) {
		counts = text_set_count(&making.texts);
		outlook->empty = counts.empty;
		outlook->repeated = counts.doubled;
		outlook->two_labels = counts.two_labels;
		done = !other || take_other(&making, other, dataset, error);
	}
	if (done) {
		outlook->in_both = text_set_count(&making.texts).in_both;
		if (outlook->rows > 0)
			qsort(outlook->lengths, outlook->rows, sizeof *outlook->lengths, compare);
	}
	text_set_free(&making.texts);
	tokenizer_free(tokenizer);
	return done;
}

void outlook_free(struct outlook *outlook)
{
	free(outlook->lengths);
	*outlook = (struct outlook){0};
}

void outlook_cut(const struct outlook *outlook, int32_t max_length, uint64_t *rows, uint64_t *tokens)
{
	*rows = *tokens = 0;
	for (uint64_t i = outlook->rows; i > 0 && outlook->lengths[i - 1] > max_length; i--) {
		++*rows;
		*tokens += (uint64_t)(outlook->lengths[i - 1] - max_length);
	}
}

int32_t outlook_quantile(const struct outlook *outlook, double share)
{
	const uint64_t last = outlook->rows > 0 ? outlook->rows - 1 : 0;

	return outlook->rows > 0 ? outlook->lengths[(uint64_t)(share * (double)last)] : 0;
}
