/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/open.h"

#include "engine/backend/cpu/paths.h"
#include "engine/backend/cuda_open.h"

#include <stdio.h>
#include <string.h>

/* Best first: auto takes the first that may be here and opens. */
static const struct device_row {
	const char *word;
	enum device device;
	bool (*is_likely)(void); /* NULL: it is always here */
	struct backend *(*open)(int threads, struct error *error);
	bool (*read)(struct cuda_readings *readings); /* NULL: it tells nothing of itself */
} rows[] = {
	{"cuda", DEVICE_CUDA, backend_cuda_is_likely, backend_cuda_open, backend_cuda_read},
	{"cpu", DEVICE_CPU, NULL, backend_cpu_open, NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };

enum device device_find(const char *word)
{
	for (int i = 0; word && i < ROWS; i++)
		if (strcmp(word, rows[i].word) == 0)
			return rows[i].device;
	return DEVICE_AUTO;
}

enum precision precision_of(bool tf32, bool bf16, bool fp16)
{
	return fp16 ? PRECISION_F16 : bf16 ? PRECISION_BF16 : tf32 ? PRECISION_TF32 : PRECISION_F32;
}

static struct backend *open_row(const struct device_row *row, int threads, struct error *error)
{
	struct backend *backend = row->open(threads, error);

	if (backend && !backend_check_table(backend, error)) {
		backend->ops->close(backend);
		return NULL;
	}
	return backend;
}

/* What was asked for by its name or not at all. */
static struct backend *open_named(const struct device_row *row, int threads, struct error *error)
{
	struct backend *backend = open_row(row, threads, error);

	if (!backend && row->is_likely)
		error_prefix(error, "--device %s", row->word);
	return backend;
}

static struct backend *open_best(int threads, struct error *error)
{
	struct error refused = {0};

	for (const struct device_row *row = rows; row < rows + ROWS; row++) {
		struct backend *backend;

		if (row->is_likely && !row->is_likely())
			continue;
		backend = open_row(row, threads, row->is_likely ? &refused : error);
		if (backend && backend->device[0])
			snprintf(backend->notice, sizeof backend->notice, "computes on %.127s", backend->device);
		else if (backend && refused.text[0])
			snprintf(backend->notice, sizeof backend->notice, "computes on the processor: %.200s", refused.text);
		if (backend || !row->is_likely)
			return backend;
	}
	return NULL;
}

struct backend *backend_open(enum device device, int threads, struct error *error)
{
	for (int i = 0; i < ROWS; i++)
		if (rows[i].device == device)
			return open_named(&rows[i], threads, error);
	return open_best(threads, error);
}

bool backend_read(struct backend *backend, struct cuda_readings *readings)
{
	*readings = (struct cuda_readings){0};
	if (backend->memory == 0)
		return false;
	for (int i = 0; i < ROWS; i++)
		if (rows[i].read && strcmp(rows[i].word, backend->ops->name) == 0)
			rows[i].read(readings);
	if (readings->memory_used == 0)
		readings->memory_used = backend->memory - backend->ops->memory_available(backend);
	return true;
}
