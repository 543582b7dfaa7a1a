/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A module in place of backend_cuda.so for tests of whoever opens it (tests/cli/test_cuda.sh). REVUE_FAKE_MODULE says what is
 * wrong with it: "version", "operations" (its versions), "probe" (no device), "open" (no backend), "table" (a backend whose
 * table is not whole). */
#include "engine/backend/cuda/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_wrong(const char *what)
{
	const char *wrong = getenv("REVUE_FAKE_MODULE");

	return wrong && strcmp(wrong, what) == 0;
}

static bool say(struct error *error, const char *text)
{
	error->kind = ERROR_FAILED;
	snprintf(error->text, sizeof error->text, "%s", text);
	return false;
}

static bool fake_probe(int index, struct cuda_device *device, struct error *error)
{
	*device = (struct cuda_device){
		.count = index + 1, .name = "a fake \033[31mdevice", .memory_total = 8000000000, .memory_free = 7500000000,
		.major = 9, .driver = 13010, .driver_name = "580.1",
	};
	return is_wrong("probe") ? say(error, "the fake device is lost") : true;
}

static bool fake_read(int index, struct cuda_readings *readings)
{
	*readings = (struct cuda_readings){.watts = 70.5 + index, .temperature = 33};
	return true;
}

static struct cuda_host lent;

static void fake_close(struct backend *b)
{
	lent.pool_free(b->pool);
}

static struct backend *fake_open(int index, const struct cuda_host *host, struct error *error)
{
	static const struct backend_operations operations = {.version = BACKEND_VERSION, .name = "fake", .close = fake_close};
	static struct backend backend = {.ops = &operations, .device = "a fake device"};

	(void)index;
	if (!is_wrong("table")) {
		say(error, "the fake device does not open");
		return NULL;
	}
	lent = *host;
	backend.pool = host->pool;
	return &backend;
}

const struct cuda_module *revue_cuda_module(void)
{
	static struct cuda_module module = {CUDA_MODULE_VERSION, BACKEND_VERSION, fake_probe, fake_open, fake_read, NULL, NULL, NULL};

	module.version = CUDA_MODULE_VERSION + is_wrong("version");
	module.backend_version = BACKEND_VERSION - is_wrong("operations");
	return &module;
}
