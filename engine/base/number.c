/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/number.h"

#include "engine/words.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void number_format(char out[NUMBER_TEXT], double value)
{
	snprintf(out, NUMBER_TEXT, "%s", isfinite(value) ? words_double(value).text : "null");
}

bool number_parse(const char *text, double *out)
{
	char *end;
	double value;

	if (text[0] == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
		return false;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(value))
		return false;
	*out = value;
	return true;
}

bool number_parse_integer(const char *text, int64_t *out)
{
	char *end;
	long long value;

	if (text[0] == '\0' || text[strspn(text, "+-0123456789")] != '\0')
		return false;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno == ERANGE)
		return false;
	*out = value;
	return true;
}
