/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/checkpoint_state.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/sha256.h"
#include "engine/train/options/options_json.h"
#include "engine/train/run/run_figures.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STATE_BYTES_MAX ((size_t)1 << 20)

/* What a checkpoint consists of beside state.json. What is not needed to go on may be missing, as it is in checkpoints of
 * earlier versions; where state.json names it, it is checked as the others are. */
static const struct file {
	const char *name;
	size_t hash; /* in struct checkpoint_hashes */
	bool needed;
} files[] = {
	{CHECKPOINT_WEIGHTS, offsetof(struct checkpoint_hashes, weights), true},
	{CHECKPOINT_MOMENTS, offsetof(struct checkpoint_hashes, moments), true},
	{CHECKPOINT_TRAINER_STATE, offsetof(struct checkpoint_hashes, trainer_state), false},
};
enum { FILES = sizeof files / sizeof files[0] };

/* SHA-256 of the document without its "sha256": reals are written with 17 digits, so what is read back is
 * written the same. */
static bool document_hash(json_t *document, char out[65])
{
	struct sha256_ctx context;
	json_t *bare = json_copy(document);
	char *text;

	/* Jansson does not say that it had no memory for some of the members. */
	if (json_object_size(bare) != json_object_size(document))
		bare = json_complete(bare, false);
	json_object_del(bare, "sha256");
	text = json_text(bare, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
	json_decref(bare);
	if (!text)
		return false;
	sha256_init(&context);
	sha256_update(&context, strlen(text), (const uint8_t *)text);
	sha256_hex(&context, out);
	free(text);
	return true;
}

static bool file_size(const char *path, uint64_t *size, struct error *error)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return error_errno(error, "look at", path);
	RETURN_IF(!S_ISREG(status.st_mode), error, ERROR_DATA, "%s: is not a regular file", path);
	*size = (uint64_t)status.st_size;
	return true;
}

/* Writing */

static json_t *file_to_json(const char *folder, const char *name, const char *hash, struct error *error)
{
	char path[4096];
	uint64_t size;
	json_t *file;

	if (!path_join(path, sizeof path, folder, name, error) || !file_size(path, &size, error))
		return NULL;
	file = json_pack("{s:I, s:s}", "bytes", (json_int_t)size, "sha256", hash);
	if (!file)
		error_memory(error, "writing a checkpoint");
	return file;
}

static json_t *files_to_json(const char *folder, const struct checkpoint_hashes *hashes, struct error *error)
{
	json_t *object = json_object();
	bool done = object || error_memory(error, "writing a checkpoint");

	for (int i = 0; done && i < FILES; i++) {
		const char *hash = (const char *)hashes + files[i].hash;
		if (!files[i].needed && hash[0] == '\0')
			continue;
		json_t *file = file_to_json(folder, files[i].name, hash, error);
		done = file && (json_object_set_new(object, files[i].name, file) == 0 || error_memory(error, "writing a checkpoint"));
	}
	return json_complete(object, done);
}

static json_t *figure_to_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* null: there was none. */
static json_t *evaluation_to_json(const struct run_evaluation *evaluation)
{
	json_t *object;

	if (evaluation->step == 0)
		return json_null();
	object = json_pack("{s:I, s:o, s:o, s:o}", "step", (json_int_t)evaluation->step, "epoch",
	                   figure_to_json(evaluation->epoch), "time", figure_to_json(evaluation->time), "metric",
	                   figure_to_json(evaluation->metric));
	return json_complete(object, object && run_figures_keep(evaluation, object));
}

/* A metric that is not finite is the worst that there is, which reading knows. */
static json_t *best_to_json(const struct best *best)
{
	return json_pack("{s:b, s:o, s:I, s:I, s:I}", "begun", (int)best->begun, "metric", figure_to_json(best->metric), "step",
	                 (json_int_t)best->step, "saved", (json_int_t)best->saved, "without", (json_int_t)best->without);
}

static json_t *plateau_to_json(const struct plateau *plateau)
{
	return json_pack("{s:f, s:o, s:I, s:I}", "rate", plateau->rate, "best", figure_to_json(plateau->best), "bad",
	                 (json_int_t)plateau->bad, "cooling", (json_int_t)plateau->cooling);
}

static json_t *scaling_to_json(const struct loss_scale *scaling)
{
	return json_pack("{s:f, s:I, s:I}", "scale", scaling->scale, "good", (json_int_t)scaling->good, "skipped",
	                 (json_int_t)scaling->skipped);
}

static json_t *steering_to_json(const struct run_steering *steering)
{
	return json_pack("{s:f, s:f}", "rate", steering->rate, "epochs", steering->epochs);
}

static json_t *state_to_json(const struct checkpoint_state *state)
{
	return json_pack("{s:i, s:I, s:I, s:f, s:{s:f, s:f, s:I, s:I, s:o, s:f}, s:{s:f, s:I}, s:o, s:o, s:o, s:o, s:o, s:o,"
	                 " s:s, s:s, s:s}",
	                 "format", 1, "step", (json_int_t)state->step, "evaluated", (json_int_t)state->evaluated,
	                 "seconds", state->seconds, "window", "loss_sum", state->loss_sum, "seconds",
	                 state->window_seconds, "examples", (json_int_t)state->window_examples, "tokens",
	                 (json_int_t)state->window_tokens, "grad_norm", figure_to_json(state->grad_norm), "learning_rate",
	                 state->learning_rate, "total", "loss_sum", state->total_loss, "examples",
	                 (json_int_t)state->total_examples, "last_evaluation", evaluation_to_json(&state->last),
	                 "best_evaluation", evaluation_to_json(&state->best), "best",
	                 best_to_json(&state->mark), "plateau", plateau_to_json(&state->plateau), "loss_scale",
	                 scaling_to_json(&state->scaling), "steering", steering_to_json(&state->steering), "data_sha256",
	                 state->data_hash, "model_sha256", state->model_hash, "validation_sha256", state->validation_hash);
}

bool checkpoint_write_state(const char *folder, const struct checkpoint_state *state,
                            const struct checkpoint_hashes *hashes, struct error *error)
{
	char path[4096], hash[65];
	json_t *document, *described;
	bool done;

	if (!path_join(path, sizeof path, folder, CHECKPOINT_STATE, error))
		return false;
	described = files_to_json(folder, hashes, error);
	if (!described)
		return false;
	document = state_to_json(state);
	done = document && (!state->options || json_object_set_new(document, "options", options_to_json(state->options)) == 0) &&
	       json_object_set(document, "files", described) == 0 && document_hash(document, hash) &&
	       json_object_set_new(document, "sha256", json_string(hash)) == 0;
	done = done ? json_write(path, document, error) : error_memory(error, "writing a checkpoint");
	json_decref(described);
	json_decref(document);
	return done;
}

/* Reading */

static bool check_hash(json_t *document, struct error *error)
{
	const char *told = json_string_value(json_object_get(document, "sha256"));
	char hash[65];

	if (!document_hash(document, hash))
		return error_memory(error, "reading a checkpoint");
	RETURN_IF(!told || strcmp(told, hash) != 0, error, ERROR_DATA,
	          CHECKPOINT_STATE ": is damaged: its SHA-256 is not the recorded one");
	return true;
}

static bool check_file(const json_t *document, const char *folder, const char *name, bool quick,
                       struct error *error)
{
	const json_t *file = json_object_get(json_object_get(document, "files"), name);
	const char *told = json_string_value(json_object_get(file, "sha256"));
	json_int_t bytes = json_integer_value(json_object_get(file, "bytes"));
	char path[4096], hash[65];
	uint64_t size;

	if (!path_join(path, sizeof path, folder, name, error) || !file_size(path, &size, error))
		return false;
	RETURN_IF(!told || (uint64_t)bytes != size, error, ERROR_DATA, "%s: has %" PRIu64 " bytes instead of %lld", name,
	          size, (long long)bytes);
	if (quick)
		return true;
	if (!file_sha256(path, hash, error))
		return false;
	RETURN_IF(strcmp(told, hash) != 0, error, ERROR_DATA, "%s: is damaged: its SHA-256 is not the recorded one", name);
	return true;
}

static uint64_t counter(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* null: what was not finite. */
static double figure(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static double real(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* A checkpoint of an earlier version has none. */
static struct run_evaluation read_evaluation(const json_t *document, const char *key)
{
	const json_t *object = json_object_get(document, key);
	struct run_evaluation evaluation = {0};

	if (!json_is_object(object))
		return evaluation;
	evaluation = (struct run_evaluation){
		.step = counter(object, "step"),
		.epoch = real(object, "epoch"),
		.time = real(object, "time"),
		.metric = figure(object, "metric"),
	};
	run_figures_read(&evaluation, object);
	return evaluation;
}

static struct best read_best(const json_t *object)
{
	return (struct best){
		.begun = json_is_true(json_object_get(object, "begun")),
		.metric = figure(object, "metric"),
		.step = counter(object, "step"),
		.saved = counter(object, "saved"),
		.without = counter(object, "without"),
	};
}

static struct plateau read_plateau(const json_t *object)
{
	return (struct plateau){
		.rate = real(object, "rate"),
		.best = figure(object, "best"),
		.bad = counter(object, "bad"),
		.cooling = counter(object, "cooling"),
	};
}

/* A checkpoint of an earlier version has none. */
static struct loss_scale read_scaling(const json_t *object)
{
	return (struct loss_scale){
		.scale = real(object, "scale"),
		.good = counter(object, "good"),
		.skipped = counter(object, "skipped"),
	};
}

/* A checkpoint of an earlier version has none. What no command can ask for is none either. */
static struct run_steering read_steering(const json_t *object)
{
	struct run_steering steering = {.rate = real(object, "rate"), .epochs = real(object, "epochs")};

	steering.rate = isfinite(steering.rate) && steering.rate > 0 ? steering.rate : 0;
	steering.epochs = isfinite(steering.epochs) && steering.epochs > 0 ? steering.epochs : 0;
	return steering;
}

static void read_hash(const json_t *document, const char *key, char out[65])
{
	const char *text = json_string_value(json_object_get(document, key));

	snprintf(out, 65, "%s", text ? text : "");
}

static void state_from_json(const json_t *document, struct checkpoint_state *state)
{
	const json_t *window = json_object_get(document, "window"), *total = json_object_get(document, "total");

	*state = (struct checkpoint_state){
		.step = counter(document, "step"),
		.evaluated = counter(document, "evaluated"),
		.seconds = real(document, "seconds"),
		.loss_sum = real(window, "loss_sum"),
		.window_seconds = real(window, "seconds"),
		.window_examples = counter(window, "examples"),
		.window_tokens = counter(window, "tokens"),
		.grad_norm = figure(window, "grad_norm"),
		.learning_rate = real(window, "learning_rate"),
		.total_loss = real(total, "loss_sum"),
		.total_examples = counter(total, "examples"),
		.last = read_evaluation(document, "last_evaluation"),
		.best = read_evaluation(document, "best_evaluation"),
		.mark = read_best(json_object_get(document, "best")),
		.plateau = read_plateau(json_object_get(document, "plateau")),
		.scaling = read_scaling(json_object_get(document, "loss_scale")),
		.steering = read_steering(json_object_get(document, "steering")),
	};
	if (state->scaling.skipped > state->step)
		state->scaling.skipped = 0;
	read_hash(document, "data_sha256", state->data_hash);
	read_hash(document, "model_sha256", state->model_hash);
	read_hash(document, "validation_sha256", state->validation_hash);
}

bool checkpoint_read_state(const char *folder, struct checkpoint_state *state, bool quick, struct error *error)
{
	char path[4096];
	json_t *document;
	bool done;

	if (!path_join(path, sizeof path, folder, CHECKPOINT_STATE, error))
		return false;
	document = json_read(path, STATE_BYTES_MAX, error);
	if (!document)
		return false;
	done = check_hash(document, error);
	for (int i = 0; done && i < FILES; i++)
		done = (!files[i].needed && !json_object_get(json_object_get(document, "files"), files[i].name)) ||
		       check_file(document, folder, files[i].name, quick, error);
	if (done)
		state_from_json(document, state);
	json_decref(document);
	return done;
}

json_t *checkpoint_read_options(const char *folder)
{
	char path[4096];
	json_t *document = path_join(path, sizeof path, folder, CHECKPOINT_STATE, NULL) ? json_read(path, STATE_BYTES_MAX, NULL) : NULL;
	json_t *options = json_incref(json_object_get(document, "options"));

	json_decref(document);
	return options;
}
