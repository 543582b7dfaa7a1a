/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/expression_complete.h"

#include <stdio.h>
#include <stdlib.h>

#define CANDIDATE_MAX 512

/* What stands before is part of the candidate, as it is part of the word. */
static bool make_candidate(const char *word, size_t before, const char *name, const char *signs, char out[CANDIDATE_MAX])
{
	const bool bare = *name && !strpbrk(name, signs);
	size_t size = (size_t)snprintf(out, CANDIDATE_MAX, "%.*s%s", (int)before, word, bare ? "" : "\"");

	for (; *name && size + 4 < CANDIDATE_MAX; name++) {
		if (!bare && *name == '"')
			out[size++] = '"';
		out[size++] = *name;
	}
	if (!bare)
		out[size++] = '"';
	out[size] = '\0';
	return !*name;
}

static char *matching(const char *word, size_t before, const char *signs, const char *name, int *index)
{
	char candidate[CANDIDATE_MAX];

	if (before >= CANDIDATE_MAX / 2 || !make_candidate(word, before, name, signs, candidate))
		return NULL;
	return strncmp(candidate, word, strlen(word)) == 0 && (*index)-- == 0 ? strdup(candidate) : NULL;
}

static char *complete_name(const struct expression_names *names, const char *word, size_t before, int index)
{
	const char *name;
	char *found = NULL;

	for (int i = 0; !found && (name = names->name(names->of, i)); i++)
		found = matching(word, before, " \t\n()=!<>~\"'", name, &index);
	return found;
}

static char *complete_value(const struct expression_names *names, const char *word, size_t before, int field, int index)
{
	const char *value;
	char *found = NULL;

	for (int i = 0; names->value && !found && (value = names->value(names->of, field, i)); i++)
		found = matching(word, before, " \t\n()\"'", value, &index);
	return found;
}

char *expression_complete(const struct expression_names *names, const char *word, int index)
{
	const size_t before = strspn(word, "(");
	const char *name = word + before;
	const size_t size = strcspn(name, "=!<>~");
	struct span quoted = {name, size};
	int field;

	if (!name[size])
		return complete_name(names, word, before, index);
	if (size >= 2 && *name == '"' && name[size - 1] == '"')
		quoted = (struct span){name + 1, size - 2};
	if (names->find(names->of, quoted, &field) != NAME_FIELD)
		return NULL;
	return complete_value(names, word, before + size + strspn(name + size, "=!<>~"), field, index);
}
