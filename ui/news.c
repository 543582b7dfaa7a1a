/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/news.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWS_BYTES 1200 /* a longer text is cut */

void news_free(struct news_queue *queue)
{
	while (queue->count > 0)
		free(queue->items[--queue->count].text);
}

static struct news *news_push(struct news_queue *queue, enum news_kind kind, const char *text)
{
	char *copy = strdup(text);
	struct news *news;

	if (!copy)
		return NULL;
	if (queue->count == NEWS_MAX)
		free(queue->items[--queue->count].text);
	news = &queue->items[queue->count++];
	*news = (struct news){.text = copy, .kind = kind};
	return news;
}

void news_add(struct news_queue *queue, enum news_kind kind, const char *format, ...)
{
	char text[NEWS_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	news_push(queue, kind, text);
}

void news_add_notes(struct news_queue *queue, const char *what, const void *of, int count,
                    const char *(*note)(const void *of, int index))
{
	for (int i = 0; i < count; i++) {
		char text[NEWS_BYTES];
		struct news *news;

		snprintf(text, sizeof text, "%s: %s", what, note(of, i));
		news = news_push(queue, i == 0 ? NEWS_NOTE : NEWS_QUIET, text);
		if (news && i == 0)
			news->more = count - 1;
	}
}

const struct news *news_next(const struct news_queue *queue)
{
	return queue->count > 0 ? &queue->items[0] : NULL;
}

void news_drop(struct news_queue *queue)
{
	if (queue->count == 0)
		return;
	free(queue->items[0].text);
	queue->count--;
	memmove(&queue->items[0], &queue->items[1], (size_t)queue->count * sizeof queue->items[0]);
}
