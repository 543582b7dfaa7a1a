/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AdamW with the state of every trainable parameter, and clipping by the norm of all gradients together.
 * Source: Loshchilov & Hutter 2019 as in torch.optim.AdamW; torch.nn.utils.clip_grad_norm_. */
#ifndef REVUE_TRAIN_OPTIMIZER_H
#define REVUE_TRAIN_OPTIMIZER_H

#include "engine/model/network.h"

/* The two moments of one parameter in backend memory; NULL for one that is not trained. */
struct moments {
	float *average, *square;
};

struct optimizer {
	struct model *model; /* borrowed */
	float *averages, *squares; /* an arena each, in backend memory */
	struct moments *moments;   /* [rows], as the parameter table: views into the arenas */
	struct segment *segments;  /* [rows], room for the list of a step */
	int rows;
	uint64_t steps; /* that it has made */
};

/* AdamW's constants, those of torch. */
#define OPTIMIZER_BETA1 0.9
#define OPTIMIZER_BETA2 0.999
#define OPTIMIZER_EPSILON 1e-8

struct optimizer_settings {
	double learning_rate, weight_decay;
	double max_grad_norm; /* 0: no clipping */
};

/* Bytes of backend memory that optimizer_init takes for this model: what network_reserve counts as its state. */
uint64_t optimizer_memory(struct model *model);

/* Takes the memory; zero moments. The caller frees it before the model. */
bool optimizer_init(struct optimizer *optimizer, struct model *model, struct error *error);
void optimizer_free(struct optimizer *optimizer);

/* One step with the gradients as they stand. *norm is that of all gradients before clipping; when it is not
 * finite nothing is changed and the result is false. */
bool optimizer_step(struct optimizer *optimizer, const struct optimizer_settings *settings, double *norm);

#endif
