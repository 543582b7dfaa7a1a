/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What libraries print on stderr while the screens are on is kept aside and printed, scrubbed, when they have gone. */
#ifndef REVUE_UI_KEPT_STDERR_H
#define REVUE_UI_KEPT_STDERR_H

#include <stdbool.h>
#include <stddef.h>

struct kept_stderr {
	int kept, before; /* descriptors; -1: stderr is as it was */
};

#define KEPT_STDERR_MAX ((size_t)64 << 10) /* bytes that are printed */
#define KEPT_STDERR_NONE ((struct kept_stderr){-1, -1})

void kept_stderr_begin(struct kept_stderr *keep);

/* Gives stderr back and prints what was kept. A terminal that takes nothing (`reads` is false) gets no messages either,
 * now or later: they would never be written. */
void kept_stderr_end(struct kept_stderr *keep, bool reads);

#endif
