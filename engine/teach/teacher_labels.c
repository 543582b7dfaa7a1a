/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/teacher_labels.h"

#include "engine/base/names.h"

#include <string.h>

static const char *label_name(const void *model, int i)
{
	return model_label(model, i);
}

static bool refuse(const struct model *teacher, const struct model *student, struct error *error)
{
	char his[300], ours[300];

	names_list(his, sizeof his, model_config(teacher)->num_labels, label_name, teacher);
	names_list(ours, sizeof ours, model_config(student)->num_labels, label_name, student);
	return error_set(error, ERROR_USAGE, "%.300s: its labels are %s, but those that are trained are %s: a teacher has the "
	                 "same, in any order", model_folder(teacher), his, ours);
}

bool teacher_labels(const struct model *teacher, const struct model *student, int32_t *label_of, struct error *error)
{
	const struct model_config *his = model_config(teacher), *ours = model_config(student);
	const char *does = his->independent_labels ? "do not exclude" : "exclude";

	RETURN_IF(his->num_labels == 0 || !model_has_head(teacher), error, ERROR_USAGE,
	          "%s: has no trained classification head, so that it has nothing to teach", model_folder(teacher));
	RETURN_IF(his->independent_labels != ours->independent_labels, error, ERROR_USAGE,
	          "%s: its labels %s each other, those that are trained are the other way round (--problem-type)",
	          model_folder(teacher), does);
	if (his->num_labels != ours->num_labels)
		return refuse(teacher, student, error);
	for (int32_t i = 0; i < ours->num_labels; i++) {
		label_of[i] = model_find_label(teacher, span_of(model_label(student, i)));
		for (int32_t j = 0; j < i && label_of[i] >= 0; j++)
			if (label_of[j] == label_of[i])
				label_of[i] = -1;
		if (label_of[i] < 0)
			return refuse(teacher, student, error);
	}
	return true;
}
