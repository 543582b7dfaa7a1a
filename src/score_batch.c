/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/score.h"

#include <stdlib.h>

#define BATCH_BYTES ((size_t)4 << 20)   /* of text, after which a batch is full */
#define BATCH_VALUES ((size_t)1 << 22)  /* logits and scores in a batch, unless one review has more */

bool score_batch_init(struct score_batch *batch, int32_t labels, struct error *error)
{
	size_t each = 2 * (size_t)(labels > 0 ? labels : 1);

	batch->count = 0;
	batch->capacity = BATCH_VALUES / each;
	if (batch->capacity > SCORE_BATCH_MAX)
		batch->capacity = SCORE_BATCH_MAX;
	if (batch->capacity == 0)
		batch->capacity = 1;
	batch->values = calloc(batch->capacity, each * sizeof *batch->values);
	if (!batch->values)
		return error_memory(error, "preparing a batch");
	for (size_t i = 0; i < batch->capacity; i++) {
		batch->scores[i].logits = batch->values + i * each;
		batch->scores[i].scores = batch->values + i * each + each / 2;
	}
	return true;
}

void score_batch_free(struct score_batch *batch)
{
	free(batch->bytes);
	free(batch->values);
}

static bool reserve(struct score_batch *batch, size_t size)
{
	char *bytes;

	if (size <= batch->bytes_capacity && batch->bytes)
		return true;
	size += size / 2 + 1;
	bytes = realloc(batch->bytes, size);
	if (!bytes)
		return false;
	batch->bytes = bytes;
	batch->bytes_capacity = size;
	return true;
}

bool score_batch_add(struct score_batch *batch, uint64_t row, struct span text, struct error *error)
{
	size_t start = batch->count ? batch->starts[batch->count] : 0;

	if (!reserve(batch, start + text.size))
		return error_memory(error, "reading reviews");
	if (text.size)
		memcpy(batch->bytes + start, text.data, text.size);
	batch->rows[batch->count] = row;
	batch->starts[batch->count] = start;
	batch->starts[++batch->count] = start + text.size;
	return true;
}

bool score_batch_full(const struct score_batch *batch)
{
	return batch->count == batch->capacity || batch->starts[batch->count] >= BATCH_BYTES;
}

bool score_batch_compute(struct score_batch *batch, struct model *model, int32_t max_length, struct error *error)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->texts[i] = (struct span){batch->bytes + batch->starts[i], batch->starts[i + 1] - batch->starts[i]};
	return batch->count == 0 || model_score(model, batch->texts, batch->count, max_length, batch->scores, NULL, error);
}
