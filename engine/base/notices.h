/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was guessed, set right or left out while something was opened: lines of text to be shown to its user. */
#ifndef REVUE_BASE_NOTICES_H
#define REVUE_BASE_NOTICES_H

#include <stdbool.h>

#define NOTICES_MAX 64       /* more are not kept: files from strangers could ask for any number */
#define NOTICE_BYTES 1024    /* a longer one is cut */

/* Start with {0}, end with notices_free. */
struct notices {
	char **lines; /* [count] owned; unscrubbed, as error messages are */
	int count;
	bool lost;    /* one found no memory */
};

/* False: out of memory. */
bool notices_add(struct notices *notices, const char *format, ...) __attribute__((format(printf, 2, 3)));
void notices_free(struct notices *notices);

#endif
