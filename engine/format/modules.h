/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which layers of a model somebody means, as PEFT's target_modules says it: a list of names, each of which is the whole
 * name of a layer or what stands after a dot of it, or a regular expression that matches the whole name. Floor: on base.
 *
 * source  peft.tuners.tuners_utils.check_target_module_exists; expressions are Python's as far as POSIX has them */
#ifndef REVUE_FORMAT_MODULES_H
#define REVUE_FORMAT_MODULES_H

#include "engine/error.h"

#include <regex.h>

#define MODULES_ALL_LINEAR "all-linear" /* every linear layer but the classifier */

struct modules {
	char **names; /* [count], owned */
	int count;
	bool all_linear, expression;
	regex_t regex; /* with `expression` */
};

/* Reads "query,value", "all-linear" or an expression: what has a character that is in no name of a layer. `what` is what a
 * message calls the text. The caller frees it, after a failure too. */
bool modules_parse(struct modules *modules, const char *text, const char *what, struct error *error);

/* An expression alone, also one that could be a name. `before` and `after` are put around it. */
bool modules_expression(struct modules *modules, const char *before, const char *text, const char *after,
                        const char *what, struct error *error);
void modules_free(struct modules *modules);

/* Whether regcomp can be given the POSIX expression: it copies what is repeated, so that repetitions of repetitions, as in
 * ((a+)+)+, take any memory and time. False with one line where they stand in each other too deep. */
bool expression_is_cheap(const char *text, const char *what, struct error *error);

/* Whether the layer "bert.encoder.layer.0.attention.self.query" is meant; never so by all-linear. */
bool modules_match(const struct modules *modules, const char *layer);

/* Whether `name` is the whole of `layer` or what stands after a dot of it. */
bool module_is_called(const char *layer, const char *name);

#endif
