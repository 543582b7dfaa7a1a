/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program on a terminal that is emulated, one of two that are compared. */
#ifndef REVUE_TESTS_EMULATED_SIDE_H
#define REVUE_TESTS_EMULATED_SIDE_H

#include "tests/ui/emulator.h"
#include "tests/ui/pty_check.h"

struct side {
	struct session session;
	struct emulator *emulator;
};

/* What comes within `patience` milliseconds, once; returns how many bytes. */
static inline size_t side_read(struct side *side, int patience)
{
	size_t size;

	side->session.size = 0;
	size = pty_drain_once(&side->session, patience);
	emulator_feed(side->emulator, side->session.output, size);
	return size;
}

/* What it begins with, up to some text at least. */
static inline void side_read_until(struct side *side, const char *text)
{
	pty_drain_until(&side->session, text);
	emulator_feed(side->emulator, side->session.output, side->session.size);
}

#endif
