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
	uint64_t place, number, hash;
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
static struct text_facts facts_of(const struct sequences *text, struct span read, uint64_t hash)
{
	bool more = text->truncated && text->cut.truncation == TRUNCATION_HEAD;

	return (struct text_facts){
		.hash = hash,
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
		block->rows[i].hash = text_hash(tools->row->text);
		if (tools->row->line == 0)
			block->rows[i].place = number + 1;
		if (request->facts)
			request->facts[block->first + i] = facts_of(&tools->text, tools->row->text, block->rows[i].hash);
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
	examples->hashes[at] = row->hash;
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
	ngram_rows_add(rows, from->hashes, from->words, request->labels[row], request->rows[row]);
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
	examples->hashes = size_calloc(count, sizeof *examples->hashes);
	examples->truncated = size_calloc(count, sizeof *examples->truncated);
	examples->places = size_calloc(count, sizeof *examples->places);
	examples->numbers = size_calloc(count, sizeof *examples->numbers);
	return examples->starts && examples->labels && examples->hashes && examples->truncated && examples->places && examples->numbers &&
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
	free(examples->hashes);
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
		to->hashes[i] = examples->hashes[order[i]];
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

/* Places among those of `from`, as places after the first `at`. */
static void shift(uint64_t *to, const uint64_t *from, uint32_t count, uint64_t at)
{
	for (uint32_t i = 0; i <= count; i++)
		to[i] = at + from[i];
}

static void append_rows(struct examples *to, const struct examples *from, uint32_t at)
{
	const size_t count = from->count;

	memcpy(to->labels + at, from->labels, count * sizeof *to->labels);
	memcpy(to->hashes + at, from->hashes, count * sizeof *to->hashes);
	memcpy(to->truncated + at, from->truncated, count * sizeof *to->truncated);
	memcpy(to->places + at, from->places, count * sizeof *to->places);
	memcpy(to->numbers + at, from->numbers, count * sizeof *to->numbers);
	memcpy(to->ids + to->starts[at], from->ids, from->starts[count] * sizeof *to->ids);
	shift(to->starts + at, from->starts, from->count, to->starts[at]);
	if (to->firsts) {
		memcpy(to->lengths + to->firsts[at], from->lengths, from->firsts[count] * sizeof *to->lengths);
		shift(to->firsts + at, from->firsts, from->count, to->firsts[at]);
	}
	to->count += from->count;
	to->truncated_count += from->truncated_count;
	to->windowed_count += from->windowed_count;
	to->windows += from->windows;
	to->tokens_whole += from->tokens_whole;
	to->tokens_read += from->tokens_read;
}

bool examples_append(struct examples *examples, struct examples *more, struct error *error)
{
	const uint64_t count = (uint64_t)examples->count + more->count;
	const uint64_t windows = examples->firsts ? examples->firsts[examples->count] + more->firsts[more->count] : 0;
	struct examples all = {0};
	bool done = count <= UINT32_MAX / 2 && examples_init(&all, (uint32_t)count, examples->firsts != NULL) &&
	            reserve(&all.ids, &all.id_capacity, examples->starts[examples->count] + more->starts[more->count]) &&
	            reserve(&all.lengths, &all.length_capacity, windows);

	if (done) {
		append_rows(&all, examples, 0);
		append_rows(&all, more, examples->count);
		all.sets = examples->sets;
		all.of_folder = examples->of_folder;
		examples_free(examples);
		*examples = all;
	} else {
		examples_free(&all);
	}
	examples_free(more);
	return done || error_memory(error, "adding texts without a label");
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
