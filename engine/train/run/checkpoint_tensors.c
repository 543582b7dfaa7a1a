/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/checkpoint_tensors.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/tensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_MAX_HERE 160

/* A tensor in the backend's memory that goes into a file, and its name there. */
struct outgoing_tensor {
	const float *values;
	size_t count;
	char name[NAME_MAX_HERE];
};

/* The tensors of one file on their way out. */
struct outgoing {
	struct tensor_out *tensors;
	struct outgoing_tensor *sources;
	float *staging; /* for all of them, one after the other; NULL: they are read where they lie */
	size_t count;
};

struct checkpoint_tensors {
	struct backend *backend; /* borrowed */
	struct outgoing weights, moments;
};

static void outgoing_free(struct outgoing *out)
{
	free(out->tensors);
	free(out->sources);
	free(out->staging);
}

static bool outgoing_init(struct outgoing *out, size_t tensors, struct error *error)
{
	*out = (struct outgoing){
		.tensors = size_calloc(tensors, sizeof *out->tensors),
		.sources = size_calloc(tensors, sizeof *out->sources),
	};
	return (out->tensors && out->sources) || error_memory(error, "writing a checkpoint");
}

static void outgoing_add(struct outgoing *out, const char *name, const struct optimizer_state *state)
{
	struct outgoing_tensor *source = &out->sources[out->count];

	source->values = state->values;
	source->count = state->count;
	snprintf(source->name, sizeof source->name, "%s%s", state->prefix, name);
	out->tensors[out->count++] = (struct tensor_out){
		.name = source->name,
		.rank = state->shape[1] ? 2 : 1,
		.shape = {state->shape[0], state->shape[1]},
	};
}

static size_t outgoing_values(const struct outgoing *out)
{
	size_t sum = 0;

	for (size_t i = 0; i < out->count; i++)
		sum += out->sources[i].count;
	return sum;
}

/* The values as they stand now, where the host can read them: copies of them where there is room. */
static void outgoing_take(struct outgoing *out, struct backend *backend)
{
	size_t used = 0;

	backend->ops->sync(backend);
	for (size_t i = 0; i < out->count; i++) {
		const struct outgoing_tensor *source = &out->sources[i];

		out->tensors[i].data = parameter_to_host(backend, source->values, source->count,
		                                         out->staging ? out->staging + used : NULL);
		used += source->count;
	}
}

/* Finite sums of squares would not do: they overflow for values that are still finite. */
static const char *not_finite(const struct outgoing *out)
{
	for (size_t i = 0; i < out->count; i++)
		for (size_t at = 0; at < out->sources[i].count; at++)
			if (!isfinite(out->tensors[i].data[at]))
				return out->sources[i].name;
	return NULL;
}

static bool outgoing_write(const struct outgoing *out, const char *folder, const char *name, char hash[65],
                           struct error *error)
{
	const char *bad = not_finite(out);
	char path[4096];

	RETURN_IF(bad, error, ERROR_DATA, "%s holds a value that is not finite: not saved", bad);
	return path_join(path, sizeof path, folder, name, error) &&
	       safetensors_write_hashed(path, out->tensors, out->count, hash, error);
}

/* The base of adapters stays as it is, and where it is. */
static bool is_kept(bool adapters, const struct parameter *parameter)
{
	return !adapters || parameter->trainable;
}

static bool list_weights(struct outgoing *out, const struct optimizer *optimizer, struct error *error)
{
	bool adapters = model_lora(optimizer->model) != NULL;

	if (!outgoing_init(out, (size_t)optimizer->rows, error))
		return false;
	for (int i = 0; i < optimizer->rows; i++) {
		const struct parameter *parameter = model_parameter(optimizer->model, i);

		if (is_kept(adapters, parameter))
			outgoing_add(out, parameter->name, &(struct optimizer_state){
				"", parameter->value, parameter->count, {parameter->shape[0], parameter->shape[1]}});
	}
	return true;
}

static bool list_moments(struct outgoing *out, const struct optimizer *optimizer, struct error *error)
{
	if (!outgoing_init(out, OPTIMIZER_STATES * (size_t)optimizer->rows, error))
		return false;
	for (int i = 0; i < optimizer->rows; i++) {
		struct optimizer_state states[OPTIMIZER_STATES];
		int count = optimizer_states(optimizer, i, states);

		for (int k = 0; k < count; k++)
			outgoing_add(out, model_parameter(optimizer->model, i)->name, &states[k]);
	}
	return true;
}

static bool write_now(bool (*list)(struct outgoing *, const struct optimizer *, struct error *), const char *folder,
                      const char *name, const struct optimizer *optimizer, char hash[65], struct error *error)
{
	struct backend *backend = model_backend(optimizer->model);
	struct outgoing out = {0};
	bool done = list(&out, optimizer, error) &&
	            parameter_staging(backend, outgoing_values(&out), &out.staging, "writing a checkpoint", error);

	if (done) {
		outgoing_take(&out, backend);
		done = backend->ops->status(backend, error) && outgoing_write(&out, folder, name, hash, error);
	}
	outgoing_free(&out);
	return done;
}

bool checkpoint_write_tensors(const char *folder, const struct optimizer *optimizer, struct checkpoint_hashes *hashes,
                              struct error *error)
{
	return write_now(list_weights, folder, CHECKPOINT_WEIGHTS, optimizer, hashes->weights, error) &&
	       write_now(list_moments, folder, CHECKPOINT_MOMENTS, optimizer, hashes->moments, error);
}

/* Copies */

uint64_t checkpoint_tensors_memory(const struct parameter *parameters, int count, bool adapters,
                                   const struct optimizer_plan *plan)
{
	uint64_t values = 0;

	for (int i = 0; i < count; i++)
		if (is_kept(adapters, &parameters[i]))
			values += parameters[i].count;
	return sizeof(float) * values + optimizer_memory(parameters, count, plan);
}

static bool take_room(struct outgoing *out, struct error *error)
{
	out->staging = size_calloc(outgoing_values(out), sizeof *out->staging);
	return out->staging || error_memory(error, "making room for a copy of a checkpoint");
}

struct checkpoint_tensors *checkpoint_tensors_new(const struct optimizer *optimizer, struct error *error)
{
	struct checkpoint_tensors *tensors = calloc(1, sizeof *tensors);

	if (!tensors) {
		error_memory(error, "making room for a copy of a checkpoint");
		return NULL;
	}
	tensors->backend = model_backend(optimizer->model);
	if (list_weights(&tensors->weights, optimizer, error) && list_moments(&tensors->moments, optimizer, error) &&
	    take_room(&tensors->weights, error) && take_room(&tensors->moments, error))
		return tensors;
	checkpoint_tensors_free(tensors);
	return NULL;
}

void checkpoint_tensors_free(struct checkpoint_tensors *tensors)
{
	if (!tensors)
		return;
	outgoing_free(&tensors->weights);
	outgoing_free(&tensors->moments);
	free(tensors);
}

bool checkpoint_tensors_take(struct checkpoint_tensors *tensors, struct error *error)
{
	outgoing_take(&tensors->weights, tensors->backend);
	outgoing_take(&tensors->moments, tensors->backend);
	return tensors->backend->ops->status(tensors->backend, error);
}

bool checkpoint_tensors_write(const struct checkpoint_tensors *tensors, const char *folder,
                              struct checkpoint_hashes *hashes, struct error *error)
{
	return outgoing_write(&tensors->weights, folder, CHECKPOINT_WEIGHTS, hashes->weights, error) &&
	       outgoing_write(&tensors->moments, folder, CHECKPOINT_MOMENTS, hashes->moments, error);
}

/* Reading */

static bool read_tensor(struct tensor_file *file, const char *parameter, const struct optimizer_state *state,
                        struct backend *backend, struct error *error)
{
	char name[NAME_MAX_HERE];
	const struct tensor *tensor;
	float *copy;
	bool done;

	snprintf(name, sizeof name, "%s%s", state->prefix, parameter);
	tensor = tensor_file_find(file, name);
	RETURN_IF(!tensor, error, ERROR_DATA, "tensor %s is missing", name);
	RETURN_IF(tensor->count != state->count, error, ERROR_DATA,
	          "tensor %s has %" PRIu64 " values, the model's has %zu", name, tensor->count, state->count);
	copy = size_calloc(state->count, sizeof *copy);
	if (!copy)
		return error_memory(error, "reading a checkpoint");
	done = tensor_file_read(file, tensor, copy, error);
	if (done)
		parameter_from_host(backend, state->values, copy, state->count);
	free(copy);
	return done;
}

static bool read_row(struct tensor_file *file, bool moments, struct optimizer *optimizer, int row,
                     struct error *error)
{
	struct backend *backend = model_backend(optimizer->model);
	struct parameter *parameter = model_parameter(optimizer->model, row);
	struct optimizer_state states[OPTIMIZER_STATES];
	int count = moments ? optimizer_states(optimizer, row, states) : 1;

	if (!is_kept(model_lora(optimizer->model) != NULL, parameter))
		return true;
	if (!moments) {
		/* A head that was made new has been trained when it comes from a checkpoint. */
		parameter->fresh = false;
		states[0] = (struct optimizer_state){"", parameter->value, parameter->count, {0, 0}};
	}
	for (int k = 0; k < count; k++)
		if (!read_tensor(file, parameter->name, &states[k], backend, error))
			return false;
	return true;
}

static bool read_file(const char *folder, const char *name, bool moments, struct optimizer *optimizer,
                      struct error *error)
{
	struct tensor_file *file;
	char path[4096];
	bool done = true;

	if (!path_join(path, sizeof path, folder, name, error))
		return false;
	file = tensor_file_open(path, error);
	if (!file)
		return false;
	for (int i = 0; done && i < optimizer->rows; i++)
		done = read_row(file, moments, optimizer, i, error);
	tensor_file_close(file);
	return done || error_prefix(error, "%s", path);
}

bool checkpoint_read_tensors(const char *folder, struct optimizer *optimizer, struct error *error)
{
	bool done = read_file(folder, CHECKPOINT_WEIGHTS, false, optimizer, error) &&
	            read_file(folder, CHECKPOINT_MOMENTS, true, optimizer, error);

	network_values_changed(optimizer->model);
	return done;
}
