/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/notices.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool notices_add(struct notices *notices, const char *format, ...)
{
	char text[NOTICE_BYTES];
	va_list arguments;

	if (notices->count == NOTICES_MAX)
		return true;
	if (!notices->lines)
		notices->lines = calloc(NOTICES_MAX, sizeof *notices->lines);
	if (!notices->lines)
		return !(notices->lost = true);
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	notices->lines[notices->count] = strdup(text);
	if (!notices->lines[notices->count])
		return !(notices->lost = true);
	notices->count++;
	return true;
}

void notices_free(struct notices *notices)
{
	for (int i = 0; i < notices->count; i++)
		free(notices->lines[i]);
	free(notices->lines);
	*notices = (struct notices){0};
}
