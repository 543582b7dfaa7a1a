/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/ops_cuda.h"

#include "tests/unit/check.h"

#include "engine/backend/cuda_open.h"

/* Every function of the table. */
#define ROWS(ROW)                                                                                                    \
	ROW(close) ROW(alloc) ROW(release) ROW(upload) ROW(download) ROW(zero) ROW(sync) ROW(step_begin) ROW(step_end) ROW(fetch) ROW(settle) ROW(row_step) ROW(memory_available) ROW(status)   \
	ROW(reserve) ROW(packed_bytes) ROW(pack) ROW(unpack) ROW(linear_forward) ROW(linear_backward_input)                  \
	ROW(linear_backward_weight) ROW(lora_forward) ROW(lora_backward) ROW(activation_forward) ROW(activation_backward)    \
	ROW(attention_forward) ROW(attention_backward) ROW(norm_forward) ROW(norm_backward) ROW(dropout)                     \
	ROW(embedding_forward) ROW(embedding_backward) ROW(gather_rows) ROW(scatter_rows_add) ROW(add) ROW(pooling_forward)  \
	ROW(pooling_backward) ROW(noise) ROW(cross_entropy) ROW(binary_cross_entropy) ROW(soften) ROW(relate) ROW(imitate) ROW(clip) ROW(adamw) ROW(sgd)  \
	ROW(lion) ROW(adafactor)

static const struct cuda_module *module;
static struct backend_operations filled; /* the module's table, its empty rows filled with functions that skip */
static char missing[1024];

static _Noreturn void skip_for(const char *why)
{
	printf("# %s\n", why);
	skip();
	abort(); /* skip does not return */
}

static _Noreturn void skip_row(const char *name)
{
	char why[128];

	snprintf(why, sizeof why, "the CUDA backend has no %s yet", name);
	skip_for(why);
}

#define LACKING(name)                        \
	static void lacking_##name(void)     \
	{                                    \
		skip_row(#name);             \
	}
ROWS(LACKING)

/* A row may be called by its own type though it takes nothing: it does not return. */
#define FILL(name)                                                                  \
	if (!filled.name) {                                                         \
		void (*row)(void) = lacking_##name;                                 \
		memcpy(&filled.name, &row, sizeof row);                             \
		strncat(missing, " " #name, sizeof missing - strlen(missing) - 1);  \
	}

static void fill(const struct backend_operations *table)
{
	filled = *table;
	*missing = '\0';
	ROWS(FILL)
}

static void load(void)
{
	const char *path = getenv("REVUE_CUDA_MODULE");
	struct error error = {0};

	if (module)
		return;
	if (!path || !*path)
		skip_for("REVUE_CUDA_MODULE names no module: nothing is computed by CUDA");
	setenv("CUDA_LAUNCH_BLOCKING", "1", 1); /* what an operation wrote may be read at once */
	module = backend_cuda_module(&error);
	if (!module)
		fail_msg("%s", error.text);
}

struct backend *ops_cuda_open(int threads)
{
	struct error error = {0};
	struct cuda_device device;
	struct backend *b;

	load();
	if (!backend_cuda_look(&device, &error))
		skip_for(error.text);
	b = backend_cuda_open(threads, &error);
	if (!b)
		fail_msg("%s", error.text);
	fill(b->ops);
	b->ops = &filled;
	return b;
}

float *ops_cuda_zeros(size_t count)
{
	float *memory;

	load();
	memory = module->managed_alloc(count * sizeof *memory);
	if (memory)
		memset(memory, 0, count * sizeof *memory);
	return memory;
}

void ops_cuda_free(void *memory)
{
	module->managed_free(memory);
}

void ops_cuda_wait(void)
{
	if (module && !module->wait())
		fail_msg("the device failed");
}

const char *ops_cuda_missing(void)
{
	return *missing ? missing + 1 : missing;
}
