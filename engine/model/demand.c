/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/demand.h"

#include "engine/base/size.h"
#include "engine/words.h"

#include <stdio.h>

/* "9.1 GB", and where there are several parts " (activations 7.0 GB, gradients 0.7 GB, optimizer 1.4 GB)" after it. */
static void format_demand(char out[256], const struct demand *demand, uint64_t sum)
{
	if (demand->activations == sum)
		snprintf(out, 256, "%s", words_bytes(sum).text);
	else
		snprintf(out, 256, "%s (activations %s, gradients %s, optimizer %s)", words_bytes(sum).text,
		         words_bytes(demand->activations).text, words_bytes(demand->gradients).text,
		         words_bytes(demand->state).text);
}

/* "4.0 GB are free", of a device "4.0 GB of 8.0 GB are free": what is missing of the whole others may have. */
static struct words words_free(const struct backend *backend, uint64_t available)
{
	struct words out;

	if (backend->memory > 0)
		snprintf(out.text, sizeof out.text, "%.14s of %.14s are free", words_bytes(available).text,
		         words_bytes(backend->memory).text);
	else
		snprintf(out.text, sizeof out.text, "%.28s are free", words_bytes(available).text);
	return out;
}

bool demand_check(struct backend *backend, const struct demand *demand, struct error *error)
{
	uint64_t available = backend->ops->memory_available(backend) + demand->released, sum;
	char needs[256];

	if (!u64_add(demand->activations, demand->gradients, &sum) || !u64_add(sum, demand->state, &sum))
		sum = UINT64_MAX;
	format_demand(needs, demand, sum);
	RETURN_IF(sum > available, error, ERROR_FAILED, "%s%sneeds %s, %s: use a smaller %s%s--max-length%s", backend->device,
	          backend->device[0] ? ": " : "", needs, words_free(backend, available).text,
	          demand->training && demand->windows ? "--max-windows, " : "",
	          demand->training && demand->several ? "--per-device-train-batch-size or " : "",
	          backend->ops->host_memory ? "" : ", or --device cpu");
	return true;
}

bool demand_check_values(struct backend *backend, uint64_t bytes, struct error *error)
{
	uint64_t available = backend->ops->memory_available(backend);

	RETURN_IF(bytes > available, error, ERROR_FAILED, "the model: needs %s, %s%s", words_bytes(bytes).text,
	          words_free(backend, available).text, backend->ops->host_memory ? "" : ": take --device cpu");
	return true;
}
