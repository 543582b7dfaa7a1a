/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as people and files read them. Each comes in a struct, so that it can be passed on in one expression:
 * message_note("%s rows", words_count(rows).text). Texts that are read back want LC_NUMERIC to be "C", which a program has
 * as long as it sets only LC_CTYPE. Part of the engine's face; implemented in engine/base/words.c. */
#ifndef REVUE_ENGINE_WORDS_H
#define REVUE_ENGINE_WORDS_H

#include <stdint.h>

struct words {
	char text[48];
};

/* For people */
struct words words_count(uint64_t count);      /* "25,000" */
struct words words_bytes(uint64_t bytes);      /* "17.5 MB": powers of ten, as disks and Hugging Face count */
struct words words_duration(double seconds);   /* "14 ms", "4.2 s", "42 s", "3 min 20 s", "2 h 05 min"; "unknown" */
struct words words_clock(double seconds);      /* "0:42", "3:20", "2:05:07"; "0:00" for what is no duration */

/* For files: the shortest text that reads back as the same number. "inf" and "nan" are no JSON. */
struct words words_float(float value);         /* "0.1", "5e-05" */
struct words words_double(double value);       /* "0.1", "3": a whole number below 1e15 has all its digits */
struct words words_real(double value);         /* as words_double, but a whole number keeps its point: "3.0" */
struct words words_logit(float value);         /* 9 significant digits */

#endif
