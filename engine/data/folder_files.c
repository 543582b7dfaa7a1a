/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/folder_files.h"

#include "engine/base/file.h"
#include "engine/base/names.h"
#include "engine/base/size.h"
#include "engine/words.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPORT_ENTRIES 256 /* between two reports */
#define LOOK 512 /* bytes of a file without ".txt" that show whether it is text */

struct names {
	char **of;
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->of[i]);
	free(names->of);
	*names = (struct names){0};
}

static bool add_name(struct names *names, const char *name)
{
	if ((names->count & (names->count - 1)) == 0) { /* full at every power of two */
		char **more = size_realloc(names->of, names->count ? 2 * names->count : 1, sizeof *more);
		if (!more)
			return false;
		names->of = more;
	}
	names->of[names->count] = strdup(name);
	return names->of[names->count] && ++names->count;
}

/* What an entry of a folder can be. */

static bool is_folder(const char *folder, const struct dirent *entry)
{
	char path[4096];

	if (entry->d_type == DT_DIR || entry->d_type == DT_REG)
		return entry->d_type == DT_DIR;
	return path_join(path, sizeof path, folder, entry->d_name, NULL) && folder_exists(path);
}

static bool is_text_file(const char *folder, const struct dirent *entry)
{
	return file_has_suffix(entry->d_name, ".txt") && !is_folder(folder, entry);
}

/* Named by a number, as in 20 Newsgroups: "53366". So README and Makefile are none. */
static bool is_numbered_file(const char *folder, const struct dirent *entry)
{
	const char *name = entry->d_name, *point = strrchr(name, '.');

	return name[strcspn(name, "0123456789")] && (!point || !point[1 + strspn(point + 1, "0123456789")]) &&
	       !is_folder(folder, entry);
}

static bool is_table(const char *folder, const struct dirent *entry)
{
	static const char *const suffixes[] = {".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json"};

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (file_has_suffix(entry->d_name, suffixes[i]))
			return !is_folder(folder, entry);
	return false;
}

/* The sorted names of a folder's entries that `wanted` likes, `most` of them at most. */
static bool list(const char *path, bool (*wanted)(const char *folder, const struct dirent *entry), size_t most,
                 struct names *names, const struct progress *progress, struct error *error)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool added = true, wished = true;

	if (!folder)
		return error_errno(error, "open", path);
	for (uint64_t seen = 0; added && wished && names->count < most && (entry = readdir(folder)); seen++) {
		if (entry->d_name[0] != '.' && wanted(path, entry))
			added = add_name(names, entry->d_name);
		wished = seen % REPORT_ENTRIES || progress_report(progress, "listing", seen, 0);
	}
	closedir(folder);
	RETURN_IF(!wished, error, ERROR_INTERRUPTED, "%s: given up before all of its files were found", path);
	if (!added)
		return error_memory(error, "listing a folder");
	if (names->count > 1)
		qsort(names->of, names->count, sizeof *names->of, by_name);
	return true;
}

/* Whether a file is text as far as its beginning shows. One that cannot be read is: whoever reads it tells why not. */
static bool looks_like_text(const char *folder, const char *name)
{
	char path[4096], block[LOOK];
	uint64_t size;
	bool read;
	int fd = path_join(path, sizeof path, folder, name, NULL) ? file_open(path, &size, NULL) : -1;

	if (fd < 0)
		return true;
	size = size < sizeof block ? size : sizeof block;
	read = file_read_at(fd, block, (size_t)size, 0, path, NULL);
	close(fd);
	return !read || !memchr(block, '\0', (size_t)size);
}

/* The reviews of one folder: its .txt files; where there are none those that are named by a number, if they are text. */
static bool list_reviews(const char *path, size_t most, struct names *names, const struct progress *progress, struct error *error)
{
	if (!list(path, is_text_file, most, names, progress, error))
		return false;
	if (names->count > 0)
		return true;
	if (!list(path, is_numbered_file, most, names, progress, error))
		return false;
	if (names->count > 0 && !looks_like_text(path, names->of[0]))
		free_names(names);
	return true;
}

void folder_files_free(struct folder_files *files)
{
	free_names(&(struct names){files->names, files->count});
	free_names(&(struct names){files->labels, files->label_count});
	free(files->label_of);
	free(files->path);
	*files = (struct folder_files){0};
}

bool folder_files_path(const struct folder_files *files, size_t index, char *out, size_t capacity, struct error *error)
{
	uint32_t label = files->label_of[index];
	char inner[4096];

	if (label == UNLABELLED)
		return path_join(out, capacity, files->path, files->names[index], error);
	return path_join(inner, sizeof inner, files->path, files->labels[label], error) &&
	       path_join(out, capacity, inner, files->names[index], error);
}

/* Takes over the names. */
static bool add_rows(struct folder_files *files, struct names *names, uint32_t label)
{
	size_t count = files->count + names->count;
	char **all = size_realloc(files->names, count, sizeof *all);
	uint32_t *labels;

	if (all)
		files->names = all;
	labels = all ? size_realloc(files->label_of, count, sizeof *labels) : NULL;
	if (!labels)
		return false;
	files->label_of = labels;
	for (size_t i = 0; i < names->count; i++) {
		all[files->count] = names->of[i];
		labels[files->count++] = label;
	}
	free(names->of);
	*names = (struct names){0};
	return true;
}

static bool add_folder(struct folder_files *files, const char *path, uint32_t label, const struct progress *progress,
                       struct error *error)
{
	struct names names = {0};
	bool added = label == UNLABELLED ? list(path, is_text_file, SIZE_MAX, &names, progress, error)
	                                 : list_reviews(path, SIZE_MAX, &names, progress, error);

	if (added && names.count > 0)
		added = add_rows(files, &names, label) || error_memory(error, "listing a folder");
	free_names(&names);
	return added;
}

/* Parts */

/* What a folder holds one level down. */
struct inside {
	bool reviews;  /* itself */
	bool labelled; /* a folder in it does */
};

static bool look_inside(const char *path, struct inside *inside, const struct progress *progress, struct error *error)
{
	struct names names = {0}, folders = {0};
	char inner[4096];
	bool looked = list_reviews(path, 1, &names, progress, error) && list(path, is_folder, SIZE_MAX, &folders, progress, error);

	*inside = (struct inside){.reviews = names.count > 0};
	free_names(&names);
	for (size_t i = 0; looked && i < folders.count && !inside->labelled; i++) {
		looked = path_join(inner, sizeof inner, path, folders.of[i], error) && list_reviews(inner, 1, &names, progress, error);
		inside->labelled = names.count > 0;
		free_names(&names);
	}
	free_names(&folders);
	return looked;
}

static bool is_part_name(const char *name)
{
	static const char *const words[] = {"train", "test", "dev", "val"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

/* Keeps those of `folders` that are parts of a set: label folders are in them, and they are called so or nothing else has
 * reviews. */
static bool keep_parts(const char *path, struct names *folders, const struct progress *progress, struct error *error)
{
	size_t parts = 0;
	bool named = false, labels = false;

	for (size_t i = 0; i < folders->count; i++) {
		struct inside inside;
		char inner[4096], *name = folders->of[i];

		if (!path_join(inner, sizeof inner, path, name, error) || !look_inside(inner, &inside, progress, error))
			return false;
		named = named || (inside.labelled && is_part_name(name));
		labels = labels || (inside.reviews && !inside.labelled);
		if (!inside.labelled)
			continue;
		folders->of[i] = folders->of[parts];
		folders->of[parts++] = name;
	}
	for (size_t i = named || !labels ? parts : 0; i < folders->count; i++)
		free(folders->of[i]);
	folders->count = named || !labels ? parts : 0;
	return true;
}

static const char *name_at(const void *names, int i)
{
	return ((const struct names *)names)->of[i];
}

/* The part for training, or the only one. False: it cannot be told which. */
static bool choose_part(const char *path, const struct names *parts, size_t *chosen, struct error *error)
{
	char all[200];

	*chosen = 0;
	for (size_t i = 0; i < parts->count; i++)
		if (strcasestr(parts->of[i], "train")) {
			*chosen = i;
			return true;
		}
	names_list(all, sizeof all, (int)(parts->count < 100 ? parts->count : 100), name_at, parts);
	RETURN_IF(parts->count > 1, error, ERROR_DATA, "%s: has several sets of reviews in it; open one of them: %s", path, all);
	return true;
}

static bool list_labels(struct folder_files *files, const struct progress *progress, struct error *error)
{
	struct names labels = {0};
	char path[4096];
	bool listed = list(files->path, is_folder, SIZE_MAX, &labels, progress, error);

	files->labels = labels.of;
	files->label_count = labels.count;
	for (size_t i = 0; listed && i < labels.count; i++)
		listed = path_join(path, sizeof path, files->path, labels.of[i], error) &&
		         add_folder(files, path, (uint32_t)i, progress, error);
	return listed;
}

static bool tell_part(const char *path, const char *read, const char *other, struct notices *notices,
                      const struct progress *progress, struct error *error)
{
	struct folder_files files = {0};
	char inner[4096];
	bool told = path_join(inner, sizeof inner, path, other, error);

	files.path = told ? strdup(inner) : NULL;
	told = told && (files.path || error_memory(error, "listing a folder")) && list_labels(&files, progress, error) &&
	       (notices_add(notices, "reads %s/; %s/ beside it has %s reviews: open %s for those, or --validation %s", read, other,
	                    words_count(files.count).text, inner, inner) || error_memory(error, "listing a folder"));
	folder_files_free(&files);
	return told;
}

static bool tell_parts(const char *path, const struct names *parts, size_t chosen, struct notices *notices,
                       const struct progress *progress, struct error *error)
{
	bool told = parts->count > 1 || notices_add(notices, "reads %s/ in it", parts->of[0]) ||
	            error_memory(error, "listing a folder");

	for (size_t i = 0; told && i < parts->count && i < NOTICES_MAX; i++)
		told = i == chosen || tell_part(path, parts->of[chosen], parts->of[i], notices, progress, error);
	return told;
}

/* files->path becomes the folder whose folders are the labels. */
static bool find_root(struct folder_files *files, const char *path, struct notices *notices, const struct progress *progress,
                      struct error *error)
{
	struct names parts = {0};
	char inner[4096];
	size_t chosen = 0;
	bool found = list(path, is_folder, SIZE_MAX, &parts, progress, error) && keep_parts(path, &parts, progress, error);

	snprintf(inner, sizeof inner, "%s", path);
	if (found && parts.count > 0)
		found = choose_part(path, &parts, &chosen, error) && tell_parts(path, &parts, chosen, notices, progress, error) &&
		        path_join(inner, sizeof inner, path, parts.of[chosen], error);
	free_names(&parts);
	if (!found)
		return false;
	files->path = strdup(inner);
	return files->path || error_memory(error, "listing a folder");
}

static bool has_file(const char *folder, const char *name)
{
	char path[4096];

	return path_join(path, sizeof path, folder, name, NULL) && file_exists(path);
}

/* What the folder is instead. */
static bool refuse(const char *path, struct error *error)
{
	struct names tables = {0};
	char some[200];

	RETURN_IF(has_file(path, "config.json") && (has_file(path, "model.safetensors") || has_file(path, "pytorch_model.bin") ||
	          has_file(path, "vocab.txt") || has_file(path, "tokenizer.json")), error, ERROR_DATA,
	          "%s: is a model's folder, which -m takes; reviews are needed here", path);
	RETURN_IF(has_file(path, "run.json"), error, ERROR_DATA,
	          "%s: is the folder of a training; reviews are needed here", path);
	if (!list(path, is_table, 100, &tables, NULL, error)) {
		free_names(&tables);
		return false;
	}
	names_list(some, sizeof some, (int)tables.count, name_at, &tables);
	free_names(&tables);
	RETURN_IF(some[0], error, ERROR_DATA, "%s: is a folder; open one of its files: %s", path, some);
	return error_set(error, ERROR_DATA,
	                 "%s: has no LABEL/*.txt in it (a folder of reviews has one sub-folder for each label)", path);
}

bool folder_files_find(struct folder_files *files, const char *path, struct notices *notices, const struct progress *progress,
                       struct error *error)
{
	if (!find_root(files, path, notices, progress, error) || !list_labels(files, progress, error) ||
	    (files->count == 0 && !add_folder(files, files->path, UNLABELLED, progress, error)))
		return false;
	return files->count > 0 || refuse(path, error);
}
