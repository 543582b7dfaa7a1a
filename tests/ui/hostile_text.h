/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random texts of what terminals trip over: control characters in one byte and in two, escape sequences, bidirectional
 * controls, marks, wide characters, emoji sequences, what is not UTF-8 or no character. */
#ifndef REVUE_TESTS_HOSTILE_TEXT_H
#define REVUE_TESTS_HOSTILE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define HOSTILE_TEXT_MAX 4096

/* Text `number` of a seed; returns its bytes, at least one. There is no NUL in it. */
size_t hostile_text(uint64_t seed, uint64_t number, char out[HOSTILE_TEXT_MAX]);

/* A number below `below`, a function of the rest. */
uint32_t hostile_number(uint64_t seed, uint64_t number, uint32_t step, uint32_t below);

/* The bytes as one would write them in C, for messages; NUL-terminated, cut where they do not fit. */
void hostile_escape(const char *text, size_t size, char *out, size_t capacity);

#endif
