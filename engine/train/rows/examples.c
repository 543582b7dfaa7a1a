/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/examples.h"

#include "engine/base/buffer.h"
#include "engine/base/pool.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_ROWS 64u
#define BLOCKS_PER_WORKER 4

/* A row's review as sequences. */
struct tokenised {
	int32_t windows;
	int64_t length, whole; /* tokens: of all windows together, of the text */
	int32_t read;
	uint64_t place, number;
	bool truncated;
	int64_t words;               /* of its n-grams, */
	uint32_t hashes;             /* and how many they are */
};

/* Some rows of a wave, tokenised by one worker. */
struct block {
	struct buffer ids;     /* int32_t, sequence after sequence */
	struct buffer lengths; /* int32_t, of each sequence */
	struct buffer hashes;  /* uint32_t, of n-grams, review after review */
	struct tokenised rows[BLOCK_ROWS];
	uint32_t first, count;
	bool failed;
	struct error error;
};

/* What a worker uses again and again. */
struct tools {
	struct row *row;
	struct sequences text;
	int32_t *sequence; /* [max_length] */
	struct ngram_reader ngrams;
};

/* A wave is what the pool does between two reports. */
struct wave {
	const struct examples_request *request;
	struct examples *examples, *held_out;
	uint32_t done;       /* rows of the request */
	struct tools *tools; /* [workers] */
	struct block *blocks;
	int workers, block_count;
};

static bool tokenise(const struct examples_request *request, struct tools *tools, struct block *block,
                     struct tokenised *out)
{
	const struct sequences *text = &tools->text;

	if (!tokenizer_cut(request->tokenizer, tools->row->text, &request->cut, &tools->text))
		return false;
	*out = (struct tokenised){.windows = text->count, .whole = text->tokens, .read = text->tokens_read,
	                          .place = tools->row->line, .truncated = text->truncated};
	for (int32_t i = 0; i < text->count; i++) {
		int32_t length = tokenizer_cut_take(text, i, tools->sequence);

		if (!buffer_add(&block->ids, tools->sequence, (size_t)length * sizeof length) ||
		    !buffer_add(&block->lengths, &length, sizeof length))
			return false;
		out->length += length;
	}
	return true;
}

/* Where a linear model is to be fitted too: to which rows this one goes; NULL: to none. */
static struct ngram_rows *ngrams_for(const struct examples_request *request, uint32_t row)
{
	if (!request->ngrams)
		return NULL;
	if (request->held_out ? request->held_out[row] : request->ngrams == request->ngrams_held_out)
		return request->ngrams_held_out;
	return row % request->ngram_step == 0 ? request->ngrams : NULL;
}

static bool take_hashes(const struct examples_request *request, struct tools *tools, struct block *block, uint32_t row,
                        struct tokenised *out)
{
	const struct ngram_rows *rows = ngrams_for(request, row);

	if (!rows)
		return true;
	if (!ngram_read(&tools->ngrams, &rows->shape, tools->row->text) || tools->ngrams.count > UINT32_MAX)
		return false;
	out->words = tools->ngrams.words;
	out->hashes = (uint32_t)tools->ngrams.count;
	for (size_t i = 0; i < tools->ngrams.count; i++)
		if (!buffer_add(&block->hashes, &tools->ngrams.found[i].bucket, sizeof tools->ngrams.found[i].bucket))
			return false;
	return true;
}

/* A text of which the head counts was not read to its end. */
static struct text_facts facts_of(const struct sequences *text, struct span read)
{
	bool more = text->truncated && text->cut.truncation == TRUNCATION_HEAD;

	return (struct text_facts){
		.hash = text_hash(read),
		.read = text->tokens_read,
		.tokens = more ? tokenizer_count_rest(text->tokenizer, read, text->ends, text->found) : text->tokens,
	};
}

static void tokenise_block(void *context, int index, int worker)
{
	const struct wave *wave = context;
	const struct examples_request *request = wave->request;
	struct block *block = &wave->blocks[index];
	struct tools *tools = &wave->tools[worker];

	block->ids.size = block->lengths.size = block->hashes.size = 0;
	for (uint32_t i = 0; i < block->count; i++) {
		uint64_t number = request->rows[block->first + i];

		block->failed = !dataset_read(request->dataset, number, tools->row, &block->error) ||
		                ((!tokenise(request, tools, block, &block->rows[i]) ||
		                  !take_hashes(request, tools, block, block->first + i, &block->rows[i])) &&
		                 !error_memory(&block->error, "tokenising"));
		if (block->failed)
			return;
		block->rows[i].number = number;
		if (tools->row->line == 0)
			block->rows[i].place = number + 1;
		if (request->facts)
			request->facts[block->first + i] = facts_of(&tools->text, tools->row->text);
	}
}

static void wave_free(struct wave *wave)
{
	for (int i = 0; wave->tools && i < wave->workers; i++) {
		row_free(wave->tools[i].row);
		tokenizer_cut_free(&wave->tools[i].text);
		free(wave->tools[i].sequence);
		ngram_reader_free(&wave->tools[i].ngrams);
	}
	for (int i = 0; wave->blocks && i < wave->block_count; i++) {
		buffer_free(&wave->blocks[i].ids);
		buffer_free(&wave->blocks[i].lengths);
		buffer_free(&wave->blocks[i].hashes);
	}
	free(wave->tools);
	free(wave->blocks);
}

static bool wave_init(struct wave *wave, const struct examples_request *request, struct error *error)
{
	wave->request = request;
	wave->workers = pool_threads(request->pool);
	wave->block_count = wave->workers * BLOCKS_PER_WORKER;
	wave->tools = size_calloc((size_t)wave->workers, sizeof *wave->tools);
	wave->blocks = size_calloc((size_t)wave->block_count, sizeof *wave->blocks);
	if (!wave->tools || !wave->blocks)
		return error_memory(error, "tokenising");
	for (int i = 0; i < wave->workers; i++) {
		if (!(wave->tools[i].row = row_new(error)))
			return false;
		wave->tools[i].sequence = size_calloc((size_t)request->cut.max_length, sizeof *wave->tools[i].sequence);
		if (!wave->tools[i].sequence)
			return error_memory(error, "tokenising");
	}
	for (int i = 0; i < wave->block_count; i++)
		wave->blocks[i].ids.maximum = wave->blocks[i].lengths.maximum = wave->blocks[i].hashes.maximum = SIZE_MAX / 16;
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

/* Room for `needed` numbers, taken with some to spare. */
static bool reserve(int32_t **numbers, size_t *capacity, uint64_t needed)
{
	size_t more = *capacity ? *capacity : 65536;
	int32_t *larger;

	if (needed <= *capacity)
		return true;
	while (more < needed)
		if (!size_multiply(more, 2, &more))
			return false;
	larger = size_realloc(*numbers, more, sizeof *larger);
	if (!larger)
		return false;
	*numbers = larger;
	*capacity = more;
	return true;
}

static bool take_windows(struct examples *examples, const int32_t *lengths, const struct tokenised *row)
{
	uint64_t first = examples->firsts[examples->count], end = first + (uint64_t)row->windows;

	if (!reserve(&examples->lengths, &examples->length_capacity, end))
		return false;
	memcpy(examples->lengths + first, lengths, (size_t)row->windows * sizeof *lengths);
	examples->firsts[examples->count + 1] = end;
	examples->windowed_count += row->windows > 1;
	examples->windows += row->windows > 1 ? (uint64_t)row->windows : 0;
	return true;
}

static bool take_example(struct examples *examples, const int32_t *ids, const int32_t *lengths,
                         const struct tokenised *row, int32_t label)
{
	uint32_t at = examples->count;
	uint64_t start = examples->starts[at], end = start + (uint64_t)row->length;

	if (!reserve(&examples->ids, &examples->id_capacity, end) ||
	    (examples->firsts && !take_windows(examples, lengths, row)))
		return false;
	memcpy(examples->ids + start, ids, (size_t)row->length * sizeof *ids);
	examples->starts[at + 1] = end;
	examples->labels[at] = label;
	examples->truncated[at] = row->truncated;
	examples->places[at] = row->place;
	examples->numbers[at] = row->number;
	examples->truncated_count += row->truncated;
	examples->tokens_whole += (uint64_t)row->whole;
	examples->tokens_read += (uint64_t)row->read;
	examples->count++;
	return true;
}

/* What was read of a row goes to those that a linear model is fitted to. */
static bool take_ngrams(const struct examples_request *request, uint32_t row, const struct tokenised *from,
                        const uint32_t *hashes)
{
	struct ngram_rows *rows = ngrams_for(request, row);
	uint32_t *room = rows ? ngram_rows_room(rows, from->hashes) : NULL;

	if (!rows)
		return true;
	if (!room)
		return false;
	if (from->hashes > 0)
		memcpy(room, hashes, from->hashes * sizeof *room);
	ngram_rows_add(rows, from->hashes, from->words, request->labels[row]);
	return true;
}

static bool take_block(struct wave *wave, const struct block *block, struct error *error)
{
	const struct examples_request *request = wave->request;
	const int32_t *ids = (const int32_t *)(const void *)block->ids.data;
	const int32_t *lengths = (const int32_t *)(const void *)block->lengths.data;
	const uint32_t *hashes = (const uint32_t *)(const void *)block->hashes.data;

	if (block->failed) {
		if (error)
			*error = block->error;
		return false;
	}
	for (uint32_t i = 0; i < block->count; i++) {
		uint32_t row = block->first + i;
		struct examples *set = request->held_out && request->held_out[row] ? wave->held_out : wave->examples;
		if (!take_example(set, ids, lengths, &block->rows[i], request->labels[row]) ||
		    !take_ngrams(request, row, &block->rows[i], hashes))
			return error_memory(error, "tokenising");
		ids += block->rows[i].length;
		lengths += block->rows[i].windows;
		hashes += block->rows[i].hashes;
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

static bool examples_init(struct examples *examples, uint32_t count, bool windows)
{
	examples->firsts = windows ? size_calloc((size_t)count + 1, sizeof *examples->firsts) : NULL;
	examples->starts = size_calloc((size_t)count + 1, sizeof *examples->starts);
	examples->labels = size_calloc(count, sizeof *examples->labels);
	examples->truncated = size_calloc(count, sizeof *examples->truncated);
	examples->places = size_calloc(count, sizeof *examples->places);
	examples->numbers = size_calloc(count, sizeof *examples->numbers);
	return examples->starts && examples->labels && examples->truncated && examples->places && examples->numbers &&
	       (examples->firsts || !windows);
}

bool examples_read(struct examples *examples, struct examples *held_out, const struct examples_request *request,
                   const struct progress *progress, struct error *error)
{
	struct wave wave = {.examples = examples, .held_out = held_out};
	bool windows = request->cut.truncation == TRUNCATION_WINDOWS, done;
	uint32_t others = 0;

	for (uint32_t i = 0; request->held_out && i < request->count; i++)
		others += request->held_out[i];
	if (!examples_init(examples, request->count - others, windows) ||
	    (others > 0 && !examples_init(held_out, others, windows)))
		return error_memory(error, "tokenising");
	examples->of_folder = dataset_format(request->dataset) == DATASET_FOLDER;
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
	free(examples->places);
	free(examples->numbers);
	free(examples->firsts);
	free(examples->lengths);
	*examples = (struct examples){0};
}

static void arrange_windows(struct examples *arranged, const struct examples *examples, const uint32_t *order)
{
	for (uint32_t i = 0; i < examples->count; i++) {
		const uint64_t first = examples->firsts[order[i]], count = examples->firsts[order[i] + 1] - first;

		memcpy(arranged->lengths + arranged->firsts[i], examples->lengths + first, (size_t)count * sizeof *arranged->lengths);
		arranged->firsts[i + 1] = arranged->firsts[i] + count;
	}
}

static bool reserve_like(struct examples *arranged, const struct examples *examples)
{
	const uint32_t count = examples->count;

	return examples_init(arranged, count, examples->firsts != NULL) &&
	       reserve(&arranged->ids, &arranged->id_capacity, examples->starts[count]) &&
	       (!examples->firsts || reserve(&arranged->lengths, &arranged->length_capacity, examples->firsts[count]));
}

bool examples_arrange(struct examples *examples, const uint32_t *order, struct error *error)
{
	struct examples arranged = {0}, *to = &arranged;

	if (!reserve_like(to, examples)) {
		examples_free(to);
		return error_memory(error, "ordering the rows");
	}
	for (uint32_t i = 0; i < examples->count; i++) {
		const uint64_t start = examples->starts[order[i]], length = examples->starts[order[i] + 1] - start;

		memcpy(to->ids + to->starts[i], examples->ids + start, (size_t)length * sizeof *to->ids);
		to->starts[i + 1] = to->starts[i] + length;
		to->labels[i] = examples->labels[order[i]];
		to->truncated[i] = examples->truncated[order[i]];
		to->places[i] = examples->places[order[i]];
		to->numbers[i] = examples->numbers[order[i]];
	}
	if (examples->firsts)
		arrange_windows(to, examples, order);
	to->count = examples->count;
	to->truncated_count = examples->truncated_count;
	to->windowed_count = examples->windowed_count;
	to->windows = examples->windows;
	to->tokens_whole = examples->tokens_whole;
	to->tokens_read = examples->tokens_read;
	to->sets = examples->sets;
	to->of_folder = examples->of_folder;
	examples_free(examples);
	*examples = arranged;
	return true;
}

static void hash_sets(struct sha256_ctx *hash, const struct label_sets *sets)
{
	size_t members = sets->starts[sets->count];

	for (int32_t i = 0; i <= sets->count; i++) {
		uint64_t start = sets->starts[i];
		sha256_update(hash, sizeof start, (const uint8_t *)&start);
	}
	if (members > 0)
		sha256_update(hash, members * sizeof *sets->members, (const uint8_t *)sets->members);
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
	if (examples->firsts) {
		sha256_update(hash, (count + 1) * sizeof *examples->firsts, (const uint8_t *)examples->firsts);
		sha256_update(hash, examples->firsts[count] * sizeof *examples->lengths, (const uint8_t *)examples->lengths);
	}
	if (examples->sets)
		hash_sets(hash, examples->sets);
}

void examples_hash(const struct examples *examples, const struct examples *held_out, char out[65])
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	hash_add(&hash, examples);
	hash_add(&hash, held_out);
	sha256_hex(&hash, out);
}

static int compare_descending(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return (first < second) - (first > second);
}

/* The sum of the `batch` largest differences between neighbours of `ends`; more where memory is short. */
static uint64_t sum_of_largest(const uint64_t *ends, uint32_t count, uint64_t batch)
{
	uint64_t *lengths = size_calloc(count, sizeof *lengths), largest = 0, sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t length = ends[i + 1] - ends[i];

		largest = length > largest ? length : largest;
		if (lengths)
			lengths[i] = length;
	}
	if (!lengths)
		return batch * largest;
	qsort(lengths, count, sizeof *lengths, compare_descending);
	for (uint32_t i = 0; i < count && i < batch; i++)
		sum += lengths[i];
	free(lengths);
	return sum;
}

struct batch_size examples_largest(const struct examples *examples, uint64_t batch)
{
	struct batch_size size = {.sequences = batch};

	if (examples->count == 0)
		return size;
	size.tokens = sum_of_largest(examples->starts, examples->count, batch);
	if (!examples->firsts) {
		size.longest = sum_of_largest(examples->starts, examples->count, 1);
		return size;
	}
	size.sequences = sum_of_largest(examples->firsts, examples->count, batch);
	for (uint64_t i = 0; i < examples->firsts[examples->count]; i++)
		if ((uint64_t)examples->lengths[i] > size.longest)
			size.longest = (uint64_t)examples->lengths[i];
	return size;
}

bool batch_store_init(struct batch_store *store, const struct batch_size *size, uint64_t reviews, int32_t num_labels,
                      struct error *error)
{
	store->ids = size_calloc(size->tokens, sizeof *store->ids);
	store->starts = size_calloc(size->sequences + 1, sizeof *store->starts);
	store->labels = size_calloc(reviews, sizeof *store->labels);
	store->reviews = size_calloc(reviews + 1, sizeof *store->reviews);
	store->truncated = size_calloc(reviews, sizeof *store->truncated);
	store->num_labels = num_labels;
	if (num_labels > 0)
		store->targets = size_calloc(reviews * (size_t)num_labels, sizeof *store->targets);
	return (store->ids && store->starts && store->labels && store->reviews && store->truncated &&
	        (num_labels == 0 || store->targets)) ||
	       error_memory(error, "making room for a batch");
}

void batch_store_free(struct batch_store *store)
{
	free(store->ids);
	free(store->starts);
	free(store->labels);
	free(store->reviews);
	free(store->targets);
	free(store->truncated);
	*store = (struct batch_store){0};
}

/* The sequences of an example, from sequence `at` of the batch on; returns the one after them. */
static int32_t add_sequences(struct batch_store *store, const struct examples *examples, uint32_t example, int32_t at)
{
	uint64_t start = examples->starts[example], length = examples->starts[example + 1] - start;

	memcpy(store->ids + store->starts[at], examples->ids + start, (size_t)length * sizeof *store->ids);
	if (!examples->firsts) {
		store->starts[at + 1] = store->starts[at] + (int32_t)length;
		return at + 1;
	}
	for (uint64_t i = examples->firsts[example]; i < examples->firsts[example + 1]; i++, at++)
		store->starts[at + 1] = store->starts[at] + examples->lengths[i];
	return at;
}

struct batch batch_store_fill(struct batch_store *store, const struct examples *examples, const uint32_t *index,
                              uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		store->reviews[i + 1] = add_sequences(store, examples, index[i], store->reviews[i]);
		store->labels[i] = examples->labels[index[i]];
		store->truncated[i] = examples->truncated[index[i]];
		if (examples->sets)
			label_sets_fill(examples->sets, store->labels[i], store->targets + (size_t)i * (size_t)store->num_labels,
			                store->num_labels);
	}
	return (struct batch){
		.ids = store->ids,
		.starts = store->starts,
		.labels = store->labels,
		.targets = examples->sets ? store->targets : NULL,
		.sequences = store->reviews[count],
		.reviews = examples->firsts ? store->reviews : NULL,
		.review_count = examples->firsts ? (int32_t)count : 0,
	};
}
