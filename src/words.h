/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as people read them, into a struct that can be passed on in one expression. */
#ifndef REVUE_SRC_WORDS_H
#define REVUE_SRC_WORDS_H

#include <stdint.h>

struct words {
	char text[48];
};

struct words words_count(uint64_t count);      /* "25,000" */
struct words words_bytes(uint64_t bytes);      /* "17.5 MB": powers of ten, as disks and Hugging Face count */
struct words words_duration(double seconds);   /* "14 ms", "42 s", "3 min 20 s", "2 h 05 min" */
struct words words_float(float value);         /* the shortest text that reads back as the same float */
struct words words_logit(float value);         /* 9 significant digits */
struct words words_double(double value);       /* the shortest text that reads back as the same double */

#endif
