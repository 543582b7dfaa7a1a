/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/action.h"

#include "ui/keymap.h"
#include "ui/terminal/key.h"

#include <stdio.h>
#include <string.h>

const struct action_row action_rows[ACTION_COUNT] = {
#define X(id, name, keys, contexts, footer, argument, help) \
	[ACTION_##id] = {name, keys, contexts, footer, argument, help},
	ACTIONS(X)
#undef X
};

static bool action_has_key(const struct action_row *row, int key)
{
	const char *list = row->keys, *name;
	size_t size;

	while ((name = key_list_next(&list, &size))) {
		if (key_parse(name, size) == key)
			return true;
	}
	return false;
}

enum action action_for_key(unsigned context, int key)
{
	const struct binding *binding = keymap_find(context, key);

	if (binding)
		return (enum action)binding->action;
	for (int action = 0; action < ACTION_COUNT; action++) {
		if (action_rows[action].contexts & context && action_has_key(&action_rows[action], key))
			return (enum action)action;
	}
	return ACTION_NONE;
}

const char *action_argument_for_key(unsigned context, int key)
{
	const struct binding *binding = keymap_find(context, key);

	return binding ? binding->argument : "";
}

enum action action_by_name(const char *name, size_t size)
{
	for (int action = 0; action < ACTION_COUNT; action++) {
		if (strlen(action_rows[action].name) == size && memcmp(action_rows[action].name, name, size) == 0)
			return (enum action)action;
	}
	return ACTION_NONE;
}

/* The person has mapped it to this very action, which is listed by that. */
static bool action_has_own(enum action action, int key)
{
	for (int i = 0; i < keymap_count(); i++) {
		if (keymap_at(i)->action == (int)action && keymap_at(i)->key == key && !keymap_at(i)->argument[0])
			return true;
	}
	return false;
}

static void add_key(char out[ACTION_KEYS_MAX], const char *name, size_t size)
{
	const size_t used = strlen(out);

	if (used + size + 2 < ACTION_KEYS_MAX)
		snprintf(out + used, ACTION_KEYS_MAX - used, "%s%.*s", used ? " " : "", (int)size, name);
}

/* Somewhere the key of the table is not another's by the person's wish. */
static bool action_keeps_key(enum action action, int key)
{
	for (unsigned context = 1; context & ANYWHERE; context <<= 1) {
		if (action_rows[action].contexts & context && action_for_key(context, key) == action)
			return true;
	}
	return action_rows[action].contexts & IN_PLAIN && action_for_key(IN_PLAIN, key) == action;
}

/* The person's own keys first, the newest of them before the others. */
void action_keys(enum action action, char out[ACTION_KEYS_MAX])
{
	const char *list = action_rows[action].keys, *name;
	char own[32];
	size_t size;

	out[0] = '\0';
	for (int i = keymap_count() - 1; i >= 0; i--) {
		if (keymap_at(i)->action != (int)action || keymap_at(i)->argument[0])
			continue;
		key_format(keymap_at(i)->key, own, sizeof own);
		add_key(out, own, strlen(own));
	}
	while ((name = key_list_next(&list, &size))) {
		if (!action_has_own(action, key_parse(name, size)) && action_keeps_key(action, key_parse(name, size)))
			add_key(out, name, size);
	}
}

bool action_is_valid(enum action action, unsigned context)
{
	return (action_rows[action].contexts & (context | BY_NAME)) != 0;
}

bool action_writes(enum action action, unsigned context)
{
	return (action_rows[action].contexts & WRITES_IN(context & ANYWHERE)) != 0;
}

static const struct {
	unsigned context;
	const char *name;
} places[] = {
	{IN_DATA, "Data"},
	{IN_FILES, "Data's list of files"},
	{IN_DIALECT, "Data's form"},
	{IN_REVIEWS, "Reviews"},
	{IN_FORM, "Train's form"},
	{IN_RUN, "Train's charts"},
	{IN_SCORE, "Score"},
	{IN_RUNS, "Runs"},
	{IN_HELP, "Help"},
	{IN_PLAIN, "screens told in lines"},
};

void action_places(enum action action, char out[ACTION_PLACES_MAX])
{
	const size_t count = sizeof places / sizeof *places;
	unsigned left = action_rows[action].contexts & (ANYWHERE | IN_PLAIN);
	size_t used = 0;

	out[0] = '\0';
	if ((left & ANYWHERE) == ANYWHERE || (left & IN_LISTS) == IN_LISTS) {
		snprintf(out, ACTION_PLACES_MAX, "%s", (left & ANYWHERE) == ANYWHERE ? "every screen" : "every list");
		return;
	}
	for (size_t i = 0; i < count && used < ACTION_PLACES_MAX; i++) {
		if (!(left & places[i].context))
			continue;
		left &= ~places[i].context;
		used += (size_t)snprintf(out + used, ACTION_PLACES_MAX - used, "%s%s", used == 0 ? "" : left ? ", " : " and ",
		                         places[i].name);
	}
}

/* Of several those of the screen count more than those of every screen. */
static enum action action_for_beginning(unsigned without, unsigned context, const char *name, size_t size)
{
	enum action found = ACTION_NONE;
	int matches = 0;

	for (int action = 0; size > 0 && action < ACTION_COUNT; action++) {
		if (strncmp(action_rows[action].name, name, size) != 0 || !action_is_valid((enum action)action, context)
		    || (action_rows[action].contexts & ANYWHERE) == without)
			continue;
		found = (enum action)action;
		matches++;
	}
	return matches == 1 ? found : ACTION_NONE;
}

enum action action_for_name(unsigned context, const char *name, size_t size)
{
	const enum action whole = action_by_name(name, size);
	enum action found = whole != ACTION_NONE ? whole : action_for_beginning(ANYWHERE, context, name, size);

	if (found == ACTION_NONE)
		found = action_for_beginning(0, context, name, size);
	return found;
}

void action_first_key(enum action action, char *out, size_t capacity)
{
	char keys[ACTION_KEYS_MAX];
	const char *list = keys, *name;
	size_t size;

	action_keys(action, keys);
	name = key_list_next(&list, &size);
	snprintf(out, capacity, "%.*s", name ? (int)size : 0, name ? name : "");
}

void action_key_in_text(enum action action, char *out, size_t capacity)
{
	char keys[ACTION_KEYS_MAX];
	const char *list = keys, *name;
	size_t size;

	out[0] = '\0';
	action_keys(action, keys);
	while ((name = key_list_next(&list, &size))) {
		if (key_works_in_text(key_parse(name, size))) {
			snprintf(out, capacity, "%.*s", (int)size, name);
			return;
		}
	}
}

static size_t action_footer_item(enum action action, const char *name, char *out, size_t capacity)
{
	char key[24];
	int size;

	action_first_key(action, key, sizeof key);
	size = snprintf(out, capacity, "%s %s", key, name);
	return size > 0 ? (size_t)size : 0;
}

/* Appends "  item" when it fits into `limit` bytes; items are ASCII. */
static size_t action_footer_add(char *out, size_t used, size_t limit, enum action action, const char *name)
{
	char item[64];
	const size_t size = action_footer_item(action, name, item, sizeof item), gap = used > 0 ? 2 : 0;

	if (used + gap + size > limit)
		return used;
	memcpy(out + used, "  ", gap);
	memcpy(out + used + gap, item, size + 1);
	return used + gap + size;
}

static bool action_is_kept(enum action action)
{
	return action == ACTION_HELP || action == ACTION_BACK;
}

static bool action_is_shown(enum action action, unsigned context, struct action_offer offer)
{
	const struct action_row *row = &action_rows[action];

	char key[24];

	action_first_key(action, key, sizeof key);
	return key[0] && row->footer && row->contexts & context && !action_is_kept(action) &&
	       (!offer.offered || offer.offered(offer.of, action));
}

static const char *action_word(enum action action, struct action_offer offer)
{
	const char *word = offer.word ? offer.word(offer.of, action) : NULL;

	return word ? word : action_rows[action].name;
}

void action_footer(unsigned context, struct action_offer offer, bool first, int columns, char *out, size_t capacity)
{
	const char *called = offer.word ? offer.word(offer.of, ACTION_BACK) : NULL;
	const char *help = action_rows[ACTION_HELP].name;
	const char *back = called ? called : action_rows[first ? ACTION_QUIT : ACTION_BACK].name;
	const size_t room = columns > 0 ? (size_t)columns : 0;
	const size_t limit = room < capacity - 1 ? room : capacity - 1;
	char item[64];
	size_t used = 0, kept = 4;

	out[0] = '\0';
	kept += action_footer_item(ACTION_HELP, help, item, sizeof item);
	kept += action_footer_item(ACTION_BACK, back, item, sizeof item);
	for (int action = 0; action < ACTION_COUNT; action++) {
		if (limit > kept && action_is_shown((enum action)action, context, offer))
			used = action_footer_add(out, used, limit - kept, (enum action)action,
			                         action_word((enum action)action, offer));
	}
	used = action_footer_add(out, used, limit, ACTION_HELP, help);
	action_footer_add(out, used, limit, ACTION_BACK, back);
}
