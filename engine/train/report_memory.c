/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/report_memory.h"

#include "engine/system.h"
#include "engine/words.h"

#include <stdio.h>

#define REPORT_MEMORY_PARTS 400

static uint64_t tokens_bytes(const struct examples *examples)
{
	const uint64_t each = sizeof *examples->starts + sizeof *examples->labels + sizeof *examples->places + 1;

	return examples->count ? examples->starts[examples->count] * sizeof *examples->ids + examples->count * each : 0;
}

static uint64_t all_tokens_bytes(const struct training *training)
{
	return tokens_bytes(&training->to_train) + tokens_bytes(&training->held_out);
}

/* With the rows in four bits, of which the network does not know. */
static struct network_usage usage_of(struct model *model)
{
	struct network_usage usage;

	network_usage(model, &usage);
	usage.parameters = model_parameter_memory(model);
	return usage;
}

void report_memory_note_rest(struct training *training)
{
	const uint64_t known = all_tokens_bytes(training) + usage_of(training->model).parameters, used = system_memory_used();

	training->rest_bytes = used > known ? used - known : 0;
}

void report_memory_gather(struct report_memory *memory, const struct training *training)
{
	struct model *model = training->model;
	uint64_t computing;

	*memory = (struct report_memory){
		.usage = usage_of(model),
		.moments = optimizer_memory(model_parameter(model, 0), model_parameter_rows(model), &training->plan),
		.tokens = all_tokens_bytes(training),
		.teacher = training->inside_bytes,
		.rest = training->rest_bytes + training->inside.floats * sizeof(float),
		.available = system_memory_available() + system_memory_used(),
	};
	if (training->writer.copy)
		memory->copies = checkpoint_tensors_memory(model_parameter(model, 0), model_parameter_rows(model),
		                                           model_lora(model) != NULL, &training->plan);
	computing = memory->usage.parameters + memory->usage.packed + memory->usage.gradients + memory->moments +
	            memory->usage.activations + memory->teacher;
	memory->total = computing + memory->tokens + memory->copies + memory->rest;
	if (!model_backend(model)->ops->host_memory) {
		memory->device = model_backend(model);
		memory->on_device = computing;
	}
}

/* What computes, part by part. */
static void tell_computing(const struct report_memory *memory, char out[REPORT_MEMORY_PARTS])
{
	const struct network_usage *usage = &memory->usage;
	const int used = snprintf(out, REPORT_MEMORY_PARTS, "parameters %s, packed copies %s, gradients %s, moments %s, activations %s",
	                          words_bytes(usage->parameters).text, words_bytes(usage->packed).text,
	                          words_bytes(usage->gradients).text, words_bytes(memory->moments).text,
	                          words_bytes(usage->activations).text);

	if (memory->teacher > 0)
		snprintf(out + used, REPORT_MEMORY_PARTS - (size_t)used, ", the teacher that is imitated %s",
		         words_bytes(memory->teacher).text);
}

static void tell_beside(const struct report_memory *memory, char out[REPORT_MEMORY_PARTS])
{
	snprintf(out, REPORT_MEMORY_PARTS, "token ids %s, copies for checkpoints %s, the rest %s", words_bytes(memory->tokens).text,
	         words_bytes(memory->copies).text, words_bytes(memory->rest).text);
}

void report_memory_tell(const struct report_memory *memory, char line[REPORT_MEMORY_LINE], char beside[REPORT_MEMORY_LINE])
{
	char computing[REPORT_MEMORY_PARTS], others[REPORT_MEMORY_PARTS];

	tell_computing(memory, computing);
	tell_beside(memory, others);
	beside[0] = '\0';
	if (!memory->device) {
		snprintf(line, REPORT_MEMORY_LINE, "memory: about %s of %s: %s, %s", words_bytes(memory->total).text,
		         words_bytes(memory->available).text, computing, others);
		return;
	}
	snprintf(line, REPORT_MEMORY_LINE, "memory: about %s of the %s that %.80s has: %s", words_bytes(memory->on_device).text,
	         words_bytes(memory->device->memory).text, memory->device->device, computing);
	snprintf(beside, REPORT_MEMORY_LINE, "memory beside it: about %s of %s: %s",
	         words_bytes(memory->total - memory->on_device).text, words_bytes(memory->available).text, others);
}

json_t *report_memory_to_json(const struct report_memory *memory)
{
	const struct network_usage *usage = &memory->usage;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o*, s:o*}", "parameters", (json_int_t)usage->parameters,
	                 "packed", (json_int_t)usage->packed, "gradients", (json_int_t)usage->gradients, "moments",
	                 (json_int_t)memory->moments, "activations", (json_int_t)usage->activations, "tokens",
	                 (json_int_t)memory->tokens, "copies", (json_int_t)memory->copies, "rest", (json_int_t)memory->rest, "total",
	                 (json_int_t)memory->total, "available", (json_int_t)memory->available, "teacher",
	                 memory->teacher > 0 ? json_integer((json_int_t)memory->teacher) : NULL, "device",
	                 memory->device ? json_integer((json_int_t)memory->on_device) : NULL);
}
