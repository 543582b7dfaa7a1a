/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options from a file of arguments: what transformers, PEFT and bitsandbytes call them becomes a row of the table.
 *
 * source  transformers 5.23 TrainingArguments, BitsAndBytesConfig and the arguments of its run_classification.py; PEFT 0.21
 *         LoraConfig */
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/options.h"
#include "engine/share.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX ((size_t)4 << 20)
#define NESTING_MAX 2 /* objects inside the file's own, such as "peft_config" */

static const char *const recipes[] = {
	"bert-tiny-qlora-50k", "distilbert-4000", "distilbert-app", "distilbert-imdb-3000", "tinybert-4l-312", NULL,
};

const char *train_recipe_name(int index)
{
	return recipes[index];
}

/* Other spellings of an option. */
static const struct {
	const char *key, *option;
} aliases[] = {
	{"evaluation_strategy", "eval-strategy"},
	{"label_column_name", "label-column"},
	{"max_seq_length", "max-length"},
	{"model_max_length", "max-length"},
	{"per_gpu_train_batch_size", "per-device-train-batch-size"},
	{"r", "lora-r"},
	{"test_size", "validation"},
	{"text_column_name", "text-column"},
	{"validation_file", "validation"},
};

/* Values that are said here by another option. */
static const struct {
	const char *key, *value, *option, *text;
} translations[] = {
	{"group_by_length", "true", "train-sampling-strategy", "group_by_length"},
	{"truncation_side", "left", "truncation", "tail"},
	{"truncation_side", "right", "truncation", "head"},
	{"use_cpu", "true", "device", "cpu"},
};

/* What would train another model than the one that is asked for. */
static const struct {
	const char *key, *why;
} refusals[] = {
	{"exclude_modules", "modules cannot be left out by it: name those that are meant in target_modules"},
	{"fan_in_fan_out", "no layer of a BERT is stored that way"},
	{"layer_replication", "layers are not replicated"},
	{"layers_to_transform", "layers are chosen by a pattern in target_modules, such as .*layer\\.[0-3]\\..*query"},
	{"load_in_8bit", "a base in 8 bits is not computed; load_in_4bit is"},
	{"target_parameters", "adapters are put on modules, not on parameters"},
	{"use_dora", "DoRA is not computed; leave it out for LoRA"},
	{"use_qalora", "QALoRA is not computed; leave it out for LoRA"},
};

/* The base of a training; of an adapter's configuration too. */
static const char *const model_keys[] = {"base_model_name_or_path", "model_name_or_path"};

/* Keys that say nothing about what is trained: where it runs, what it tells, where it goes, or what every LoraConfig says.
 * The first ones are whole, the others beginnings. */
static const char *const quiet_keys[] = {
	"auto_mapping", "average_tokens_across_devices", "bnb_4bit_quant_storage", "comment", "description", "do_eval",
	"do_predict", "do_train", "fp16_full_eval", "inference_mode", "init_lora_weights", "label_names", "local_rank",
	"output_dir", "overwrite_output_dir", "peft_type", "peft_version", "per_device_eval_batch_size", "quant_method",
	"remove_unused_columns", "report_to", "resume_from_checkpoint", "revision", "run_name", "task_type",
};
static const char *const quiet_beginnings[] = {
	"_", "accelerator", "dataloader_", "ddp_", "disable_tqdm", "eval_accumulation", "eval_do_concat", "hub_", "include_",
	"length_column", "llm_int8_", "log_", "logging_dir", "logging_nan", "mp_", "parallelism", "prediction_loss_only",
	"project", "push_to_hub", "restore_", "runtime_", "save_on_each", "save_only", "skip_memory", "torch_", "trackio",
};

/* A file that is being read. */
struct reading {
	const char *path;
	struct train_options *options;
	struct options_file *out;
	struct error *error;
};

static bool refuse(const struct reading *reading, const char *key, const char *why)
{
	return error_set(reading->error, ERROR_DATA, "%s: %.60s: %s", reading->path, key, why);
}

/* Values as text */

struct text {
	char data[OPTION_TEXT_MAX];
	size_t used;
};

static bool text_add(struct text *text, const char *more)
{
	size_t size = strlen(more);

	if (size >= sizeof text->data - text->used)
		return false;
	memcpy(text->data + text->used, more, size + 1);
	text->used += size;
	return true;
}

static bool text_add_scalar(struct text *text, const json_t *value)
{
	char number[NUMBER_TEXT];

	if (json_is_string(value))
		return text_add(text, json_string_value(value));
	if (json_is_boolean(value))
		return text_add(text, json_is_true(value) ? "true" : "false");
	if (!json_is_number(value))
		return false;
	if (json_is_integer(value))
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		number_format(number, json_real_value(value));
	return text_add(text, number);
}

/* As the command line writes a list, "a,b", and pairs, "a=1,b=2". A part that holds the mark itself cannot be written so. */
static bool text_add_part(struct text *text, const char *name, const json_t *value)
{
	if (json_is_string(value) && strchr(json_string_value(value), ','))
		return false;
	if (text->used > 0 && !text_add(text, ","))
		return false;
	if (name && (strpbrk(name, ",=") || !text_add(text, name) || !text_add(text, "=")))
		return false;
	return text_add_scalar(text, value);
}

static bool text_of(json_t *value, struct text *text)
{
	const char *name;
	json_t *part;
	size_t i;

	text->used = 0;
	text->data[0] = '\0';
	if (json_is_array(value)) {
		json_array_foreach(value, i, part)
			if (!text_add_part(text, NULL, part))
				return false;
		return true;
	}
	if (json_is_object(value)) {
		json_object_foreach(value, name, part)
			if (!text_add_part(text, name, part))
				return false;
		return true;
	}
	return text_add_scalar(text, value);
}

/* Keys */

static const struct option_row *find_option(const char *key)
{
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (strcmp(aliases[i].key, key) == 0)
			return train_option_find(aliases[i].option);
	return train_option_find(key);
}

static bool set_option(const struct reading *reading, const char *key, const struct option_row *row, const char *text)
{
	if (train_option_set(reading->options, row, text, reading->error))
		return true;
	error_prefix(reading->error, "%s: %.60s", reading->path, key);
	if (reading->error)
		reading->error->kind = ERROR_DATA;
	return false;
}

/* False: nothing is known about this key with this value. */
static bool translate(const struct reading *reading, const char *key, const char *text, bool *done)
{
	for (size_t i = 0; i < sizeof translations / sizeof *translations; i++)
		if (strcmp(translations[i].key, key) == 0 && strcmp(translations[i].value, text) == 0) {
			*done = set_option(reading, key, train_option_find(translations[i].option), translations[i].text);
			return true;
		}
	return false;
}

static bool says_nothing(const json_t *value)
{
	return json_is_null(value) || json_is_false(value) || (json_is_object(value) && json_object_size(value) == 0) ||
	       (json_is_array(value) && json_array_size(value) == 0) ||
	       (json_is_string(value) && (json_string_length(value) == 0 || strcmp(json_string_value(value), "none") == 0));
}

static bool is_quiet(const char *key)
{
	for (size_t i = 0; i < sizeof quiet_keys / sizeof *quiet_keys; i++)
		if (strcmp(quiet_keys[i], key) == 0)
			return true;
	for (size_t i = 0; i < sizeof quiet_beginnings / sizeof *quiet_beginnings; i++)
		if (strncmp(quiet_beginnings[i], key, strlen(quiet_beginnings[i])) == 0)
			return true;
	return false;
}

static void note_unused(const struct reading *reading, const char *key)
{
	char *line = reading->out->unused;
	size_t used = strlen(line), capacity = sizeof reading->out->unused;

	if (used == 0)
		used = (size_t)snprintf(line, capacity, "%.300s: not used: ", reading->path);
	else if (used < capacity - 80)
		used += (size_t)snprintf(line + used, capacity - used, ", ");
	if (used < capacity - 80)
		snprintf(line + used, capacity - used, "%.60s", key);
	else if (strcmp(line + used - 3, "...") != 0)
		snprintf(line + used, capacity - used, ", ...");
}

static const char *refusal(const char *key)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (strcmp(refusals[i].key, key) == 0)
			return refusals[i].why;
	return NULL;
}

static bool is_model(const char *key)
{
	for (size_t i = 0; i < sizeof model_keys / sizeof *model_keys; i++)
		if (strcmp(model_keys[i], key) == 0)
			return true;
	return false;
}

static bool take_model(const struct reading *reading, const char *key, const json_t *value)
{
	size_t size = json_string_length(value);

	if (!json_is_string(value) || size >= sizeof reading->out->model)
		return refuse(reading, key, "the name or the folder of a model is needed");
	memcpy(reading->out->model, json_string_value(value), size + 1);
	return true;
}

static bool read_object(const struct reading *reading, json_t *object, int depth);

/* A value of an option or of none. */
static bool read_value(const struct reading *reading, const char *key, json_t *value, int depth)
{
	const struct option_row *row = find_option(key);
	struct text text;
	bool whole, done;

	if (!row && json_is_object(value) && depth < NESTING_MAX)
		return read_object(reading, value, depth + 1);
	whole = text_of(value, &text);
	if (row && !whole)
		return refuse(reading, key, "the value is no number, text, truth value, or list of such");
	if (row)
		return set_option(reading, key, row, text.data);
	if (whole && translate(reading, key, text.data, &done))
		return done;
	if (refusal(key))
		return refuse(reading, key, refusal(key));
	if (!is_quiet(key))
		note_unused(reading, key);
	return true;
}

static bool read_object(const struct reading *reading, json_t *object, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		if (json_is_null(value))
			continue;
		if (is_model(key)) {
			if (!take_model(reading, key, value))
				return false;
			continue;
		}
		/* What is off and has no option here is what is done anyway. */
		if (says_nothing(value) && !find_option(key))
			continue;
		if (!read_value(reading, key, value, depth))
			return false;
	}
	return true;
}

/* run.json keeps its options in an object, and the base as a source. */
static bool read_record(const struct reading *reading, const json_t *document)
{
	const json_t *path = json_object_get(json_object_get(document, "model"), "path");

	return (!path || take_model(reading, "model", path)) &&
	       read_object(reading, json_object_get(document, "options"), 1);
}

static bool is_record(const json_t *document)
{
	return json_is_integer(json_object_get(document, "format")) && json_is_object(json_object_get(document, "options"));
}

static bool is_recipe(const char *name)
{
	for (int i = 0; recipes[i]; i++)
		if (strcmp(recipes[i], name) == 0)
			return true;
	return false;
}

/* The path of a file, or of the recipe of this name. */
static bool find_file(const char *name, char out[PATH_MAX], struct error *error)
{
	char known[400] = "", file[NAME_MAX];

	if (is_recipe(name) && !file_exists(name)) {
		snprintf(file, sizeof file, "recipes/%s.json", name);
		return share_find(file, out, PATH_MAX, error);
	}
	for (int i = 0; recipes[i]; i++)
		snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "", recipes[i]);
	RETURN_IF(!file_exists(name), error, ERROR_IO, "%.300s: no such file of arguments, and no recipe: those are %s", name,
	          known);
	RETURN_IF(snprintf(out, PATH_MAX, "%s", name) >= PATH_MAX, error, ERROR_USAGE, "%.100s...: name too long", name);
	return true;
}

bool train_options_read_file(const char *name, struct train_options *options, struct options_file *out,
                             struct error *error)
{
	char path[PATH_MAX];
	struct reading reading = {.path = path, .options = options, .out = out, .error = error};
	json_t *document;
	bool done;

	*out = (struct options_file){.model = ""};
	if (!find_file(name, path, error))
		return false;
	document = json_read(path, FILE_BYTES_MAX, error);
	if (!document)
		return false;
	if (!json_is_object(document))
		done = error_set(error, ERROR_DATA, "%s: not a JSON object of arguments", path);
	else
		done = is_record(document) ? read_record(&reading, document) : read_object(&reading, document, 0);
	json_decref(document);
	return done;
}
