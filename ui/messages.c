/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/messages.h"

#include "engine/clock.h"

#include <stdlib.h>
#include <string.h>

void messages_free(struct messages *messages)
{
	while (messages->count > 0)
		free(messages->kept[--messages->count].text);
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
	struct message *message = messages_same(messages, kind, text);

	messages->said++;
	if (!message) {
		char *copy = strdup(text);

		if (!copy)
			return;
		if (messages->count == MESSAGES_MAX)
			messages_drop_oldest(messages);
		message = &messages->kept[messages->count++];
		*message = (struct message){.kind = kind, .text = copy};
	}
	message->time = clock_wall_seconds();
	message->times++;
	message->waits = message->waits || waits;
}

const struct message *messages_next(struct messages *messages)
{
	int next = -1;

	for (int i = 0; i < messages->count; i++) {
		if (!messages->kept[i].waits)
			continue;
		next = i;
		if (messages->kept[i].kind == MESSAGE_ERROR)
			break;
	}
	for (int i = 0; i <= next; i++)
		messages->kept[i].waits = false;
	return next < 0 ? NULL : &messages->kept[next];
}
