/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/report_facts.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

bool report_facts_begin(struct report_facts *facts, int32_t label_count, struct error *error)
{
	facts->label_count = label_count;
	facts->lengths = size_calloc(REPORT_LENGTHS + 1, sizeof *facts->lengths);
	facts->training.labels = size_calloc((size_t)label_count, sizeof *facts->training.labels);
	facts->held_out.labels = size_calloc((size_t)label_count, sizeof *facts->held_out.labels);
	return (facts->lengths && facts->training.labels && facts->held_out.labels) || error_memory(error, "making the report");
}

void report_facts_free(struct report_facts *facts)
{
	free(facts->lengths);
	free(facts->training.labels);
	free(facts->held_out.labels);
	text_set_free(&facts->texts);
	*facts = (struct report_facts){0};
}

/* Each label's rows stand together where it changes as often as there are labels, less one. */
static bool is_sorted(const struct labelled_rows *rows)
{
	size_t changes = 0;

	for (size_t i = 1; i < rows->count; i++)
		changes += rows->labels[i] != rows->labels[i - 1];
	return rows->sets.count == 0 && changes + 1 == (size_t)rows->name_count && rows->count > 2 * (size_t)rows->name_count;
}

void report_file_note(struct report_file *file, const struct labelled_rows *rows)
{
	const struct survey *survey = &rows->survey;

	*file = (struct report_file){.rows = survey->rows, .used = survey->used, .sorted = is_sorted(rows)};
	memcpy(file->skipped, survey->skipped, sizeof file->skipped);
	survey_doubt(survey, file->doubt, sizeof file->doubt);
}

/* Two files number their sets differently: a set is compared by its members. */
static int32_t key_of(const struct label_sets *sets, int32_t label)
{
	uint32_t key = 0;

	if (!sets)
		return label;
	for (size_t i = sets->starts[label]; i < sets->starts[label + 1]; i++)
		key = key * 2654435761u + (uint32_t)sets->members[i] + 1;
	return (int32_t)(key & INT32_MAX);
}

static void count_labels(struct report_side *side, const struct label_sets *sets, int32_t label, int32_t count)
{
	if (!sets && label < count)
		side->labels[label]++;
	for (size_t i = sets ? sets->starts[label] : 0; sets && i < sets->starts[label + 1]; i++)
		side->labels[sets->members[i]]++;
}

static void add_row(struct report_facts *facts, struct report_side *side, const struct text_facts *text)
{
	const int64_t tokens = text->tokens;

	side->rows++;
	side->tokens += (uint64_t)tokens;
	if (tokens > text->read) {
		side->truncated++;
		side->lost += (uint64_t)(tokens - text->read);
	}
	facts->longest = tokens > facts->longest ? tokens : facts->longest;
	facts->lengths[tokens < REPORT_LENGTHS ? tokens : REPORT_LENGTHS]++;
}

bool report_facts_add(struct report_facts *facts, const struct text_facts *texts, const int32_t *labels,
                      const struct label_sets *sets, const bool *held_out, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		struct report_side *side = held_out[i] ? &facts->held_out : &facts->training;

		add_row(facts, side, &texts[i]);
		count_labels(side, sets, labels[i], facts->label_count);
		if (!text_set_add(&facts->texts, texts[i].hash, key_of(sets, labels[i]), held_out[i], error))
			return false;
	}
	return true;
}

/* Of an even number the lower one of the two in the middle. */
int64_t report_facts_median(const struct report_facts *facts)
{
	uint64_t rows = facts->training.rows + facts->held_out.rows, below = 0;

	for (int64_t length = 0; length <= REPORT_LENGTHS && rows > 0; length++) {
		below += facts->lengths[length];
		if (below * 2 >= rows)
			return length;
	}
	return 0;
}
