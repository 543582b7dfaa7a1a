/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names and first bytes tell what stands where weights should be: the forms in which other programs keep a model, and
 * what was left out of a copy. */
#include "engine/format/no_weights.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/identify.h"
#include "engine/format/tensor.h"
#include "engine/format/weights_form.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_ENTRIES_MAX = 10000, ADAPTER_BYTES_MAX = 1 << 20 };

#define SAVE_ANEW "save_pretrained() in Python writes model.safetensors"

/* How a file of a kind is called: `name` whole, or how it begins and ends. Who comes first counts more. */
static const struct foreign_form {
	const char *begin, *end;
	const char *of, *way_out;
} foreign_forms[] = {
	{"tf_model.h5", "", "TensorFlow", "transformers 4 loads it with from_tf=True, and then " SAVE_ANEW},
	{"flax_model.msgpack", "", "Flax", "transformers 4 loads it with from_flax=True, and then " SAVE_ANEW},
	{"saved_model", "", "TensorFlow", "load the model that it was made from, " SAVE_ANEW},
	{"", ".h5", "TensorFlow", "transformers 4 loads it with from_tf=True, and then " SAVE_ANEW},
	{"", ".keras", "TensorFlow", "load the model that it was made from, " SAVE_ANEW},
	{"", ".ckpt.index", "TensorFlow", "transformers 4 loads it with from_tf=True, and then " SAVE_ANEW},
	{"", ".msgpack", "Flax", "transformers 4 loads it with from_flax=True, and then " SAVE_ANEW},
	{"", ".onnx", "ONNX", "load the model that it was made from, " SAVE_ANEW},
	{"onnx", "onnx", "ONNX", "load the model that it was made from, " SAVE_ANEW},
	{"", ".gguf", "GGUF", "load the model that it was made from, " SAVE_ANEW},
	{"openvino", "", "OpenVINO", "load the model that it was made from, " SAVE_ANEW},
	{"", ".tflite", "TensorFlow Lite", "load the model that it was made from, " SAVE_ANEW},
	{"", ".mlmodel", "Core ML", "load the model that it was made from, " SAVE_ANEW},
	{"", ".mlpackage", "Core ML", "load the model that it was made from, " SAVE_ANEW},
	{"", ".ot", "rust-bert", "load the model that it was made from, " SAVE_ANEW},
	{"", ".ckpt", "PyTorch Lightning", "load it with the class that trained it, " SAVE_ANEW},
};

/* What training tools leave beside the weights. */
static const char *const companions[] = {
	"training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scheduler.bin", "rng_state.pth",
	"scaler.pt", "optimizer.safetensors",
};

static bool begins_with(const char *name, const char *begin)
{
	return strncmp(name, begin, strlen(begin)) == 0;
}

static bool is_companion(const char *name)
{
	for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
		if (strcmp(name, companions[i]) == 0)
			return true;
	return begins_with(name, "rng_state");
}

static const struct foreign_form *foreign_form_of(const char *name)
{
	for (size_t i = 0; i < sizeof foreign_forms / sizeof *foreign_forms; i++)
		if (begins_with(name, foreign_forms[i].begin) && text_ends_with(name, foreign_forms[i].end))
			return foreign_forms + i;
	return NULL;
}

static bool is_adapter(const char *name)
{
	return strcmp(name, "adapter_model.safetensors") == 0 || strcmp(name, "adapter_model.bin") == 0;
}

static bool is_shard(const char *name)
{
	return (begins_with(name, "model-") && text_ends_with(name, ".safetensors")) ||
	       (begins_with(name, "pytorch_model-") && text_ends_with(name, ".bin"));
}

static bool is_named_like_weights(const char *name)
{
	static const char *const endings[] = {".safetensors", ".bin", ".pt", ".pth", ".pkl", ".LFS-POINTER.txt"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (text_ends_with(name, endings[i]))
			return !is_companion(name);
	return false;
}

/* The first bytes of a file into `start`, whose used part is returned, and the file's size; empty where it cannot be
 * read. */
static struct span read_start(const char *path, char start[IDENTIFY_BYTES], uint64_t *size)
{
	struct span out = {start, 0};
	int fd = file_open(path, size, NULL);

	if (fd < 0)
		return out;
	out.size = *size < IDENTIFY_BYTES ? (size_t)*size : IDENTIFY_BYTES;
	if (!file_read_at(fd, start, out.size, 0, path, NULL))
		out.size = 0;
	close(fd);
	return out;
}

/* The kind of a file by its first bytes, and what there is to say about it. */
static enum content look_at(const char *path, const char **what)
{
	char start[IDENTIFY_BYTES];
	uint64_t size = 1; /* one that cannot be read is not called empty */
	struct span bytes = read_start(path, start, &size);

	return content_identify(bytes, size, what);
}

static bool is_pointer(const char *folder, const char *name)
{
	char path[PATH_MAX], start[IDENTIFY_BYTES];
	uint64_t size;

	return is_named_like_weights(name) && path_join(path, sizeof path, folder, name, NULL) &&
	       content_is_lfs_pointer(read_start(path, start, &size));
}

/* What an entry of the folder is, the more telling ones first; of two alike the first by name is told. */
enum finding {
	FOUND_ADAPTER,
	FOUND_POINTER,
	FOUND_SHARD,
	FOUND_FOREIGN,
	FOUND_MODEL = FOUND_FOREIGN + (int)(sizeof foreign_forms / sizeof *foreign_forms), /* a folder with weights */
	FOUND_OTHER_NAME,
	FOUND_NOTHING,
};

struct findings {
	enum finding best;
	char name[NAME_MAX + 1];
	int models; /* folders with weights */
};

static enum finding classify(const char *folder, const char *name)
{
	const struct foreign_form *foreign = foreign_form_of(name);
	char path[PATH_MAX];

	if (is_adapter(name))
		return FOUND_ADAPTER;
	if (is_pointer(folder, name))
		return FOUND_POINTER;
	if (is_shard(name))
		return FOUND_SHARD;
	if (foreign)
		return FOUND_FOREIGN + (int)(foreign - foreign_forms);
	if (is_named_like_weights(name))
		return FOUND_OTHER_NAME;
	if (name[0] != '.' && path_join(path, sizeof path, folder, name, NULL) && folder_exists(path) &&
	    weights_form_find(path))
		return FOUND_MODEL;
	return FOUND_NOTHING;
}

static void findings_add(struct findings *findings, const char *folder, const char *name)
{
	enum finding found = classify(folder, name);

	findings->models += found == FOUND_MODEL;
	if (found > findings->best || found == FOUND_NOTHING)
		return;
	if (found == findings->best && strcmp(name, findings->name) > 0)
		return;
	findings->best = found;
	snprintf(findings->name, sizeof findings->name, "%s", name);
}

/* The name of its base in adapter_config.json, "" where that does not tell. */
static void read_base(const char *folder, char *out, size_t capacity)
{
	char path[PATH_MAX];
	json_t *config = path_join(path, sizeof path, folder, "adapter_config.json", NULL)
	                         ? json_read(path, ADAPTER_BYTES_MAX, NULL) : NULL;
	const char *name = json_string_value(json_object_get(config, "base_model_name_or_path"));

	out[0] = '\0';
	if (name && tensor_text_is_clean(span_of(name)) && strlen(name) < capacity)
		snprintf(out, capacity, "%s", name);
	json_decref(config);
}

static void explain_adapter(const char *folder, const char *name, struct error *error)
{
	char base[200];

	read_base(folder, base, sizeof base);
	error_set(error, ERROR_DATA, "%s holds a LoRA adapter only (%s)%s%s: merge it into its base model first, with "
	          "revue merge", folder, name, base[0] ? " of " : "", base);
}

/* A file that could be weights under a name of somebody's own; its content tells more than its name. */
static void explain_other_name(const char *folder, const char *name, struct error *error)
{
	char path[PATH_MAX];
	const char *what;
	enum content content = path_join(path, sizeof path, folder, name, NULL) ? look_at(path, &what) : CONTENT_UNKNOWN;

	if (content == CONTENT_WRONG)
		error_set(error, ERROR_DATA, "%s %s", path, what);
	else if (content == CONTENT_SAFETENSORS)
		error_set(error, ERROR_DATA, "%s holds %s, but no model.safetensors: rename it if it holds the weights of "
		          "the whole model", folder, name);
	else
		error_set(error, ERROR_DATA, "%s holds %s, but neither model.safetensors nor pytorch_model.bin: rename it to "
		          "pytorch_model.bin if it holds the model's state dict; " SAVE_ANEW, folder, name);
}

static void explain_model(const char *folder, const struct findings *findings, struct error *error)
{
	if (findings->models == 1)
		error_set(error, ERROR_DATA, "%s holds no weights, the folder %s in it does: name that one", folder,
		          findings->name);
	else
		error_set(error, ERROR_DATA, "%s holds no weights, %d folders in it do: name one of them, such as %s", folder,
		          findings->models, findings->name);
}

static void explain(const char *folder, const struct findings *findings, struct error *error)
{
	const char *name = findings->name;

	if (findings->best == FOUND_NOTHING)
		error_set(error, ERROR_IO, "%s holds no weights: model.safetensors, pytorch_model.bin or an index of their "
		          "shards is needed", folder);
	else if (findings->best == FOUND_ADAPTER)
		explain_adapter(folder, name, error);
	else if (findings->best == FOUND_POINTER)
		error_set(error, ERROR_DATA, "%s/%s is a Git LFS pointer, not the weights: run \"git lfs pull\" in its folder, "
		          "or download the file itself", folder, name);
	else if (findings->best == FOUND_SHARD)
		error_set(error, ERROR_DATA, "%s holds a shard of weights (%s) without the index of the shards: download %s, too",
		          folder, name, text_ends_with(name, ".bin") ? "pytorch_model.bin.index.json"
		                                                 : "model.safetensors.index.json");
	else if (findings->best == FOUND_MODEL)
		explain_model(folder, findings, error);
	else if (findings->best == FOUND_OTHER_NAME)
		explain_other_name(folder, name, error);
	else
		error_set(error, ERROR_DATA, "%s holds %s (%s), which revue does not read: %s", folder, name,
		          foreign_forms[findings->best - FOUND_FOREIGN].of,
		          foreign_forms[findings->best - FOUND_FOREIGN].way_out);
}

void no_weights_explain(const char *folder, struct error *error)
{
	struct findings findings = {.best = FOUND_NOTHING};
	const struct dirent *entry;
	DIR *directory = opendir(folder);

	if (!directory && errno == ENOMEM)
		error_memory(error, "reading a model's folder");
	else if (!directory)
		error_errno(error, "open", folder);
	if (!directory)
		return;
	for (int i = 0; i < FOLDER_ENTRIES_MAX && (entry = readdir(directory)); i++)
		findings_add(&findings, folder, entry->d_name);
	closedir(directory);
	explain(folder, &findings, error);
}

static bool is_archive(const char *name)
{
	static const char *const endings[] = {".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".tar.xz", ".tar.bz2", ".tar.zst"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (text_ends_with(name, endings[i]))
			return true;
	return false;
}

bool no_weights_explain_file(const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *what;
	const struct foreign_form *foreign = foreign_form_of(name);

	if (foreign)
		error_set(error, ERROR_DATA, "%s is a model of %s, which revue does not read: %s", path, foreign->of,
		          foreign->way_out);
	else if (is_archive(name))
		error_set(error, ERROR_DATA, "%s is an archive: unpack it and name the folder", path);
	else if (!is_named_like_weights(name))
		return false;
	else if (look_at(path, &what) == CONTENT_WRONG)
		error_set(error, ERROR_DATA, "%s %s", path, what);
	else
		error_set(error, ERROR_DATA, "%s is a file of weights alone: a model is a folder in which they are called "
		          "model.safetensors or pytorch_model.bin, with config.json and the tokenizer", path);
	return true;
}
