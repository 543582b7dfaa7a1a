/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows are meant, in a line:
 *
 *   label=negative confidence<0.6 (text~waitress or stars>=4) not "my column"!=5
 *
 * A condition is a name, an operator (= != < <= > >= ~ !~) and a value, or a word that is meant by itself (a flag, a label).
 * Conditions beside each other, or with `and` between, must all hold; `or` binds weaker, `not` stronger. Names and values
 * with blanks or signs in them stand in quotes, "..." or '...', a quote inside doubled. = and != compare numbers by value and
 * words as they stand; < and the like numbers, or, where the value is none, words by their bytes (dates of ISO 8601 are in
 * order then). ~ takes a text or a regular expression, as a search does. A value without an upper-case letter stands for
 * any case. What a name means, whoever asks says. Pure: knows no curses, no file and no model. */
#ifndef REVUE_UI_EXPRESSION_H
#define REVUE_UI_EXPRESSION_H

#include "engine/error.h"
#include "engine/span.h"

struct expression;

enum expression_name {
	NAME_UNKNOWN,
	NAME_FIELD, /* may be compared */
	NAME_FLAG,  /* holds or not, by itself */
	NAME_WORD,  /* is a value of the field that `field` becomes */
};

/* What names there are. */
struct expression_names {
	const void *of;
	enum expression_name (*find)(const void *of, struct span name, int *field);
	const char *(*name)(const void *of, int index); /* those that can be meant, up to NULL: for what is spelled nearly so */
	/* The values of a field that has a few words of its own, up to NULL; none where any value may be meant. May be NULL. */
	const char *(*value)(const void *of, int field, int index);
};

enum value_kind {
	VALUE_NONE, /* not known: no condition on it holds but != and !~ */
	VALUE_NUMBER,
	VALUE_TEXTS, /* a condition holds where it holds of one of them; a negated one where it holds of none */
};

struct expression_value {
	enum value_kind kind;
	double number;
	const struct span *texts; /* [count]; may point to `text` */
	int count;
	struct span text;
};

/* NULL with one line that says at which character what is wrong. */
struct expression *expression_parse(const char *text, const struct expression_names *names, struct error *error);
void expression_free(struct expression *expression); /* NULL is allowed */

/* Whether it looks as if an expression was meant and not a text to search for: a name of a field and an operator, flags before it
 * left out. A flag alone is a word to search for; with an operator (double=1) it is meant. */
bool expression_is_meant(const char *text, const struct expression_names *names);

/* Whether some condition asks for this field. */
bool expression_asks(const struct expression *expression, int field);

/* Thread-safe. `value` is asked for what a row has in a field; of a flag its number is 0 or not. */
bool expression_holds(const struct expression *expression,
                      void (*value)(const void *of, int field, struct expression_value *out), const void *of);

/* Whether a text is a number, blanks around it left out: as conditions take it. */
bool expression_number(struct span text, double *out);

#endif
