/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as text: the shortest decimal that reads back as the same double, and strict reading. Both want
 * LC_NUMERIC to be "C", which a program has as long as it sets only LC_CTYPE. */
#ifndef REVUE_BASE_NUMBER_H
#define REVUE_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#define NUMBER_TEXT 48

/* "5e-05", "0.1", "3"; "null", as JSON wants it, for what is not finite. */
void number_format(char out[NUMBER_TEXT], double value);

/* The whole text must be the number, without white space around it; false too for one that does not fit,
 * is not finite or is written in hexadecimal. */
bool number_parse(const char *text, double *out);
bool number_parse_integer(const char *text, int64_t *out);

#endif
