/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of a model: its parameter table, the same parameters as the encoder sees them (struct network), and the
 * activations of a pass.
 *
 * One arena per kind of memory, all from the backend: values, gradients, activations. The table owns no memory; the
 * network's pointers are views into the arenas, set again whenever an arena moves (bind.h). */
#ifndef REVUE_MODEL_INSIDE_H
#define REVUE_MODEL_INSIDE_H

#include "engine/backend/backend.h"
#include "engine/base/notices.h"
#include "engine/model/activations.h"
#include "engine/model/lora.h"
#include "engine/model/params.h"

#include <jansson.h>

/* The adapter of one matrix of a linear layer. */
struct adapter {
	struct matrix a;      /* [rank, in] */
	float *b;             /* [count, rank] */
	float *da, *db;       /* the same shapes; NULL: not training */
	int32_t first, count; /* of the layer's outputs */
	int32_t layer;        /* the number of layers: outside of them */
	enum lora_target target;
};

/* y = x W^T + b + what the adapters of its matrices add */
struct linear {
	struct matrix weight;   /* [out, in] */
	float *bias;            /* [out] */
	float *dweight, *dbias; /* the same shapes; NULL: frozen, or not training */
	struct adapter adapters[3]; /* [adapter_count]: of query, key and value, or one */
	int adapter_count;
};

struct norm {
	float *gamma, *beta;   /* [hidden] */
	float *dgamma, *dbeta; /* [hidden]; NULL: frozen, or not training */
};

/* Query, key and value lie one after the other, so they are one product. The last layer needs queries
 * for the rows that the head reads only: there `projection` is key and value, and `query` stands alone. */
struct layer {
	struct linear projection;       /* [3 hidden, hidden]; last layer [2 hidden, hidden] */
	struct linear query;            /* last layer [hidden, hidden]; else unused */
	struct linear attention_output; /* [hidden, hidden] */
	struct norm attention_norm;
	struct linear intermediate;     /* [intermediate, hidden] */
	struct linear output;           /* [hidden, intermediate] */
	struct norm output_norm;
};

/* Host arrays of a batch, besides the caller's: made in network_reserve, filled by each pass. */
struct batch_arrays {
	int32_t *ids, *starts; /* [T], [S + 1] of a batch that is filled up with a sequence */
	int32_t *positions;  /* [T] within the sequence */
	int32_t *read_rows;  /* [R] rows that the last layer reads: those of [CLS]; of masked tokens they are the caller's */
	int32_t *read_starts; /* [S + 1] their packing */
	float *loss;         /* [R] */
	float *logits;       /* of masked tokens, as many as are computed at once; NULL where the host can see the backend's */
};

struct network {
	struct backend *backend;
	float *word, *position, *type;    /* [vocab, H] [positions, H] [types, H]; type NULL: the architecture has none */
	float *dword, *dposition, *dtype; /* NULL: frozen, or not training */
	struct norm embedding_norm;
	struct layer *layers;             /* [num_hidden_layers] */
	struct linear head;               /* the dense layer before the classifier: [H, H] */
	struct linear classifier;         /* [labels, H] */
	struct linear transform;          /* of the head on masked tokens, which has no such two: [H, H], */
	struct norm transform_norm;
	struct linear decoder;            /* [vocab, H]: the embeddings of words and their gradients once more */
	struct linear fit;                /* [teacher's H, H], of a training that imitates hidden states of that width */
	double masked_share;              /* of a batch's tokens that are masked at most, and one of each sequence */
	int32_t lowest;                   /* first layer that has something to train; -1: the embeddings too */
	bool independent;                 /* the loss that is trained is that of labels which do not exclude each other */
	const struct imitation *imitation; /* of the passes that train; borrowed; NULL: nothing is imitated */
	bool reveals;                     /* it is a teacher, whose queries are all wanted */
	bool packed;                      /* the matrices' packed copies are those of the values */

	void *arena;                      /* activations of the pass in work */
	uint64_t arena_bytes;
	struct activations activations;
	struct batch_arrays arrays;
	int32_t tokens, sequences, reads, longest; /* reserved */
	uint64_t reserved_bytes;          /* what the backend took for that */
	bool training;                    /* reserved for training */
};

struct model_kind; /* kind.h */
struct ngram;

struct model {
	const struct model_kind *kind; /* NULL: a network; else tokenizer, parameters and network are empty */
	struct ngram *ngram;            /* of that kind (ngram.h) */
	char *folder;
	struct model_config config;
	struct tokenizer *tokenizer;
	json_t *document;  /* config.json as it was read; NULL for a new model */
	char **labels;     /* [config.num_labels] */
	struct notices notices;
	struct model_adapter *adapter; /* owned; NULL: the model is no adapter on a base */
	char misfit[320]; /* why the classifier of the weights is not the model's: its shape; "" where it is */

	struct parameter *parameters;
	int parameter_count;
	float *values, *gradients; /* arenas; gradients NULL until network_reserve(training) */
	void *codes;               /* arena of the rows in four bits (quantize.h); NULL: there are none */
	size_t gradient_count;     /* floats in the arena of gradients */
	struct lora lora;          /* rank 0: no adapters */
	float *adapter_values;     /* arena of the adapters' rows; NULL without */
	bool floats;               /* tensors in four bits are read as floats, to which an adapter can be added */
	bool trained;              /* values were changed by training: fresh ones are no longer raw */

	struct network network;
};

/* The sizes of a batch. */
struct extent {
	int32_t tokens, sequences, longest;
};

/* What the last layer reads of a batch of these sizes, at most. */
int32_t network_reads(const struct model *model, int32_t tokens, int32_t sequences);

/* What the largest batch becomes when it is filled up (network.c). */
struct extent network_filled(struct backend *backend, struct extent size, bool training);

/* Bytes that the backend takes for passes of these sizes, beyond what it has. */
uint64_t network_reserve_bytes(struct model *model, const struct extent *size, bool training);

/* Takes the memory of the network that scoring any one text needs (score.c). */
bool model_score_reserve(struct model *model, struct error *error);

#endif
