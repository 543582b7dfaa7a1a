/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the first two steps make of each ASCII character, looked up instead of worked out: most reviews are mostly ASCII,
 * and so a byte costs two loads. */
#ifndef REVUE_TEXT_ASCII_PLAN_H
#define REVUE_TEXT_ASCII_PLAN_H

#include "engine/text/step.h"

#define ASCII_LONG_WAY 255 /* in `part`: the steps themselves must be asked */

struct ascii_plan {
	uint8_t byte[128]; /* the normalised character */
	uint8_t part[128]; /* enum split_part of it, or ASCII_LONG_WAY */
};

/* Made by sending every character through the steps. */
void ascii_plan_make(struct ascii_plan *plan, const struct normal *normal, const struct splitter *splitter);

#endif
