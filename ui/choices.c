/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/choices.h"

#include <ctype.h>

/* "UTF-8" is a word, "NAME" is none: the latter has no digit and no small letter. */
static bool stands_for_others(struct span word)
{
	for (size_t i = 0; i < word.size; i++)
		if (islower((unsigned char)word.data[i]) || isdigit((unsigned char)word.data[i]))
			return false;
	return word.size > 0 && isupper((unsigned char)word.data[0]);
}

struct span choices_word(const char *list, int index)
{
	while (*list) {
		const struct span word = {list, strcspn(list, "|")};

		if (!stands_for_others(word) && index-- == 0)
			return word;
		list += word.size + (list[word.size] == '|');
	}
	return (struct span){list, 0};
}

char *choices_complete(const char *list, const char *word, int index)
{
	const size_t size = strlen(word);
	struct span found;
	int matches = 0;

	for (int i = 0; (found = choices_word(list, i)).size > 0; i++)
		if (found.size >= size && memcmp(found.data, word, size) == 0 && matches++ == index)
			return strndup(found.data, found.size);
	return NULL;
}
