/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/pass_begin.h"

#include <assert.h>
#include <string.h>

struct activations_kept pass_kept(const struct model *model)
{
	struct activations_kept kept = activations_kept(model->parameters, model->parameter_count);

	kept.all_queries = model->network.reveals;
	kept.imitation = model->network.imitation;
	return kept;
}

/* The tokens that fill up a training batch, as the backend likes it: one sequence more, at its end, which nobody reads and
 * whose losses do not count, so that it adds 0 to all gradients. A batch of fewer tokens never has more when it is filled. */
int32_t pass_filling(struct backend *backend, int32_t tokens)
{
	const int32_t step = backend->ops->row_step(backend, tokens);

	return step <= 1 || tokens > INT32_MAX - step ? 0 : step - tokens % step;
}

/* The ids and sequences of a pass. What fills it up is the batch's first token, again and again. */
static struct pass pass_over(struct network *net, const struct batch *batch, bool training)
{
	const int32_t tokens = batch->starts[batch->sequences], more = training ? pass_filling(net->backend, tokens) : 0;
	struct batch_arrays *arrays = &net->arrays;

	if (more == 0)
		return (struct pass){.tokens = {batch->starts, batch->sequences}, .ids = batch->ids};
	assert(tokens + more <= net->tokens && batch->sequences < net->sequences);
	memcpy(arrays->ids, batch->ids, (size_t)tokens * sizeof *arrays->ids);
	for (int32_t t = tokens; t < tokens + more; t++)
		arrays->ids[t] = batch->ids[0];
	memcpy(arrays->starts, batch->starts, ((size_t)batch->sequences + 1) * sizeof *arrays->starts);
	arrays->starts[batch->sequences + 1] = tokens + more;
	return (struct pass){.tokens = {arrays->starts, batch->sequences + 1}, .ids = arrays->ids, .filled = true};
}

/* The rows of the last layer that the head reads, and their packing: [CLS], or the masked tokens, of which what fills up the
 * batch has none. */
static const int32_t *read_rows_of(struct model *model, const struct batch *batch, const int32_t *starts, int32_t sequences)
{
	struct batch_arrays *arrays = &model->network.arrays;
	const int32_t *masked = model->config.masked_lm ? batch->masked.starts : NULL;

	for (int32_t s = 0; s <= sequences; s++)
		arrays->read_starts[s] = !masked ? s : masked[s < batch->sequences ? s : batch->sequences];
	if (masked)
		return batch->masked.rows;
	for (int32_t s = 0; s < sequences; s++)
		arrays->read_rows[s] = starts[s];
	return arrays->read_rows;
}

/* Fills the host arrays of the batch and lays out the arena for its size. */
struct pass pass_begin(struct model *model, const struct batch *batch, bool training)
{
	struct network *net = &model->network;
	struct batch_arrays *arrays = &net->arrays;
	struct pass pass = pass_over(net, batch, training && model->gradients); /* only a training is filled up */
	const int32_t *starts = pass.tokens.starts, sequences = pass.tokens.sequences;
	int32_t first = model_first_position(&model->config);
	const int32_t reads = model->config.masked_lm ? batch->masked.count : sequences;
	uint64_t bytes = activations_place(&net->activations, &model->config, &model->lora, pass_kept(model),
	                                   (struct pass_size){starts[sequences], sequences, reads}, training, net->arena);

	assert(reads > 0 && (model->config.num_labels > 0 || model->config.masked_lm));
	assert(bytes > 0 && bytes <= net->arena_bytes);
	assert(starts[sequences] <= net->tokens && sequences <= net->sequences && reads <= net->reads);
	(void)bytes;
	for (int32_t s = 0; s < sequences; s++) {
		const bool counts = s < batch->sequences; /* what fills up may be longer than there are positions */

		for (int32_t t = starts[s]; t < starts[s + 1]; t++)
			arrays->positions[t] = first + (counts ? t - starts[s] : 0);
	}
	pass.read_rows = read_rows_of(model, batch, starts, sequences);
	pass.reads = (struct packing){arrays->read_starts, sequences};
	pass.read_count = reads;
	pass.reviews = (struct packing){batch->reviews, batch->reviews ? batch->review_count : 0};
	pass.positions = arrays->positions;
	pass.training = training;
	return pass;
}
