/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/ngram_rows.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

/* `memory`, or a larger copy of it, with room for `needed` elements of `size` bytes. NULL: there is none, and `memory` stays. */
static void *grown(void *memory, size_t *capacity, size_t needed, size_t size)
{
	size_t more = *capacity ? *capacity : 1024;
	void *larger;

	if (memory && needed <= *capacity)
		return memory;
	while (more < needed)
		if (!size_multiply(more, 2, &more))
			return NULL;
	larger = size_realloc(memory, more, size);
	if (larger)
		*capacity = more;
	return larger;
}

static bool reserve_rows(struct ngram_rows *rows)
{
	size_t capacity = rows->row_capacity, same = capacity, needed = (size_t)rows->count + 2;
	uint64_t *starts = grown(rows->starts, &capacity, needed, sizeof *starts), *numbers;
	int32_t *labels;

	if (!starts)
		return false;
	rows->starts = starts;
	numbers = grown(rows->numbers, &same, needed, sizeof *numbers);
	if (!numbers)
		return false;
	rows->numbers = numbers;
	labels = grown(rows->labels, &rows->row_capacity, needed, sizeof *labels);
	if (!labels)
		return false;
	rows->labels = labels;
	return true;
}

uint32_t *ngram_rows_room(struct ngram_rows *rows, size_t count)
{
	size_t start = rows->count > 0 ? rows->starts[rows->count] : 0, end;
	uint32_t *room;

	if (rows->count == UINT32_MAX - 2 || !reserve_rows(rows) || !size_add(start, count, &end))
		return NULL;
	room = grown(rows->buckets, &rows->bucket_capacity, end, sizeof *room);
	if (!room)
		return NULL;
	rows->buckets = room;
	return room + start;
}

void ngram_rows_add(struct ngram_rows *rows, size_t count, int64_t words, int32_t label, uint64_t number)
{
	uint64_t start = rows->count > 0 ? rows->starts[rows->count] : 0;

	rows->labels[rows->count] = label;
	rows->numbers[rows->count] = number;
	rows->starts[rows->count++] = start;
	rows->starts[rows->count] = start + count;
	rows->words += (uint64_t)words;
}

void ngram_rows_free(struct ngram_rows *rows)
{
	free(rows->buckets);
	free(rows->starts);
	free(rows->labels);
	free(rows->numbers);
	*rows = (struct ngram_rows){.shape = rows->shape};
}

/* Folding */

/* Hashes are counted by as many of their first bits as it takes for 16 places a hash, at least and at most: */
#define SEEN_BITS_LEAST 12
#define SEEN_BITS_MOST 26

struct ngram_seen {
	uint32_t least; /* rows that a frequent n-gram has */
	int32_t bits;
	uint8_t rows[]; /* [2^bits] that have it, at most UINT8_MAX */
};

/* The smallest number of rows, 2 or more, that no more than `most` places have. */
static uint32_t least_for(const struct ngram_seen *seen, uint64_t most)
{
	uint64_t places[UINT8_MAX + 1] = {0}, sum = 0;
	uint32_t least = UINT8_MAX + 1;

	for (size_t place = 0; place < (size_t)1 << seen->bits; place++)
		places[seen->rows[place]]++;
	while (least > 2 && sum + places[least - 1] <= most)
		sum += places[--least];
	return least <= UINT8_MAX ? least : UINT8_MAX;
}

struct ngram_seen *ngram_seen_new(const struct ngram_rows *rows, uint64_t most, struct error *error)
{
	uint64_t cells = rows->count > 0 ? rows->starts[rows->count] : 0;
	struct ngram_seen *seen;
	int32_t bits = SEEN_BITS_LEAST;

	while (bits < SEEN_BITS_MOST && UINT64_C(1) << bits < 16 * cells)
		bits++;
	seen = size_calloc(1, sizeof *seen + ((size_t)1 << bits));
	if (!seen) {
		error_memory(error, "counting words");
		return NULL;
	}
	seen->bits = bits;
	for (uint64_t k = 0; k < cells; k++) {
		uint8_t *count = &seen->rows[rows->buckets[k] >> (NGRAM_BITS_WIDE - bits)];

		*count = (uint8_t)(*count + (*count < UINT8_MAX));
	}
	seen->least = least_for(seen, most);
	return seen;
}

uint32_t ngram_seen_least(const struct ngram_seen *seen)
{
	return seen->least;
}

void ngram_seen_free(struct ngram_seen *seen)
{
	free(seen);
}

static bool is_frequent(const struct ngram_seen *seen, uint32_t hash)
{
	return !seen || seen->rows[hash >> (NGRAM_BITS_WIDE - seen->bits)] >= seen->least;
}

bool ngram_rows_fold(struct ngram_rows *rows, int32_t bits, const struct ngram_seen *seen, struct error *error)
{
	/* The last row that has a bucket, counted from 1. */
	uint32_t *last = size_calloc((size_t)1 << bits, sizeof *last);
	uint64_t kept = 0, read = 0;

	if (!last)
		return error_memory(error, "counting words");
	for (uint32_t i = 0; i < rows->count; i++) {
		const uint64_t end = rows->starts[i + 1];

		rows->starts[i] = kept;
		for (; read < end; read++) {
			uint32_t hash = rows->buckets[read], bucket = hash >> (NGRAM_BITS_WIDE - bits);

			if (last[bucket] == i + 1 || !is_frequent(seen, hash))
				continue;
			last[bucket] = i + 1;
			rows->buckets[kept++] = bucket;
		}
	}
	if (rows->count > 0)
		rows->starts[rows->count] = kept;
	rows->shape.bits = bits;
	free(last);
	return true;
}

/* The matrix */

#define NO_COLUMN UINT32_MAX

/* column_of[bucket], [2^bits], and how many columns there are. */
static uint32_t number_columns(const struct ngram_rows *rows, uint32_t *column_of)
{
	size_t buckets = (size_t)1 << rows->shape.bits;
	uint32_t columns = 0;

	memset(column_of, 0xff, buckets * sizeof *column_of);
	for (uint64_t k = 0; rows->count > 0 && k < rows->starts[rows->count]; k++)
		column_of[rows->buckets[k]] = 0;
	for (size_t bucket = 0; bucket < buckets; bucket++)
		if (column_of[bucket] != NO_COLUMN)
			column_of[bucket] = columns++;
	return columns;
}

static bool take_memory(struct ngram_matrix *matrix, uint32_t columns, uint64_t cells)
{
	matrix->bucket_of = size_calloc(columns, sizeof *matrix->bucket_of);
	matrix->row_columns = size_calloc(cells, sizeof *matrix->row_columns);
	matrix->column_rows = size_calloc(cells, sizeof *matrix->column_rows);
	matrix->column_starts = size_calloc((size_t)columns + 2, sizeof *matrix->column_starts);
	return matrix->bucket_of && matrix->row_columns && matrix->column_rows && matrix->column_starts;
}

/* column_starts[j + 1] is moved on as column j fills up, so that it ends as the start of the next one. */
static void fill_columns(struct ngram_matrix *matrix, const struct ngram_rows *rows, uint32_t columns)
{
	const uint64_t cells = rows->starts[rows->count];
	uint64_t *starts = matrix->column_starts;

	for (uint64_t k = 0; k < cells; k++)
		starts[matrix->row_columns[k] + 2]++;
	for (uint32_t j = 0; j < columns; j++)
		starts[j + 2] += starts[j + 1];
	for (uint32_t i = 0; i < rows->count; i++)
		for (uint64_t k = rows->starts[i]; k < rows->starts[i + 1]; k++)
			matrix->column_rows[starts[matrix->row_columns[k] + 1]++] = i;
}

static bool fill(struct ngram_matrix *matrix, const struct ngram_rows *rows, uint32_t *column_of)
{
	const uint64_t cells = rows->count > 0 ? rows->starts[rows->count] : 0;
	uint32_t columns = number_columns(rows, column_of);

	if (!take_memory(matrix, columns, cells))
		return false;
	for (size_t bucket = 0; bucket < (size_t)1 << rows->shape.bits; bucket++)
		if (column_of[bucket] != NO_COLUMN)
			matrix->bucket_of[column_of[bucket]] = (uint32_t)bucket;
	for (uint64_t k = 0; k < cells; k++)
		matrix->row_columns[k] = column_of[rows->buckets[k]];
	if (cells > 0)
		fill_columns(matrix, rows, columns);
	matrix->sparse = (struct sparse){.rows = rows->count, .columns = columns, .row_starts = rows->starts,
	                                 .row_columns = matrix->row_columns, .column_starts = matrix->column_starts,
	                                 .column_rows = matrix->column_rows};
	return true;
}

bool ngram_matrix_make(struct ngram_matrix *matrix, const struct ngram_rows *rows, struct error *error)
{
	uint32_t *column_of = size_calloc((size_t)1 << rows->shape.bits, sizeof *column_of);
	bool done = column_of && fill(matrix, rows, column_of);

	free(column_of);
	return done || error_memory(error, "fitting a linear model");
}

void ngram_matrix_free(struct ngram_matrix *matrix)
{
	free(matrix->bucket_of);
	free(matrix->row_columns);
	free(matrix->column_rows);
	free(matrix->column_starts);
	*matrix = (struct ngram_matrix){0};
}
