/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages: what was said, with its time, each as long as it is; errors are marked. */
#include "ui/app.h"
#include "ui/plain/teller.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TIME_COLUMNS 9 /* 09:41:07 and a blank */
#define MESSAGES_TOLD 20 /* in lines */
#define TEXT_COLUMN (TIME_COLUMNS + 2) /* after the mark of an error */

struct messages_state {
	struct list list; /* only `top` moves */
	struct scrubbed text; /* all messages, a line each */
	struct text_lines lines;
	uint64_t said; /* how many had been said when `text` was made */
	int columns, page;
	bool at_end; /* the newest message stays in sight */
};

/* All messages as one text; NULL: out of memory. */
static char *messages_join(const struct messages *messages)
{
	char *joined = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&joined, &size);

	for (int i = 0; memory && i < messages->count; i++) {
		const struct message *message = &messages->kept[i];

		if (i > 0)
			fputc('\n', memory);
		for (const char *byte = message->text; *byte; byte++)
			fputc(*byte == '\n' || *byte == '\r' ? ' ' : *byte, memory);
		if (message->times > 1)
			fprintf(memory, " (%d times)", message->times);
	}
	if (memory && fclose(memory) == 0)
		return joined;
	free(joined);
	return NULL;
}

static bool line_begins_message(const struct messages_state *page, size_t line)
{
	const size_t first = page->lines.lines[line].first;

	return first == 0 || page->text.text[page->text.glyphs[first - 1].offset] == '\n';
}

/* Errors have the colour of errors, on all their lines. */
static void messages_style(struct messages_state *page, const struct messages *messages)
{
	struct text_span spans[MESSAGES_MAX];
	size_t count = 0, end;
	int message = -1;

	for (size_t line = 0; line < page->lines.count; line++) {
		if (!line_begins_message(page, line) || ++message >= messages->count)
			continue;
		end = page->lines.lines[line].first;
		if (count > 0 && spans[count - 1].length == SIZE_MAX)
			spans[count - 1].length = end - spans[count - 1].offset;
		if (messages->kept[message].kind == MESSAGE_ERROR)
			spans[count++] = (struct text_span){end, SIZE_MAX, STYLE_ERROR};
	}
	text_style(&page->lines, &page->text, spans, count);
}

static void messages_wrap(const struct app *app, struct messages_state *page, int columns)
{
	const struct messages *messages = &app->messages;
	char *joined;

	if (page->said == messages->said && page->columns == columns)
		return;
	joined = messages_join(messages);
	page->lines.count = 0;
	if (joined && scrub_text(&page->text, span_of(joined), terminal_scrub(app->terminal, SCRUB_NEWLINE_KEEP))
	    && text_wrap(&page->lines, &page->text, columns)) {
		messages_style(page, messages);
		page->said = messages->said;
		page->columns = columns;
	}
	free(joined);
}

static uint64_t messages_last_top(const struct messages_state *page)
{
	return page->lines.count > (size_t)page->page ? page->lines.count - (size_t)page->page : 0;
}

static void messages_settle(struct app *app, void *state, struct rect body)
{
	struct messages_state *page = state;

	page->page = body.rows > 1 ? body.rows - 1 : 1;
	messages_wrap(app, page, body.columns > TEXT_COLUMN + 1 ? body.columns - TEXT_COLUMN : 1);
	if (page->at_end || page->list.top > messages_last_top(page))
		page->list.top = messages_last_top(page);
}

static void messages_draw_head(struct app *app, struct rect rect, int row, const struct message *message)
{
	const time_t seconds = (time_t)message->time;
	struct tm local;
	char text[16];

	if (localtime_r(&seconds, &local) && strftime(text, sizeof text, "%H:%M:%S", &local) > 0)
		draw_text(app->terminal, rect, row, 0, text, STYLE_DIM);
	if (message->kind == MESSAGE_ERROR)
		draw_text(app->terminal, rect, row, TIME_COLUMNS, "!", STYLE_ERROR);
}

static void messages_draw(struct app *app, void *state, struct rect body)
{
	const struct messages_state *page = state;
	const struct messages *messages = &app->messages;
	const struct rect all = {body.y + 1, body.x, body.rows - 1, body.columns};
	const struct rect texts = {all.y, all.x + TEXT_COLUMN, all.rows, all.columns - TEXT_COLUMN};
	int message = -1;

	draw_text(app->terminal, body, 0, 0, messages->count > 0 ? "What was said, the newest last; ! marks errors"
	          : "Nothing was said yet.", STYLE_TITLE);
	draw_range(app->terminal, body, 0, 46, page->list.top, page->lines.count, all.rows);
	for (size_t line = 0; line < page->lines.count && messages->count > 0; line++) {
		const uint64_t row = line - page->list.top;

		if (!line_begins_message(page, line) || ++message >= messages->count)
			continue;
		if (line >= page->list.top && row < (uint64_t)all.rows)
			messages_draw_head(app, all, (int)row, &messages->kept[message]);
	}
	if (messages->count > 0)
		draw_wrapped(app->terminal, texts, &page->text, &page->lines, page->list.top);
}

/* There is no cursor: the top line moves. */
static bool messages_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct messages_state *page = state;
	const uint64_t last = messages_last_top(page);

	(void)app;
	(void)argument;
	page->list.chosen = page->list.top;
	if (!list_move(&page->list, action, last + 1, page->page))
		return false;
	page->list.top = page->list.chosen;
	page->at_end = page->list.top == last;
	return true;
}

static void messages_open(struct app *app, void *state)
{
	struct messages_state *page = state;

	(void)app;
	page->at_end = true;
}

static unsigned messages_context(const struct app *app, const void *state)
{
	(void)app;
	(void)state;
	return IN_HELP;
}

static void messages_close(void *state)
{
	struct messages_state *page = state;

	scrubbed_free(&page->text);
	text_lines_free(&page->lines);
}

/* The newest is last here as on the screen; a number is that of the message. */
void messages_tell(struct app *app, void *state, struct teller *teller)
{
	static const char *const kinds[] = {"", "", "Note: ", "Error: "}; /* of enum message_kind */
	const struct messages *messages = &app->messages;
	const int first = messages->count > MESSAGES_TOLD ? messages->count - MESSAGES_TOLD : 0;

	(void)state;
	tell_title(teller, "Messages");
	if (messages->count == 0)
		tell(teller, "Nothing was said yet.");
	if (first > 0)
		tell(teller, "The last %d of %d, the newest last.", MESSAGES_TOLD, messages->count);
	for (int i = first; i < messages->count && teller->part == TELL_ALL; i++)
		tell_line(teller, (uint64_t)i, NULL, "%s%s", kinds[messages->kept[i].kind], messages->kept[i].text);
}

/* Only help is searched. */
static bool messages_offers(const struct app *app, const void *state, enum action action)
{
	(void)app;
	(void)state;
	return action != ACTION_FIND && action != ACTION_FIND_NEXT;
}

const struct view screen_messages = {
	.title = "Messages",
	.state_size = sizeof(struct messages_state),
	.open = messages_open,
	.context = messages_context,
	.draw = messages_draw,
	.settle = messages_settle,
	.offers = messages_offers,
	.action = messages_action,
	.close = messages_close,
};
