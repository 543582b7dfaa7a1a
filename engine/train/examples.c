/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/examples.h"

#include "engine/base/pool.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_ROWS 64u
#define BLOCKS_PER_WORKER 4

/* Some rows of a wave, tokenised by one worker. */
struct block {
	int32_t *ids;     /* [BLOCK_ROWS * max_length] */
	int32_t lengths[BLOCK_ROWS];
	bool truncated[BLOCK_ROWS];
	uint32_t first, count;
	bool failed;
	struct error error;
};

/* A wave is what the pool does between two reports. */
struct wave {
	const struct examples_request *request;
	struct examples *examples, *held_out;
	uint32_t done;     /* rows of the request */
	struct row **rows; /* [workers] */
	struct block *blocks;
	int workers, block_count;
};

static void tokenise_block(void *context, int index, int worker)
{
	const struct wave *wave = context;
	const struct examples_request *request = wave->request;
	struct block *block = &wave->blocks[index];
	struct row *row = wave->rows[worker];
	int32_t *out = block->ids;

	for (uint32_t i = 0; i < block->count; i++) {
		uint64_t number = request->rows[block->first + i];
		if (!dataset_read(request->dataset, number, row, &block->error)) {
			block->failed = true;
			return;
		}
		block->truncated[i] = false;
		block->lengths[i] = tokenizer_encode(request->tokenizer, row->text, request->max_length, out, NULL,
		                                     &block->truncated[i]);
		out += block->lengths[i];
	}
}

static void wave_free(struct wave *wave)
{
	for (int i = 0; wave->rows && i < wave->workers; i++)
		row_free(wave->rows[i]);
	for (int i = 0; wave->blocks && i < wave->block_count; i++)
		free(wave->blocks[i].ids);
	free(wave->rows);
	free(wave->blocks);
}

static bool wave_init(struct wave *wave, const struct examples_request *request, struct error *error)
{
	wave->request = request;
	wave->workers = pool_threads(request->pool);
	wave->block_count = wave->workers * BLOCKS_PER_WORKER;
	wave->rows = size_calloc((size_t)wave->workers, sizeof *wave->rows);
	wave->blocks = size_calloc((size_t)wave->block_count, sizeof *wave->blocks);
	if (!wave->rows || !wave->blocks)
		return error_memory(error, "tokenising");
	for (int i = 0; i < wave->workers; i++)
		if (!(wave->rows[i] = row_new(error)))
			return false;
	for (int i = 0; i < wave->block_count; i++) {
		wave->blocks[i].ids = size_calloc(BLOCK_ROWS * (size_t)request->max_length, sizeof(int32_t));
		if (!wave->blocks[i].ids)
			return error_memory(error, "tokenising");
	}
	return true;
}

/* Deals out rows from `first` on; returns the number of blocks that got some. */
static int wave_deal(struct wave *wave, uint32_t first)
{
	int used = 0;

	for (; used < wave->block_count && first < wave->request->count; used++) {
		uint32_t left = wave->request->count - first;
		wave->blocks[used].first = first;
		wave->blocks[used].count = left < BLOCK_ROWS ? left : BLOCK_ROWS;
		first += wave->blocks[used].count;
	}
	return used;
}

static bool reserve_ids(struct examples *examples, uint64_t needed)
{
	size_t capacity = examples->id_capacity ? examples->id_capacity : 65536;
	int32_t *ids;

	if (needed <= examples->id_capacity)
		return true;
	while (capacity < needed)
		if (!size_multiply(capacity, 2, &capacity))
			return false;
	ids = size_realloc(examples->ids, capacity, sizeof *ids);
	if (!ids)
		return false;
	examples->ids = ids;
	examples->id_capacity = capacity;
	return true;
}

static bool take_example(struct examples *examples, const int32_t *ids, int32_t length, int32_t label, bool truncated)
{
	uint32_t at = examples->count;
	uint64_t start = examples->starts[at], end = start + (uint64_t)length;

	if (!reserve_ids(examples, end))
		return false;
	memcpy(examples->ids + start, ids, (size_t)length * sizeof *ids);
	examples->starts[at + 1] = end;
	examples->labels[at] = label;
	examples->truncated[at] = truncated;
	examples->truncated_count += truncated;
	examples->count++;
	return true;
}

static bool take_block(struct wave *wave, const struct block *block, struct error *error)
{
	const struct examples_request *request = wave->request;
	const int32_t *ids = block->ids;

	if (block->failed) {
		if (error)
			*error = block->error;
		return false;
	}
	for (uint32_t i = 0; i < block->count; i++) {
		uint32_t row = block->first + i;
		struct examples *set = request->held_out && request->held_out[row] ? wave->held_out : wave->examples;
		if (!take_example(set, ids, block->lengths[i], request->labels[row], block->truncated[i]))
			return error_memory(error, "tokenising");
		ids += block->lengths[i];
	}
	wave->done += block->count;
	return true;
}

static bool run_waves(struct wave *wave, const struct progress *progress, struct error *error)
{
	while (wave->done < wave->request->count) {
		int used = wave_deal(wave, wave->done);
		RETURN_IF(!progress_report(progress, "tokenising", wave->done, wave->request->count), error, ERROR_INTERRUPTED,
		          "stopped while tokenising");
		pool_run(wave->request->pool, used, tokenise_block, wave);
		for (int i = 0; i < used; i++)
			if (!take_block(wave, &wave->blocks[i], error))
				return false;
	}
	return true;
}

static bool examples_init(struct examples *examples, uint32_t count)
{
	examples->starts = size_calloc((size_t)count + 1, sizeof *examples->starts);
	examples->labels = size_calloc(count, sizeof *examples->labels);
	examples->truncated = size_calloc(count, sizeof *examples->truncated);
	return examples->starts && examples->labels && examples->truncated;
}

bool examples_read(struct examples *examples, struct examples *held_out, const struct examples_request *request,
                   const struct progress *progress, struct error *error)
{
	struct wave wave = {.examples = examples, .held_out = held_out};
	uint32_t others = 0;
	bool done;

	for (uint32_t i = 0; request->held_out && i < request->count; i++)
		others += request->held_out[i];
	if (!examples_init(examples, request->count - others) || (others > 0 && !examples_init(held_out, others)))
		return error_memory(error, "tokenising");
	done = wave_init(&wave, request, error) && run_waves(&wave, progress, error);
	wave_free(&wave);
	return done;
}

void examples_free(struct examples *examples)
{
	free(examples->ids);
	free(examples->starts);
	free(examples->labels);
	free(examples->truncated);
	*examples = (struct examples){0};
}

static void hash_add(struct sha256_ctx *hash, const struct examples *examples)
{
	uint64_t count = examples->count;

	sha256_update(hash, sizeof count, (const uint8_t *)&count);
	if (count == 0)
		return;
	sha256_update(hash, (count + 1) * sizeof *examples->starts, (const uint8_t *)examples->starts);
	sha256_update(hash, count * sizeof *examples->labels, (const uint8_t *)examples->labels);
	sha256_update(hash, examples->starts[count] * sizeof *examples->ids, (const uint8_t *)examples->ids);
}

void examples_hash(const struct examples *examples, const struct examples *held_out, char out[65])
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	hash_add(&hash, examples);
	hash_add(&hash, held_out);
	sha256_hex(&hash, out);
}

/* Sorts by counting: no example is longer than the 65,536 tokens that --max-length allows. */
uint64_t examples_longest(const struct examples *examples, uint64_t batch)
{
	uint64_t longest = 0, sum = 0, *count;

	for (uint32_t i = 0; i < examples->count; i++) {
		uint64_t length = examples->starts[i + 1] - examples->starts[i];
		longest = length > longest ? length : longest;
	}
	count = size_calloc((size_t)longest + 1, sizeof *count);
	if (!count)
		return batch * longest;
	for (uint32_t i = 0; i < examples->count; i++)
		count[examples->starts[i + 1] - examples->starts[i]]++;
	for (uint64_t length = longest; length > 0 && batch > 0; length--) {
		uint64_t taken = count[length] < batch ? count[length] : batch;
		sum += taken * length;
		batch -= taken;
	}
	free(count);
	return sum;
}

bool batch_store_init(struct batch_store *store, int32_t tokens, int32_t sequences, struct error *error)
{
	store->ids = size_calloc((size_t)tokens, sizeof *store->ids);
	store->starts = size_calloc((size_t)sequences + 1, sizeof *store->starts);
	store->labels = size_calloc((size_t)sequences, sizeof *store->labels);
	store->truncated = size_calloc((size_t)sequences, sizeof *store->truncated);
	return (store->ids && store->starts && store->labels && store->truncated) ||
	       error_memory(error, "making room for a batch");
}

void batch_store_free(struct batch_store *store)
{
	free(store->ids);
	free(store->starts);
	free(store->labels);
	free(store->truncated);
	*store = (struct batch_store){0};
}

struct batch batch_store_fill(struct batch_store *store, const struct examples *examples, const uint32_t *index,
                              uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t start = examples->starts[index[i]], length = examples->starts[index[i] + 1] - start;
		memcpy(store->ids + store->starts[i], examples->ids + start, (size_t)length * sizeof *store->ids);
		store->starts[i + 1] = store->starts[i] + (int32_t)length;
		store->labels[i] = examples->labels[index[i]];
		store->truncated[i] = examples->truncated[index[i]];
	}
	return (struct batch){
		.ids = store->ids, .starts = store->starts, .labels = store->labels, .sequences = (int32_t)count,
	};
}
