/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/action.h"

#include "ui/key.h"

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
	for (int action = 0; action < ACTION_COUNT; action++) {
		if (action_rows[action].contexts & context && action_has_key(&action_rows[action], key))
			return (enum action)action;
	}
	return ACTION_NONE;
}

bool action_is_valid(enum action action, unsigned context)
{
	return (action_rows[action].contexts & (context | BY_NAME)) != 0;
}

enum action action_for_name(unsigned context, const char *name, size_t size)
{
	enum action found = ACTION_NONE;
	int matches = 0;

	for (int action = 0; size > 0 && action < ACTION_COUNT; action++) {
		const struct action_row *row = &action_rows[action];

		if (strncmp(row->name, name, size) != 0)
			continue;
		if (row->name[size] == '\0')
			return (enum action)action;
		if (action_is_valid((enum action)action, context)) {
			found = (enum action)action;
			matches++;
		}
	}
	return matches == 1 ? found : ACTION_NONE;
}

void action_first_key(enum action action, char *out, size_t capacity)
{
	const char *list = action_rows[action].keys;
	size_t size;
	const char *name = key_list_next(&list, &size);

	snprintf(out, capacity, "%.*s", name ? (int)size : 0, name ? name : "");
}

void action_key_in_text(enum action action, char *out, size_t capacity)
{
	const char *list = action_rows[action].keys, *name;
	size_t size;

	out[0] = '\0';
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

	return row->footer && row->contexts & context && !action_is_kept(action) &&
	       (!offer.offered || offer.offered(offer.of, action));
}

static const char *action_word(enum action action, struct action_offer offer)
{
	const char *word = offer.word ? offer.word(offer.of, action) : NULL;

	return word ? word : action_rows[action].name;
}

void action_footer(unsigned context, struct action_offer offer, bool first, int columns, char *out, size_t capacity)
{
	const char *help = action_rows[ACTION_HELP].name, *back = action_rows[first ? ACTION_QUIT : ACTION_BACK].name;
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
