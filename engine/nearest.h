/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name that is nearest to a mistyped one, for "did you mean". Part of the engine's face; implemented in engine/base. */
#ifndef REVUE_ENGINE_NEAREST_H
#define REVUE_ENGINE_NEAREST_H

#include <stddef.h>

#define NEAREST_NAME_MAX 64 /* longer names are near to none */

/* Start with {.wanted = ...}, offer every candidate, then look at `name`. '-' and '_' are the same, and so
 * are upper and lower case. */
struct nearest {
	const char *wanted;
	const char *name; /* borrowed from who offered it; NULL: none is near */
	size_t distance;
};

void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
