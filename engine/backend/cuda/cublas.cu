/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cuda/cublas.h"

#include "engine/backend/cuda/library.h"

#include <cublasLt.h>

#include <cstdio>
#include <cstring>
#include <new>

#define WORKSPACE (size_t{32} << 20) /* what NVIDIA advises for Hopper */
#define PLANS 1024                   /* a power of two */
#define ALIGNMENT 16                 /* of arrays, in bytes: more is of no use */
#define CANDIDATES 8

/* What is called of the library. */
struct cublas_functions {
	decltype(&cublasLtCreate) create;
	decltype(&cublasLtDestroy) destroy;
	decltype(&cublasLtMatmul) matmul;
	decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
	decltype(&cublasLtMatmulAlgoConfigGetAttribute) algorithm_get;
	decltype(&cublasLtMatmulDescInit_internal) description_init;
	decltype(&cublasLtMatmulDescSetAttribute) description_set;
	decltype(&cublasLtMatrixLayoutInit_internal) layout_init;
	decltype(&cublasLtMatmulPreferenceInit_internal) preference_init;
	decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set;
	decltype(&cublasLtGetStatusString) status_string;
};

#define FUNCTION(field, symbol) {offsetof(struct cublas_functions, field), #symbol}
static const struct library_function functions[] = {
	FUNCTION(create, cublasLtCreate),
	FUNCTION(destroy, cublasLtDestroy),
	FUNCTION(matmul, cublasLtMatmul),
	FUNCTION(heuristic, cublasLtMatmulAlgoGetHeuristic),
	FUNCTION(algorithm_get, cublasLtMatmulAlgoConfigGetAttribute),
	FUNCTION(description_init, cublasLtMatmulDescInit_internal),
	FUNCTION(description_set, cublasLtMatmulDescSetAttribute),
	FUNCTION(layout_init, cublasLtMatrixLayoutInit_internal),
	FUNCTION(preference_init, cublasLtMatmulPreferenceInit_internal),
	FUNCTION(preference_set, cublasLtMatmulPreferenceSetAttribute),
	FUNCTION(status_string, cublasLtGetStatusString),
};

/* All that the choice of an algorithm depends on. Its bytes are compared: no holes. */
struct plan_key {
	int32_t rows, columns, inner, a_stride, b_stride, c_stride;
	uint8_t transposed_a, transposed_b, add;
	uint8_t format; /* 1 + what is multiplied (enum precision); 0: no plan */
	uint8_t a_alignment, b_alignment, c_alignment, bias_alignment; /* the last 0: without bias */
};

/* In cuBLAS's columns our c is its transpose, and what it multiplies first is our b. */
struct plan {
	struct plan_key key;
	cublasLtMatmulDescOpaque_t description;
	cublasLtMatrixLayoutOpaque_t first, second, result;
	cublasLtMatmulAlgo_t algorithm;
};

struct cublas {
	struct cublas_functions call;
	cublasLtHandle_t handle;
	void *workspace;
	struct plan plans[PLANS]; /* by the key's hash; a newer one takes the place of an older */
};

/* ---- the library */

static bool find_functions(struct cublas_functions *call, struct error *error)
{
	static const char *const names[] = {"libcublasLt.so.13", "libcublasLt.so.12", nullptr};
	void *library = library_open(names);
	const char *lacking;

	if (!library)
		return cuda_error(error, "cuBLAS was not found: install libcublasLt.so.13 or .12, or put it beside the CUDA module");
	lacking = library_fill(library, functions, call);
	return !lacking || cuda_error(error, "cuBLAS lacks %s: install that of CUDA 12 or 13", lacking);
}

bool cublas_open(struct cuda *c, struct error *error)
{
	cublasStatus_t status;

	c->cublas = new (std::nothrow) cublas();
	if (!c->cublas)
		return cuda_error(error, "no memory for the GPU's backend");
	if (!find_functions(&c->cublas->call, error))
		return false;
	status = c->cublas->call.create(&c->cublas->handle);
	return status == CUBLAS_STATUS_SUCCESS ||
	       cuda_error(error, "cuBLAS does not start on the GPU: %s", c->cublas->call.status_string(status));
}

void cublas_close(struct cuda *c)
{
	if (!c->cublas)
		return;
	if (c->cublas->handle)
		c->cublas->call.destroy(c->cublas->handle);
	cudaFree(c->cublas->workspace);
	delete c->cublas;
	c->cublas = nullptr;
}

bool cublas_reserve(struct cuda *c, struct error *error)
{
	return c->cublas->workspace || cuda_take(&c->cublas->workspace, WORKSPACE, error);
}

/* ---- plans */

static uint8_t alignment_of(const void *array)
{
	uint8_t alignment = ALIGNMENT;

	while (reinterpret_cast<uintptr_t>(array) % alignment != 0)
		alignment /= 2;
	return alignment;
}

static struct plan_key key_of(const struct cuda *c, const struct product *p)
{
	struct plan_key key = {};

	key.rows = p->rows;
	key.columns = p->columns;
	key.inner = p->inner;
	key.a_stride = p->a_stride;
	key.b_stride = p->b_stride;
	key.c_stride = p->c_stride;
	key.transposed_a = p->transposed_a;
	key.transposed_b = p->transposed_b;
	key.add = p->add;
	key.a_alignment = alignment_of(p->a);
	key.b_alignment = alignment_of(p->b);
	key.c_alignment = alignment_of(p->c);
	key.bias_alignment = p->bias ? alignment_of(p->bias) : uint8_t{0};
	key.format = static_cast<uint8_t>(1 + (p->halves || !precision_is_half(c->backend.precision) ? c->backend.precision
	                                                                                              : PRECISION_F32));
	return key;
}

/* FNV-1a (Fowler, Noll, Vo). */
static size_t hash_of(const struct plan_key *key)
{
	const unsigned char *bytes = reinterpret_cast<const unsigned char *>(key);
	uint64_t hash = 0xCBF29CE484222325u;

	for (size_t i = 0; i < sizeof *key; i++)
		hash = (hash ^ bytes[i]) * 0x100000001B3u;
	return static_cast<size_t>(hash ^ hash >> 32);
}

template <class T> static cublasStatus_t describe(struct cublas *b, struct plan *plan, cublasLtMatmulDescAttributes_t what, T value)
{
	return b->call.description_set(&plan->description, what, &value, sizeof value);
}

template <class T>
static cublasStatus_t prefer(struct cublas *b, cublasLtMatmulPreferenceOpaque_t *preference,
                             cublasLtMatmulPreferenceAttributes_t what, T value)
{
	return b->call.preference_set(preference, what, &value, sizeof value);
}

/* Of the sides of a product. */
static cudaDataType_t type_of(const struct plan_key *key)
{
	switch (static_cast<enum precision>(key->format - 1)) {
	case PRECISION_BF16:
		return CUDA_R_16BF;
	case PRECISION_F16:
		return CUDA_R_16F;
	case PRECISION_TF32:
	case PRECISION_F32:
		break;
	}
	return CUDA_R_32F;
}

static cublasComputeType_t compute_of(const struct plan_key *key)
{
	return key->format - 1 == PRECISION_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

/* An array of ours, [rows, columns] as it lies, is one of cuBLAS with as many rows as we have columns. */
static cublasStatus_t lay_out(struct cublas *b, cublasLtMatrixLayoutOpaque_t *layout, cudaDataType_t type, int32_t rows,
                              int32_t columns, int32_t stride)
{
	return b->call.layout_init(layout, sizeof *layout, type, static_cast<uint64_t>(columns), static_cast<uint64_t>(rows),
	                           stride);
}

#define TRY(call)                                      \
	do {                                           \
		const cublasStatus_t status_ = (call); \
		if (status_ != CUBLAS_STATUS_SUCCESS)  \
			return status_;                \
	} while (0)

static cublasStatus_t plan_layouts(struct cublas *b, struct plan *plan)
{
	const struct plan_key *k = &plan->key;

	TRY(lay_out(b, &plan->first, type_of(k), k->transposed_b ? k->columns : k->inner,
	            k->transposed_b ? k->inner : k->columns, k->b_stride));
	TRY(lay_out(b, &plan->second, type_of(k), k->transposed_a ? k->inner : k->rows, k->transposed_a ? k->rows : k->inner,
	            k->a_stride));
	return lay_out(b, &plan->result, CUDA_R_32F, k->rows, k->columns, k->c_stride);
}

/* The heuristic, too, looks at how the bias is aligned. */
static cublasStatus_t plan_description(struct cublas *b, struct plan *plan, const float *bias)
{
	TRY(b->call.description_init(&plan->description, sizeof plan->description, compute_of(&plan->key), CUDA_R_32F));
	TRY(describe(b, plan, CUBLASLT_MATMUL_DESC_TRANSA, plan->key.transposed_b ? CUBLAS_OP_T : CUBLAS_OP_N));
	TRY(describe(b, plan, CUBLASLT_MATMUL_DESC_TRANSB, plan->key.transposed_a ? CUBLAS_OP_T : CUBLAS_OP_N));
	TRY(describe(b, plan, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias));
	return describe(b, plan, CUBLASLT_MATMUL_DESC_EPILOGUE, bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT);
}

/* Partial sums over the inner side, where there are any, are added by a step of their own in a fixed order. */
#define SCHEMES (uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE})

static cublasStatus_t plan_preference(struct cublas *b, const struct plan_key *key, cublasLtMatmulPreferenceOpaque_t *preference)
{
	TRY(b->call.preference_init(preference, sizeof *preference));
	TRY(prefer(b, preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, uint64_t{WORKSPACE}));
	TRY(prefer(b, preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, SCHEMES));
	TRY(prefer(b, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, uint32_t{key->b_alignment}));
	TRY(prefer(b, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, uint32_t{key->a_alignment}));
	TRY(prefer(b, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, uint32_t{key->c_alignment}));
	return prefer(b, preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, uint32_t{key->c_alignment});
}

/* Whether its sums have one order: it splits nothing, or as SCHEMES says. */
static bool repeats(struct cublas *b, const cublasLtMatmulAlgo_t *algorithm)
{
	uint32_t scheme = 0;
	size_t size;

	return b->call.algorithm_get(algorithm, CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, &scheme, sizeof scheme, &size) ==
	               CUBLAS_STATUS_SUCCESS &&
	       (scheme & ~SCHEMES) == 0;
}

static cublasStatus_t plan_algorithm(struct cublas *b, struct plan *plan)
{
	cublasLtMatmulPreferenceOpaque_t preference;
	cublasLtMatmulHeuristicResult_t found[CANDIDATES];
	int count = 0;

	TRY(plan_preference(b, &plan->key, &preference));
	TRY(b->call.heuristic(b->handle, &plan->description, &plan->first, &plan->second, &plan->result, &plan->result, &preference,
	                      CANDIDATES, found, &count));
	for (int i = 0; i < count; i++)
		if (found[i].state == CUBLAS_STATUS_SUCCESS && repeats(b, &found[i].algo)) {
			plan->algorithm = found[i].algo;
			return CUBLAS_STATUS_SUCCESS;
		}
	return CUBLAS_STATUS_NOT_SUPPORTED;
}

static cublasStatus_t plan_make(struct cublas *b, struct plan *plan, const float *bias)
{
	TRY(plan_layouts(b, plan));
	TRY(plan_description(b, plan, bias));
	return plan_algorithm(b, plan);
}

/* The plan of a key, made where it is not there. */
static cublasStatus_t plan_find(struct cublas *b, const struct plan_key *key, const float *bias, struct plan **out)
{
	struct plan *plan = &b->plans[hash_of(key) % PLANS];
	cublasStatus_t status;

	*out = plan;
	if (memcmp(&plan->key, key, sizeof *key) == 0)
		return CUBLAS_STATUS_SUCCESS;
	plan->key = *key;
	status = plan_make(b, plan, bias);
	if (status != CUBLAS_STATUS_SUCCESS)
		plan->key.format = 0;
	return status;
}

static cublasStatus_t multiply(struct cuda *c, const struct product *p)
{
	const struct plan_key key = key_of(c, p);
	const float beta = p->add ? 1.f : 0.f;
	struct cublas *b = c->cublas;
	struct plan *plan;

	TRY(plan_find(b, &key, p->bias, &plan));
	if (p->bias)
		TRY(describe(b, plan, CUBLASLT_MATMUL_DESC_BIAS_POINTER, p->bias));
	return b->call.matmul(b->handle, &plan->description, &p->alpha, p->b, &plan->first, p->a, &plan->second, &beta, p->c,
	                      &plan->result, p->c, &plan->result, &plan->algorithm, b->workspace, WORKSPACE, c->stream);
}

static void multiply_now(struct cuda *c, const void *what)
{
	const struct product *p = static_cast<const struct product *>(what);
	const cublasStatus_t status = multiply(c, p);
	char why[160];

	if (status == CUBLAS_STATUS_SUCCESS)
		return;
	snprintf(why, sizeof why, "multiplying matrices of %d, %d and %d: cuBLAS says %s", p->rows, p->inner, p->columns,
	         c->cublas->call.status_string(status));
	cuda_fail(c, why);
}

void cublas_multiply(struct cuda *c, const struct product *p)
{
	if (p->rows > 0 && p->columns > 0)
		cuda_do(c, multiply_now, p, sizeof *p);
}
