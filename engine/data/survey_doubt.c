/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dates and ids in the place of labels: a training takes them without a word and learns nothing. */
#include "engine/data/field.h"
#include "engine/dataset.h"

#include <stdio.h>
#include <string.h>

#define MANY_LABELS 1000 /* more classes than reviews have sorts */

/* Seconds or milliseconds since 1970, of the years 2001 to 2286. */
static bool is_time(const char *label)
{
	const size_t size = strspn(label, "0123456789");

	return label[size] == '\0' && (size == 10 || size == 13) && *label != '0';
}

bool survey_doubt(const struct survey *survey, char *out, size_t capacity)
{
	const int count = survey->label_count;
	int dates = 0, singles = 0;

	for (int i = 0; i < count; i++) {
		dates += field_is_date(span_of(survey->labels[i].name)) || is_time(survey->labels[i].name);
		singles += survey->labels[i].count == 1;
	}
	out[0] = '\0';
	if (count > 2 && dates > count - count / 10 - 1)
		snprintf(out, capacity, "%d of %d labels look like dates", dates, count);
	else if (count > 2 && singles * 2 > count)
		snprintf(out, capacity, "%d of %d labels stand in one row only", singles, count);
	else if (count >= MANY_LABELS)
		snprintf(out, capacity, "%d different labels", count);
	return out[0] != '\0';
}
