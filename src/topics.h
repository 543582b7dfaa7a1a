/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The concepts that `revue help TOPIC` explains, a screenful each. */
#ifndef REVUE_SRC_TOPICS_H
#define REVUE_SRC_TOPICS_H

struct topic {
	const char *name, *help; /* help: what it is about, in a line */
	const char *text;        /* at most 22 lines of 79 columns, ASCII */
};

extern const struct topic topics[]; /* ends with a name of NULL */

#endif
