/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_watch.h"

#include "engine/base/size.h"
#include "engine/model/bind.h"

#include <stdio.h>
#include <stdlib.h>

static bool write_probe(struct training *training, const void *what, struct error *error)
{
	return journal_add_probe(&training->journal, what, error);
}

/* Of two labels the share of the second one, so that a line goes up and down; of more the one that is predicted. */
static struct journal_probe probe_of(const struct training *training, int index, const struct score *score)
{
	const int32_t label = model_config(training->model)->num_labels == 2 ? 1 : score->label;
	struct journal_probe probe = {
		.point = {
			.step = training->state.step,
			.epoch = schedule_epochs(&training->schedule, training->state.step),
			.score = (double)score->scores[label],
		},
		.index = index,
	};
	const struct span text = span_prefix(training->probes.spans[index], RUN_PROBE_TEXT - 1);
	const struct span name = span_prefix(span_of(model_label(training->model, label)), sizeof probe.label - 1);

	snprintf(probe.text, sizeof probe.text, "%.*s", (int)text.size, text.data);
	snprintf(probe.label, sizeof probe.label, "%.*s", (int)name.size, name.data);
	return probe;
}

static bool write_all(struct training *training, const struct score *scores, struct error *error)
{
	for (int i = 0; i < training->probes.count; i++) {
		struct journal_probe probe = probe_of(training, i, &scores[i]);

		probe.point.time = training_seconds(training);
		if (!training_persist(training, write_probe, &probe, error))
			return false;
	}
	return true;
}

/* The next step must find the matrices as it would have without this. */
static bool score_probes(struct training *training, struct score *scores, struct error *error)
{
	struct model *model = training->model;
	const bool packed = model->network.packed;
	const bool done = model_score(model, training->probes.spans, (size_t)training->probes.count, 0, scores, NULL, error);

	if (!packed)
		network_unpack(model);
	return done;
}

bool training_watch_probes(struct training *training, struct error *error)
{
	const size_t labels = (size_t)model_config(training->model)->num_labels;
	struct score scores[RUN_PROBES_MAX] = {0};
	float *numbers;
	bool done;

	probes_follow(&training->probes, training->run);
	if (training->probes.count == 0 || (training->probed && training->probed_step == training->state.step))
		return true;
	training->probed = true;
	training->probed_step = training->state.step;
	numbers = size_calloc(2 * labels, RUN_PROBES_MAX * sizeof *numbers);
	if (!numbers)
		return error_memory(error, "scoring the probes");
	for (size_t i = 0; i < RUN_PROBES_MAX; i++) {
		scores[i].logits = numbers + 2 * i * labels;
		scores[i].scores = scores[i].logits + labels;
	}
	done = score_probes(training, scores, error) && write_all(training, scores, error);
	free(numbers);
	return done;
}
