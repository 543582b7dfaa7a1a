/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/checkpoint_tensors.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/tensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_MAX_HERE 160

/* The tensors of one file on their way out. */
struct outgoing {
	struct tensor_out *tensors;
	char (*names)[NAME_MAX_HERE];
	float *staging; /* for all of them, one after the other; NULL: none is needed */
	size_t count, used;
};

static void outgoing_free(struct outgoing *out)
{
	free(out->tensors);
	free(out->names);
	free(out->staging);
}

static bool outgoing_init(struct outgoing *out, const struct backend *backend, size_t tensors, uint64_t elements,
                          struct error *error)
{
	*out = (struct outgoing){
		.tensors = size_calloc(tensors, sizeof *out->tensors),
		.names = size_calloc(tensors, sizeof *out->names),
	};
	if (!out->tensors || !out->names)
		return error_memory(error, "writing a checkpoint");
	return parameter_staging(backend, (size_t)elements, &out->staging, "writing a checkpoint", error);
}

static void outgoing_add(struct outgoing *out, struct backend *backend, const char *name,
                         const struct optimizer_state *state)
{
	struct tensor_out *tensor = &out->tensors[out->count];
	const float *values = parameter_to_host(backend, state->values, state->count,
	                                        out->staging ? out->staging + out->used : NULL);

	out->used += state->count;
	snprintf(out->names[out->count], NAME_MAX_HERE, "%s%s", state->prefix, name);
	*tensor = (struct tensor_out){
		.name = out->names[out->count],
		.rank = state->shape[1] ? 2 : 1,
		.shape = {state->shape[0], state->shape[1]},
		.data = values,
	};
	out->count++;
}

/* Finite sums of squares would not do: they overflow for values that are still finite. */
static const char *not_finite(const struct outgoing *out)
{
	for (size_t i = 0; i < out->count; i++) {
		const struct tensor_out *tensor = &out->tensors[i];
		size_t count = (size_t)tensor->shape[0] * (size_t)(tensor->rank == 2 ? tensor->shape[1] : 1);
		for (size_t at = 0; at < count; at++)
			if (!isfinite(tensor->data[at]))
				return out->names[i];
	}
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
static bool is_kept(struct model *model, int row)
{
	return !model_lora(model) || model_parameter(model, row)->trainable;
}

static uint64_t elements(struct model *model)
{
	uint64_t sum = 0;

	for (int i = 0; i < model_parameter_rows(model); i++)
		if (is_kept(model, i))
			sum += model_parameter(model, i)->count;
	return sum;
}

static bool write_weights(const char *folder, const struct optimizer *optimizer, char hash[65], struct error *error)
{
	struct backend *backend = model_backend(optimizer->model);
	struct outgoing out;
	bool done;

	done = outgoing_init(&out, backend, (size_t)optimizer->rows, elements(optimizer->model), error);
	for (int i = 0; done && i < optimizer->rows; i++) {
		const struct parameter *parameter = model_parameter(optimizer->model, i);
		if (!is_kept(optimizer->model, i))
			continue;
		outgoing_add(&out, backend, parameter->name, &(struct optimizer_state){
			"", parameter->value, parameter->count, {parameter->shape[0], parameter->shape[1]}});
	}
	done = done && outgoing_write(&out, folder, CHECKPOINT_WEIGHTS, hash, error);
	outgoing_free(&out);
	return done;
}

static bool write_moments(const char *folder, const struct optimizer *optimizer, char hash[65], struct error *error)
{
	struct backend *backend = model_backend(optimizer->model);
	struct outgoing out;
	bool done;

	done = outgoing_init(&out, backend, OPTIMIZER_STATES * (size_t)optimizer->rows, 2 * elements(optimizer->model), error);
	for (int i = 0; done && i < optimizer->rows; i++) {
		struct optimizer_state states[OPTIMIZER_STATES];
		int count = optimizer_states(optimizer, i, states);

		for (int k = 0; k < count; k++)
			outgoing_add(&out, backend, model_parameter(optimizer->model, i)->name, &states[k]);
	}
	done = done && outgoing_write(&out, folder, CHECKPOINT_MOMENTS, hash, error);
	outgoing_free(&out);
	return done;
}

bool checkpoint_write_tensors(const char *folder, const struct optimizer *optimizer, struct checkpoint_hashes *hashes,
                              struct error *error)
{
	return write_weights(folder, optimizer, hashes->weights, error) &&
	       write_moments(folder, optimizer, hashes->moments, error);
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

	if (!is_kept(optimizer->model, row))
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
