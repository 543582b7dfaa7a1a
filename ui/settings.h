/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of settings: how the screens look and behave. A row is the one place where a setting is written down: :set and its
 * completion, the file of settings (config.h) and help are made from it; man/revue.1 has its paragraph. Pure: knows no
 * terminal. */
#ifndef REVUE_UI_SETTINGS_H
#define REVUE_UI_SETTINGS_H

#include "engine/device.h"
#include "engine/error.h"
#include "ui/terminal/theme.h"

#include <stdbool.h>
#include <stddef.h>

/* X(id, name, words, default, least, most, help)
 *   words    of a choice, separated by '|'; a value is the place of its word. "": a whole number, from least to most
 *   default  as it is written */
#define SETTING_SWITCH "off|on"
#define SETTINGS(X) \
	X(ANNOUNCE, "announce", "", "20", 0, 3600, \
	  "told in lines: how many seconds pass at least between two sentences of how far a training is; 0: only its end") \
	X(COLORS, "colors", "auto|none|8|16|256", "auto", 0, 0, \
	  "how many colours; auto: what the terminal can, none where NO_COLOR is set") \
	X(CURSOR, "cursor", SETTING_SWITCH, "on", 0, 0, "the cursor stands on the chosen line, where screen readers look for it") \
	X(DEVICE, "device", DEVICE_WORDS, "auto", 0, 0, "what computes the scores of the screens; a training has a device of its own") \
	X(FRAME_RATE, "frame-rate", "", "10", 1, 60, "how often what moves is drawn in a second; four times at most over ssh") \
	X(GLYPHS, "glyphs", "auto|braille|quadrant|half|ascii", "auto", 0, 0, \
	  "what charts and bars are drawn with; auto: what the terminal can") \
	X(HISTORY, "history", SETTING_SWITCH, "on", 0, 0, "what is private is kept for the next time") \
	X(MAX_RATE, "max-rate", "", "0", 0, 1000000000, \
	  "how many bytes a second what moves may write, for slow lines; frames are left out, keys are answered at once; 0: no bound") \
	X(MOUSE, "mouse", SETTING_SWITCH, "on", 0, 0, "a click chooses, the wheel scrolls; off, or with Shift held down, it marks text") \
	X(PRECISION, "precision", "f32|tf32|bf16|f16", "f32", 0, 0, "what scores are computed in, where the device offers it") \
	X(THEME, "theme", THEME_WORDS, "default", 0, 0, "the colours")

enum setting {
#define X(id, ...) SETTING_##id,
	SETTINGS(X)
#undef X
	SETTING_COUNT,
};

struct setting_row {
	const char *name, *words, *preset;
	int least, most;
	const char *help;
};

extern const struct setting_row setting_rows[SETTING_COUNT];

enum setting_colors { COLORS_AUTO, COLORS_NONE, COLORS_8, COLORS_16, COLORS_256 };
enum setting_glyphs { GLYPHS_AUTO, GLYPHS_BRAILLE, GLYPHS_QUADRANT, GLYPHS_HALF, GLYPHS_ASCII };

struct settings {
	int values[SETTING_COUNT];
};

void settings_init(struct settings *settings); /* every default */

/* The setting of this name; -1: there is none. '-' and '_' are the same. */
int setting_find(const char *name, size_t size);

/* True, yes, 1 and their contraries are "on" and "off" too. False with one line: what is allowed. */
bool setting_set(struct settings *settings, int setting, const char *text, struct error *error);

/* The value as setting_set reads it. */
#define SETTING_TEXT_MAX 32
void setting_format(const struct settings *settings, int setting, char out[SETTING_TEXT_MAX]);
bool setting_is_default(const struct settings *settings, int setting);

#endif
