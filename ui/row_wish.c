/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/row_wish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void row_wish_free(struct row_wish *wish)
{
	free(wish->path);
	free(wish->rows);
	*wish = (struct row_wish){0};
}

static bool is_same_file(const char *a, const char *b)
{
	char whole[PATH_MAX], other[PATH_MAX];

	return realpath(a, whole) && realpath(b, other) && strcmp(whole, other) == 0;
}

static bool is_open(const struct session *session, const char *path)
{
	return session->dataset && is_same_file(dataset_path(session->dataset), path);
}

bool row_wish_set(struct row_wish *wish, struct session *session, const char *path, const struct dataset_dialect *dialect,
                  const uint64_t *rows, size_t count, uint64_t chosen, const char *title, struct error *error)
{
	const struct dataset_dialect none = {0};
	const bool said = memcmp(dialect, &none, sizeof none) != 0;

	row_wish_free(wish);
	if (count == 0)
		return true;
	if (!is_open(session, path) && !(said ? session_open_data_as(session, path, dialect, false, error)
	                                      : session_open_data(session, path, false, error)))
		return false;
	wish->path = strdup(path);
	wish->rows = calloc(count, sizeof *wish->rows);
	if (!wish->path || !wish->rows) {
		row_wish_free(wish);
		return error_memory(error, "listing reviews");
	}
	memcpy(wish->rows, rows, count * sizeof *rows);
	wish->count = count;
	wish->chosen = chosen;
	for (size_t i = 0; i < count; i++)
		wish->last = rows[i] > wish->last ? rows[i] : wish->last;
	snprintf(wish->title, sizeof wish->title, "%s", title);
	return true;
}

bool row_wish_is_ready(const struct row_wish *wish, const struct session *session)
{
	bool complete;

	return wish->path && !session->open_job && is_open(session, wish->path) &&
	       (dataset_rows(session->dataset, &complete) > wish->last || complete);
}
