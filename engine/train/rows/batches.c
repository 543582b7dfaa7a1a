/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Batches made of examples. */
#include "engine/train/rows/examples.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

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

static bool has_excerpts(const struct examples *examples)
{
	return examples->augmentation && examples->augmentation->excerpts;
}

uint64_t examples_longest(const struct examples *examples, uint32_t example)
{
	uint64_t longest = 0;

	if (!examples->firsts)
		return examples->starts[example + 1] - examples->starts[example];
	for (uint64_t w = examples->firsts[example]; w < examples->firsts[example + 1]; w++)
		longest = (uint64_t)examples->lengths[w] > longest ? (uint64_t)examples->lengths[w] : longest;
	return longest;
}

/* Of each example its longest window. */
static struct batch_size largest_excerpts(const struct examples *examples, uint64_t batch)
{
	struct batch_size size = {.sequences = batch};
	uint64_t *ends = size_calloc((size_t)examples->count + 1, sizeof *ends);

	for (uint32_t i = 0; i < examples->count; i++) {
		const uint64_t longest = examples_longest(examples, i);

		size.longest = longest > size.longest ? longest : size.longest;
		if (ends)
			ends[i + 1] = ends[i] + longest;
	}
	size.tokens = ends ? sum_of_largest(ends, examples->count, batch) : batch * size.longest;
	free(ends);
	return size;
}

static struct batch_size largest(const struct examples *examples, uint64_t batch)
{
	struct batch_size size = {.sequences = batch};

	if (has_excerpts(examples))
		return largest_excerpts(examples, batch);
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

struct batch_size examples_largest(const struct examples *examples, uint64_t batch)
{
	struct batch_size size = {.sequences = batch};

	if (examples->count == 0)
		return size;
	size = largest(examples, batch);
	size.masked = examples->masking ? masking_most(examples->masking, size.tokens, size.sequences) : 0;
	return size;
}

bool batch_store_init(struct batch_store *store, const struct batch_size *size, uint64_t reviews, int32_t num_labels,
                      int32_t soft_labels, struct error *error)
{
	store->ids = size_calloc(size->tokens, sizeof *store->ids);
	store->starts = size_calloc(size->sequences + 1, sizeof *store->starts);
	store->labels = size_calloc(reviews, sizeof *store->labels);
	store->reviews = size_calloc(reviews + 1, sizeof *store->reviews);
	store->truncated = size_calloc(reviews, sizeof *store->truncated);
	store->masked = size_calloc(size->masked, sizeof *store->masked);
	store->wanted = size_calloc(size->masked, sizeof *store->wanted);
	store->masked_starts = size_calloc(size->sequences + 1, sizeof *store->masked_starts);
	store->num_labels = num_labels;
	store->soft_labels = soft_labels;
	if (num_labels > 0)
		store->targets = size_calloc(reviews * (size_t)num_labels, sizeof *store->targets);
	if (soft_labels > 0) {
		store->soft = size_calloc(reviews * (size_t)soft_labels, sizeof *store->soft);
		store->shares = size_calloc(reviews, sizeof *store->shares);
	}
	return (store->ids && store->starts && store->labels && store->reviews && store->truncated && store->masked && store->wanted &&
	        store->masked_starts &&
	        (num_labels == 0 || store->targets) && (soft_labels == 0 || (store->soft && store->shares))) ||
	       error_memory(error, "making room for a batch");
}

void batch_store_free(struct batch_store *store)
{
	free(store->ids);
	free(store->starts);
	free(store->labels);
	free(store->reviews);
	free(store->targets);
	free(store->soft);
	free(store->shares);
	free(store->truncated);
	free(store->masked);
	free(store->wanted);
	free(store->masked_starts);
	*store = (struct batch_store){0};
}

/* The window of an example that counts in this epoch: where its tokens begin, and how many they are. */
static uint64_t excerpt_of(const struct examples *examples, uint32_t example, int32_t *length)
{
	const uint64_t first = examples->firsts[example], count = examples->firsts[example + 1] - first;
	const uint64_t window = first + augment_window(examples->augmentation, example, count);
	uint64_t start = examples->starts[example];

	for (uint64_t w = first; w < window; w++)
		start += (uint64_t)examples->lengths[w];
	*length = examples->lengths[window];
	return start;
}

/* It, as sequence `at`; returns the one after it. */
static int32_t add_excerpt(struct batch_store *store, const struct examples *examples, uint32_t example, int32_t at)
{
	int32_t length;
	const uint64_t start = excerpt_of(examples, example, &length);

	memcpy(store->ids + store->starts[at], examples->ids + start, (size_t)length * sizeof *store->ids);
	store->starts[at + 1] = store->starts[at] + length;
	return at + 1;
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

static void hide_words(struct batch_store *store, const struct examples *examples, uint32_t example, int32_t from, int32_t to)
{
	augment_words(examples->augmentation, example, store->ids + store->starts[from], store->starts[to] - store->starts[from]);
}

/* Where a sequence begins among the tokens of its example. Of an excerpt that is not known any more, and need not be: of an
 * example there is one. */
static uint32_t place_of(const struct batch_store *store, int32_t from, int32_t sequence)
{
	return (uint32_t)(store->starts[sequence] - store->starts[from]);
}

static void mask(struct batch_store *store, const struct examples *examples, uint32_t example, int32_t from, int32_t to)
{
	for (int32_t s = from; s < to; s++) {
		const int32_t start = store->starts[s], at = store->masked_starts[s];
		const int32_t found = masking_apply(examples->masking, example, place_of(store, from, s), store->ids + start,
		                                    store->starts[s + 1] - start, store->masked + at, store->wanted + at);

		for (int32_t i = at; i < at + found; i++)
			store->masked[i] += start;
		store->masked_starts[s + 1] = at + found;
	}
}

int32_t examples_masked(const struct examples *examples, uint32_t example)
{
	uint64_t start = examples->starts[example];
	int32_t length = (int32_t)(examples->starts[example + 1] - start), sum = 0;

	if (has_excerpts(examples))
		start = excerpt_of(examples, example, &length);
	if (has_excerpts(examples) || !examples->firsts)
		return masking_count(examples->masking, example, 0, examples->ids + start, length);
	for (uint64_t i = examples->firsts[example]; i < examples->firsts[example + 1]; i++, start += (uint64_t)length) {
		length = examples->lengths[i];
		sum += masking_count(examples->masking, example, (uint32_t)(start - examples->starts[example]), examples->ids + start,
		                     length);
	}
	return sum;
}

/* A loss needs some label, of which nothing counts where there is none. */
static void fill_label(struct batch_store *store, const struct examples *examples, uint32_t example, uint32_t at)
{
	const int32_t label = examples->labels[example];

	store->labels[at] = label == NO_LABEL ? 0 : label;
	if (examples->sets)
		label_sets_fill(examples->sets, store->labels[at], store->targets + (size_t)at * (size_t)store->num_labels,
		                store->num_labels);
}

static void fill_soft(struct batch_store *store, const struct examples *examples, uint32_t example, uint32_t at)
{
	const struct soft_targets *soft = examples->soft;
	const size_t labels = (size_t)soft->labels;

	memcpy(store->soft + at * labels, soft->probabilities + example * labels, labels * sizeof *store->soft);
	store->shares[at] = soft_targets_share(soft, examples->labels[example] != NO_LABEL);
}

static struct masked_tokens masked_of(const struct batch_store *store, int32_t sequences)
{
	return (struct masked_tokens){store->masked, store->wanted, store->masked_starts, store->masked_starts[sequences]};
}

struct batch batch_store_fill(struct batch_store *store, const struct examples *examples, const uint32_t *index,
                              uint32_t count)
{
	const bool windows = examples->firsts && !has_excerpts(examples);

	for (uint32_t i = 0; i < count; i++) {
		store->reviews[i + 1] = (windows || !examples->firsts ? add_sequences : add_excerpt)(store, examples, index[i],
		                                                                                    store->reviews[i]);
		if (examples->augmentation)
			hide_words(store, examples, index[i], store->reviews[i], store->reviews[i + 1]);
		if (examples->masking)
			mask(store, examples, index[i], store->reviews[i], store->reviews[i + 1]);
		store->truncated[i] = examples->truncated[index[i]];
		fill_label(store, examples, index[i], i);
		if (examples->soft)
			fill_soft(store, examples, index[i], i);
	}
	return (struct batch){
		.masked = examples->masking ? masked_of(store, store->reviews[count]) : (struct masked_tokens){0},
		.ids = store->ids,
		.starts = store->starts,
		.labels = store->labels,
		.targets = examples->sets ? store->targets : NULL,
		.soft = examples->soft ? store->soft : NULL,
		.shares = examples->soft ? store->shares : NULL,
		.sequences = store->reviews[count],
		.reviews = windows ? store->reviews : NULL,
		.review_count = windows ? (int32_t)count : 0,
	};
}
