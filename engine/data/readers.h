/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REVUE_DATA_READERS_H
#define REVUE_DATA_READERS_H

#include "engine/data/reader.h"

/* The formats, up to NULL. Where two fit a file equally well, the one that stands first reads it. */
extern const struct reader *const readers_all[];

#endif
