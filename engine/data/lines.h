/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REVUE_DATA_LINES_H
#define REVUE_DATA_LINES_H

#include "engine/data/reader.h"

extern const struct reader reader_lines; /* a review a line */

#endif
