/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A word of an expression that is being typed, completed: its name, or after the operator its value. Pure. */
#ifndef REVUE_UI_EXPRESSION_COMPLETE_H
#define REVUE_UI_EXPRESSION_COMPLETE_H

#include "ui/reviews/expression.h"

/* The match of that number, allocated; parentheses that stand before the word are kept, what a bare word cannot be stands in
 * quotes. NULL: there are no more. */
char *expression_complete(const struct expression_names *names, const char *word, int index);

#endif
