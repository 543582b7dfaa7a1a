/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of this room share: the model as its parameter table, the same parameters as the encoder
 * sees them (struct network), and the activations of a pass.
 *
 * One arena per kind of memory, all from the backend: values, gradients, activations. The table owns no
 * memory; the network's pointers are views into the arenas, set again whenever an arena moves
 * (network_bind). */
#ifndef REVUE_MODEL_INTERNAL_H
#define REVUE_MODEL_INTERNAL_H

#include "engine/format/tensors.h"
#include "engine/model/network.h"

#include <jansson.h>

/* y = x W^T + b */
struct linear {
	struct matrix weight;   /* [out, in] */
	float *bias;            /* [out] */
	float *dweight, *dbias; /* the same shapes; NULL: frozen, or not training */
};

struct norm {
	float *gamma, *beta;   /* [hidden] */
	float *dgamma, *dbeta; /* [hidden]; NULL: frozen, or not training */
};

/* Query, key and value lie one after the other, so they are one product. The last layer needs queries
 * for [CLS] only: there `projection` is key and value, and `query` stands alone. */
struct layer {
	struct linear projection;       /* [3 hidden, hidden]; last layer [2 hidden, hidden] */
	struct linear query;            /* last layer [hidden, hidden]; else unused */
	struct linear attention_output; /* [hidden, hidden] */
	struct norm attention_norm;
	struct linear intermediate;     /* [intermediate, hidden] */
	struct linear output;           /* [hidden, intermediate] */
	struct norm output_norm;
};

/* T: tokens of the batch, S: its sequences, H: hidden, I: intermediate. Rows R of a layer after its keys and
 * values: T, in the last layer S. Without training only what the next operation reads is kept, and all layers
 * but the last share the same memory. */
struct layer_activations {
	float *input;          /* [T][H], the output of the layer below */
	float *residual;       /* [R][H], input; last layer: its [CLS] rows */
	float *projection;     /* [T][3H] query, key, value; last layer [T][2H] key, value */
	float *query;          /* [R][H] at query_stride */
	float *key, *value;    /* [T][H] at key_stride */
	int32_t query_stride, key_stride;
	float *lse;            /* [heads][R]; NULL when scoring */
	float *context;        /* [R][H] */
	float *attention_sum;  /* [R][H] before the norm */
	float *attention_mean, *attention_rstd; /* [R]; NULL when scoring */
	float *attention_out;  /* [R][H] */
	float *pre;            /* [R][I] before the activation; NULL when scoring */
	float *output_sum;     /* [R][H] */
	float *output_mean, *output_rstd;       /* [R] */
	float *output;         /* [R][H] */
};

struct activations {
	struct layer_activations *layers; /* [num_hidden_layers] */
	float *embedding_sum;  /* [T][H] before the norm */
	float *embedding_mean, *embedding_rstd; /* [T]; NULL when scoring */
	float *embedding_out;  /* [T][H] */
	float *intermediate;   /* [T][I] after the activation; used again by each layer */
	float *pooled_pre, *pooled; /* [S][H] */
	float *logits;         /* [S][labels] */

	/* Of the backward pass; NULL when scoring. */
	float *dlogits;        /* [S][labels] */
	float *dpooled;        /* [S][H] */
	float *dhidden[3];     /* [T][H] each */
	float *dprojection;    /* [T][3H] */
	float *dquery;         /* [S][H], the last layer's */
	float *dintermediate;  /* [T][I] */
	float *discard;        /* [2][H], where a frozen norm's gradient goes */
};

/* Host arrays of a batch, besides the caller's: made in network_reserve, filled by each pass. */
struct batch_arrays {
	int32_t *positions;  /* [T] within the sequence */
	int32_t *first_rows; /* [S] row of [CLS] */
	int32_t *first_starts; /* [S + 1] 0, 1, 2, ...: a packing of [CLS] rows alone */
	float *loss;         /* [S] */
};

struct network {
	struct backend *backend;
	float *word, *position, *type;    /* [vocab, H] [positions, H] [types, H]; type NULL: DistilBERT */
	float *dword, *dposition, *dtype; /* NULL: frozen, or not training */
	struct norm embedding_norm;
	struct layer *layers;             /* [num_hidden_layers] */
	struct linear head;               /* the dense layer before the classifier: [H, H] */
	struct linear classifier;         /* [labels, H] */
	int32_t lowest;                   /* first layer that has something to train; -1: the embeddings too */
	bool packed;                      /* the matrices' packed copies are those of the values */

	void *arena;                      /* activations of the pass in work */
	uint64_t arena_bytes;
	struct activations activations;
	struct batch_arrays arrays;
	int32_t tokens, sequences, longest; /* reserved */
	bool training;                    /* reserved for training */
};

struct model {
	char *folder;
	struct model_config config;
	struct tokenizer *tokenizer;
	json_t *document;  /* config.json as it was read; NULL for a new model */
	char **labels;     /* [config.num_labels] */
	char **notices;
	int notice_count;

	struct parameter *parameters;
	int parameter_count;
	float *values, *gradients; /* arenas; gradients NULL until network_reserve(training) */
	size_t gradient_count;     /* floats in the arena of gradients */
	bool trained;              /* values were changed by training: fresh ones are no longer raw */

	struct network network;
};

/* Sets one row to fresh values: N(0, initializer_range) of (seed, row), ones or zeros. */
bool parameter_initialise(struct model *model, int row, uint64_t seed, struct error *error);

/* Takes the arena of values for the table and binds the network to it. */
bool model_take_values(struct model *model, struct error *error);

/* network.c: the network's views after an arena was taken, moved or given up. */
bool network_new(struct network *network, const struct model_config *config, struct error *error);
void network_free(struct model *model);
void network_bind(struct model *model);

/* activations.c: gives every array its place and returns the bytes; 0 on overflow. base NULL: only measures. */
uint64_t activations_place(struct activations *activations, const struct model_config *config, int32_t tokens,
                           int32_t sequences, bool training, void *base);

/* What a pass works on; the encoder and the heads pass it along. */
struct pass {
	struct packing tokens; /* the batch's sequences */
	struct packing firsts; /* one row a sequence */
	const int32_t *ids, *positions, *first_rows; /* host */
	bool training;         /* keep what the backward pass needs */
	bool dropout;
	uint64_t seed, step;
};

/* Dropout of a site of the network: p counts only while training. */
struct dropout pass_dropout(const struct pass *pass, float p, uint32_t site);

/* Where dropout happens; the numbers are part of what makes a run repeatable. */
enum dropout_site { SITE_EMBEDDINGS, SITE_CLASSIFIER, SITE_LAYERS, SITE_ATTENTION = 0, SITE_ATTENTION_OUTPUT, SITE_OUTPUT,
	SITES_PER_LAYER, SITE_HEAD_INPUT = INT32_MAX };

/* encoder.c */
void encoder_forward(struct model *model, const struct pass *pass);
void encoder_backward(struct model *model, const struct pass *pass); /* starts from dhidden[0], [S][H] */

/* classifier.c */
void classifier_forward(struct model *model, const struct pass *pass);
void classifier_backward(struct model *model, const struct pass *pass); /* dlogits to dhidden[0], [S][H] */

/* The two halves of a linear's backward pass: gradients of weight and bias unless frozen, and the input's. */
void linear_backward(struct backend *backend, const struct linear *linear, const float *dy, const float *x,
                     int32_t rows);

/* model.c: a model with its backend and table, without values yet. Takes ownership of `tokenizer`, also when it
 * fails. names NULL: LABEL_0 and so on. */
struct model *model_make(const struct model_config *config, const char *const *names, struct tokenizer *tokenizer,
                         const struct model_options *options, struct error *error);

/* Notices are kept until the model closes; one that finds no memory is dropped. */
void model_add_notice(struct model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* weights.c: takes the values' arena and reads the table's tensors from `file`. */
bool model_load_weights(struct model *model, struct tensor_file *file, const struct progress *progress,
                        struct error *error);

#endif
