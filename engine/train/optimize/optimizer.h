/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AdamW, SGD, Lion or Adafactor with the state of every trainable parameter, and clipping by the norm of all gradients
 * together. The formulas are engine/backend/backend.h's; torch.nn.utils.clip_grad_norm_. */
#ifndef REVUE_TRAIN_OPTIMIZER_H
#define REVUE_TRAIN_OPTIMIZER_H

#include "engine/model/network.h"

enum optimizer_kind { OPTIMIZER_ADAMW, OPTIMIZER_SGD, OPTIMIZER_LION, OPTIMIZER_ADAFACTOR };

/* Which optimizer, and what stays the same for a whole run. */
struct optimizer_plan {
	enum optimizer_kind kind;
	double beta1, beta2, epsilon; /* AdamW's; Lion has no epsilon */
	double momentum, dampening;   /* SGD's; momentum 0: none */
	bool nesterov;
	double layerwise_decay; /* factor of the learning rate from a layer to the one below; the head's and the top layer's is 1 */
};

/* AdamW's constants, those of torch. */
#define OPTIMIZER_BETA1 0.9
#define OPTIMIZER_BETA2 0.999
#define OPTIMIZER_EPSILON 1e-8

/* The state of one parameter in backend memory: what struct segment says of its kind; NULL where there is none. */
struct moments {
	float *average, *square;
};

struct optimizer {
	struct model *model; /* borrowed */
	struct optimizer_plan plan;
	float *averages, *squares; /* an arena each, in backend memory; NULL: the kind has none */
	struct moments *moments;   /* [rows], as the parameter table: views into the arenas */
	struct segment *segments;  /* [rows], room for the list of a step */
	struct clipping *clipping; /* in backend memory: of the step's gradients */
	int rows;
	uint64_t steps; /* that it has made */
};

struct optimizer_settings {
	double learning_rate, weight_decay;
	double max_grad_norm; /* 0: no clipping */
	double loss_scale;    /* by which the gradients are too large; 0 counts as 1 */
};

/* Bytes of backend memory that optimizer_init takes for these rows: what network_reserve counts as its state. plan NULL:
 * torch's AdamW with its constants, all layers alike. */
uint64_t optimizer_memory(const struct parameter *parameters, int count, const struct optimizer_plan *plan);

/* Takes the memory; zero moments. The caller frees it before the model. plan NULL: as above. */
bool optimizer_init(struct optimizer *optimizer, struct model *model, const struct optimizer_plan *plan,
                    struct error *error);
void optimizer_free(struct optimizer *optimizer);

/* One step with the gradients as they stand, without a wait: *found (host) is there when the step that is returned is
 * settled (network_settle). Where the norm is not finite nothing is changed, though the step counts. */
uint64_t optimizer_begin(struct optimizer *optimizer, const struct optimizer_settings *settings, struct clipping *found);

/* The same, done when it returns; outside of this file for tests. *norm is that of all gradients before clipping; when it is not
 * finite nothing is changed and the result is false. */
bool optimizer_step(struct optimizer *optimizer, const struct optimizer_settings *settings, double *norm);

/* A tensor of the state, named as torch, bitsandbytes or transformers call it. */
struct optimizer_state {
	const char *prefix; /* of the parameter's name, with a dot: "exp_avg." */
	float *values;      /* backend memory */
	size_t count;
	int32_t shape[2];   /* a vector has shape[1] == 0 */
};
#define OPTIMIZER_STATES 2 /* that a row has at most */

/* Those of a row; returns how many: none of a row that is not trained. */
int optimizer_states(const struct optimizer *optimizer, int row, struct optimizer_state out[OPTIMIZER_STATES]);

#endif
