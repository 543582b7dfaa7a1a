/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of settings, $XDG_CONFIG_HOME/revue/config (else ~/.config/revue/config), one thing a line:
 *
 *   # a comment
 *   set NAME VALUE                       the table of settings.h
 *   map [SCREEN] KEY ACTION [WORDS]      a key, as `:` would do the action; SCREEN: one of config_screens, else wherever the
 *                                        action can be done
 *   unmap [SCREEN] KEY                   the key means nothing there
 *
 * The actions set, map and unmap take the same. What cannot be read is left out and told with its line; nothing of it is
 * fatal. Knows no curses. */
#ifndef REVUE_UI_CONFIG_H
#define REVUE_UI_CONFIG_H

#include "ui/settings.h"

#include <limits.h>

/* Words that name where a key counts, the wider ones first; the last has a name of NULL. */
struct config_screen {
	const char *name;
	unsigned contexts;
};
extern const struct config_screen config_screens[];

/* Does what a line says, to `settings` or to the keymap. False with one line. */
bool config_do(struct settings *settings, const char *line, struct error *error);

/* REVUE_CONFIG, or as above. False: there is no place for it, or REVUE_CONFIG is "off". */
bool config_path(char out[PATH_MAX]);

/* Does all lines of a file, which need not be there. `complain` is called for each that cannot be done, with "PATH: line N: ..." */
void config_read(const char *path, struct settings *settings, void (*complain)(void *context, const struct error *error),
                 void *context);

/* Writes back what is set and mapped: lines that say it stay where they are, with all comments; what changed is changed in
 * its line, what is new stands at the end. The file is replaced as a whole, or stays as it is. (config_write.c) */
bool config_write(const char *path, const struct settings *settings, struct error *error);

/* The parts of a map or unmap line. `words` is inside of `line`. */
struct config_map {
	unsigned contexts;
	int key, action; /* ACTION_NONE: unmap */
	const char *words;
};
bool config_map_parse(const char *line, bool unmaps, struct config_map *map, struct error *error);

/* The word of a line that begins with "set ", "map " or "unmap ", and what follows; NULL: it is none of these. */
const char *config_word(const char *line, const char **rest);

#endif
