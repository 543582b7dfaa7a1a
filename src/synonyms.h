/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What other programs call an option of this one: for "did you mean" only, none of these names is taken. */
#ifndef REVUE_SRC_SYNONYMS_H
#define REVUE_SRC_SYNONYMS_H

struct synonym {
	const char *name;
	const char *options; /* separated by spaces; which of them a command has differs */
};

extern const struct synonym synonyms[]; /* ends with a name of NULL */

#endif
