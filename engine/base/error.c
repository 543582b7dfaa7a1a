/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts a string that filled its buffer back to the end of a whole UTF-8 character. */
static void cut_at_character(char *text, size_t size)
{
	size_t end = size;

	while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80)
		end--;
	if (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0xC0)
		end--;
	text[end] = '\0';
}

static void format_text(struct error *error, const char *format, va_list arguments)
{
	int length = vsnprintf(error->text, sizeof error->text, format, arguments);

	if (length < 0)
		error->text[0] = '\0';
	else if ((size_t)length >= sizeof error->text)
		cut_at_character(error->text, sizeof error->text - 1);
}

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return false;
	error->kind = kind;
	va_start(arguments, format);
	format_text(error, format, arguments);
	va_end(arguments);
	return false;
}

bool error_prefix(struct error *error, const char *format, ...)
{
	struct error prefixed;
	va_list arguments;
	size_t used;

	if (!error)
		return false;
	prefixed.kind = error->kind;
	va_start(arguments, format);
	format_text(&prefixed, format, arguments);
	va_end(arguments);
	used = strlen(prefixed.text);
	if ((size_t)snprintf(prefixed.text + used, sizeof prefixed.text - used, ": %s", error->text) >=
	    sizeof prefixed.text - used)
		cut_at_character(prefixed.text, sizeof prefixed.text - 1);
	*error = prefixed;
	return false;
}

bool error_errno(struct error *error, const char *verb, const char *path)
{
	char memory[256];
	const char *reason = strerror_r(errno, memory, sizeof memory); /* GNU's: may not use `memory` */

	return error_set(error, ERROR_IO, "%s: could not %s: %s", path, verb, reason);
}

bool error_memory(struct error *error, const char *what)
{
	return error_set(error, ERROR_FAILED, "out of memory while %s", what);
}
