/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the styles of the screens look, as a table: colours for terminals of 256, 16 and 8, and what stands for them where there
 * is none. Never by colour alone: whatever differs in colour differs in a word, a mark or a place too. Pure: knows no
 * terminal. */
#ifndef REVUE_UI_THEME_H
#define REVUE_UI_THEME_H

enum style {
	STYLE_NORMAL,
	STYLE_TITLE,    /* headings, the chosen tab */
	STYLE_SELECTED, /* the line the cursor is on */
	STYLE_DIM,      /* what counts less: help, substitutes, text that is cut off */
	STYLE_ERROR,
	STYLE_GOOD,
	STYLE_MATCH,    /* what a search found */
	STYLE_FIRST,    /* first series, first label */
	STYLE_SECOND,   /* second series */
	STYLE_FOR,      /* a word that speaks for the label */
	STYLE_FOR_MUCH,
	STYLE_AGAINST,  /* and against it */
	STYLE_AGAINST_MUCH,
	STYLE_RUN,      /* of the runs laid over a chart, the first of STYLE_RUNS */
	STYLE_RUN_LAST = STYLE_RUN + 5,
	STYLE_COUNT,
};

#define STYLE_RUNS (STYLE_RUN_LAST - STYLE_RUN + 1)

enum theme_attribute { THEME_BOLD = 1, THEME_REVERSE = 2, THEME_UNDERLINE = 4 };

struct theme_style {
	short many, some, few; /* colours of 256, of 16, of 8; -1: the terminal's own */
	unsigned attributes, mono; /* of enum theme_attribute; mono: where there are no colours */
};

struct theme {
	const char *name, *help;
	struct theme_style styles[STYLE_COUNT];
};

/* The first is the default. THEME_WORDS: their names, as settings have choices. */
#define THEME_WORDS "default|light|contrast"
#define THEME_COUNT 3
extern const struct theme themes[THEME_COUNT];

/* Red, green and blue, 0 to 255, of one of 256 colours; of the first 16 as xterm shows them. */
void theme_rgb(int color, int rgb[3]);

#endif
