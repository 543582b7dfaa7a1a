/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a model is that somebody names. People give the folder of a training, a cache, a file of the model: where one
 * model stands there, it is meant. The layouts are those of transformers' Trainer, huggingface_hub, sentence-transformers
 * and of this program's own runs. */
#include "engine/model.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/no_weights.h"
#include "engine/format/peft.h"
#include "engine/format/weights_form.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	STEPS_MAX = 4,                  /* a cache of the Hub, a model in it, its snapshot, the encoder there */
	ENTRIES_MAX = 100000,           /* of a folder that are looked at */
	STATE_BYTES_MAX = 64 << 20,     /* trainer_state.json logs every step */
	MODULES_BYTES_MAX = 1 << 20,
	REFERENCE_BYTES_MAX = 256,
};

/* One step from a folder to one in it. */
enum step {
	STEP_NONE,    /* the folder is none of this kind */
	STEP_TAKEN,   /* `to` and `what` are set */
	STEP_REFUSED, /* the error is set */
};

struct finding {
	char to[PATH_MAX];
	const char *what; /* fit to stand before the name of the folder: "the model of this run" */
};

/* A name in a file may lead to an entry of the same folder, nowhere else. */
static bool is_plain(const char *name)
{
	return name && name[0] && name[0] != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX;
}

static bool has_entry(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return path_join(path, sizeof path, folder, name, NULL) && file_exists(path);
}

/* Joins, and tells whether there is a folder. */
static bool folder_in(char out[PATH_MAX], const char *folder, const char *name)
{
	return path_join(out, PATH_MAX, folder, name, NULL) && folder_exists(out);
}

/* A whole model, or an adapter on one. */
static bool holds_model(const char *folder)
{
	return weights_form_find(folder) || peft_weights_name(folder)[0];
}

static bool model_in(char out[PATH_MAX], const char *folder, const char *name)
{
	return folder_in(out, folder, name) && holds_model(out);
}

static enum step take(struct finding *finding, const char *what)
{
	finding->what = what;
	return STEP_TAKEN;
}

/* A run of this program: run.json, and when it has finished, model/. */
static enum step step_into_run(const char *folder, struct finding *finding, struct error *error)
{
	if (!has_entry(folder, "run.json"))
		return STEP_NONE;
	if (model_in(finding->to, folder, "model"))
		return take(finding, "the model of this run");
	error_set(error, ERROR_DATA, "%s is a run that has made no model yet: go on with revue train --resume %s", folder,
	          folder);
	return STEP_REFUSED;
}

/* Calls `entry` for each name. False: the folder could not be read, with an error where memory was short. */
static bool each_entry(const char *folder, void (*entry)(void *context, const char *folder, const char *name),
                       void *context, struct error *error)
{
	const struct dirent *at;
	DIR *directory = opendir(folder);

	if (!directory)
		return errno == ENOMEM ? error_memory(error, "reading a model's folder") : error_errno(error, "open", folder);
	for (int i = 0; i < ENTRIES_MAX && (at = readdir(directory)); i++)
		entry(context, folder, at->d_name);
	closedir(directory);
	return true;
}

/* Folders of a kind: how many, and one of them. */
struct tally {
	int count;
	char name[NAME_MAX + 1]; /* the first in the order of bytes */
	long long number;        /* of a checkpoint */
};

static void tally_take(struct tally *tally, const char *name)
{
	if (tally->count++ == 0 || strcmp(name, tally->name) < 0)
		snprintf(tally->name, sizeof tally->name, "%s", name);
}

/* The Hub's cache: models--ORGANISATION--NAME/{blobs,refs,snapshots/COMMIT}, files of a snapshot being links to blobs. */
static void tally_snapshot(void *context, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (is_plain(name) && folder_in(path, folder, name))
		tally_take(context, name);
}

static void tally_cached(void *context, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (strncmp(name, "models--", 8) == 0 && folder_in(path, folder, name))
		tally_take(context, name);
}

/* The commit of refs/main; "" where there is none. False: out of memory. */
static bool read_main(const char *folder, char out[REFERENCE_BYTES_MAX + 1], struct error *error)
{
	struct error reason = {0};
	char path[PATH_MAX], *text;
	size_t size;

	out[0] = '\0';
	if (!path_join(path, sizeof path, folder, "refs/main", NULL) || !file_exists(path))
		return true;
	text = file_read(path, REFERENCE_BYTES_MAX, &size, &reason);
	if (!text)
		return reason.kind != ERROR_FAILED || error_memory(error, "reading refs/main");
	snprintf(out, REFERENCE_BYTES_MAX + 1, "%.*s", (int)strcspn(text, "\r\n \t"), text);
	free(text);
	return true;
}

static enum step step_into_snapshot(const char *folder, struct finding *finding, struct error *error)
{
	char snapshots[PATH_MAX], commit[REFERENCE_BYTES_MAX + 1];
	struct tally tally = {0};

	if (!folder_in(snapshots, folder, "snapshots"))
		return STEP_NONE;
	if (!read_main(folder, commit, error))
		return STEP_REFUSED;
	if (is_plain(commit) && folder_in(finding->to, snapshots, commit))
		return take(finding, "the snapshot of its main branch");
	if (!each_entry(snapshots, tally_snapshot, &tally, error))
		return STEP_REFUSED;
	if (tally.count == 1 && folder_in(finding->to, snapshots, tally.name))
		return take(finding, "its only snapshot");
	if (tally.count > 1)
		error_set(error, ERROR_DATA, "%s holds %d snapshots of a model: name one of them, such as %s/%s", folder,
		          tally.count, snapshots, tally.name);
	else
		error_set(error, ERROR_DATA, "%s holds no snapshot: its download was not finished", folder);
	return STEP_REFUSED;
}

static enum step step_into_cache(const char *folder, struct finding *finding, struct error *error)
{
	char hub[PATH_MAX];
	struct tally tally = {0};

	/* HF_HOME holds "hub", that the models. */
	if (!folder_in(hub, folder, "hub"))
		snprintf(hub, sizeof hub, "%s", folder);
	if (!each_entry(hub, tally_cached, &tally, error))
		return STEP_REFUSED;
	if (tally.count == 0)
		return STEP_NONE;
	if (tally.count == 1 && folder_in(finding->to, hub, tally.name))
		return take(finding, "the only model of this cache");
	error_set(error, ERROR_DATA, "%s is a cache with %d models of the Hub: name one of them, such as %s/%s", folder,
	          tally.count, hub, tally.name);
	return STEP_REFUSED;
}

/* checkpoint-N of transformers' Trainer. */
static long long checkpoint_number(const char *name)
{
	static const char begin[] = "checkpoint-";
	const char *digits = name + sizeof begin - 1;
	long long number = 0;

	if (strncmp(name, begin, sizeof begin - 1) != 0 || !*digits)
		return -1;
	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9' || number > LLONG_MAX / 100)
			return -1;
		number = 10 * number + (*digits - '0');
	}
	return number;
}

static void tally_checkpoint(void *context, const char *folder, const char *name)
{
	struct tally *tally = context;
	long long number = checkpoint_number(name);
	char path[PATH_MAX];

	if (number < 0 || !model_in(path, folder, name) || (tally->count++ > 0 && number <= tally->number))
		return;
	tally->number = number;
	snprintf(tally->name, sizeof tally->name, "%s", name);
}

/* A document, NULL where there is none that can be read. False: out of memory. */
static bool read_document(const char *folder, const char *name, size_t limit, json_t **out, struct error *error)
{
	struct error reason = {0};
	char path[PATH_MAX];

	*out = NULL;
	if (!path_join(path, sizeof path, folder, name, NULL) || !file_exists(path))
		return true;
	*out = json_read(path, limit, &reason);
	if (*out || reason.kind != ERROR_FAILED)
		return true;
	if (error)
		*error = reason;
	return false;
}

/* The checkpoint that trainer_state.json in `from` calls the best, where it is among those of `folder`. */
static bool find_best(const char *folder, const char *from, char out[PATH_MAX], bool *found, struct error *error)
{
	const char *best, *slash;
	json_t *state;

	if (!read_document(from, "trainer_state.json", STATE_BYTES_MAX, &state, error))
		return false;
	best = json_string_value(json_object_get(state, "best_model_checkpoint"));
	slash = best ? strrchr(best, '/') : NULL;
	if (best && strrchr(best, '\\') > slash) /* of a Trainer on Windows */
		slash = strrchr(best, '\\');
	best = slash ? slash + 1 : best;
	*found = best && checkpoint_number(best) >= 0 && is_plain(best) && model_in(out, folder, best);
	json_decref(state);
	return true;
}

/* The state of the whole training lies beside the checkpoints, or in the newest of them. */
static enum step step_into_checkpoint(const char *folder, struct finding *finding, struct error *error)
{
	struct tally tally = {0};
	char newest[PATH_MAX];
	bool found;

	if (!each_entry(folder, tally_checkpoint, &tally, error))
		return STEP_REFUSED;
	if (tally.count == 0 || !model_in(newest, folder, tally.name))
		return STEP_NONE;
	if (!find_best(folder, folder, finding->to, &found, error) ||
	    (!found && !find_best(folder, newest, finding->to, &found, error)))
		return STEP_REFUSED;
	if (found)
		return take(finding, "the best of its checkpoints by trainer_state.json");
	memcpy(finding->to, newest, sizeof newest);
	return take(finding, tally.count == 1 ? "its only checkpoint" : "the newest of its checkpoints");
}

/* sentence-transformers: modules.json lists folders, the first of them the encoder. */
static enum step step_into_module(const char *folder, struct finding *finding, struct error *error)
{
	const char *type, *path;
	const json_t *first;
	json_t *modules;
	bool found;

	if (!read_document(folder, "modules.json", MODULES_BYTES_MAX, &modules, error))
		return STEP_REFUSED;
	first = json_array_get(modules, 0);
	type = json_string_value(json_object_get(first, "type"));
	path = json_string_value(json_object_get(first, "path"));
	found = type && text_ends_with(type, "Transformer") && is_plain(path) && model_in(finding->to, folder, path);
	json_decref(modules);
	if (!found && !model_in(finding->to, folder, "0_Transformer"))
		return STEP_NONE;
	return take(finding, "the encoder of this sentence-transformers model");
}

static enum step step_into(const char *folder, struct finding *finding, struct error *error)
{
	static enum step (*const kinds[])(const char *, struct finding *, struct error *) = {
		step_into_run, step_into_snapshot, step_into_checkpoint, step_into_module, step_into_cache,
	};
	enum step step = STEP_NONE;

	for (size_t i = 0; step == STEP_NONE && i < sizeof kinds / sizeof *kinds; i++)
		step = kinds[i](folder, finding, error);
	return step;
}

/* From a folder without weights to the one that is meant. Where none is found, the folder stays: opening it says what is
 * missing. */
static bool look_inside(struct model_place *place, const char **what, struct error *error)
{
	struct finding finding;

	for (int steps = 0; steps < STEPS_MAX && !holds_model(place->folder); steps++) {
		enum step step = step_into(place->folder, &finding, error);

		if (step == STEP_REFUSED)
			return false;
		if (step == STEP_NONE)
			return true;
		memcpy(place->folder, finding.to, sizeof finding.to);
		*what = *what ? *what : finding.what;
	}
	return true;
}

/* A checkpoint of a run of this program holds weights, but neither config.json nor a tokenizer. */
static bool check_complete(const char *folder, struct error *error)
{
	RETURN_IF(!has_entry(folder, "config.json") && has_entry(folder, "state.json") &&
	          has_entry(folder, "optimizer.safetensors"), error, ERROR_DATA, "%s is a checkpoint of a run, no model: revue "
	          "train --resume goes on with the run, whose model is then in its folder \"model\"", folder);
	return true;
}

static bool is_part_of_model(const char *name)
{
	static const char *const names[] = {
		"config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json",
		"added_tokens.json", "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
		"pytorch_model.bin.index.json",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return (strncmp(name, "model-", 6) == 0 && text_ends_with(name, ".safetensors")) ||
	       (strncmp(name, "pytorch_model-", 14) == 0 && text_ends_with(name, ".bin"));
}

/* A file of a model stands for the folder; not the file that a link leads to: that is a blob of the Hub's cache. */
static bool take_folder_of(struct model_place *place, const char *path, const char **what, struct error *error)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	snprintf(place->folder, sizeof place->folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	if (slash == path)
		snprintf(place->folder, sizeof place->folder, "/");
	if (is_part_of_model(name) && has_entry(place->folder, "config.json") && weights_form_find(place->folder)) {
		*what = "the folder of this file";
		return true;
	}
	if (no_weights_explain_file(path, error))
		return false;
	return error_set(error, ERROR_USAGE, "%s is a file: a model is a folder with config.json, model.safetensors and a "
	                 "tokenizer", path);
}

/* "NAME" or "ORGANISATION/NAME", as models of the Hub are called; what begins with a folder that is there is a path. */
static bool is_hub_name(const char *path)
{
	char first[2 * NAME_MAX];
	size_t size = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");
	const char *slash = strchr(path, '/');

	snprintf(first, sizeof first, "%.*s", (int)strcspn(path, "/"), path);
	return size > 0 && path[size] == '\0' && !file_exists(first) && path[0] != '.' && path[0] != '/' && path[size - 1] != '/' &&
	       !(slash && strchr(slash + 1, '/')) && size <= 2 * NAME_MAX;
}

/* Where huggingface_hub keeps what it downloads; false: nowhere that is known. */
static bool find_cache(char out[PATH_MAX])
{
	static const struct {
		const char *variable, *below;
	} places[] = {
		{"HF_HUB_CACHE", ""}, {"HF_HOME", "/hub"}, {"XDG_CACHE_HOME", "/huggingface/hub"}, {"HOME", "/.cache/huggingface/hub"},
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *value = getenv(places[i].variable);

		if (value && *value)
			return snprintf(out, PATH_MAX, "%s%s", value, places[i].below) < PATH_MAX;
	}
	return false;
}

/* Whether a model of this name was downloaded: its folder in the cache. */
static bool is_cached(char out[PATH_MAX], const char *name)
{
	char cache[PATH_MAX], entry[3 * NAME_MAX];
	size_t size = 0;

	size = (size_t)snprintf(entry, sizeof entry, "models--");
	for (; *name && size + 3 < sizeof entry; name++)
		size += (size_t)snprintf(entry + size, sizeof entry - size, "%s%.1s", *name == '/' ? "--" : "", *name == '/' ? "" : name);
	return find_cache(cache) && folder_in(out, cache, entry);
}

static bool explain_absent(const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/');

	if (errno != ENOENT && errno != ENOTDIR)
		return error_errno(error, "open", path);
	RETURN_IF(strstr(path, "://"), error, ERROR_USAGE, "%s: nothing is downloaded: a model is a folder on this machine",
	          path);
	RETURN_IF(is_hub_name(path), error, ERROR_IO, "%s: no such model folder; nothing is downloaded: where this is a name on "
	          "the Hugging Face Hub, \"hf download %s --local-dir %s\" makes the folder %s", path, path,
	          slash ? slash + 1 : path, slash ? slash + 1 : path);
	return error_set(error, ERROR_IO, "%s: no such model folder", path);
}

bool model_find_base(const char *name, struct model_place *place, struct error *error)
{
	char cached[PATH_MAX];

	if (file_exists(name) || !is_hub_name(name) || !is_cached(cached, name))
		return model_find(name, place, error);
	return model_find(cached, place, error);
}

/* A file of weights may be named whose folder has others, which are preferred. */
static void note(struct model_place *place, const char *path, const char *what)
{
	const struct weights_form *form = weights_form_find(place->folder);
	const bool weights = text_ends_with(path, ".bin") || text_ends_with(path, ".safetensors");
	const char *with = form && weights && !text_ends_with(path, form->name)
	                   ? form->name : NULL;

	snprintf(place->notice, sizeof place->notice, "%.400s: %s, %.400s, is taken%s%s", path, what, place->folder,
	         with ? " with its " : "", with ? with : "");
}

/* What is at the path; of a name on the Hub that names nothing here, the model in the Hub's cache. */
static bool look_at(const char *path, struct model_place *place, bool *folder, const char **what, struct error *error)
{
	struct stat status;

	*folder = true;
	if (stat(path, &status) != 0) {
		if ((errno == ENOENT || errno == ENOTDIR) && is_hub_name(path) && is_cached(place->folder, path)) {
			*what = "the model of this name in the Hub's cache";
			return true;
		}
		return explain_absent(path, error);
	}
	*folder = S_ISDIR(status.st_mode);
	RETURN_IF((size_t)snprintf(place->folder, sizeof place->folder, "%s", path) >= sizeof place->folder, error,
	          ERROR_USAGE, "%.100s...: name too long", path);
	return true;
}

bool model_find(const char *path, struct model_place *place, struct error *error)
{
	const char *what = NULL;
	bool folder;

	place->folder[0] = place->notice[0] = '\0';
	if (!look_at(path, place, &folder, &what, error) ||
	    !(folder ? look_inside(place, &what, error) : take_folder_of(place, path, &what, error)) ||
	    !check_complete(place->folder, error))
		return false;
	if (what)
		note(place, path, what);
	return true;
}
