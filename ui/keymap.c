/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keymap.h"

#include <stddef.h>
#include <string.h>

static struct binding keymap[KEYMAP_MAX];
static int keymap_used;

/* Older ones give way. */
static void keymap_clear_key(unsigned contexts, int key)
{
	int kept = 0;

	for (int i = 0; i < keymap_used; i++) {
		if (keymap[i].key == key)
			keymap[i].contexts &= ~contexts;
		if (keymap[i].contexts != 0)
			keymap[kept++] = keymap[i];
	}
	keymap_used = kept;
}

bool keymap_bind(unsigned contexts, int key, int action, const char *argument)
{
	struct binding *binding;

	if (strlen(argument) >= KEYMAP_ARGUMENT_MAX || contexts == 0)
		return false;
	keymap_clear_key(contexts, key);
	if (keymap_used == KEYMAP_MAX)
		return false;
	binding = &keymap[keymap_used++];
	*binding = (struct binding){.contexts = contexts, .key = key, .action = action};
	memcpy(binding->argument, argument, strlen(argument) + 1);
	return true;
}

const struct binding *keymap_find(unsigned context, int key)
{
	for (int i = 0; i < keymap_used; i++) {
		if (keymap[i].key == key && keymap[i].contexts & context)
			return &keymap[i];
	}
	return NULL;
}

int keymap_count(void)
{
	return keymap_used;
}

const struct binding *keymap_at(int index)
{
	return &keymap[index];
}

void keymap_clear(void)
{
	keymap_used = 0;
}
