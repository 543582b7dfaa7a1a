/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/messages.h"

#include "engine/clock.h"
#include "engine/dialect.h"
#include "engine/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void messages_free(struct messages *messages)
{
	while (messages->count > 0)
		free(messages->kept[--messages->count].text);
}

/* The length of the option's name at `text`, 0 where there is none. */
static size_t option_name_at(const char *text)
{
	const size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	char name[64];

	if (size == 0 || size >= sizeof name)
		return 0;
	memcpy(name, text, size);
	name[size] = '\0';
	return train_option_find(name) || dialect_find(name) >= 0 ? size : 0;
}

static bool is_action_at(const char *text)
{
	return strncmp(text, "resume", 6) == 0 && (!text[6] || strchr(" ,;:)", text[6]));
}

static bool command_begins_at(const char *text)
{
	return strncmp(text, "revue ", 6) == 0 && text[6] >= 'a' && text[6] <= 'z';
}

static bool clause_ends_at(const char *text)
{
	return strchr(",;:)", text[0]) && (!text[1] || strchr(" ,;:)", text[1]));
}

void messages_name_settings(char *text)
{
	char *to = text;
	bool command = false;

	for (const char *from = text; *from; from++) {
		const bool begins = from == text || !strchr("-_", from[-1]), dashes = begins && from[0] == '-' && from[1] == '-';

		command = command ? !clause_ends_at(from) : command_begins_at(from);
		if (dashes && !command && is_action_at(from + 2)) {
			*to++ = ':';
			from += 2;
		} else if (dashes && !command && option_name_at(from + 2)) {
			from += 2;
		}
		*to++ = *from;
	}
	*to = '\0';
}

struct message_words messages_words(const char *text)
{
	struct message_words words;

	snprintf(words.text, sizeof words.text, "%s", text);
	messages_name_settings(words.text);
	return words;
}

static void messages_drop_oldest(struct messages *messages)
{
	free(messages->kept[0].text);
	messages->count--;
	memmove(&messages->kept[0], &messages->kept[1], (size_t)messages->count * sizeof messages->kept[0]);
}

static struct message *messages_same(struct messages *messages, enum message_kind kind, const char *text)
{
	struct message *last = messages->count > 0 ? &messages->kept[messages->count - 1] : NULL;

	return last && last->kind == kind && strcmp(last->text, text) == 0 ? last : NULL;
}

void messages_add(struct messages *messages, enum message_kind kind, const char *text, bool waits)
{
	char *copy = strdup(text);
	struct message *message;

	if (!copy)
		return;
	messages_name_settings(copy);
	messages->said++;
	message = messages_same(messages, kind, copy);
	if (message) {
		free(copy);
	} else {
		if (messages->count == MESSAGES_MAX)
			messages_drop_oldest(messages);
		message = &messages->kept[messages->count++];
		*message = (struct message){.kind = kind, .text = copy};
	}
	message->time = clock_wall_seconds();
	message->times++;
	message->waits = message->waits || waits;
	message->silent = false;
}

void messages_keep(struct messages *messages, enum message_kind kind, const char *text)
{
	messages_add(messages, kind, text, false);
	if (messages->count > 0)
		messages->kept[messages->count - 1].silent = true;
}

void messages_begin_group(struct messages *messages, int more)
{
	if (messages->count > 0)
		messages->kept[messages->count - 1].more = more;
}

/* The oldest of this kind that waits; -1: none. */
static int messages_oldest(const struct messages *messages, enum message_kind kind)
{
	for (int i = 0; i < messages->count; i++) {
		if (messages->kept[i].waits && messages->kept[i].kind == kind)
			return i;
	}
	return -1;
}

static int messages_newest(const struct messages *messages)
{
	int i = messages->count - 1;

	while (i >= 0 && !messages->kept[i].waits)
		i--;
	return i;
}

bool messages_has_error(const struct messages *messages)
{
	return messages_oldest(messages, MESSAGE_ERROR) >= 0;
}

const struct message *messages_next(struct messages *messages)
{
	int next = messages_oldest(messages, MESSAGE_ERROR);

	if (next < 0)
		next = messages_oldest(messages, MESSAGE_NOTE);
	if (next < 0)
		next = messages_newest(messages);
	for (int i = 0; i <= next; i++)
		messages->kept[i].waits = false;
	return next < 0 ? NULL : &messages->kept[next];
}
