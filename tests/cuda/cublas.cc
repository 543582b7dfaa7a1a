/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cuBLASLt over plain products with sums in double. It refuses what a device might: an array that is not aligned as the
 * algorithm was told, an algorithm for other sizes, too small a workspace, a scheme of sums that was excluded. */
#include <cublasLt.h>

#include <cstring>
#include <vector>

/* How the opaque types are filled. All matrices lie column by column. */
struct layout {
	uint64_t rows, columns;
	int64_t leading;
};
struct description {
	int32_t transposed_a, transposed_b;
	uint32_t epilogue;
	const float *bias;
	bool described;
};
struct preference {
	uint64_t workspace;
	uint32_t schemes, alignments[4];
};
struct algorithm {
	uint32_t scheme, alignments[4];
	uint64_t workspace, rows, columns, inner;
};

template <class T, class Opaque> static T *inside(Opaque *opaque)
{
	static_assert(sizeof(T) <= sizeof(Opaque), "what is kept fits");
	return reinterpret_cast<T *>(opaque);
}

template <class T> static cublasStatus_t take(T *out, const void *value, size_t size)
{
	if (size != sizeof *out)
		return CUBLAS_STATUS_INVALID_VALUE;
	memcpy(out, value, size);
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)
{
	static char something;

	*handle = reinterpret_cast<cublasLtHandle_t>(&something);
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)
{
	return handle ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

const char *cublasLtGetStatusString(cublasStatus_t status)
{
	return status == CUBLAS_STATUS_SUCCESS ? "CUBLAS_STATUS_SUCCESS"
	       : status == CUBLAS_STATUS_INVALID_VALUE ? "CUBLAS_STATUS_INVALID_VALUE"
	       : status == CUBLAS_STATUS_NOT_SUPPORTED ? "CUBLAS_STATUS_NOT_SUPPORTED" : "another status";
}

cublasStatus_t cublasLtMatrixLayoutInit_internal(cublasLtMatrixLayout_t layout, size_t size, cudaDataType type, uint64_t rows,
                                                 uint64_t columns, int64_t leading)
{
	if (size < sizeof *layout || type != CUDA_R_32F || leading < static_cast<int64_t>(rows))
		return CUBLAS_STATUS_INVALID_VALUE;
	*inside<struct layout>(layout) = {rows, columns, leading};
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescInit_internal(cublasLtMatmulDesc_t description, size_t size, cublasComputeType_t compute,
                                               cudaDataType_t scale)
{
	if (size < sizeof *description || compute != CUBLAS_COMPUTE_32F || scale != CUDA_R_32F)
		return CUBLAS_STATUS_INVALID_VALUE;
	*inside<struct description>(description) = {CUBLAS_OP_N, CUBLAS_OP_N, CUBLASLT_EPILOGUE_DEFAULT, nullptr, true};
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t opaque, cublasLtMatmulDescAttributes_t attribute,
                                              const void *value, size_t size)
{
	struct description *d = inside<struct description>(opaque);

	switch (attribute) {
	case CUBLASLT_MATMUL_DESC_TRANSA:
		return take(&d->transposed_a, value, size);
	case CUBLASLT_MATMUL_DESC_TRANSB:
		return take(&d->transposed_b, value, size);
	case CUBLASLT_MATMUL_DESC_EPILOGUE:
		return take(&d->epilogue, value, size);
	case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
		return take(&d->bias, value, size);
	}
	return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatmulPreferenceInit_internal(cublasLtMatmulPreference_t opaque, size_t size)
{
	if (size < sizeof *opaque)
		return CUBLAS_STATUS_INVALID_VALUE;
	*inside<struct preference>(opaque) = {0, CUBLASLT_REDUCTION_SCHEME_MASK, {256, 256, 256, 256}};
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t opaque,
                                                    cublasLtMatmulPreferenceAttributes_t attribute, const void *value, size_t size)
{
	struct preference *p = inside<struct preference>(opaque);

	switch (attribute) {
	case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
		return take(&p->workspace, value, size);
	case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
		return take(&p->schemes, value, size);
	default:
		return take(&p->alignments[attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES], value, size);
	}
}

/* Sizes of a product; false where the layouts do not fit together. */
static bool sizes_of(cublasLtMatmulDesc_t opaque, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t d,
                     struct algorithm *sizes)
{
	const struct description *how = inside<struct description>(opaque);
	const struct layout *first = inside<struct layout>(a), *second = inside<struct layout>(b), *result = inside<struct layout>(d);
	const bool ta = how->transposed_a == CUBLAS_OP_T, tb = how->transposed_b == CUBLAS_OP_T;

	sizes->rows = result->rows;
	sizes->columns = result->columns;
	sizes->inner = ta ? first->rows : first->columns;
	return how->described && (ta ? first->columns : first->rows) == sizes->rows &&
	       (tb ? second->rows : second->columns) == sizes->columns && (tb ? second->columns : second->rows) == sizes->inner;
}

/* An algorithm that adds in place comes first where it may: whoever wants none must say so. */
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c,
                                              cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t opaque, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[], int *count)
{
	const struct preference *p = inside<struct preference>(opaque);
	struct algorithm found = {};

	*count = 0;
	if (!handle || wanted < 1 || !sizes_of(description, a, b, d, &found) || memcmp(c, d, sizeof *c) != 0)
		return CUBLAS_STATUS_INVALID_VALUE;
	if (inside<struct description>(description)->epilogue == CUBLASLT_EPILOGUE_BIAS && !inside<struct description>(description)->bias)
		return CUBLAS_STATUS_INVALID_VALUE;
	found.scheme = p->schemes & CUBLASLT_REDUCTION_SCHEME_INPLACE ? CUBLASLT_REDUCTION_SCHEME_INPLACE : p->schemes;
	found.workspace = found.scheme == CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE && p->workspace > 4096 ? 4096 : 0;
	memcpy(found.alignments, p->alignments, sizeof found.alignments);
	*results = {};
	memcpy(&results->algo, &found, sizeof found);
	results->workspaceSize = found.workspace;
	*count = 1;
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t *opaque, cublasLtMatmulAlgoConfigAttributes_t,
                                                    void *value, size_t size, size_t *written)
{
	const struct algorithm *how = reinterpret_cast<const struct algorithm *>(opaque);

	if (size != sizeof how->scheme)
		return CUBLAS_STATUS_INVALID_VALUE;
	memcpy(value, &how->scheme, size);
	*written = size;
	return CUBLAS_STATUS_SUCCESS;
}

static bool is_aligned(const void *array, uint32_t alignment)
{
	return reinterpret_cast<uintptr_t>(array) % alignment == 0;
}

/* A product whose arrays are checked. */
struct product {
	const struct description *how;
	const struct algorithm *sizes;
	const struct layout *a_layout, *b_layout, *d_layout;
	const float *a, *b;
	float *d, alpha, beta;
};

static size_t place(const struct layout *layout, size_t row, size_t column)
{
	return column * static_cast<size_t>(layout->leading) + row;
}

/* Column `column` of the result. */
static void multiply_column(const struct product *p, const std::vector<float> &a, std::vector<double> &sums, size_t column)
{
	const size_t rows = p->sizes->rows;

	sums.assign(rows, 0);
	for (size_t k = 0; k < p->sizes->inner; k++) {
		const double factor = p->b[p->how->transposed_b ? place(p->b_layout, column, k) : place(p->b_layout, k, column)];
		const float *of_a = &a[k * rows];

		for (size_t row = 0; row < rows; row++)
			sums[row] += factor * of_a[row];
	}
	for (size_t row = 0; row < rows; row++) {
		float *out = &p->d[place(p->d_layout, row, column)];
		double value = p->alpha * sums[row] + (p->beta != 0 ? p->beta * static_cast<double>(*out) : 0);

		if (p->how->epilogue == CUBLASLT_EPILOGUE_BIAS)
			value += p->how->bias[row];
		*out = static_cast<float>(value);
	}
}

static void multiply(const struct product *p)
{
	const size_t rows = p->sizes->rows, inner = p->sizes->inner;
	std::vector<float> a(rows * inner + 1);
	std::vector<double> sums;

	for (size_t k = 0; k < inner; k++)
		for (size_t row = 0; row < rows; row++)
			a[k * rows + row] = p->a[p->how->transposed_a ? place(p->a_layout, k, row) : place(p->a_layout, row, k)];
	for (size_t column = 0; column < p->sizes->columns; column++)
		multiply_column(p, a, sums, column);
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description, const void *alpha, const void *a,
                              cublasLtMatrixLayout_t a_layout, const void *b, cublasLtMatrixLayout_t b_layout,
                              const void *beta, const void *c, cublasLtMatrixLayout_t, void *d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t *opaque, void *workspace, size_t workspace_bytes, cudaStream_t)
{
	const struct algorithm *how = reinterpret_cast<const struct algorithm *>(opaque);
	const void *arrays[] = {a, b, c, d};
	struct algorithm sizes = {};
	struct product p = {inside<struct description>(description), &sizes, inside<struct layout>(a_layout),
	                    inside<struct layout>(b_layout), inside<struct layout>(d_layout), static_cast<const float *>(a),
	                    static_cast<const float *>(b), static_cast<float *>(d), *static_cast<const float *>(alpha),
	                    *static_cast<const float *>(beta)};

	if (!handle || c != d || !sizes_of(description, a_layout, b_layout, d_layout, &sizes))
		return CUBLAS_STATUS_INVALID_VALUE;
	if (sizes.rows != how->rows || sizes.columns != how->columns || sizes.inner != how->inner ||
	    workspace_bytes < how->workspace || (how->workspace > 0 && !workspace))
		return CUBLAS_STATUS_NOT_SUPPORTED;
	for (int i = 0; i < 4; i++)
		if (!is_aligned(arrays[i], how->alignments[i]))
			return CUBLAS_STATUS_INVALID_VALUE;
	multiply(&p);
	return CUBLAS_STATUS_SUCCESS;
}
