/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/runs_table.h"

#include "engine/nearest.h"
#include "engine/thread.h"
#include "ui/reviews/expression_complete.h"
#include "ui/reviews/sorting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The job */

struct find_task {
	pthread_mutex_t mutex;
	struct run_row **found; /* [count] that the UI thread has not taken yet */
	size_t count, capacity;
	char folder[];
};

static void find_free(void *context)
{
	struct find_task *task = context;

	for (size_t i = 0; i < task->count; i++)
		run_row_free(task->found[i]);
	free(task->found);
	pthread_mutex_destroy(&task->mutex);
	free(task);
}

/* Without memory for it a run is not listed. */
static void take_found(void *context, struct run_row *row)
{
	struct find_task *task = context;

	pthread_mutex_lock(&task->mutex);
	if (task->count == task->capacity) {
		const size_t more = task->capacity ? task->capacity * 2 : 64;
		struct run_row **bigger = realloc(task->found, more * sizeof *bigger);

		task->found = bigger ? bigger : task->found;
		task->capacity = bigger ? more : task->capacity;
	}
	if (task->count < task->capacity)
		task->found[task->count++] = row;
	else
		run_row_free(row);
	pthread_mutex_unlock(&task->mutex);
}

static bool find_work(void *context, const struct progress *progress, struct error *error)
{
	struct find_task *task = context;

	return runs_find(task->folder, take_found, task, progress, error);
}

static struct job *start_finding(struct jobs *jobs, const char *folder, struct error *error)
{
	static const struct job_kind finding = {"looking for runs", find_work, find_free};
	struct find_task *task = calloc(1, sizeof *task + strlen(folder) + 1);

	if (!task) {
		error_memory(error, finding.name);
		return NULL;
	}
	pthread_mutex_init(&task->mutex, NULL);
	memcpy(task->folder, folder, strlen(folder) + 1);
	return job_start(jobs, &finding, task, error);
}

/* Entries */

static void forget_coming(struct runs_table *table)
{
	while (table->coming_count > 0)
		run_row_free(table->coming[--table->coming_count]);
}

static void forget_entries(struct runs_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		run_row_free(table->entries[i].row);
	table->count = table->shown_count = 0;
	table->stale = true;
}

void runs_table_free(struct runs_table *table)
{
	job_let_go(&table->job);
	forget_entries(table);
	forget_coming(table);
	free(table->coming);
	free(table->entries);
	free(table->shown);
	free(table->filter);
	expression_free(table->expression);
	*table = (struct runs_table){.order = -1};
}

bool runs_table_load(struct runs_table *table, struct jobs *jobs, const char *folder, struct error *error)
{
	RETURN_IF(folder && strlen(folder) >= sizeof table->folder, error, ERROR_USAGE, "the name of the folder is too long");
	job_let_go(&table->job);
	forget_coming(table);
	table->again = !folder && table->count > 0;
	if (folder) {
		memcpy(table->folder, folder, strlen(folder) + 1);
		forget_entries(table);
	}
	table->job = start_finding(jobs, table->folder, error);
	return table->job;
}

/* Room for one more pointer or entry; doubles. NULL: no memory, what is there stays. */
static void *grown(void *table, size_t count, size_t *capacity, size_t size)
{
	const size_t more = *capacity ? *capacity * 2 : 64;
	void *bigger;

	if (count < *capacity)
		return table;
	bigger = realloc(table, more * size);
	if (bigger)
		*capacity = more;
	return bigger;
}

/* Without memory for it a run is not listed. */
static void add_entry(struct runs_table *table, struct run_row *row, bool marked)
{
	struct runs_entry *entries = grown(table->entries, table->count, &table->capacity, sizeof *entries);

	if (!entries) {
		run_row_free(row);
		return;
	}
	table->entries = entries;
	table->entries[table->count++] = (struct runs_entry){row, marked};
	table->stale = true;
}

static void add_coming(struct runs_table *table, struct run_row *row)
{
	struct run_row **coming = grown(table->coming, table->coming_count, &table->coming_capacity, sizeof *coming);

	if (!coming) {
		run_row_free(row);
		return;
	}
	table->coming = coming;
	table->coming[table->coming_count++] = row;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The paths of the marked ones, sorted, a copy each; NULL ends them. NULL: none, or no memory: then none is marked any more. */
static char **marked_paths(const struct runs_table *table, size_t *count)
{
	char **paths = calloc(table->count + 1, sizeof *paths);

	*count = 0;
	for (size_t i = 0; paths && i < table->count; i++)
		if (table->entries[i].marked && (paths[*count] = strdup(table->entries[i].row->path)))
			(*count)++;
	if (paths)
		qsort(paths, *count, sizeof *paths, compare_paths);
	return paths;
}

/* What was found again takes the place of what was there. */
static void take_coming(struct runs_table *table)
{
	size_t marked;
	char **paths = marked_paths(table, &marked);

	forget_entries(table);
	for (size_t i = 0; i < table->coming_count; i++) {
		struct run_row *row = table->coming[i];

		add_entry(table, row, paths && bsearch(&row->path, paths, marked, sizeof *paths, compare_paths));
	}
	table->coming_count = 0;
	table->again = false;
	for (size_t i = 0; paths && i < marked; i++)
		free(paths[i]);
	free(paths);
}

static void take_batch(struct runs_table *table, struct find_task *task)
{
	pthread_mutex_lock(&task->mutex);
	for (size_t i = 0; i < task->count; i++)
		if (table->again)
			add_coming(table, task->found[i]);
		else
			add_entry(table, task->found[i], false);
	task->count = 0;
	pthread_mutex_unlock(&task->mutex);
}

/* Which are shown */

static bool names_find(struct span name, int *field)
{
	char text[64];

	if (name.size >= sizeof text)
		return false;
	snprintf(text, sizeof text, "%.*s", (int)name.size, name.data);
	*field = run_column_find(text);
	return *field >= 0;
}

/* A state is meant by itself: "finished accuracy>0.8". */
static enum expression_name find_name(const void *of, struct span name, int *field)
{
	(void)of;
	if (names_find(name, field))
		return NAME_FIELD;
	for (int state = RUN_LIVE; state <= RUN_DEAD; state++) {
		const char *word = run_state_name((enum run_state)state);

		if (name.size == strlen(word) && memcmp(name.data, word, name.size) == 0) {
			*field = RUN_COLUMN_STATE;
			return NAME_WORD;
		}
	}
	return NAME_UNKNOWN;
}

static const char *name_at(const void *of, int index)
{
	(void)of;
	return index < run_column_count() ? run_column_name(index) : NULL;
}

static const struct expression_names names = {NULL, find_name, name_at, NULL};

/* The cell outlives the value: it lies beside the run that is asked. */
struct asked {
	const struct run_row *row;
	struct run_cell *cell;
};

static void value_of(const void *of, int field, struct expression_value *out)
{
	const struct asked *asked = of;

	run_column_value(asked->row, field, asked->cell);
	*out = (struct expression_value){.kind = VALUE_NONE};
	if (!asked->cell->there)
		return;
	out->kind = asked->cell->is_number ? VALUE_NUMBER : VALUE_TEXTS;
	out->number = asked->cell->number;
	out->text = span_of(asked->cell->text);
	out->texts = &out->text;
	out->count = 1;
}

static bool is_wanted(const struct runs_table *table, const struct run_row *row)
{
	struct run_cell cell;
	const struct asked asked = {row, &cell};

	return !table->expression || expression_holds(table->expression, value_of, &asked);
}

static bool add_key(struct sorting *sorting, const struct runs_table *table, size_t index)
{
	struct run_cell cell;

	run_column_value(table->entries[index].row, table->order >= 0 ? table->order : RUN_COLUMN_NAME, &cell);
	if (!cell.there)
		return sorting_add_none(sorting, index);
	return cell.is_number ? sorting_add_number(sorting, index, cell.number) : sorting_add_word(sorting, index, span_of(cell.text));
}

static int compare_names(const void *a, const void *b, void *context)
{
	const struct runs_table *table = context;

	return strcmp(table->entries[*(const size_t *)a].row->name, table->entries[*(const size_t *)b].row->name);
}

/* By name first, so that runs with the same key stand by name. */
static void arrange(struct runs_table *table)
{
	struct sorting *sorting = sorting_new();
	bool done = sorting != NULL;

	table->stale = false;
	if (table->shown_capacity < table->count) {
		size_t *bigger = realloc(table->shown, table->capacity * sizeof *bigger);

		if (!bigger) {
			sorting_free(sorting);
			return;
		}
		table->shown = bigger;
		table->shown_capacity = table->capacity;
	}
	table->shown_count = 0;
	for (size_t i = 0; i < table->count; i++)
		if (is_wanted(table, table->entries[i].row))
			table->shown[table->shown_count++] = i;
	if (table->shown_count > 1)
		qsort_r(table->shown, table->shown_count, sizeof *table->shown, compare_names, table);
	for (size_t i = 0; done && i < table->shown_count; i++)
		done = add_key(sorting, table, table->shown[i]);
	done = done && sorting_sort(sorting, table->reverse, NULL);
	for (size_t i = 0; done && i < table->shown_count; i++)
		table->shown[i] = (size_t)sorting_row(sorting, i);
	sorting_free(sorting);
}

bool runs_table_update(struct runs_table *table, struct error *error)
{
	const bool finished = job_finished(table->job);

	if (!table->job)
		return false;
	take_batch(table, job_context(table->job));
	if (finished && job_error(table->job) && job_error(table->job)->kind != ERROR_INTERRUPTED)
		*error = *job_error(table->job);
	if (finished && table->again)
		take_coming(table);
	if (finished)
		job_let_go(&table->job);
	if (!table->stale)
		return finished && error->kind == ERROR_NONE;
	arrange(table);
	return error->kind == ERROR_NONE;
}

bool runs_table_filter(struct runs_table *table, const char *filter, struct error *error)
{
	struct expression *expression = filter && *filter ? expression_parse(filter, &names, error) : NULL;
	char *copy = expression ? strdup(filter) : NULL;

	if (filter && *filter && (!expression || !copy)) {
		expression_free(expression);
		return copy || !expression ? false : error_memory(error, "filtering runs");
	}
	expression_free(table->expression);
	free(table->filter);
	table->expression = expression;
	table->filter = copy;
	arrange(table);
	return true;
}

char *runs_table_complete(const char *word, int index)
{
	return expression_complete(&names, word, index);
}

bool runs_table_sort(struct runs_table *table, const char *order, struct error *error)
{
	const size_t size = strcspn(order, " ");
	const char *rest = order + size + strspn(order + size, " ");
	char name[64];
	struct nearest nearest = {.wanted = name};
	int column;

	snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name - 1), order);
	column = size > 0 ? run_column_find(name) : RUN_COLUMN_NAME;
	for (int i = 0; column < 0 && i < run_column_count(); i++)
		nearest_offer(&nearest, run_column_name(i));
	if (column < 0 && nearest.name)
		return error_set(error, ERROR_USAGE, "there is no column \"%s\": did you mean \"%s\"?", name, nearest.name);
	RETURN_IF(column < 0, error, ERROR_USAGE, "there is no column \"%s\": a result such as accuracy, or a setting", name);
	RETURN_IF(*rest && strncmp(rest, "reverse", strlen(rest)) != 0, error, ERROR_USAGE, "sort: \"%.40s\" is not \"reverse\"", rest);
	table->order = size > 0 ? column : -1;
	table->reverse = *rest;
	arrange(table);
	return true;
}

/* What is shown */

const struct run_row *runs_table_row(const struct runs_table *table, size_t index)
{
	return index < table->shown_count ? table->entries[table->shown[index]].row : NULL;
}

bool runs_table_is_marked(const struct runs_table *table, size_t index)
{
	return index < table->shown_count && table->entries[table->shown[index]].marked;
}

void runs_table_mark(struct runs_table *table, size_t index, bool marked)
{
	if (index < table->shown_count)
		table->entries[table->shown[index]].marked = marked;
}

void runs_table_unmark(struct runs_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		table->entries[i].marked = false;
}

size_t runs_table_find(const struct runs_table *table, const char *path)
{
	size_t index = 0;

	while (index < table->shown_count && strcmp(runs_table_row(table, index)->path, path) != 0)
		index++;
	return index;
}

size_t runs_table_marked(const struct runs_table *table, const struct run_row **rows, size_t capacity)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (!table->entries[i].marked)
			continue;
		if (count < capacity)
			rows[count] = table->entries[i].row;
		count++;
	}
	return count;
}

static void take_one(void *context, struct run_row *row)
{
	struct run_row **out = context;

	run_row_free(*out);
	*out = row;
}

/* It is found as in a search of its own folder; the name is that of before, but for its last part. */
void runs_table_refresh(struct runs_table *table, const char *path, const char *now)
{
	for (size_t i = 0; i < table->count; i++) {
		struct runs_entry *entry = &table->entries[i];
		struct run_row *row = NULL;
		const char *slash = now ? strrchr(now, '/') : NULL;
		char name[PATH_MAX];

		if (strcmp(entry->row->path, path) != 0)
			continue;
		if (now && runs_find(now, take_one, &row, NULL, NULL) && row) {
			const char *before = strrchr(entry->row->name, '/');

			snprintf(name, sizeof name, "%.*s%s", before ? (int)(before + 1 - entry->row->name) : 0, entry->row->name,
			         slash ? slash + 1 : now);
			free(row->name);
			row->name = strdup(name);
		}
		run_row_free(entry->row);
		entry->row = row;
		if (!row || !row->name) {
			run_row_free(row);
			memmove(entry, entry + 1, (table->count - i - 1) * sizeof *entry);
			table->count--;
		}
		break;
	}
	arrange(table);
}
