/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said: what has changed since it was told last. */
#include "ui/plain/plain.h"

#include "engine/clock.h"
#include "engine/scrub.h"
#include "ui/terminal/key.h"
#include "ui/tour/tour.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_SECONDS 1.0       /* for work that was asked for, before a person hears what there is */
#define PATIENCE_SECONDS_PIPE 60.0 /* ... and before the next line of a pipe is taken */

/* Lines */

void plain_say(struct plain *plain, const char *format, ...)
{
	struct scrubbed scrubbed = {0};
	char *text = NULL;
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0)
		return;
	/* "the end.." of a text that ends a sentence itself. */
	if (size > 2 && strcmp(text + size - 2, "..") == 0 && text[size - 3] != '.')
		text[--size] = '\0';
	if (scrub_text(&scrubbed, (struct span){text, (size_t)size}, terminal_scrub(plain->app->terminal, SCRUB_NEWLINE_SPACE)))
		voice_say(plain->voice, scrubbed.text);
	plain->quiet = false;
	scrubbed_free(&scrubbed);
	free(text);
}

static void say_line(struct plain *plain, const struct told_line *line)
{
	if (line->number > 0)
		plain_say(plain, "%" PRIu64 ". %s", line->number, line->text);
	else
		plain_say(plain, "%s", line->text);
}

static void say_lines(struct plain *plain, const struct teller *teller)
{
	for (size_t i = 0; i < teller->count; i++)
		say_line(plain, &teller->lines[i]);
}

/* Messages and questions */

static void say_message(struct plain *plain, const struct message *message)
{
	static const char *const kinds[] = {"", "", "Note: ", "Error: "}; /* of enum message_kind */
	char more[64] = "";

	if (message->more > 0)
		snprintf(more, sizeof more, " And %d more: \"messages\".", message->more);
	plain_say(plain, "%s%s.%s", kinds[message->kind], messages_words(message->text).text, more);
}

/* Answers to what was done take each other's place as on the screen: of those that come together the last one is said. */
static bool is_outdone(const struct messages *messages, int index)
{
	for (int i = index + 1; i < messages->count && messages->kept[index].kind == MESSAGE_SAID; i++)
		if (messages->kept[i].kind == MESSAGE_SAID && !messages->kept[i].silent)
			return true;
	return false;
}

static void say_messages(struct plain *plain)
{
	const struct messages *messages = &plain->app->messages;
	const uint64_t fresh = messages->said - plain->said;
	int skipped = 0;

	plain->said = messages->said;
	for (int i = fresh < (uint64_t)messages->count ? messages->count - (int)fresh : 0; i < messages->count; i++) {
		if (skipped-- > 0 || messages->kept[i].silent || is_outdone(messages, i))
			continue;
		say_message(plain, &messages->kept[i]);
		skipped = messages->kept[i].more;
	}
}

static void say_question(struct plain *plain)
{
	const struct app *app = plain->app;
	char answers[512] = "";
	size_t used = 0;

	plain->asked = app->choices;
	if (!app->choices)
		return;
	for (const struct app_choice *choice = app->choices; choice->key && used < sizeof answers - 1; choice++) {
		char name[32];

		key_format(choice->key, name, sizeof name);
		used += (size_t)snprintf(answers + used, sizeof answers - used, "%s%s, %s", used > 0 ? "; " : "", name, choice->label);
	}
	plain_say(plain, "%s Answer %s.", app->question, answers);
}

/* Without a terminal that shows it. */
static void say_prompt(struct plain *plain)
{
	const bool asks = plain->app->prompting && !plain->terminal;

	const struct span there = asks ? line_text(plain->app->line) : (struct span){"", 0};

	if (asks && !plain->prompted)
		plain_say(plain, "%s%.*s", line_prompt(plain->app->line), TOLD(there));
	plain->prompted = asks;
}

/* The screen */

static struct teller listen_to(const struct plain *plain, enum tell_part part)
{
	struct app *app = plain->app;
	struct teller teller = {.part = part, .ascii = terminal_ascii(app->terminal), .opens = ACTION_NONE};

	plain->tells[app->screen](app, app_state(app), &teller);
	return teller;
}

static bool was_told(const struct teller *told, const char *text)
{
	for (size_t i = 0; i < told->count; i++)
		if (strcmp(told->lines[i].text, text) == 0)
			return true;
	return false;
}

static void say_new_lines(struct plain *plain, const struct teller *now)
{
	for (size_t i = 0; i < now->count; i++)
		if (!was_told(&plain->told, now->lines[i].text))
			say_line(plain, &now->lines[i]);
}

static void say_chosen(struct plain *plain)
{
	struct teller chosen = listen_to(plain, TELL_CHOSEN);

	say_lines(plain, &chosen);
	teller_free(&chosen);
}

/* Another page is told as a whole, of the same one the line that is chosen now, or what is new on it. What changes by itself
 * is told by the announcer. */
static void say_changes(struct plain *plain)
{
	struct teller now = listen_to(plain, TELL_ALL);

	if (plain->screen != plain->app->screen || strcmp(plain->told.title, now.title) != 0) {
		plain_say(plain, "%s.", now.title);
		say_lines(plain, &now);
	} else if (plain->choose || now.chosen != plain->told.chosen) {
		say_chosen(plain);
	} else if (!now.live) {
		say_new_lines(plain, &now);
	}
	plain->choose = false;
	plain->screen = plain->app->screen;
	teller_free(&plain->told);
	plain->told = now;
}

void plain_take_in(struct plain *plain)
{
	teller_free(&plain->told);
	plain->told = listen_to(plain, TELL_ALL);
	plain->screen = plain->app->screen;
	plain->choose = false;
}

/* The review that was typed: its scores, and then it is kept, which says no more. */
static void say_score(struct plain *plain)
{
	say_chosen(plain);
	plain->scoring = false;
	app_key(plain->app, UI_KEY_ENTER);
	plain_take_in(plain);
}

static bool is_patient(const struct plain *plain)
{
	const double patience = plain->terminal ? PATIENCE_SECONDS : PATIENCE_SECONDS_PIPE;

	return app_is_busy(plain->app) && clock_seconds() - plain->owed_since < patience;
}

/* What was asked for. */
static void say_owed(struct plain *plain)
{
	const bool busy = app_is_busy(plain->app);

	if (plain->owed) {
		plain->owed = false;
		plain->later = busy;
		if (plain->scoring)
			say_score(plain);
		else
			say_changes(plain);
		if (plain->quiet && !plain->app->prompting && !plain->app->choices)
			plain_say(plain, "Done.");
	} else if (plain->later && !busy) {
		plain->later = false;
		say_changes(plain);
	}
}

/* Of a training */

static void say_news(struct plain *plain)
{
	const struct app *app = plain->app;
	const struct session *session = &app->session;
	char sentence[ANNOUNCE_MAX];

	if (session_is_training(session)) {
		snprintf(plain->own_path, sizeof plain->own_path, "%s", session->run_path);
		plain->own = true;
	}
	while (announce_next(&plain->announcer, session->run, session->run_generation,
	                     plain->own && strcmp(plain->own_path, session->run_path) == 0, clock_seconds(),
	                     app->settings.values[SETTING_ANNOUNCE], sentence)) {
		if (!plain->owed)
			voice_begin(plain->voice);
		plain_say(plain, "%s", messages_words(sentence).text);
	}
	if (plain->waiting && !session_is_training(session) && !app_is_busy(app))
		plain->waiting = false;
}

/* What the tour wants next. */
static void say_step(struct plain *plain)
{
	const struct app *app = plain->app;
	char title[96], text[TOUR_TEXT_MAX];

	if (!app->tour || plain->step == app->tour->at + 1 || plain->owed)
		return;
	plain->step = app->tour->at + 1;
	tour_title(app, title, sizeof title);
	tour_text(app, text);
	plain_say(plain, "%s. %s", title, text);
}

void plain_speak(struct plain *plain, bool typing)
{
	if (typing || (plain->owed && is_patient(plain)))
		return;
	say_messages(plain);
	say_owed(plain);
	say_messages(plain);
	if (plain->asked != plain->app->choices)
		say_question(plain);
	say_step(plain);
	say_prompt(plain);
	say_news(plain);
}

bool plain_is_ready(const struct plain *plain)
{
	return !plain->owed && !plain->waiting;
}

int plain_timeout(const struct plain *plain)
{
	const struct app *app = plain->app;
	const int news = announce_timeout(&plain->announcer, app->session.run, clock_seconds(), app->settings.values[SETTING_ANNOUNCE]);

	if (plain->owed)
		return 50;
	return plain->later || plain->waiting ? 200 : news;
}
