/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names from files in messages: labels, columns. Whatever is cut is cut after a whole character. */
#ifndef REVUE_BASE_NAMES_H
#define REVUE_BASE_NAMES_H

#include "engine/span.h"

#define NAME_SHOWN ((size_t)60) /* bytes of one name */

/* For "%.*s": a name's beginning. */
#define NAME_ARGUMENTS(name) (int)span_prefix(span_of(name), NAME_SHOWN).size, (name)

/* "a, b, c", with ", ..." for those that do not fit; always NUL-terminated. `name` gives name number i of `of`. */
void names_list(char *out, size_t capacity, int count, const char *(*name)(const void *of, int i), const void *of);

#endif
