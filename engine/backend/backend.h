/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numeric operations that an encoder is made of, one row each. A backend fills the table; the model code
 * is written once against it. Floor: on base. `cpu/reference.c` is plain C and the oracle for the others.
 *
 * Conventions
 *   - All arrays are f32, row-major and live in the backend's memory (from `alloc`), unless said otherwise.
 *   - Weights are [out, in] as torch's Linear: y = x W^T + b.
 *   - Rows are tokens of packed sequences; nothing is ever padding. Only attention knows sequences.
 *   - The result never depends on the number of threads, and a row's result never depends on the other
 *     rows of the call, to the bit. (Work is split by shape only; each output element is one fixed chain.) Of
 *     products the second half holds only where `rows_alone` says so: libraries choose their way by the number of rows.
 *   - "adds" means out += result; everything else overwrites. No aliasing unless said.
 *   - Products and attention compute in the backend's precision: in bf16 and f16 they round what they read to that format
 *     (to the nearest, ties to even; beyond its range infinite), multiply, and add up in f32 or better. So do the
 *     probabilities of attention before they meet v, and the gradients of its scores. What they write is f32, and biases,
 *     their gradients and all other operations know f32 alone. TF32 is a leave that a backend may not take.
 *   - Operations cannot fail: what they need was taken at alloc or in `reserve`, which also refuses, by name, what an
 *     operation cannot do. A device may break all the same: its operations then do nothing, and `status` says so.
 *   - Pointers said to be the host's are read or written by the host, all others only by the backend: they may
 *     point into the memory of a device. Nothing but operations touches them (engine/model/host.h copies). */
#ifndef REVUE_BACKEND_H
#define REVUE_BACKEND_H

#include "engine/error.h"
#include "engine/model.h" /* enum activation, enum pooling */

#include <stddef.h>
#include <stdint.h>

/* A batch's sequences one after the other: sequence s is rows starts[s] .. starts[s+1]-1.
 * `starts` has sequences+1 entries in host memory. */
struct packing {
	const int32_t *starts;
	int32_t sequences;
};

/* Inverted dropout from a counter (Philox 4x32-10, Salmon et al. 2011): element i of a site is kept when its 16 bits
 * of Philox(key = seed, counter = (low and high half of i / 8, site, step modulo 2^32)) are >= p * 2^16, and then
 * scaled by 1 / (1 - p). Its bits are the lower (i % 8 < 4) or the upper half of word i % 4. p counts as the nearest
 * multiple of 2^-16. The same call forward and backward gives the same mask; p = 0 is the identity. */
struct dropout {
	float p;
	uint64_t seed;
	uint64_t step;  /* optimizer step * micro-batches + micro-batch */
	uint32_t site;  /* which dropout of the network */
};

/* How the elements of a weight matrix are stored. Those that no operation computes with have their names here so that it
 * can refuse them. `data` is one block of memory in every type:
 *
 *   f32         float [rows][columns]
 *   bf16        uint16_t [rows][columns], the upper halves of floats
 *   int8        int8_t [rows][columns], then float [rows]: the scale of each row
 *   nf4, fp4    as bitsandbytes cuts a tensor into blocks of 64 elements, row by row without regard to rows, two codes a
 *               byte, then float [blocks]: the scale of each block (engine/base/four_bits.h). A matrix of several `parts`,
 *               which are tensors of the same shape one below the other, has this for each of them, one after the other
 *
 * Activations, biases, norms and gradients are f32 whatever the weights are. */
enum matrix_type { MATRIX_F32, MATRIX_BF16, MATRIX_INT8, MATRIX_NF4, MATRIX_FP4, MATRIX_TYPES };

/* The bit of a type in a set of types. */
#define MATRIX_BIT(type) (1u << (type))

/* As messages name a type; outside of the backend for tests. */
const char *matrix_type_name(enum matrix_type type); /* "f32", "bf16", "int8", "nf4", "fp4" */

/* A weight matrix [rows, columns], and a copy that `pack` made in an order the backend likes. Who changes
 * `data` packs again or sets packed to NULL through `unpack`. A call with packed == NULL is
 * right too, it may pack on the fly. */
struct matrix {
	void *data;
	int32_t rows, columns;
	void *packed;
	enum matrix_type type;
	int32_t parts; /* of nf4 and fp4: the tensors that it is made of, a divisor of rows; 0 counts as 1 */
};

static inline bool matrix_is_four_bits(const struct matrix *w)
{
	return w->type == MATRIX_NF4 || w->type == MATRIX_FP4;
}

/* softmax(q k^T * scale) v per sequence and head. Rows of q belong to `queries`, rows of k and v to `keys`; both
 * have the same number of sequences (queries may be one row each: only [CLS]). Head h of row t of q is
 * q[t * q_stride + h * head_size ...]; likewise k and v with kv_stride, out and dout with out_stride.
 * Dropout applies to the probabilities; element index ((s * heads + h) * 2^20 + i) * 2^20 + j, i and j
 * counted within the sequence. */
struct attention {
	struct packing queries, keys;
	int32_t heads, head_size;
	int32_t q_stride, kv_stride, out_stride;
	float scale;
	struct dropout dropout;
};

/* Noise from the counters of dropout: element i of a site gets amplitude * u, u = w / 2^23 - 1 in [-1, 1), w the upper 24
 * bits of word i % 4 of Philox(key = seed, counter = (low and high half of i / 4, site, step modulo 2^32)). */
struct noise {
	float amplitude;
	uint64_t seed;
	uint64_t step;
	uint32_t site;
};

/* What a loss makes of an example, besides its logits. */
struct loss {
	float scale;           /* of the gradient: 1 / (what the effective batch counts) */
	float label_smoothing; /* 0 to 1; of cross_entropy alone */
	const float *weights;  /* host, [columns]: of each class, or of each label where it is 1 (torch's pos_weight); NULL: 1 */
};

/* What the answers of teachers make of a loss (Hinton et al. 2015). */
struct soft_loss {
	float scale;       /* of the gradient, as that of the loss that stands there already */
	float temperature; /* T */
	bool independent;  /* the labels do not exclude each other */
};

/* What relates the rows of each sequence to each other: scores a b^T / sqrt(size) by relation heads, in a student and in its
 * teacher. Head h of row t is a[t * stride + h * size ...], likewise da; b and db with their stride, the teacher's with its. */
struct relation {
	struct packing tokens;
	int32_t heads;
	int32_t size, stride, b_stride;
	int32_t teacher_size, teacher_stride;
	bool squares; /* the scores themselves are compared, else their softmax */
	float weight; /* of the loss, */
	float scale;  /* and once more of its gradient, as that of the loss that stands there already */
};

#define RELATION_WORK 3 /* floats of `relate` for each row and head */

/* Of rows that shall be their teacher's; as in struct relation. */
struct imitation_loss {
	float weight, scale;
};

/* A run of elements that an optimizer changes: a parameter with its gradient and state, wherever they lie in the
 * arenas. A list of them is the host's, and goes through the optimizer in one call.
 *
 *            average                            square
 *   adamw    m [count]                          v [count]
 *   sgd      momentum [count], NULL without     -
 *   lion     m [count]                          -
 *   adafactor, a matrix   means of rows [rows]  means of columns [columns]
 *   adafactor, a vector   -                     v [count] */
struct segment {
	float *value, *average, *square;
	const float *gradient;  /* [count] */
	size_t count;
	bool decay;             /* weight decay counts for it */
	double rate;            /* factor of the learning rate, 1 where all are trained alike */
	int32_t rows, columns;  /* of a matrix, rows * columns = count; columns 0: a vector. Only adafactor looks */
};

/* What `clip` finds in the gradients of a step. It stays in the backend's memory, where optimizers read it, so that the host
 * need not wait for it. */
struct clipping {
	double squares; /* the sum of the squares of all gradients, in double; segment after segment */
	double norm;    /* its root, divided by the scale of the loss */
	float scale;    /* what gradients are multiplied with: limit / (norm + 1e-6), at most 1, without a limit 1; divided by that too */
	int32_t finite; /* whether the norm is: where it is not, optimizers change nothing */
};

/* What is the same for all segments of a step. g = gradient * clipping->scale everywhere, lr = learning_rate * rate.
 * clipping NULL: the gradients as they are. */
struct adamw {
	double learning_rate, beta1, beta2, epsilon, weight_decay;
	double correction1, correction2; /* 1 - beta1^t, 1 - beta2^t */
	const struct clipping *clipping; /* in the backend's memory, as in all that follow */
};

struct sgd {
	double learning_rate, momentum, dampening, weight_decay;
	bool nesterov;
	bool first; /* step of all: the momentum begins as the gradient */
	const struct clipping *clipping;
};

struct lion {
	double learning_rate, beta1, beta2, weight_decay;
	const struct clipping *clipping;
};

struct adafactor {
	double learning_rate, beta2; /* of this step: 1 - t^-0.8 */
	double weight_decay;
	const struct clipping *clipping;
};

#define ADAFACTOR_EPSILON 1e-30  /* added to each square of a gradient */
#define ADAFACTOR_THRESHOLD 1.0  /* root mean square of an update beyond which it is scaled down */

/* What calls will ask for. */
struct backend_needs {
	int32_t rows;      /* tokens of a batch */
	int32_t features;  /* the widest matrix side */
	int32_t longest;   /* sequence, in tokens */
	int32_t head_size;
	unsigned types;    /* MATRIX_BITs of the weight matrices that are to come */
	bool training;     /* the backward operations too */
	/* Of the largest array that a product reads, each row of which counts as of a multiple of 8 numbers; 0: `features`, or
	 * as many as there are rows where these are more, by `features`. For one matrix that is much longer than wide. */
	uint64_t numbers;
};

static inline uint64_t backend_needs_numbers(const struct backend_needs *needs)
{
	const uint64_t rows = (uint64_t)(needs->rows > needs->features ? needs->rows : needs->features);

	return needs->numbers ? needs->numbers : rows * (((uint64_t)needs->features + 7) / 8 * 8);
}

/* Of the table below and what its rows are told. Raised whenever a row is added, goes, or means something else. */
#define BACKEND_VERSION 8

struct backend;

struct backend_operations {
	int version;      /* BACKEND_VERSION as this backend was built with; backend_open checks it */
	const char *name; /* "reference", "openblas", "avx2", "avx512", "cuda" */
	unsigned forward_types, backward_types; /* MATRIX_BITs that linear_forward and linear_backward_input compute with */
	unsigned precisions; /* PRECISION_BITs that it is offered for; elsewhere f32 serves, see backend_set_precision */
	bool rows_alone;  /* products: a row's result does not depend on the other rows of the call */
	bool host_memory; /* what alloc gives is the host's: it may be read and written directly after sync */
	void (*close)(struct backend *b);

	/* Memory: 64-byte aligned, zeroed; NULL when there is none. Copies wait for what was asked before. */
	void *(*alloc)(struct backend *b, size_t bytes);
	void (*release)(struct backend *b, void *memory);
	void (*upload)(struct backend *b, void *device, const void *host, size_t bytes);
	void (*download)(struct backend *b, void *host, const void *device, size_t bytes);
	void (*zero)(struct backend *b, void *device, size_t bytes);
	void (*sync)(struct backend *b);

	/* A step: what is asked for between its two ends may be put off until it ends, or until the host waits for something
	 * (download, sync, status), and is then done in one go; steps that ask for the same are cheap. Steps do not nest. counter:
	 * the `step` that its dropout and noise have. step_end returns the number of the step for `settle`. */
	void (*step_begin)(struct backend *b, uint64_t counter);
	uint64_t (*step_end)(struct backend *b);
	/* A download for which nobody waits: within a step, `host` is written at some time up to the end of the step's
	 * settling; outside of one, at once. */
	void (*fetch)(struct backend *b, void *host, const void *device, size_t bytes);
	/* Waits for a step that ended, and for all before it: what they fetched is there. False: the device failed, and it may
	 * not be. */
	bool (*settle)(struct backend *b, uint64_t step);
	/* Steps are cheap that have a multiple of so many rows, where one has about `rows` of them; 1: all are alike. */
	int32_t (*row_step)(struct backend *b, int32_t rows);

	uint64_t (*memory_available)(struct backend *b); /* bytes that alloc could give now */

	/* True while all is well. A device that failed once stays failed: false then, with the same line each time, and
	 * nothing computed since the last true counts. Waits for what was asked before. */
	bool (*status)(struct backend *b, struct error *error);

	/* Makes room for calls of up to these sizes. False with one line: no memory, or an operation that does not know a
	 * type of weights. Call before the first operation and when a need grows. */
	bool (*reserve)(struct backend *b, const struct backend_needs *needs, struct error *error);

	/* Bytes that `reserve` takes in all for calls of up to these sizes, as far as they are worth counting. Takes nothing. */
	uint64_t (*reserve_bytes)(struct backend *b, const struct backend_needs *needs);

	/* Bytes that `pack` would take for w (its sizes and type; data may be NULL); 0: it makes no copy. Where there is a copy
	 * already, the new one takes its memory. */
	uint64_t (*packed_bytes)(struct backend *b, const struct matrix *w);
	bool (*pack)(struct backend *b, struct matrix *w); /* false: no memory, packed stays NULL */
	void (*unpack)(struct backend *b, struct matrix *w);

	/* out[rows, w.rows] = act(x[rows, w.columns] W^T + bias); pre (or NULL) gets the value before act. */
	void (*linear_forward)(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
	                       const float *bias, int32_t rows, enum activation activation);
	/* dx[rows, w.columns] = dy[rows, w.rows] W   (adds when `add`) */
	void (*linear_backward_input)(struct backend *b, float *dx, const float *dy, const struct matrix *w,
	                              int32_t rows, bool add);
	/* dw[out, in] += dy^T x,  dbias[out] += sum over rows of dy. Either may be NULL: then it is not computed. */
	void (*linear_backward_weight)(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
	                               int32_t rows, int32_t out, int32_t in);

	/* The second half of a LoRA adapter (Hu et al. 2021), B[columns, rank], on columns of a wider array: row r of out and dy
	 * begins at r * stride.
	 * forward   t[rows, rank] *= scale in place, then out[rows, columns] += t B^T
	 * backward  with that t: dB[columns, rank] += dy^T t (NULL: not computed), dt[rows, rank] = scale * dy B */
	void (*lora_forward)(struct backend *b, float *out, int32_t stride, float *t, const float *matrix, float scale,
	                     int32_t rows, int32_t columns, int32_t rank);
	void (*lora_backward)(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride,
	                      const float *t, const float *matrix, float scale, int32_t rows, int32_t columns,
	                      int32_t rank);

	/* out[i] = act(pre[i]);   dy[i] *= act'(pre[i]) in place. out may be pre. */
	void (*activation_forward)(struct backend *b, float *out, const float *pre, size_t count,
	                           enum activation activation);
	void (*activation_backward)(struct backend *b, float *dy, const float *pre, size_t count,
	                            enum activation activation);

	/* lse[heads][query rows] gets log(sum(exp(scores))) for the backward pass; NULL: not wanted. */
	void (*attention_forward)(struct backend *b, float *out, float *lse, const float *q, const float *k,
	                          const float *v, const struct attention *a);
	/* dq, dk, dv: strides as q, k, v; overwritten for all rows of `queries` and `keys`. Recomputes the
	 * probabilities from q, k and lse. */
	void (*attention_backward)(struct backend *b, float *dq, float *dk, float *dv, const float *dout,
	                           const float *out, const float *lse, const float *q, const float *k,
	                           const float *v, const struct attention *a);

	/* sum = dropout(x) + residual;  out = (sum - mean) * rstd * gamma + beta  per row (biased variance).
	 * residual may be NULL; sum, mean[rows], rstd[rows] may be NULL when no backward follows;
	 * sum may be x. */
	void (*norm_forward)(struct backend *b, float *out, float *sum, float *mean, float *rstd, const float *x,
	                     const float *residual, const float *gamma, const float *beta, int32_t rows,
	                     int32_t columns, float epsilon, struct dropout dropout);
	/* dresidual (or NULL) gets d/dsum, dx the same through the dropout; dgamma, dbeta add. dx may be
	 * dout, dresidual may not be dx unless p is 0. */
	void (*norm_backward)(struct backend *b, float *dx, float *dresidual, float *dgamma, float *dbeta,
	                      const float *dout, const float *sum, const float *mean, const float *rstd,
	                      const float *gamma, int32_t rows, int32_t columns, struct dropout dropout);

	/* x[i] = keep(i) ? x[i] / (1 - p) : 0, in place. */
	void (*dropout)(struct backend *b, float *x, size_t count, struct dropout dropout);

	/* out[t] = word[ids[t]] + position[positions[t]] + type[0] (type may be NULL). ids, positions: host. */
	void (*embedding_forward)(struct backend *b, float *out, const float *word, const float *position,
	                          const float *type, const int32_t *ids, const int32_t *positions, int32_t rows,
	                          int32_t columns);
	/* adds; rows of dword that no id names are not touched; dtype may be NULL. */
	void (*embedding_backward)(struct backend *b, float *dword, float *dposition, float *dtype,
	                           const float *dout, const int32_t *ids, const int32_t *positions, int32_t rows,
	                           int32_t columns);

	/* out[i] = x[index[i]];   out[index[i]] += x[i] (indices distinct). index: host. */
	void (*gather_rows)(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
	                    int32_t columns);
	void (*scatter_rows_add)(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
	                         int32_t columns);
	void (*add)(struct backend *b, float *out, const float *x, size_t count); /* out += x */

	/* out[g][c] = mean or maximum of x[t][c] over the rows t of group g, which has at least one: the windows of a review.
	 * The mean is the sum in double in the order of the rows, divided, then rounded; what is no number stays so. */
	void (*pooling_forward)(struct backend *b, float *out, const float *x, const struct packing *groups,
	                        int32_t columns, enum pooling pooling);
	/* dx[t][c] = dout[g][c] / (rows of g), or dout[g][c] in the first row that has the maximum and 0 in the others. */
	void (*pooling_backward)(struct backend *b, float *dx, const float *dout, const float *x,
	                         const struct packing *groups, int32_t columns, enum pooling pooling);

	/* x[i] += noise: see struct noise. */
	void (*noise)(struct backend *b, float *x, size_t count, struct noise noise);

	/* loss[r] = sum over c of t[c] (logsumexp(logits[r]) - logits[r][c]) with t[c] = (c is labels[r]) (1 - e) w[c] +
	 * e / columns w[c], e the label smoothing and w the weights;  dlogits = (softmax sum(t) - t) * scale (or NULL).
	 * labels: host. As torch.nn.functional.cross_entropy, whose mean divides by the sum of w[labels[r]]. */
	void (*cross_entropy)(struct backend *b, float *loss, float *dlogits, const float *logits,
	                      const int32_t *labels, int32_t rows, int32_t columns, const struct loss *how);
	/* loss[r] = mean over c of w[c] y log(1 + exp(-x)) + (1 - y) log(1 + exp(x)), x = logits[r][c], y = targets[r][c];
	 * dlogits (or NULL) = its gradient * scale. targets: host. As torch.nn.BCEWithLogitsLoss, w its pos_weight. */
	void (*binary_cross_entropy)(struct backend *b, float *loss, float *dlogits, const float *logits,
	                             const float *targets, int32_t rows, int32_t columns, const struct loss *how);

	/* Beside a loss that stands in loss and dlogits (or NULL) already, what teachers say, with s = shares[r], p = targets[r][c]:
	 * loss[r] = (1 - s) loss[r] + s T^2 D;  dlogits = (1 - s) dlogits + s T^2 dD/dlogits scale;
	 * D = sum over c of p log(p / q), q = softmax(logits[r] / T); of independent labels the mean over c of
	 * p log(p / q) + (1 - p) log((1 - p) / (1 - q)), q = 1 / (1 + exp(-logits / T)). Where s is 1 what stood there may be no
	 * number. shares [rows], targets [rows][columns]: host. As torch.nn.functional.kl_div, reduction batchmean, times T^2. */
	void (*soften)(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets,
	               const float *shares, int32_t rows, int32_t columns, const struct soft_loss *how);

	/* Adds to loss[s] of each sequence weight times what its relations lack of the teacher's, and scale times the gradient of
	 * that to da and db. With scores S of the student, T of the teacher, n rows of the sequence:
	 * the mean over heads and rows of KL(softmax(T) || softmax(S)) (MiniLM: Wang et al. 2020; of relation heads 2021), or of
	 * `squares` the mean over heads, rows and columns of (S - T)^2 (TinyBERT: Jiao et al. 2020). b may be a, and db da then.
	 * work: [RELATION_WORK][heads][rows], whose content is lost. */
	void (*relate)(struct backend *b, float *loss, float *da, float *db, float *work, const float *a, const float *other,
	               const float *teacher_a, const float *teacher_b, const struct relation *how);
	/* The same of the rows themselves: the mean over a sequence's rows and columns of (x - teacher)^2. */
	void (*imitate)(struct backend *b, float *loss, float *dx, const float *x, const float *teacher,
	                const struct packing *tokens, int32_t columns, const struct imitation_loss *how);

	/* Fills `clipping` from all gradients together, which are `loss_scale` times too large; limit 0: none. As
	 * torch.nn.utils.clip_grad_norm_ with error_if_nonfinite. */
	void (*clip)(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit,
	             double loss_scale);

	/* Loshchilov & Hutter 2019 as torch.optim.AdamW: p *= 1 - lr wd; m, v; p -= lr/c1 m / (sqrt(v/c2) + eps),
	 * with g = gradient * clipping->scale, and wd 0 where a segment is exempt. Elements with g = m = v = 0 keep m
	 * and v. */
	void (*adamw)(struct backend *b, const struct segment *segments, size_t count, const struct adamw *a);

	/* torch.optim.SGD: d = g + wd p;  m = momentum m + (1 - dampening) d, or d in the first step;  p -= lr d', with d'
	 * = d + momentum m of nesterov, m of momentum, else d. */
	void (*sgd)(struct backend *b, const struct segment *segments, size_t count, const struct sgd *s);

	/* Chen et al. 2023 as bitsandbytes' Lion of 32 bits and lion-pytorch: p *= 1 - lr wd;
	 * p -= lr sign(beta1 m + (1 - beta1) g);  m = beta2 m + (1 - beta2) g. */
	void (*lion)(struct backend *b, const struct segment *segments, size_t count, const struct lion *l);

	/* Shazeer & Stern 2018 as transformers' Adafactor with scale_parameter and relative_step off, without a first
	 * moment: s = g^2 + ADAFACTOR_EPSILON;  r = beta2 r + (1 - beta2) mean of s over each row, c so over each column;
	 * u = g / sqrt(r / mean(r)) / sqrt(c)  (a vector: v = beta2 v + (1 - beta2) s;  u = g / sqrt(v));
	 * u /= max(1, rms(u) / ADAFACTOR_THRESHOLD);  p *= 1 - lr wd;  p -= lr u. columns: at most what was reserved as
	 * features. */
	void (*adafactor)(struct backend *b, const struct segment *segments, size_t count, const struct adafactor *a);
};

/* The first member of every backend. */
struct backend {
	const struct backend_operations *ops;
	struct pool *pool; /* the host's threads, the backend's own: whoever calls the operations may use them in between */
	uint64_t launches; /* what was asked of the device one by one since it was opened: kernels, copies, and steps as a whole */
	uint64_t replays;  /* of those, steps as a whole */
	enum precision precision; /* f32 as it is opened; see backend_set_precision */
	uint64_t memory;   /* bytes that the device has in all; 0: it is the processor */
	char device[128];  /* what computes, where it is not the processor: "NVIDIA H200"; as its driver spells it */
	char notice[256];  /* backend_open: what auto took, or why not the device that is here. "": nothing to say */
};

#define PRECISION_BIT(precision) (1u << (precision))

/* What it shall compute in, said before anything else is asked of it. Where it is not offered for that, it stays with f32, which
 * is at least as exact: the result is false then. */
bool backend_set_precision(struct backend *b, enum precision precision);

/* False with one line unless the table is of this program's version and has all operations. */
bool backend_check_table(const struct backend *b, struct error *error);

/* For `reserve`: false with one line that names an operation which does not know a type of the needs. */
bool backend_check_types(const struct backend *b, const struct backend_needs *needs, struct error *error);

#endif
