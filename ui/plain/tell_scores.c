/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/tell_scores.h"

#include "ui/plain/spoken.h"
#include "ui/score_bars.h"

#include <stdio.h>

#define LABELS_TOLD 10
#define LABEL_BYTES 80

void tell_scores(const struct model *model, const float *scores, char out[TELL_SCORES_MAX])
{
	const int32_t count = model_config(model)->num_labels;
	int32_t label = -1;
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < LABELS_TOLD && (label = score_bars_next(scores, count, label)) >= 0; i++) {
		const struct span name = span_prefix(span_of(model_label(model, label)), LABEL_BYTES);

		used += (size_t)snprintf(out + used, TELL_SCORES_MAX - used, "%s%.*s %s", i > 0 ? ", " : "", (int)name.size, name.data,
		                         spoken_percent((double)scores[label]).text);
	}
	if (count > LABELS_TOLD)
		snprintf(out + used, TELL_SCORES_MAX - used, ", and %d labels with less", (int)(count - LABELS_TOLD));
}
