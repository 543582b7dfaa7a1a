/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well a few typed letters fit a name: all of them in their order, better where they stand together and at the beginnings
 * of words. Upper and lower case are alike. Pure: knows no terminal. */
#ifndef REVUE_UI_FUZZY_H
#define REVUE_UI_FUZZY_H

/* The higher the better; -1: `text` does not have the letters in this order. An empty pattern fits everything with 0. */
int fuzzy_score(const char *pattern, const char *text);

#endif
