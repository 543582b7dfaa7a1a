/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight/ranked.h"

#include "engine/base/size.h"

bool ranked_init(struct ranked *ranked, const struct scored_rows *rows, struct error *error)
{
	*ranked = (struct ranked){.rows = size_calloc(rows->rows, sizeof *ranked->rows)};
	return ranked->rows || error_memory(error, "ordering the rows by score");
}

static bool is_positive(const struct scored_rows *rows, size_t row, int32_t label)
{
	return rows->targets ? rows->targets[row * (size_t)rows->labels + (size_t)label] : rows->truths[row] == label;
}

static int by_score(const void *left, const void *right)
{
	double a = ((const struct ranked_row *)left)->score, b = ((const struct ranked_row *)right)->score;

	return (a < b) - (a > b);
}

void ranked_fill(struct ranked *ranked, const struct scored_rows *rows, int32_t label)
{
	ranked->count = rows->rows;
	ranked->positives = 0;
	for (size_t i = 0; i < rows->rows; i++) {
		ranked->rows[i].score = rows->scores[i * (size_t)rows->labels + (size_t)label];
		ranked->rows[i].positive = is_positive(rows, i, label);
		ranked->positives += ranked->rows[i].positive;
	}
	qsort(ranked->rows, ranked->count, sizeof *ranked->rows, by_score);
}

bool ranked_step(const struct ranked *ranked, struct ranked_walk *walk)
{
	size_t first = walk->next;

	if (first >= ranked->count)
		return false;
	walk->positives = walk->negatives = 0;
	for (; walk->next < ranked->count && !(ranked->rows[walk->next].score < ranked->rows[first].score); walk->next++)
		*(ranked->rows[walk->next].positive ? &walk->positives : &walk->negatives) += 1;
	walk->true_positives += walk->positives;
	walk->false_positives += walk->negatives;
	return true;
}
