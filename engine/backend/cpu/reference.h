/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The path "reference": every operation in plain C. */
#ifndef REVUE_BACKEND_REFERENCE_H
#define REVUE_BACKEND_REFERENCE_H

#include "engine/backend/cpu/cpu.h"

extern const struct backend_operations cpu_reference_operations;

#endif
