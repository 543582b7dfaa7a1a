/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cuBLASLt's few calls over a plain product: sums in double precision, over the inner side in its order, rounded once. What
 * it reads and writes must be the device's, as for a kernel. */
#include <cublasLt.h>

#include "tests/cuda/services.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <vector>

#define FACE __attribute__((visibility("default")))
#define MODULE "backend_cuda.so"

/* What the opaque types hold. */
struct layout {
	uint64_t type, rows, columns;
	int64_t stride;
};

struct description {
	uint64_t compute, scale, transposed_a, transposed_b, epilogue;
	const void *bias;
};

static const struct layout *layout_of(cublasLtMatrixLayout_t layout)
{
	return reinterpret_cast<const struct layout *>(layout->data);
}

static struct description *description_of(cublasLtMatmulDesc_t description)
{
	return reinterpret_cast<struct description *>(description->data);
}

/* ---- the device */

static const struct cuda_services *find_device()
{
	const struct cuda_services *(*services)();
	char path[4096];
	Dl_info here;
	void *module = nullptr, *symbol = dlsym(RTLD_DEFAULT, CUDA_SERVICES);

	if (!symbol && dladdr(reinterpret_cast<const void *>(find_device), &here) && strrchr(here.dli_fname, '/')) {
		snprintf(path, sizeof path, "%.*s/" MODULE, static_cast<int>(strrchr(here.dli_fname, '/') - here.dli_fname),
		         here.dli_fname);
		module = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
		symbol = module ? dlsym(module, CUDA_SERVICES) : nullptr;
	}
	if (!symbol) {
		fprintf(stderr, "cuda: the emulated cuBLASLt finds no emulated device beside itself\n");
		abort();
	}
	memcpy(&services, &symbol, sizeof services);
	return services();
}

static const struct cuda_services *device()
{
	static const struct cuda_services *const found = find_device();

	return found;
}

static bool check(const char *name, const void *at, size_t bytes)
{
	char what[256], line[384];

	if (bytes == 0 || device()->is_live(at, bytes))
		return true;
	device()->describe(at, bytes, what, sizeof what);
	snprintf(line, sizeof line, "cublasLtMatmul: %s: %s", name, what);
	device()->fault(line);
	return false;
}

/* ---- numbers */

static size_t size_of(uint64_t type)
{
	return type == CUDA_R_32F ? 4 : 2;
}

static double load(const void *at, uint64_t type, size_t index)
{
	const uint16_t *halves = static_cast<const uint16_t *>(at);

	if (type == CUDA_R_32F)
		return static_cast<const float *>(at)[index];
	return type == CUDA_R_16BF ? cuda_bf16_value(halves[index]) : cuda_half_value(halves[index]);
}

static void store(void *at, uint64_t type, size_t index, double value)
{
	const float rounded = static_cast<float>(value);

	if (type == CUDA_R_32F)
		static_cast<float *>(at)[index] = rounded;
	else
		static_cast<uint16_t *>(at)[index] =
			type == CUDA_R_16BF ? cuda_bf16_bits(rounded) : cuda_half_bits(rounded);
}

static size_t bytes_of(const struct layout *l)
{
	return l->columns == 0 || l->rows == 0
	               ? 0
	               : ((l->columns - 1) * static_cast<size_t>(l->stride) + l->rows) * size_of(l->type);
}

/* 10 bits of mantissa, to the nearest. */
static double tf32(double value)
{
	return __uint_as_float((__float_as_uint(static_cast<float>(value)) + 0x1000) & 0xFFFFE000);
}

/* op(x)[rows, columns] in doubles, column after column, rounded to what is multiplied. */
static std::vector<double> widen(const void *x, const struct layout *l, bool transposed, uint64_t compute)
{
	const size_t rows = transposed ? l->columns : l->rows, columns = transposed ? l->rows : l->columns;
	std::vector<double> out(rows * columns);

	for (size_t c = 0; c < columns; c++)
		for (size_t r = 0; r < rows; r++) {
			const size_t from = transposed ? c + r * static_cast<size_t>(l->stride)
			                               : r + c * static_cast<size_t>(l->stride);

			out[r + c * rows] = load(x, l->type, from);
			if (compute == CUBLAS_COMPUTE_32F_FAST_TF32)
				out[r + c * rows] = tf32(out[r + c * rows]);
		}
	return out;
}

struct product {
	const struct description *description;
	const struct layout *a_layout, *b_layout, *c_layout, *d_layout;
	const void *a, *b, *c;
	void *d;
	float alpha, beta;
	size_t rows, columns, inner;
};

/* sums[rows] = op(a) times a column of op(b). */
__attribute__((optimize("O3"))) static void multiply_column(double *__restrict sums, const double *__restrict a,
                                                            const double *__restrict b, size_t rows, size_t inner)
{
	memset(sums, 0, rows * sizeof *sums);
	for (size_t k = 0; k < inner; k++)
		for (size_t r = 0; r < rows; r++)
			sums[r] += a[k * rows + r] * b[k];
}

static void finish_column(const struct product *p, size_t column, const double *sums)
{
	for (size_t r = 0; r < p->rows; r++) {
		double value = p->alpha * sums[r];

		if (p->beta != 0)
			value += p->beta * load(p->c, p->c_layout->type, r + column * static_cast<size_t>(p->c_layout->stride));
		if (p->description->epilogue == CUBLASLT_EPILOGUE_BIAS)
			value += load(p->description->bias, p->d_layout->type, r);
		store(p->d, p->d_layout->type, r + column * static_cast<size_t>(p->d_layout->stride), value);
	}
}

static void multiply(const struct product *p)
{
	const struct description *d = p->description;
	const std::vector<double> a = widen(p->a, p->a_layout, d->transposed_a == CUBLAS_OP_T, d->compute);
	const std::vector<double> b = widen(p->b, p->b_layout, d->transposed_b == CUBLAS_OP_T, d->compute);
	std::vector<double> sums(p->rows);

	for (size_t c = 0; c < p->columns; c++) {
		multiply_column(sums.data(), a.data(), b.data() + c * p->inner, p->rows, p->inner);
		finish_column(p, c, sums.data());
	}
}

/* ---- one call */

static bool overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
	const uintptr_t from = reinterpret_cast<uintptr_t>(a), other = reinterpret_cast<uintptr_t>(b);

	return a_bytes > 0 && b_bytes > 0 && from < other + b_bytes && other < from + a_bytes;
}

/* Whether the sides go together; fills the sizes. */
static bool measure(struct product *p)
{
	const bool ta = p->description->transposed_a == CUBLAS_OP_T, tb = p->description->transposed_b == CUBLAS_OP_T;

	p->rows = ta ? p->a_layout->columns : p->a_layout->rows;
	p->inner = ta ? p->a_layout->rows : p->a_layout->columns;
	p->columns = tb ? p->b_layout->rows : p->b_layout->columns;
	for (const struct layout *l : {p->a_layout, p->b_layout, p->c_layout, p->d_layout})
		if (l->stride < static_cast<int64_t>(l->rows))
			return false;
	return p->inner == (tb ? p->b_layout->columns : p->b_layout->rows) && p->d_layout->rows == p->rows &&
	       p->d_layout->columns == p->columns && p->c_layout->rows == p->rows && p->c_layout->columns == p->columns;
}

static bool check_memory(const struct product *p)
{
	const size_t d = bytes_of(p->d_layout);

	if (overlap(p->d, d, p->a, bytes_of(p->a_layout)) || overlap(p->d, d, p->b, bytes_of(p->b_layout))) {
		device()->fault("cublasLtMatmul: what it writes is what it reads");
		return false;
	}
	if (p->description->epilogue == CUBLASLT_EPILOGUE_BIAS &&
	    !check("the bias", p->description->bias, p->rows * size_of(p->d_layout->type)))
		return false;
	return check("the first matrix", p->a, bytes_of(p->a_layout)) && check("the second matrix", p->b, bytes_of(p->b_layout)) &&
	       (p->beta == 0 || check("the third matrix", p->c, bytes_of(p->c_layout))) && check("the result", p->d, d);
}

static cudaError_t work(const struct product *p, cudaStream_t stream)
{
	if (!check_memory(p))
		return cudaErrorIllegalAddress;
	device()->begin(stream);
	device()->open(true);
	multiply(p);
	device()->open(false);
	return cudaSuccess;
}

FACE cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description, const void *alpha, const void *a,
                                   cublasLtMatrixLayout_t a_layout, const void *b, cublasLtMatrixLayout_t b_layout,
                                   const void *beta, const void *c, cublasLtMatrixLayout_t c_layout, void *d,
                                   cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t *, void *workspace,
                                   size_t workspace_bytes, cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(*device()->lock);
	const struct description copy = *description_of(description);
	struct product p = {&copy, layout_of(a_layout), layout_of(b_layout), layout_of(c_layout), layout_of(d_layout), a, b, c, d,
	                    *static_cast<const float *>(alpha), *static_cast<const float *>(beta), 0, 0, 0};
	const struct layout layouts[] = {*p.a_layout, *p.b_layout, *p.c_layout, *p.d_layout};

	if (!handle || !measure(&p))
		return CUBLAS_STATUS_INVALID_VALUE;
	if (device()->call() != cudaSuccess || !check("the workspace", workspace, workspace_bytes))
		return CUBLAS_STATUS_EXECUTION_FAILED;
	if (device()->keeps(stream, [=] {
		    struct product again = p;

		    again.description = &copy;
		    again.a_layout = &layouts[0];
		    again.b_layout = &layouts[1];
		    again.c_layout = &layouts[2];
		    again.d_layout = &layouts[3];
		    return work(&again, stream);
	    }))
		return CUBLAS_STATUS_SUCCESS;
	return work(&p, stream) == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

/* ---- the rest */

FACE const char *cublasLtGetStatusString(cublasStatus_t status)
{
	static const struct {
		cublasStatus_t status;
		const char *name;
	} names[] = {
		{CUBLAS_STATUS_SUCCESS, "CUBLAS_STATUS_SUCCESS"},
		{CUBLAS_STATUS_NOT_INITIALIZED, "CUBLAS_STATUS_NOT_INITIALIZED"},
		{CUBLAS_STATUS_ALLOC_FAILED, "CUBLAS_STATUS_ALLOC_FAILED"},
		{CUBLAS_STATUS_INVALID_VALUE, "CUBLAS_STATUS_INVALID_VALUE"},
		{CUBLAS_STATUS_EXECUTION_FAILED, "CUBLAS_STATUS_EXECUTION_FAILED"},
		{CUBLAS_STATUS_NOT_SUPPORTED, "CUBLAS_STATUS_NOT_SUPPORTED"},
	};

	for (const auto &n : names)
		if (n.status == status)
			return n.name;
	return "CUBLAS_STATUS_INTERNAL_ERROR";
}

FACE size_t cublasLtGetVersion()
{
	return 130000;
}

FACE cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)
{
	*handle = nullptr;
	if (device()->call() != cudaSuccess)
		return CUBLAS_STATUS_NOT_INITIALIZED;
	*handle = reinterpret_cast<cublasLtHandle_t>(malloc(1));
	return *handle ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

FACE cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)
{
	free(handle);
	return CUBLAS_STATUS_SUCCESS;
}

FACE cublasStatus_t cublasLtMatmulDescInit_internal(cublasLtMatmulDesc_t d, size_t size, cublasComputeType_t compute,
                                                    cudaDataType_t scale)
{
	if (size < sizeof *d || (compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_FAST_TF32) || scale != CUDA_R_32F)
		return CUBLAS_STATUS_INVALID_VALUE;
	memset(d, 0, sizeof *d);
	*description_of(d) = {static_cast<uint64_t>(compute), static_cast<uint64_t>(scale), CUBLAS_OP_N, CUBLAS_OP_N,
	                      CUBLASLT_EPILOGUE_DEFAULT, nullptr};
	return CUBLAS_STATUS_SUCCESS;
}

FACE cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *d, cublasComputeType_t compute, cudaDataType_t scale)
{
	*d = static_cast<cublasLtMatmulDesc_t>(malloc(sizeof **d));
	return *d ? cublasLtMatmulDescInit_internal(*d, sizeof **d, compute, scale) : CUBLAS_STATUS_ALLOC_FAILED;
}

FACE cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t d)
{
	free(d);
	return CUBLAS_STATUS_SUCCESS;
}

static bool take_word(uint64_t *out, const void *value, size_t size)
{
	uint32_t word;

	if (size != sizeof word)
		return false;
	memcpy(&word, value, sizeof word);
	*out = word;
	return true;
}

FACE cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t d, cublasLtMatmulDescAttributes_t attribute,
                                                   const void *value, size_t size)
{
	struct description *at = description_of(d);
	bool taken = false;

	switch (attribute) {
	case CUBLASLT_MATMUL_DESC_TRANSA:
		taken = take_word(&at->transposed_a, value, size) && at->transposed_a <= CUBLAS_OP_T;
		break;
	case CUBLASLT_MATMUL_DESC_TRANSB:
		taken = take_word(&at->transposed_b, value, size) && at->transposed_b <= CUBLAS_OP_T;
		break;
	case CUBLASLT_MATMUL_DESC_EPILOGUE:
		taken = take_word(&at->epilogue, value, size) &&
		        (at->epilogue == CUBLASLT_EPILOGUE_DEFAULT || at->epilogue == CUBLASLT_EPILOGUE_BIAS);
		break;
	case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
		taken = size == sizeof at->bias;
		if (taken)
			memcpy(&at->bias, value, size);
		break;
	default:
		break;
	}
	return taken ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

FACE cublasStatus_t cublasLtMatrixLayoutInit_internal(cublasLtMatrixLayout_t l, size_t size, cudaDataType type, uint64_t rows,
                                                      uint64_t columns, int64_t stride)
{
	const struct layout layout = {static_cast<uint64_t>(type), rows, columns, stride};

	if (size < sizeof *l)
		return CUBLAS_STATUS_INVALID_VALUE;
	memset(l, 0, sizeof *l);
	memcpy(l->data, &layout, sizeof layout);
	return CUBLAS_STATUS_SUCCESS;
}

FACE cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *l, cudaDataType type, uint64_t rows, uint64_t columns,
                                               int64_t stride)
{
	*l = static_cast<cublasLtMatrixLayout_t>(malloc(sizeof **l));
	return *l ? cublasLtMatrixLayoutInit_internal(*l, sizeof **l, type, rows, columns, stride) : CUBLAS_STATUS_ALLOC_FAILED;
}

FACE cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t l)
{
	free(l);
	return CUBLAS_STATUS_SUCCESS;
}

FACE cublasStatus_t cublasLtMatmulPreferenceInit_internal(cublasLtMatmulPreference_t preference, size_t size)
{
	if (size < sizeof *preference)
		return CUBLAS_STATUS_INVALID_VALUE;
	memset(preference, 0, sizeof *preference);
	return CUBLAS_STATUS_SUCCESS;
}

FACE cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference)
{
	*preference = static_cast<cublasLtMatmulPreference_t>(calloc(1, sizeof **preference));
	return *preference ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

FACE cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference)
{
	free(preference);
	return CUBLAS_STATUS_SUCCESS;
}

FACE cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t, cublasLtMatmulPreferenceAttributes_t attribute,
                                                         const void *, size_t size)
{
	const size_t wanted = attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES ? 8 : 4;

	return size == wanted ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

/* One algorithm, which splits nothing. */
FACE cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t a,
                                                   cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                                   cublasLtMatmulPreference_t, int asked,
                                                   cublasLtMatmulHeuristicResult_t *results, int *found)
{
	struct product p = {description_of(description), layout_of(a), layout_of(b), layout_of(c), layout_of(d), nullptr, nullptr,
	                    nullptr, nullptr, 1, 0, 0, 0, 0};

	*found = 0;
	if (asked < 1 || !measure(&p))
		return CUBLAS_STATUS_INVALID_VALUE;
	*results = {};
	*found = 1;
	return CUBLAS_STATUS_SUCCESS;
}

FACE cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t *, cublasLtMatmulAlgoConfigAttributes_t,
                                                         void *value, size_t size, size_t *written)
{
	memset(value, 0, size);
	*written = size;
	return CUBLAS_STATUS_SUCCESS;
}
