/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/modules.h"

#include "engine/base/size.h"
#include "engine/span.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { EXPRESSION_MAX = 1000, NAMES_MAX = 256 };

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

/* What Python and POSIX write differently goes over; what POSIX lacks, or what may take any time and memory, is refused.
 * `out` has room for five times the text. */
static bool translate(char *out, const char *text, const char *what, struct error *error)
{
	bool bracket = false;

	for (const char *c = text; *c; c++) {
		RETURN_IF(*c == '{' || (*c == '\\' && (bracket || (c[1] >= '0' && c[1] <= '9') || !c[1])), error, ERROR_DATA,
		          "%s: \"%.100s\": \"%.2s\" is not understood in an expression: write it without", what, text, c);
		if (c[0] == '(' && c[1] == '?') {
			RETURN_IF(c[2] != ':', error, ERROR_DATA, "%s: \"%.100s\": \"%.3s\" is not understood in an expression", what,
			          text, c);
			*out++ = '(';
			c += 2;
		} else if (c[0] == '\\' && c[1] == 'd') {
			memcpy(out, "[0-9]", 5);
			out += 5;
			c++;
		} else if (c[0] == '\\') {
			*out++ = *c++;
			*out++ = *c;
		} else if (*c == '?' && c > text && !bracket && strchr("*+?", c[-1]) && (c < text + 2 || c[-2] != '\\')) {
			continue; /* lazy or not, a whole name matches or does not */
		} else {
			bracket = *c == '[' ? true : *c == ']' ? false : bracket;
			*out++ = *c;
		}
	}
	*out = '\0';
	return true;
}

bool modules_expression(struct modules *modules, const char *before, const char *text, const char *after, const char *what,
                        struct error *error)
{
	char translated[5 * EXPRESSION_MAX + 1], whole[5 * EXPRESSION_MAX + 64], reason[200];
	int code;

	*modules = (struct modules){0};
	RETURN_IF(strlen(text) > EXPRESSION_MAX, error, ERROR_DATA, "%s: an expression of more than %d bytes", what,
	          EXPRESSION_MAX);
	if (!translate(translated, text, what, error))
		return false;
	snprintf(whole, sizeof whole, "^(%s%s%s)$", before, translated, after);
	code = regcomp(&modules->regex, whole, REG_EXTENDED | REG_NOSUB);
	if (code == REG_ESPACE)
		return error_memory(error, "reading an expression");
	if (code != 0) {
		regerror(code, &modules->regex, reason, sizeof reason);
		return error_set(error, ERROR_DATA, "%s: \"%.100s\" is no expression: %s", what, text, reason);
	}
	modules->expression = true;
	return true;
}

static bool add_name(struct modules *modules, struct span name, struct error *error)
{
	char **names = size_realloc(modules->names, (size_t)modules->count + 1, sizeof *names);

	if (!names)
		return error_memory(error, "reading names of layers");
	modules->names = names;
	names[modules->count] = strndup(name.data, name.size);
	if (!names[modules->count])
		return error_memory(error, "reading names of layers");
	modules->count++;
	return true;
}

static bool parse_list(struct modules *modules, const char *text, const char *what, struct error *error)
{
	for (;; text++) {
		size_t size = strcspn(text, ",");
		struct span name = {text, size};

		while (name.size > 0 && *name.data == ' ') {
			name.data++;
			name.size--;
		}
		while (name.size > 0 && name.data[name.size - 1] == ' ')
			name.size--;
		RETURN_IF(name.size == 0, error, ERROR_USAGE, "%s: a name is empty", what);
		RETURN_IF(modules->count == NAMES_MAX, error, ERROR_USAGE, "%s: more than %d names", what, NAMES_MAX);
		if (!add_name(modules, name, error))
			return false;
		text += size;
		if (!*text)
			return true;
	}
}

bool modules_parse(struct modules *modules, const char *text, const char *what, struct error *error)
{
	size_t plain = 0;

	*modules = (struct modules){0};
	while (text[plain] && (strchr(name_letters, text[plain]) || text[plain] == ',' || text[plain] == ' '))
		plain++;
	if (text[plain])
		return modules_expression(modules, "", text, "", what, error);
	modules->all_linear = strcasecmp(text, MODULES_ALL_LINEAR) == 0;
	return modules->all_linear || parse_list(modules, text, what, error);
}

void modules_free(struct modules *modules)
{
	for (int i = 0; i < modules->count; i++)
		free(modules->names[i]);
	free(modules->names);
	if (modules->expression)
		regfree(&modules->regex);
	*modules = (struct modules){0};
}

bool module_is_called(const char *layer, const char *name)
{
	size_t size = strlen(layer), end = strlen(name);

	return size >= end && strcmp(layer + size - end, name) == 0 && (size == end || layer[size - end - 1] == '.');
}

bool modules_match(const struct modules *modules, const char *layer)
{
	if (modules->expression)
		return regexec(&modules->regex, layer, 0, NULL, 0) == 0;
	for (int i = 0; i < modules->count; i++)
		if (module_is_called(layer, modules->names[i]))
			return true;
	return false;
}
