/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/baseline/baseline_words.h"

#include "engine/base/size.h"
#include "engine/model/ngram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_LEAST 4   /* that are read again for each feature */
#define NAMES_MAX 8    /* different n-grams of one bucket that are told apart */
#define NAME_BYTES 160

/* An n-gram that falls into a bucket, and how many of the rows that were read have it. */
struct name {
	char text[NAME_BYTES];
	uint32_t rows, last; /* last: the last row that has it, counted from 1 */
};

struct strong {
	struct baseline_word *word; /* of the result */
	uint32_t bucket;
	uint64_t passed;            /* rows that have it, of those that were passed by */
	uint32_t read;
	struct name names[NAMES_MAX];
	int name_count;
};

struct finding {
	struct baseline *baseline;
	const struct ngram_rows *rows;
	struct strong *strong; /* [count] */
	uint32_t count;
	uint32_t most;         /* rows that are read again for all features together */
	uint32_t *counts;      /* [2^bits] rows that have a bucket */
	uint32_t *place;       /* [2^bits] of a bucket in strong, from 1; 0: it is not there. Of two labels' it is the first */
	uint32_t row;          /* that is being read, from 1 */
	struct span text;
};

/* Which */

static double weight_of(const struct model *model, uint32_t bucket, int32_t label)
{
	const struct ngram *ngram = model_ngram(model);
	bool pair = ngram->rows < model_config(model)->num_labels;
	double weight = (double)ngram->weights[((size_t)(pair ? 0 : label) << ngram->shape.bits) + bucket];

	return !pair ? weight : label == 1 ? weight / 2 : -weight / 2;
}

static void count_rows(struct finding *finding)
{
	for (uint64_t k = 0; finding->rows->count > 0 && k < finding->rows->starts[finding->rows->count]; k++)
		finding->counts[finding->rows->buckets[k]]++;
}

/* What a feature does for a label over all rows: a great weight that hardly a review has does little. */
static double strength_of(const struct finding *finding, uint32_t bucket, int32_t label)
{
	return weight_of(finding->baseline->model, bucket, label) * sqrt((double)finding->counts[bucket]);
}

/* Keeps the strongest buckets, `shown` at most, the first of equals before others. Returns how many there are. */
static int32_t find_strongest(const struct finding *finding, int32_t label, uint32_t *buckets, double *strengths)
{
	const size_t count = (size_t)1 << finding->rows->shape.bits;
	const int32_t shown = finding->baseline->shown;
	int32_t found = 0;

	for (size_t bucket = 0; bucket < count; bucket++) {
		double strength = strength_of(finding, (uint32_t)bucket, label);
		int32_t at;

		if (!(strength > 0) || (found == shown && strength <= strengths[shown - 1]))
			continue;
		for (at = found < shown ? found++ : shown - 1; at > 0 && strengths[at - 1] < strength; at--) {
			strengths[at] = strengths[at - 1];
			buckets[at] = buckets[at - 1];
		}
		strengths[at] = strength;
		buckets[at] = (uint32_t)bucket;
	}
	return found;
}

static bool choose(struct finding *finding, struct error *error)
{
	struct baseline *baseline = finding->baseline;
	int32_t labels = model_config(baseline->model)->num_labels, shown = baseline->shown;
	uint32_t *buckets = size_calloc((size_t)shown, sizeof *buckets);
	double *strengths = size_calloc((size_t)shown, sizeof *strengths);
	bool done = (buckets && strengths) || error_memory(error, "finding the strongest words");

	for (int32_t label = 0; done && label < labels; label++) {
		int32_t found = find_strongest(finding, label, buckets, strengths);

		for (int32_t i = 0; i < found; i++) {
			struct strong *strong = &finding->strong[finding->count++];

			strong->word = &baseline->words[(size_t)label * (size_t)shown + (size_t)i];
			strong->word->weight = weight_of(baseline->model, buckets[i], label);
			strong->word->rows = finding->counts[buckets[i]];
			strong->bucket = buckets[i];
			if (finding->place[strong->bucket] == 0)
				finding->place[strong->bucket] = finding->count;
		}
	}
	free(buckets);
	free(strengths);
	return done;
}

/* Their rows */

static struct strong *strong_of(const struct finding *finding, uint32_t bucket)
{
	uint32_t place = finding->place[bucket];

	return place ? &finding->strong[place - 1] : NULL;
}

/* Whether some feature wants this row to be read: so many of its rows, evenly spread. */
static bool row_is_wanted(struct finding *finding, uint32_t row)
{
	uint64_t each = finding->most / (finding->count ? finding->count : 1) + ROWS_LEAST;
	bool wanted = false;

	for (uint64_t k = finding->rows->starts[row]; k < finding->rows->starts[row + 1]; k++) {
		struct strong *strong = strong_of(finding, finding->rows->buckets[k]);
		uint64_t step;

		if (!strong)
			continue;
		step = strong->word->rows > each ? strong->word->rows / each : 1;
		wanted = strong->passed++ % step == 0 || wanted;
	}
	return wanted;
}

/* Their names */

static void add_name(struct finding *finding, struct strong *strong, const char *text)
{
	int i = 0;

	while (i < strong->name_count && strcmp(strong->names[i].text, text) != 0)
		i++;
	if (i == NAMES_MAX)
		return;
	if (i == strong->name_count) {
		memcpy(strong->names[i].text, text, strlen(text) + 1);
		strong->name_count++;
	}
	if (strong->names[i].last != finding->row)
		strong->names[i].rows++;
	strong->names[i].last = finding->row;
}

static bool take(void *context, const struct ngram_found *found)
{
	struct finding *finding = context;
	struct strong *strong = strong_of(finding, found->bucket);
	char text[NAME_BYTES];

	if (!strong)
		return true;
	ngram_spell((struct span){finding->text.data + found->from, found->to - found->from}, text, sizeof text);
	add_name(finding, strong, text);
	return true;
}

static void count_read(struct finding *finding, uint32_t row)
{
	for (uint64_t k = finding->rows->starts[row]; k < finding->rows->starts[row + 1]; k++) {
		struct strong *strong = strong_of(finding, finding->rows->buckets[k]);

		if (strong)
			strong->read++;
	}
}

static bool read_rows(struct finding *finding, struct dataset *dataset, struct error *error)
{
	struct row *row = row_new(error);
	bool done = row != NULL;

	for (uint32_t i = 0; done && i < finding->rows->count; i++) {
		if (!row_is_wanted(finding, i))
			continue;
		done = dataset_read(dataset, finding->rows->numbers[i], row, error);
		if (!done)
			break;
		finding->row = i + 1;
		finding->text = row->text;
		count_read(finding, i);
		ngram_each(&finding->rows->shape, row->text, take, finding);
	}
	row_free(row);
	return done;
}

static bool name_words(struct finding *finding, struct error *error)
{
	for (uint32_t i = 0; i < finding->count; i++) {
		struct strong *strong = &finding->strong[i];
		const struct strong *same = strong_of(finding, strong->bucket);
		const struct name *best = &same->names[0];

		for (int k = 1; k < same->name_count; k++)
			if (same->names[k].rows > best->rows)
				best = &same->names[k];
		strong->word->share = same->read > 0 ? (double)best->rows / same->read : 0;
		strong->word->text = strdup(best->text);
		if (!strong->word->text)
			return error_memory(error, "finding the strongest words");
	}
	return true;
}

bool baseline_find_words(struct baseline *baseline, const struct ngram_rows *rows, struct dataset *dataset,
                         uint32_t most, struct error *error)
{
	struct finding finding = {.baseline = baseline, .rows = rows, .most = most};
	size_t words = (size_t)model_config(baseline->model)->num_labels * (size_t)baseline->shown;
	bool done;

	baseline->words = size_calloc(words, sizeof *baseline->words);
	if (baseline->shown == 0)
		return baseline->words || error_memory(error, "finding the strongest words");
	finding.strong = size_calloc(words, sizeof *finding.strong);
	finding.place = size_calloc((size_t)1 << rows->shape.bits, sizeof *finding.place);
	finding.counts = size_calloc((size_t)1 << rows->shape.bits, sizeof *finding.counts);
	done = (baseline->words && finding.strong && finding.place && finding.counts) || error_memory(error, "finding the strongest words");
	if (done)
		count_rows(&finding);
	done = done && choose(&finding, error) && read_rows(&finding, dataset, error) && name_words(&finding, error);
	free(finding.strong);
	free(finding.place);
	free(finding.counts);
	return done;
}

void baseline_free_words(struct baseline *baseline)
{
	for (int32_t i = 0; baseline->words && i < model_config(baseline->model)->num_labels * baseline->shown; i++)
		free(baseline->words[i].text);
	free(baseline->words);
	baseline->words = NULL;
}
