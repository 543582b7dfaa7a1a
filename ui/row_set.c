/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/row_set.h"

#include <pthread.h>
#include <stdlib.h>

struct row_set {
	int holders;
	pthread_mutex_t lock; /* guards what follows */
	uint64_t *rows;
	size_t count, capacity;
	bool ascends; /* each row is greater than the one before */
};

struct row_set *row_set_new(void)
{
	struct row_set *set = calloc(1, sizeof *set);

	if (!set)
		return NULL;
	set->holders = 1;
	set->ascends = true;
	pthread_mutex_init(&set->lock, NULL);
	return set;
}

struct row_set *row_set_hold(struct row_set *set)
{
	if (set)
		set->holders++;
	return set;
}

void row_set_drop(struct row_set *set)
{
	if (!set || --set->holders > 0)
		return;
	pthread_mutex_destroy(&set->lock);
	free(set->rows);
	free(set);
}

static bool grow(struct row_set *set)
{
	const size_t capacity = set->capacity ? 2 * set->capacity : 1024;
	uint64_t *rows;

	if (set->count < set->capacity)
		return true;
	rows = reallocarray(set->rows, capacity, sizeof *rows);
	if (!rows)
		return false;
	set->rows = rows;
	set->capacity = capacity;
	return true;
}

bool row_set_add(struct row_set *set, uint64_t row)
{
	bool added;

	pthread_mutex_lock(&set->lock);
	added = grow(set);
	if (added) {
		set->ascends = set->ascends && (set->count == 0 || set->rows[set->count - 1] < row);
		set->rows[set->count++] = row;
	}
	pthread_mutex_unlock(&set->lock);
	return added;
}

void row_set_cut(struct row_set *set, uint64_t row)
{
	pthread_mutex_lock(&set->lock);
	while (set->count > 0 && set->rows[set->count - 1] >= row)
		set->count--;
	pthread_mutex_unlock(&set->lock);
}

size_t row_set_count(struct row_set *set)
{
	size_t count;

	pthread_mutex_lock(&set->lock);
	count = set->count;
	pthread_mutex_unlock(&set->lock);
	return count;
}

uint64_t row_set_at(struct row_set *set, uint64_t index)
{
	uint64_t row;

	pthread_mutex_lock(&set->lock);
	row = index < set->count ? set->rows[index] : 0;
	pthread_mutex_unlock(&set->lock);
	return row;
}

static size_t find_ascending(const struct row_set *set, uint64_t row)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (set->rows[middle] < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t find_anywhere(const struct row_set *set, uint64_t row)
{
	size_t found = set->count;

	for (size_t i = 0; i < set->count; i++) {
		if (set->rows[i] >= row && (found == set->count || set->rows[i] < set->rows[found]))
			found = i;
	}
	return found;
}

uint64_t row_set_find(struct row_set *set, uint64_t row)
{
	size_t index;

	pthread_mutex_lock(&set->lock);
	index = set->ascends ? find_ascending(set, row) : find_anywhere(set, row);
	if (index == set->count && index > 0)
		index--;
	pthread_mutex_unlock(&set->lock);
	return index;
}
