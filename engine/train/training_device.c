/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_device.h"

#include "engine/backend/open.h"
#include "engine/backend/peak.h"
#include "engine/train/training_probe.h"
#include "engine/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool trains_all(struct training *training)
{
	const struct parameter *parameters = model_parameter(training->model, 0);

	for (int row = 0; row < model_parameter_rows(training->model); row++)
		if (!parameters[row].trainable)
			return false;
	return true;
}

/* Of forward and backward, each multiplication with its addition; below 0: not known. Counted once over all rows. */
static double operations_per_token(struct training *training)
{
	const struct examples *examples = &training->to_train;

	if (training->operations == 0)
		training->operations = trains_all(training) ? 6 * training_work(model_config(training->model), examples, examples->count) /
		                                                      (double)examples->starts[examples->count]
		                                            : -1;
	return training->operations;
}

static double known(double value)
{
	return value > 0 ? value : (double)NAN;
}

static void keep_most(struct training *training, const struct cuda_readings *now, double share)
{
	struct cuda_readings *most = &training->most;

	most->memory_used = now->memory_used > most->memory_used ? now->memory_used : most->memory_used;
	most->watts = fmax(most->watts, now->watts);
	most->temperature = now->temperature > most->temperature ? now->temperature : most->temperature;
	training->peak_share = fmax(training->peak_share, share);
}

void training_device_read(struct training *training, struct run_point *point)
{
	struct backend *backend = model_backend(training->model);
	const double peak = backend_peak(backend->device, backend->precision);
	struct cuda_readings now;
	double share;

	point->device_memory = point->watts = point->celsius = point->peak_share = (double)NAN;
	if (!backend_read(backend, &now))
		return;
	share = peak > 0 ? point->tokens_per_second * operations_per_token(training) / peak : 0;
	point->device_memory = known((double)now.memory_used);
	point->watts = known(now.watts);
	point->celsius = known(now.temperature);
	point->peak_share = known(share);
	keep_most(training, &now, share);
}

void training_device_tell(struct training *training)
{
	const struct backend *backend = model_backend(training->model);
	const struct cuda_readings *most = &training->most;
	char power[40] = "", heat[40] = "", share[60] = "";

	if (most->memory_used == 0)
		return;
	if (most->watts > 0)
		snprintf(power, sizeof power, ", %.0f W", most->watts);
	if (most->temperature > 0)
		snprintf(heat, sizeof heat, ", %d degrees Celsius", most->temperature);
	if (training->peak_share > 0)
		snprintf(share, sizeof share, ", %.*f %% of what it multiplies at most", training->peak_share < 0.0995 ? 1 : 0,
		         100 * training->peak_share);
	training_event(training, JOURNAL_NOTE, "%s: at most %s of %s were used%s%s%s", backend->device,
	               words_bytes(most->memory_used).text, words_bytes(backend->memory).text, power, heat, share);
}
