/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NVIDIA's libraries as the module opens them: by a name, which gives a library of ours, linked into the emulated module.
 * REVUE_CUDA_WITHOUT names one that is then not there. */
#define REVUE_CUDA_LIBRARIES
#include <cublasLt.h>
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>

struct symbol {
	const char *name;
	void *function;
};

#define SYMBOL(name) {#name, reinterpret_cast<void *>(name)}

static const struct symbol cublas[] = {
	SYMBOL(cublasLtCreate),
	SYMBOL(cublasLtDestroy),
	SYMBOL(cublasLtGetStatusString),
	SYMBOL(cublasLtMatrixLayoutInit_internal),
	SYMBOL(cublasLtMatmulDescInit_internal),
	SYMBOL(cublasLtMatmulDescSetAttribute),
	SYMBOL(cublasLtMatmulPreferenceInit_internal),
	SYMBOL(cublasLtMatmulPreferenceSetAttribute),
	SYMBOL(cublasLtMatmulAlgoGetHeuristic),
	SYMBOL(cublasLtMatmulAlgoConfigGetAttribute),
	SYMBOL(cublasLtMatmul),
	{nullptr, nullptr},
};

static const struct library {
	const char *name;
	const struct symbol *symbols;
} libraries[] = {
	{"libcublasLt.so.13", cublas},
};

/* A path is no name: nothing lies beside the module. */
void *cuda_dlopen(const char *name, int flags)
{
	const char *without = getenv("REVUE_CUDA_WITHOUT");

	for (const auto &library : libraries)
		if (strcmp(name, library.name) == 0)
			return without && strcmp(without, name) == 0 ? nullptr : const_cast<struct library *>(&library);
	return strncmp(name, "libcublasLt", 11) == 0 || strncmp(name, "libnvidia", 9) == 0 ? nullptr : dlopen(name, flags);
}

void *cuda_dlsym(void *handle, const char *name)
{
	const struct library *library = static_cast<const struct library *>(handle);

	if (library < libraries || library >= libraries + sizeof libraries / sizeof *libraries)
		return dlsym(handle, name);
	for (const struct symbol *s = library->symbols; s->name; s++)
		if (strcmp(name, s->name) == 0)
			return s->function;
	return nullptr;
}
