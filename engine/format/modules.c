/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/modules.h"

#include "engine/base/size.h"
#include "engine/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { EXPRESSION_MAX = 1000, NAMES_MAX = 256, GROUPS_MAX = 32, REPEATED_MAX = 3, TIMES_MAX = 255 };

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

/* How many repetitions stand in each other: in each group that is open, and in what was read last. A bracket's own
 * parentheses and marks count as such: that can only make the number larger. */
struct nesting {
	int depth[GROUPS_MAX];
	int group, last;
};

static void note_repetition(struct nesting *n, int depth)
{
	n->last = depth;
	if (n->depth[n->group] < depth)
		n->depth[n->group] = depth;
}

static bool open_group(struct nesting *n)
{
	if (n->group + 1 == GROUPS_MAX)
		return false;
	n->depth[++n->group] = 0;
	n->last = 0;
	return true;
}

static void close_group(struct nesting *n)
{
	int depth = n->depth[n->group];

	n->group -= n->group > 0;
	note_repetition(n, depth);
}

/* "{m,n}", of which *braces becomes the end. It copies often, so that nothing may stand in it or around it. */
static bool repeat_often(struct nesting *n, const char **braces)
{
	const char *c = *braces + 1;
	bool few = n->last == 0 && *c >= '0' && *c <= '9';

	for (; few && *c && *c != '}'; c += *c == ',') {
		char *end;

		few = strtol(c, &end, 10) <= TIMES_MAX && (*end == ',' || *end == '}');
		c = end;
	}
	*braces = c;
	note_repetition(n, REPEATED_MAX);
	return few && *c == '}';
}

static bool nest(struct nesting *n, const char **c)
{
	if (**c == '\\' && (*c)[1])
		++*c;
	else if (**c == '(')
		return open_group(n);
	else if (**c == ')')
		return close_group(n), true;
	else if (**c == '{')
		return repeat_often(n, c);
	else if (strchr("*+?", **c))
		return note_repetition(n, n->last + 1), n->last <= REPEATED_MAX;
	n->last = 0;
	return true;
}

bool expression_is_cheap(const char *text, const char *what, struct error *error)
{
	struct nesting nesting = {0};

	for (const char *c = text; *c; c++)
		RETURN_IF(!nest(&nesting, &c), error, ERROR_DATA,
		          "%s: \"%.100s\" repeats what is repeated already, which could take any time: write it simpler", what, text);
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
	if (!translate(translated, text, what, error) || !expression_is_cheap(translated, what, error))
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
