/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the trainer and the scorer use of a model: its parameter table, and the forward and backward pass over
 * packed batches. Floor: on backend, text and format. */
#ifndef REVUE_MODEL_NETWORK_H
#define REVUE_MODEL_NETWORK_H

#include "engine/backend/backend.h"
#include "engine/model.h"
#include "engine/model/batch.h"
#include "engine/model/host.h"
#include "engine/model/lora.h"
#include "engine/model/params.h"

struct network;

struct backend *model_backend(struct model *model);
int model_parameter_rows(const struct model *model);
struct parameter *model_parameter(struct model *model, int row);

/* The row of a role; NULL: the model has none. `layer` OUTSIDE_LAYERS for embeddings and head. So far for tests alone. */
struct parameter *model_find_parameter(struct model *model, enum parameter_role role, int32_t layer);

/* The network of a model that is being made; false: no memory. */
bool network_new(struct network *network, const struct model_config *config, struct error *error);
void network_free(struct model *model);

/* Takes the arena of values for the table and binds the network to it. */
bool model_take_values(struct model *model, struct error *error);

/* What a training imitates from now on, borrowed; before network_reserve, and in no model with adapters. Reviews are single
 * sequences then. */
void network_imitate(struct model *model, const struct imitation *imitation);

/* Of a model with a head on masked tokens, before network_reserve: of the tokens of a batch at most this share is masked, and
 * one more of each sequence. */
void network_mask(struct model *model, double share);

/* Of such a model, without dropout. losses, right (host, [batch->masked.count]): the cross-entropy of each masked token, and
 * whether its word has the highest logit. Needs an earlier network_reserve. */
void network_measure_masked(struct model *model, const struct batch *batch, float *losses, bool *right);

/* The teacher's side: says that it will reveal, before network_reserve; shows what it makes of a batch, without dropout. */
void network_prepare_reveal(struct model *model);
void network_reveal(struct model *model, const struct batch *batch, const struct imitation *imitation,
                    const struct revealed *revealed);

/* Takes the memory for batches of up to these sizes: activations, and with `training` gradients and what
 * the backward pass needs. The sum is checked against the backend's memory first ("needs 9.1 GB (activations 7.0 GB,
 * gradients 0.7 GB, optimizer 1.4 GB), 4.0 GB are free: use a smaller --per-device-train-batch-size", of a device
 * "4.0 GB of 80 GB"); `state` are the bytes in it that the caller takes next, of an optimizer. Grows only; earlier results are
 * lost. Where it fails a model that trains keeps what it had. */
bool network_reserve(struct model *model, int32_t tokens, int32_t sequences, int32_t longest, bool training,
                     uint64_t state, struct error *error);

/* Makes adapters for the model and sets what trains beside them (lora.h), before network_reserve(training). A is drawn from
 * `seed`, B is 0: the model computes what it did, to the bit. */
bool model_add_lora(struct model *model, const struct lora_settings *settings, uint64_t seed, struct error *error);
const struct lora *model_lora(const struct model *model); /* NULL: none */

/* Adds the layer that brings hidden states to a teacher's width while they are imitated (struct imitation: fits), before
 * network_reserve(training), to a model without adapters. It begins as zeros, so that it learns before it teaches, and is
 * part of checkpoints but not of what is saved as a model. */
bool model_add_fit(struct model *model, int32_t teacher_hidden, struct error *error);

/* A model that is not made yet, and what is to be done with it. */
struct network_plan {
	const struct model_config *config;
	const struct lora_settings *lora;     /* NULL: no adapters */
	const struct freeze_request *freeze;  /* NULL: nothing is frozen */
	bool four_bits;                       /* the matrices of the layers are held so */
	double masked_share;                  /* see network_mask */
	const struct imitation *imitation;    /* of a training, see network_imitate; NULL: nothing */
	int32_t tokens, sequences;            /* of the largest batch */
	bool training, reveals;               /* reveals: see network_prepare_reveal */
	/* Bytes that the caller takes for the rows that train, of an optimizer; NULL: none. */
	uint64_t (*state)(struct parameter *parameters, int count, const void *of);
	const void *of;
};

/* Bytes of what a model has taken from its backend. */
struct network_usage {
	uint64_t parameters, gradients, activations; /* parameters: those in f32; activations: with the backend's scratch memory */
	uint64_t packed; /* copies of the matrices, which are made for scoring where there is room for them */
};
void network_usage(struct model *model, struct network_usage *usage);

/* Bytes that the model, network_reserve and the caller's state take in all (parameters, the backend's packed copies of them
 * for scoring, gradients, activations), checked; 0: overflow, or, with an error, there was no memory to count them, or
 * adapters or what is frozen do not fit the model. */
uint64_t network_memory(struct backend *backend, const struct network_plan *plan, struct error *error);

/* logits (host, [reviews][num_labels]) without dropout. Needs an earlier network_reserve. */
void network_score(struct model *model, const struct batch *batch, float *logits);

/* For attribution, of a model without gradients of its own: memory for the next two, of whole sequences. */
bool network_reserve_attribution(struct model *model, int32_t tokens, int32_t sequences, int32_t longest, struct error *error);

/* embeddings (host, [tokens][hidden]): what the embeddings of a batch put out, without dropout. */
void network_embed(struct model *model, const struct batch *batch, float *embeddings);

/* The layers and the head from such embeddings on. logits (host, [sequences][num_labels]); gradient (host, [tokens][hidden]) of
 * sum(wanted * logits) with respect to the embeddings, wanted as logits. The ids of the batch are not looked at. */
void network_attribute(struct model *model, const struct batch *batch, const float *embeddings, const float *wanted,
                       float *logits, float *gradient);

/* One micro-batch of training: forward with dropout, loss, backward; adds to the gradients.
 *
 * scale    what each example's loss counts in the gradient: 1 / (examples in the effective batch), or with the weights
 *          of classes 1 / (the sum of its examples' weights)
 * seed, step   of dropout and noise; step is unique per micro-batch of the run
 * no_dropout   switch all dropout off (tests)
 * label_smoothing, weights   of the loss: struct loss of the backend
 * neftune_noise_alpha   0: none; else noise of alpha / sqrt(longest sequence of the batch * hidden size) is added to the
 *          embeddings, which is what transformers' hook adds to those of a batch that is padded to its longest (Jain et al.
 *          2023)
 * temperature   of what teachers say: struct soft_loss of the backend
 * returns  the sum of the examples' losses, each with its weight; of masked tokens that of theirs. With
 *          `targets` the loss is that of independent labels */
double network_train(struct model *model, const struct batch *batch, const struct train_pass *pass);

/* The same without a wait: `losses` (host) [batch_losses], those of the examples or masked tokens, are there when
 * the step that is returned is settled. What `batch` and `pass` point to may be changed at once. */
uint64_t network_train_begin(struct model *model, const struct batch *batch, const struct train_pass *pass, float *losses);
bool network_settle(struct model *model, uint64_t step, struct error *error); /* false with one line: the device failed */

void network_zero_gradients(struct model *model);

/* False with one line when the backend's device has failed: what was computed since the last true does not count. To be
 * looked at once a training step and once a scored batch. */
bool network_status(struct model *model, struct error *error);

/* Gives back the memory of passes and the packed copies. Another pass needs a network_reserve before it. */
void network_release_pass(struct model *model);

/* To be called after the optimizer changed the values: packed copies are stale, and the labels are what they were trained
 * as: independent after network_train_independent and after a batch with `targets`, else those of a softmax. */
void network_values_changed(struct model *model);
void network_train_independent(struct model *model);

#endif
