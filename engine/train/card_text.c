/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/card_text.h"

#include "engine/scrub.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CLEAN_MAX 2048
#define HUB_NAME_MAX 96 /* of either half */

static const char identifier_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

void card_put(struct card_text *card, const char *format, ...)
{
	char text[4096];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	card->made = card->made && size >= 0 && (size_t)size < sizeof text && buffer_add_text(&card->text, text);
}

static void clean(char out[CLEAN_MAX], const char *text)
{
	scrub_line(out, CLEAN_MAX, CARD_TEXT_COLUMNS, span_of(text), (struct scrub_options){SCRUB_NEWLINE_SPACE, false});
}

void card_put_quoted(struct card_text *card, const char *text)
{
	char line[CLEAN_MAX];

	clean(line, text);
	card_put(card, "\"");
	for (const char *c = line; *c; c++)
		card_put(card, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
	card_put(card, "\"");
}

static size_t longest_run(const char *text, char of)
{
	size_t longest = 0, run = 0;

	for (; *text; text++) {
		run = *text == of ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* CommonMark 6.1: a fence longer than any run of backquotes inside; the blanks beside it are not part of the
 * text. */
void card_put_code(struct card_text *card, const char *text)
{
	char line[CLEAN_MAX];
	size_t inside, size;
	const char *pad;

	clean(line, text);
	inside = longest_run(line, '`');
	size = strlen(line);
	pad = inside > 0 || size == 0 || line[0] == ' ' || line[size - 1] == ' ' ? " " : "";
	for (size_t i = 0; i <= inside; i++)
		card_put(card, "`");
	card_put(card, "%s%s%s", pad, line, pad);
	for (size_t i = 0; i <= inside; i++)
		card_put(card, "`");
}

void card_put_identifier(struct card_text *card, const char *text)
{
	size_t size = 0;

	for (; text[size] && size < HUB_NAME_MAX; size++)
		card_put(card, "%c", strchr(identifier_characters, text[size]) ? text[size] : '-');
	if (size == 0)
		card_put(card, "data");
}

static bool is_identifier(const char *text, size_t size)
{
	return size > 0 && size <= HUB_NAME_MAX && text[0] != '.' && text[0] != '-' &&
	       strspn(text, identifier_characters) >= size;
}

bool card_is_hub_name(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash && is_identifier(text, (size_t)(slash - text)) && is_identifier(slash + 1, strlen(slash + 1));
}

const char *card_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
